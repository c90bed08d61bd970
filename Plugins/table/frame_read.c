/* From an Arrow stream to a frame. Buffer lengths are not part of Arrow's C interface: the engine has checked them. */
#include "assay_arrow.h"
#include "frame.h"
#include <string.h>

void frame_free(frame *f) {
  for (int64_t i = 0; i < f->count; i++) column_release(f->columns[i]);
  free(f->columns);
  memset(f, 0, sizeof *f);
}

column *frame_find(const frame *f, const char *name, size_t length) {
  for (int64_t i = 0; i < f->count; i++)
    if (strlen(f->columns[i]->name) == length && !memcmp(f->columns[i]->name, name, length)) return f->columns[i];
  return NULL;
}

/* The kind that an Arrow format is read as, or -1. */
static int kind_of(const char *format) {
  if (strlen(format) != 1) return -1;
  switch (format[0]) {
  case 'b': return COLUMN_BOOL;
  case 'c': case 'C': case 's': case 'S': case 'i': case 'I': case 'l': case 'L': return COLUMN_INT;
  case 'f': case 'g': return COLUMN_FLOAT;
  case 'u': case 'U': case 'n': return COLUMN_STRING;
  default: return -1;
  }
}

static int bit(const void *bits, int64_t i) { return ((const uint8_t *)bits)[i >> 3] >> (i & 7) & 1; }

static int64_t integer(char format, const void *data, int64_t i) {
  switch (format) {
  case 'c': return ((const int8_t *)data)[i];
  case 'C': return ((const uint8_t *)data)[i];
  case 's': return ((const int16_t *)data)[i];
  case 'S': return ((const uint16_t *)data)[i];
  case 'i': return ((const int32_t *)data)[i];
  case 'I': return ((const uint32_t *)data)[i];
  default: return ((const int64_t *)data)[i];
  }
}

static void string_range(const struct ArrowArray *array, char format, int64_t i, int64_t *start, int64_t *length) {
  const void *offsets = array->buffers[1];
  *start = format == 'u' ? ((const int32_t *)offsets)[i] : ((const int64_t *)offsets)[i];
  *length = (format == 'u' ? ((const int32_t *)offsets)[i + 1] : ((const int64_t *)offsets)[i + 1]) - *start;
}

/* One batch's part of a column. */
typedef struct part {
  const struct ArrowArray *array;
  const struct ArrowSchema *type;
  int64_t offset, rows; /* within array, the batch's own offset included */
} part;

static int is_null(const struct ArrowArray *array, char format, int64_t i) {
  if (format == 'n') return 1;
  return array->null_count != 0 && array->n_buffers > 0 && array->buffers[0] && !bit(array->buffers[0], i);
}

/* Goes through a dictionary: the array, format and index that hold the value of `row`; 0 when it is missing. */
static int locate(const part *p, int64_t row, const struct ArrowArray **array, char *format, int64_t *index) {
  int64_t i = p->offset + row;
  *array = p->array;
  *format = p->type->format[0];
  *index = i;
  if (is_null(p->array, *format, i)) return 0;
  if (!p->array->dictionary) return 1;
  int64_t entry = integer(*format, p->array->buffers[1], i);
  *array = p->array->dictionary;
  *format = p->type->dictionary->format[0];
  if (entry < 0 || entry >= (*array)->length) return 0;
  *index = (*array)->offset + entry;
  return !is_null(*array, *format, *index);
}

static int append(column *c, int64_t *row, const part *p) {
  for (int64_t i = 0; i < p->rows; i++, ++*row) {
    const struct ArrowArray *array;
    char format;
    int64_t at, start, length;
    int present = locate(p, i, &array, &format, &at);
    if (c->kind == COLUMN_STRING) c->ints[*row + 1] = c->ints[*row];
    if (!present) {
      if (!column_set_missing(c, *row)) return 0;
      continue;
    }
    switch (c->kind) {
    case COLUMN_BOOL:
      if (bit(array->buffers[1], at)) c->bits[*row >> 3] |= (uint8_t)(1u << (*row & 7));
      break;
    case COLUMN_INT: c->ints[*row] = integer(format, array->buffers[1], at); break;
    case COLUMN_FLOAT:
      c->floats[*row] = format == 'f' ? (double)((const float *)array->buffers[1])[at] : ((const double *)array->buffers[1])[at];
      break;
    case COLUMN_STRING:
      string_range(array, format, at, &start, &length);
      if (length > 0) memcpy(c->text + c->ints[*row], (const char *)array->buffers[2] + start, (size_t)length);
      c->ints[*row + 1] = c->ints[*row] + (length > 0 ? length : 0);
      break;
    }
  }
  return 1;
}

static int64_t text_bytes(const part *p) {
  int64_t bytes = 0;
  for (int64_t i = 0; i < p->rows; i++) {
    const struct ArrowArray *array;
    char format;
    int64_t at, start, length = 0;
    if (locate(p, i, &array, &format, &at)) string_range(array, format, at, &start, &length);
    if (length > 0) bytes += length;
  }
  return bytes;
}

/* Column `index` of all batches. */
static assay_status read_column(const assay_run *run, const struct ArrowSchema *schema, struct ArrowArray *batches,
                                int64_t batch_count, int64_t rows, int64_t index, column **out) {
  const struct ArrowSchema *type = schema->children[index];
  const char *name = type->name ? type->name : "";
  int kind = kind_of(type->dictionary ? type->dictionary->format : type->format);
  if (kind < 0 || (type->dictionary && kind_of(type->format) != COLUMN_INT))
    return ps_fail(run, ASSAY_E_INPUT, "table.type", "table", "column `%s` is of Arrow type `%s`, which is not supported",
                   name, type->format);
  int64_t bytes = 0;
  for (int64_t b = 0; b < batch_count; b++) {
    const struct ArrowArray *array = batches[b].children[index];
    part p = {array, type, array->offset + batches[b].offset, batches[b].length};
    if (kind == COLUMN_STRING) bytes += text_bytes(&p);
  }
  column *c = column_new(name, (column_kind)kind, rows, bytes);
  if (!c) return ps_no_memory(run);
  int64_t row = 0;
  for (int64_t b = 0; b < batch_count; b++) {
    const struct ArrowArray *array = batches[b].children[index];
    part p = {array, type, array->offset + batches[b].offset, batches[b].length};
    if (!append(c, &row, &p)) {
      column_release(c);
      return ps_no_memory(run);
    }
  }
  *out = c;
  return ASSAY_OK;
}

static assay_status read_batches(const assay_run *run, struct ArrowArrayStream *stream, const struct ArrowSchema *schema,
                                 struct ArrowArray **batches, int64_t *count, int64_t *rows) {
  for (;;) {
    struct ArrowArray *grown = realloc(*batches, (size_t)(*count + 1) * sizeof **batches);
    if (!grown) return ps_no_memory(run);
    *batches = grown;
    struct ArrowArray *batch = &grown[*count];
    memset(batch, 0, sizeof *batch);
    if (stream->get_next(stream, batch)) {
      const char *why = stream->get_last_error ? stream->get_last_error(stream) : NULL;
      return ps_fail(run, ASSAY_E_INPUT, "table.read", "table", "the table cannot be read: %s", why ? why : "no reason given");
    }
    if (!batch->release) return ASSAY_OK;
    ++*count;
    if (batch->n_children != schema->n_children || batch->length < 0)
      return ps_fail(run, ASSAY_E_CONTRACT, "table.read", "table", "a batch does not fit the table's schema");
    *rows += batch->length;
  }
}

assay_status frame_read(const assay_run *run, uint32_t port, frame *out) {
  memset(out, 0, sizeof *out);
  const assay_value *value = ps_input(run, port);
  struct ArrowArrayStream *stream = value->kind == ASSAY_TABLE ? (struct ArrowArrayStream *)value->data : NULL;
  if (!stream || !stream->get_schema) return ps_fail(run, ASSAY_E_INPUT, "type.mismatch", "table", "expected a table");
  struct ArrowSchema schema;
  memset(&schema, 0, sizeof schema);
  if (stream->get_schema(stream, &schema) || !schema.format || strcmp(schema.format, "+s"))
    return ps_fail(run, ASSAY_E_CONTRACT, "table.read", "table", "the table has no schema");
  struct ArrowArray *batches = NULL;
  int64_t batch_count = 0;
  assay_status status = read_batches(run, stream, &schema, &batches, &batch_count, &out->rows);
  if (!status) {
    out->columns = calloc((size_t)schema.n_children + 1, sizeof *out->columns);
    if (!out->columns) status = ps_no_memory(run);
  }
  for (int64_t i = 0; !status && i < schema.n_children; i++) {
    status = read_column(run, &schema, batches, batch_count, out->rows, i, &out->columns[i]);
    if (!status) out->count++;
  }
  for (int64_t b = 0; b < batch_count; b++)
    if (batches[b].release) batches[b].release(&batches[b]);
  free(batches);
  if (schema.release) schema.release(&schema);
  if (status) frame_free(out);
  return status;
}
