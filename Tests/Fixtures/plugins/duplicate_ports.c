/* Two inputs of the same name. */
#define FAULT "duplicate_ports"
#define INPUTS ASSAY_INPUT("x", "int", ""), ASSAY_INPUT("x", "float", "")
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0));
}

#include "one_task.h"
