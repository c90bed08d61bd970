/* A task whose id is NULL. */
#define FAULT "null_names"
#define ENTRY task.id = NULL; return &plugin;
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0));
}

#include "one_task.h"
