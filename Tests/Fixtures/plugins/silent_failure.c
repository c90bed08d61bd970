/* Fails without a word. */
#define FAULT "silent_failure"
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  (void)run;
  return ASSAY_E_FAILED;
}

#include "one_task.h"
