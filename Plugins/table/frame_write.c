/* From a frame to an Arrow stream of one batch; buffers are shared, not copied. */
#include "assay_arrow.h"
#include "frame.h"
#include <errno.h>
#include <string.h>

typedef struct table_stream {
  struct ArrowArrayStream stream;
  frame frame; /* holds references */
  int done;
} table_stream;

static void release_schema(struct ArrowSchema *schema) {
  for (int64_t i = 0; i < schema->n_children; i++) {
    struct ArrowSchema *child = schema->children[i];
    if (child && child->release) child->release(child);
    free(child);
  }
  free(schema->children);
  free((char *)schema->name);
  schema->release = NULL;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
  const frame *f = &((table_stream *)stream->private_data)->frame;
  memset(out, 0, sizeof *out);
  out->format = "+s";
  out->release = release_schema;
  out->name = strdup("");
  out->children = calloc((size_t)f->count + 1, sizeof *out->children);
  if (!out->name || !out->children) goto no_memory;
  static const char *const formats[] = {"b", "l", "g", "U"};
  for (; out->n_children < f->count; out->n_children++) {
    const column *c = f->columns[out->n_children];
    struct ArrowSchema *child = calloc(1, sizeof *child);
    if (!child) goto no_memory;
    out->children[out->n_children] = child;
    child->format = formats[c->kind];
    child->name = strdup(c->name);
    child->flags = ARROW_FLAG_NULLABLE;
    child->release = release_schema;
    if (!child->name) {
      free(child);
      goto no_memory;
    }
  }
  return 0;
no_memory:
  release_schema(out);
  return ENOMEM;
}

static void release_array(struct ArrowArray *array) {
  for (int64_t i = 0; i < array->n_children; i++) {
    struct ArrowArray *child = array->children[i];
    if (child && child->release) child->release(child);
    free(child);
  }
  free(array->children);
  free(array->buffers);
  column_release(array->private_data);
  array->release = NULL;
}

static int fill_array(struct ArrowArray *array, column *c) {
  array->buffers = calloc(3, sizeof *array->buffers);
  if (!array->buffers) return 0;
  array->release = release_array;
  array->private_data = column_share(c);
  array->length = c->rows;
  array->null_count = c->missing;
  array->n_buffers = c->kind == COLUMN_STRING ? 3 : 2;
  array->buffers[0] = c->valid;
  array->buffers[1] = c->bits ? (void *)c->bits : c->ints ? (void *)c->ints : (void *)c->floats;
  array->buffers[2] = c->text;
  return 1;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
  table_stream *state = stream->private_data;
  memset(out, 0, sizeof *out);
  if (state->done) return 0;
  const frame *f = &state->frame;
  out->release = release_array;
  out->length = f->rows;
  out->n_buffers = 1;
  out->buffers = calloc(1, sizeof *out->buffers);
  out->children = calloc((size_t)f->count + 1, sizeof *out->children);
  if (!out->buffers || !out->children) goto no_memory;
  for (; out->n_children < f->count; out->n_children++) {
    struct ArrowArray *child = calloc(1, sizeof *child);
    if (!child) goto no_memory;
    if (!fill_array(child, f->columns[out->n_children])) {
      free(child);
      goto no_memory;
    }
    out->children[out->n_children] = child;
  }
  state->done = 1;
  return 0;
no_memory:
  release_array(out);
  return ENOMEM;
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
  (void)stream;
  return "not enough memory";
}

static void release_stream(struct ArrowArrayStream *stream) {
  frame_free(&((table_stream *)stream->private_data)->frame);
  stream->release = NULL;
}

static void release_value(assay_value *value) {
  table_stream *state = value->owner;
  if (state->stream.release) state->stream.release(&state->stream);
  free(state);
}

assay_status frame_value(const assay_run *run, const frame *f, assay_value *out) {
  memset(out, 0, sizeof *out);
  table_stream *state = calloc(1, sizeof *state);
  if (!state || !(state->frame.columns = calloc((size_t)f->count + 1, sizeof *f->columns))) {
    free(state);
    return ps_no_memory(run);
  }
  state->frame.rows = f->rows;
  for (int64_t i = 0; i < f->count; i++) state->frame.columns[i] = column_share(f->columns[i]);
  state->frame.count = f->count;
  state->stream = (struct ArrowArrayStream){get_schema, get_next, get_last_error, release_stream, state};
  out->kind = ASSAY_TABLE;
  out->data = &state->stream;
  out->owner = state;
  out->release = release_value;
  return ASSAY_OK;
}

assay_status frame_take(const assay_run *run, const frame *f, const int64_t *indices, int64_t count, assay_value *out) {
  frame taken = {count, 0, calloc((size_t)f->count + 1, sizeof *f->columns)};
  if (!taken.columns) return ps_no_memory(run);
  for (; taken.count < f->count; taken.count++)
    if (!(taken.columns[taken.count] = column_take(f->columns[taken.count], indices, count))) {
      frame_free(&taken);
      return ps_no_memory(run);
    }
  assay_status status = frame_value(run, &taken, out);
  frame_free(&taken);
  return status;
}
