/* A task that claims four thousand million inputs. */
#define FAULT "many_ports"
#define ENTRY task.n_inputs = 4000000000u; return &plugin;
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0));
}

#include "one_task.h"
