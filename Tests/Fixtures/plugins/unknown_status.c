/* Returns a status that does not exist. */
#define FAULT "unknown_status"
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  (void)run;
  return 12345;
}

#include "one_task.h"
