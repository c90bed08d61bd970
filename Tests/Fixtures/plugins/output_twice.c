/* Sets its output twice and ignores the error. */
#define FAULT "output_twice"
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  assay_set_int(run, 0, 1);
  assay_set_int(run, 0, 2);
  return ASSAY_OK;
}

#include "one_task.h"
