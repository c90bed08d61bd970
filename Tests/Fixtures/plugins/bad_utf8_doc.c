/* A doc that is not UTF-8. */
#define FAULT "bad_utf8_doc"
#define INPUTS ASSAY_INPUT("x", "int", "\xff")
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0));
}

#include "one_task.h"
