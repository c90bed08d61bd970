/* Gives a table whose stream fails at the second batch. */
#define FAULT "failing_stream"
#define OUTPUTS ASSAY_OUTPUT("y", "table", "rows")
#include "assay_task.h"
#include <errno.h>

static int calls;
static void release_schema(struct ArrowSchema *s) { s->release = NULL; }
static void release_array(struct ArrowArray *a) { a->release = NULL; }
static int get_schema(struct ArrowArrayStream *s, struct ArrowSchema *out) {
  (void)s;
  memset(out, 0, sizeof *out);
  out->format = "+s";
  out->release = release_schema;
  return 0;
}
static int get_next(struct ArrowArrayStream *s, struct ArrowArray *out) {
  static const void *buffers[1];
  (void)s;
  if (calls++ == 1) return EIO;
  memset(out, 0, sizeof *out);
  out->n_buffers = 1;
  out->buffers = buffers;
  out->release = release_array;
  return 0;
}
static const char *get_last_error(struct ArrowArrayStream *s) {
  (void)s;
  return "the disk is gone";
}
static void release_stream(struct ArrowArrayStream *s) { s->release = NULL; }

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  struct ArrowArrayStream stream = {get_schema, get_next, get_last_error, release_stream, NULL};
  assay_value v = assay_nothing();
  v.kind = ASSAY_TABLE;
  v.data = &stream;
  calls = 0;
  return run->host->output(run, 0, &v);
}

#include "one_task.h"
