/* A plugin structure that claims to be 20 bytes long. */
#define FAULT "tiny_struct"
#define ENTRY plugin.struct_size = 20; return &plugin;
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0));
}

#include "one_task.h"
