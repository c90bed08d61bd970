/* Asks for a secret that it does not declare. */
#define FAULT "undeclared_secret"
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  assay_value v;
  run->host->secret(run, "root_password", &v);
  return assay_set_int(run, 0, 1);
}

#include "one_task.h"
