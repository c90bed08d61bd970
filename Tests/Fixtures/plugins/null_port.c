/* An input that is NULL. */
#define FAULT "null_port"
#define ENTRY input_list[0] = NULL; return &plugin;
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0));
}

#include "one_task.h"
