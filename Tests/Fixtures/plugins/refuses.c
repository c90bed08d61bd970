/* Its entry refuses with a reason. */
#define FAULT "refuses"
#define ENTRY loader->refuse(loader, "it is Monday"); (void)plugin; return NULL;
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0));
}

#include "one_task.h"
