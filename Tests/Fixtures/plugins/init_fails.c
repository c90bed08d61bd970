/* Its init() fails. */
#define FAULT "init_fails"
#define INIT init
#include "assay_task.h"

static assay_status init(const assay_host *host) {
  host->log(host, ASSAY_LOG_ERROR, "no licence server", 17);
  return ASSAY_E_RESOURCE;
}

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0));
}

#include "one_task.h"
