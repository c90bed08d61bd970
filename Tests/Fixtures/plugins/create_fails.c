/* Its create() fails. */
#define FAULT "create_fails"
#define CREATE create
#include "assay_task.h"

static assay_status create(const assay_host *host, const assay_task *task, const assay_value *config, void **instance) {
  (void)task;
  (void)config;
  (void)instance;
  host->log(host, ASSAY_LOG_ERROR, "no model at that path", 21);
  return ASSAY_E_INPUT;
}

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0));
}

#include "one_task.h"
