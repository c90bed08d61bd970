/* Its init() crashes. */
#define FAULT "init_crash"
#define INIT init
#include "assay_task.h"

static assay_status init(const assay_host *host) {
  (void)host;
  *(volatile int *)0 = 1;
  return ASSAY_OK;
}

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0));
}

#include "one_task.h"
