/* Gives a file by a relative path that does not exist. */
#define FAULT "escaping_file"
#define OUTPUTS ASSAY_OUTPUT("y", "file", "a file")
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  assay_artifact f;
  assay_value v = assay_nothing();
  memset(&f, 0, sizeof f);
  f.struct_size = sizeof f;
  f.path = "../../nowhere";
  v.kind = ASSAY_FILE;
  v.data = &f;
  return run->host->output(run, 0, &v);
}

#include "one_task.h"
