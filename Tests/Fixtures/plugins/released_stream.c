/* Gives a table whose stream was released before. */
#define FAULT "released_stream"
#define OUTPUTS ASSAY_OUTPUT("y", "table", "rows")
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  struct ArrowArrayStream stream;
  assay_value v = assay_nothing();
  memset(&stream, 0, sizeof stream);
  v.kind = ASSAY_TABLE;
  v.data = &stream;
  return run->host->output(run, 0, &v);
}

#include "one_task.h"
