/* Gives a table with a column of an Arrow format that nobody knows. */
#define FAULT "odd_format"
#define OUTPUTS ASSAY_OUTPUT("y", "table", "rows")
#include "assay_task.h"

static void release_schema(struct ArrowSchema *s) { s->release = NULL; }
static int get_schema(struct ArrowArrayStream *s, struct ArrowSchema *out) {
  static struct ArrowSchema column;
  static struct ArrowSchema *columns[1] = {&column};
  (void)s;
  column.format = "vu";
  column.name = "view";
  column.release = release_schema;
  memset(out, 0, sizeof *out);
  out->format = "+s";
  out->n_children = 1;
  out->children = columns;
  out->release = release_schema;
  return 0;
}
static int get_next(struct ArrowArrayStream *s, struct ArrowArray *out) {
  (void)s;
  memset(out, 0, sizeof *out);
  return 0;
}
static void release_stream(struct ArrowArrayStream *s) { s->release = NULL; }

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  struct ArrowArrayStream stream = {get_schema, NULL, NULL, release_stream, NULL};
  assay_value v = assay_nothing();
  v.kind = ASSAY_TABLE;
  v.data = &stream;
  stream.get_next = get_next;
  return run->host->output(run, 0, &v);
}

#include "one_task.h"
