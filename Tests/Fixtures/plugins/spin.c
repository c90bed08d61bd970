/* Computes for ever and never looks whether it should stop. */
#define FAULT "spin"
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  (void)run;
  for (volatile unsigned i = 0;; i++) {}
  return ASSAY_OK;
}

#include "one_task.h"
