/* Needs a later revision than the engine has. */
#define FAULT "requires_revision"
#define REQUIRES 900
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0));
}

#include "one_task.h"
