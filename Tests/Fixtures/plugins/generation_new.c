/* Is of a later generation than the engine. */
#define FAULT "generation_new"
#define GENERATION 2
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0));
}

#include "one_task.h"
