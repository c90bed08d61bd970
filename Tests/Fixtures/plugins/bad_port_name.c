/* A port with a name that is none. */
#define FAULT "bad_port_name"
#define INPUTS ASSAY_INPUT("X y", "int", "")
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0));
}

#include "one_task.h"
