/* Its entry returns nothing and gives no reason. */
#define FAULT "null_entry"
#define ENTRY (void)plugin; return NULL;
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0));
}

#include "one_task.h"
