/* Says that it failed and returns success. */
#define FAULT "fail_then_ok"
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  assay_failf(run, ASSAY_E_INPUT, "x", "x is not to its taste");
  return assay_set_int(run, 0, 1);
}

#include "one_task.h"
