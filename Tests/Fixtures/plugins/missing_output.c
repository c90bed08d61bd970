/* Succeeds without its output. */
#define FAULT "missing_output"
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  (void)run;
  return ASSAY_OK;
}

#include "one_task.h"
