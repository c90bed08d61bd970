/* Ends its process as if all were well. */
#define FAULT "exit_zero"
#include "assay_task.h"
#include <stdlib.h>

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  (void)run;
  exit(0);
}

#include "one_task.h"
