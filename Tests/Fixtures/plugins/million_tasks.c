/* Claims a million tasks. */
#define FAULT "million_tasks"
#define TASK_COUNT 1000000
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0));
}

#include "one_task.h"
