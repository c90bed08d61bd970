/* Never ends and never looks whether it should. */
#define FAULT "hang"
#include "assay_task.h"
#include <unistd.h>

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  (void)run;
  for (;;) sleep(1000);
  return ASSAY_OK;
}

#include "one_task.h"
