/* Aborts. */
#define FAULT "abort"
#include "assay_task.h"
#include <stdlib.h>

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  (void)run;
  abort();
}

#include "one_task.h"
