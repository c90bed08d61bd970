/* Gives a string where an int is declared, and ignores the error. */
#define FAULT "wrong_kind"
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  assay_set_string(run, 0, "seven");
  return ASSAY_OK;
}

#include "one_task.h"
