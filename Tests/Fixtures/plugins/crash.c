/* Writes to address 0. */
#define FAULT "crash"
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  (void)run;
  *(volatile int *)0 = 1;
  return ASSAY_OK;
}

#include "one_task.h"
