/* Two tasks of the same id. */
#define FAULT "duplicate_tasks"
#define TASK_COUNT 2
#define ENTRY static const assay_task *twice[] = {&task, &task}; plugin.tasks = twice; (void)tasks; return &plugin;
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0));
}

#include "one_task.h"
