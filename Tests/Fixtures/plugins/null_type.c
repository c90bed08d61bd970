/* A port whose type is NULL. */
#define FAULT "null_type"
#define INPUTS ASSAY_INPUT("x", NULL, "no type")
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0));
}

#include "one_task.h"
