#include "table.h"

#include <errno.h>

#include "layout.h"

/* A table from the wire lies in the arena as Arrow's own structures: patterns of what a task is given. A pattern has no
 * release; private_data of a schema says that it is alive, and of an array tells the sizes of its buffers. */

typedef struct table {
  arena *memory;
  struct ArrowSchema *schema;
  uint32_t count;
  struct ArrowArray **batches;
} table;

static const uint64_t *sizes_of(const struct ArrowArray *pattern) { return pattern->private_data; }

/* ---- From the wire ---- */

/* Bytes of Arrow's metadata, of which at most `limit` may be read: i32 pairs, then for each pair i32 n, key, i32 n, value.
 * -1: broken. */
static int64_t metadata_size(const char *metadata, int64_t limit) {
  int32_t pairs, n;
  int64_t size = 4;
  if (!metadata) return 0;
  if (limit < 4) return -1;
  memcpy(&pairs, metadata, 4);
  if (pairs < 0 || pairs > 100000) return -1;
  for (int64_t i = 0; i < 2 * (int64_t)pairs; i++) {
    if (limit - size < 4) return -1;
    memcpy(&n, metadata + size, 4);
    if (n < 0 || limit - size - 4 < n) return -1;
    size += 4 + (int64_t)n;
  }
  return size;
}

static void **read_children(reader *r, arena *a, uint32_t n, size_t item) {
  void **list = arena_array(a, n, sizeof *list);
  uint8_t *items = arena_array(a, n, item);
  if (!list || !items) {
    r->bad = 1;
    return NULL;
  }
  for (uint32_t i = 0; i < n; i++) list[i] = items + i * item;
  return list;
}

static void read_field(reader *r, arena *a, struct ArrowSchema *s, int depth) {
  if (depth > CHOST_MAX_DEPTH) r->bad = 1;
  s->format = read_string(r, a);
  s->name = read_string(r, a);
  uint32_t size = read_u32(r);
  const uint8_t *metadata = take(r, size);
  if (metadata && size && metadata_size((const char *)metadata, size) != size) r->bad = 1;
  if (metadata && size && !(s->metadata = arena_string(a, metadata, size))) r->bad = 1;
  s->private_data = s; /* a pattern has no release, but it is alive */
  s->flags = read_i64(r);
  uint32_t n = read_count(r, 25);
  s->children = (struct ArrowSchema **)read_children(r, a, n, sizeof *s);
  for (uint32_t i = 0; i < n && !r->bad; i++) read_field(r, a, s->children[i], depth + 1);
  s->n_children = n;
  uint8_t has_dictionary = read_u8(r);
  if (has_dictionary > 1) r->bad = 1;
  if (!has_dictionary || r->bad) return;
  s->dictionary = arena_allocate(a, sizeof *s);
  if (s->dictionary) read_field(r, a, s->dictionary, depth + 1);
  else r->bad = 1;
}

static void read_array(reader *r, arena *a, struct ArrowArray *x, int depth) {
  if (depth > CHOST_MAX_DEPTH) r->bad = 1;
  x->length = read_i64(r);
  x->null_count = read_i64(r);
  x->offset = read_i64(r);
  uint32_t n = read_count(r, 1);
  uint64_t *sizes = arena_array(a, n, sizeof *sizes);
  x->buffers = arena_array(a, n, sizeof *x->buffers);
  if (!sizes || !x->buffers) r->bad = 1;
  for (uint32_t i = 0; i < n && !r->bad; i++)
    if (read_u8(r)) x->buffers[i] = read_blob(r, a, &sizes[i]);
  x->n_buffers = n;
  x->private_data = sizes;
  n = read_count(r, 33);
  x->children = (struct ArrowArray **)read_children(r, a, n, sizeof *x);
  for (uint32_t i = 0; i < n && !r->bad; i++) read_array(r, a, x->children[i], depth + 1);
  x->n_children = n;
  if (!read_u8(r) || r->bad) return;
  x->dictionary = arena_allocate(a, sizeof *x);
  if (x->dictionary) read_array(r, a, x->dictionary, depth + 1);
  else r->bad = 1;
}

/* ---- What a task is given: structures that own themselves, and hold the arena for what they point to ---- */

static void release_schema(struct ArrowSchema *s) {
  for (int64_t i = 0; i < s->n_children; i++) {
    if (s->children[i] && s->children[i]->release) s->children[i]->release(s->children[i]);
    free(s->children[i]);
  }
  if (s->dictionary && s->dictionary->release) s->dictionary->release(s->dictionary);
  free(s->dictionary);
  free(s->children);
  s->release = NULL;
  arena_release(s->private_data);
}

static int give_schema(arena *memory, const struct ArrowSchema *pattern, struct ArrowSchema *out) {
  *out = *pattern;
  out->children = calloc((size_t)pattern->n_children + 1, sizeof *out->children);
  out->dictionary = NULL;
  out->n_children = 0;
  out->release = release_schema;
  out->private_data = memory;
  arena_retain(memory);
  if (!out->children) return 0;
  for (int64_t i = 0; i < pattern->n_children; i++) {
    out->children[i] = calloc(1, sizeof **out->children);
    out->n_children = i + 1;
    if (!out->children[i] || !give_schema(memory, pattern->children[i], out->children[i])) return 0;
  }
  if (!pattern->dictionary) return 1;
  out->dictionary = calloc(1, sizeof *out->dictionary);
  return out->dictionary && give_schema(memory, pattern->dictionary, out->dictionary);
}

static void release_array(struct ArrowArray *x) {
  for (int64_t i = 0; i < x->n_children; i++) {
    if (x->children[i] && x->children[i]->release) x->children[i]->release(x->children[i]);
    free(x->children[i]);
  }
  if (x->dictionary && x->dictionary->release) x->dictionary->release(x->dictionary);
  free(x->dictionary);
  free(x->children);
  x->release = NULL;
  arena_release(x->private_data);
}

static int give_array(arena *memory, const struct ArrowArray *pattern, struct ArrowArray *out) {
  *out = *pattern;
  out->children = calloc((size_t)pattern->n_children + 1, sizeof *out->children);
  out->dictionary = NULL;
  out->n_children = 0;
  out->release = release_array;
  out->private_data = memory;
  arena_retain(memory);
  if (!out->children) return 0;
  for (int64_t i = 0; i < pattern->n_children; i++) {
    out->children[i] = calloc(1, sizeof **out->children);
    out->n_children = i + 1;
    if (!out->children[i] || !give_array(memory, pattern->children[i], out->children[i])) return 0;
  }
  if (!pattern->dictionary) return 1;
  out->dictionary = calloc(1, sizeof *out->dictionary);
  return out->dictionary && give_array(memory, pattern->dictionary, out->dictionary);
}

/* ---- The stream ---- */

/* A place in a table. The stream may be moved, so that only its private_data is known to stay. */
typedef struct cursor {
  const table *table;
  uint32_t next;
  int is_owned; /* holds the arena and is to be freed; otherwise it lies in the arena */
} cursor;

static int stream_schema(struct ArrowArrayStream *s, struct ArrowSchema *out) {
  const cursor *c = s->private_data;
  if (give_schema(c->table->memory, c->table->schema, out)) return 0;
  out->release(out);
  return ENOMEM;
}

static int stream_next(struct ArrowArrayStream *s, struct ArrowArray *out) {
  cursor *c = s->private_data;
  memset(out, 0, sizeof *out);
  if (c->next == c->table->count) return 0;
  if (give_array(c->table->memory, c->table->batches[c->next], out)) {
    c->next++;
    return 0;
  }
  out->release(out);
  return ENOMEM;
}

static const char *stream_error(struct ArrowArrayStream *s) {
  (void)s;
  return "out of memory";
}

static void stream_release(struct ArrowArrayStream *s) {
  cursor *c = s->private_data;
  s->release = NULL;
  if (!c->is_owned) return;
  arena *memory = c->table->memory;
  free(c);
  arena_release(memory);
}

static void start(struct ArrowArrayStream *s, cursor *c) {
  s->get_schema = stream_schema;
  s->get_next = stream_next;
  s->get_last_error = stream_error;
  s->release = stream_release;
  s->private_data = c;
}

void read_table(reader *r, arena *a, assay_value *out, int depth) {
  table *t = arena_allocate(a, sizeof *t);
  cursor *c = arena_allocate(a, sizeof *c);
  struct ArrowArrayStream *s = arena_allocate(a, sizeof *s);
  struct ArrowSchema *schema = arena_allocate(a, sizeof *schema);
  if (!t || !c || !s || !schema) {
    r->bad = 1;
    return;
  }
  t->memory = a;
  t->schema = schema;
  read_field(r, a, schema, depth + 1);
  const struct ArrowSchema *where;
  if (r->bad || strcmp(schema->format, "+s") != 0 || schema->dictionary || arrow_schema_problem(schema, depth + 1, &where)) {
    r->bad = 1;
    return;
  }
  t->count = read_count(r, 33);
  t->batches = (struct ArrowArray **)read_children(r, a, t->count, sizeof **t->batches);
  for (uint32_t i = 0; i < t->count && !r->bad; i++) {
    read_array(r, a, t->batches[i], depth + 1);
    if (!r->bad && arrow_array_problem(schema, t->batches[i], sizes_of, depth + 1, &where)) r->bad = 1;
  }
  c->table = t;
  start(s, c);
  out->data = s;
}

static void release_retained(assay_value *v) {
  struct ArrowArrayStream *s = v->owner;
  if (s->release) s->release(s); /* NULL: it was moved, and whoever has it releases it */
  free(s);
  v->release = NULL;
}

int retain_table(const assay_value *in, assay_value *out) {
  const cursor *from = ((const struct ArrowArrayStream *)in->data)->private_data;
  struct ArrowArrayStream *s = calloc(1, sizeof *s);
  cursor *c = calloc(1, sizeof *c);
  if (!s || !c) {
    free(s);
    free(c);
    return 0;
  }
  c->table = from->table;
  c->is_owned = 1;
  arena_retain(c->table->memory);
  start(s, c);
  *out = *in;
  out->data = s;
  out->owner = s;
  out->release = release_retained;
  return 1;
}

/* ---- To the wire ---- */

static int write_field(encoder *e, const struct ArrowSchema *s) {
  int64_t metadata = metadata_size(s->metadata, INT32_MAX);
  if (metadata < 0) return encoder_fail(e, "a column with broken metadata");
  put_string(&e->out, s->format);
  put_string(&e->out, s->name);
  put_text(&e->out, s->metadata, (size_t)metadata);
  put_i64(&e->out, s->flags);
  put_u32(&e->out, (uint32_t)s->n_children);
  for (int64_t i = 0; i < s->n_children; i++)
    if (!write_field(e, s->children[i])) return 0;
  put_u8(&e->out, s->dictionary != NULL);
  return !s->dictionary || write_field(e, s->dictionary);
}

static int write_array(encoder *e, const struct ArrowSchema *s, const struct ArrowArray *x) {
  arrow_layout layout = arrow_layout_of(s->format);
  put_i64(&e->out, x->length);
  put_i64(&e->out, x->null_count);
  put_i64(&e->out, x->offset);
  put_u32(&e->out, (uint32_t)x->n_buffers);
  for (int64_t i = 0; i < x->n_buffers; i++) {
    int64_t size = arrow_buffer_size(&layout, x, i, x->length + x->offset);
    put_u8(&e->out, x->buffers[i] != NULL);
    if (x->buffers[i] && !write_blob(e, x->buffers[i], (uint64_t)size)) return 0;
  }
  put_u32(&e->out, (uint32_t)x->n_children);
  for (int64_t i = 0; i < x->n_children; i++)
    if (!write_array(e, s->children[i], x->children[i])) return 0;
  put_u8(&e->out, x->dictionary != NULL);
  return !x->dictionary || write_array(e, s->dictionary, x->dictionary);
}

static int broken_column(encoder *e, const struct ArrowSchema *where, const char *problem) {
  const char *name = where->name ? where->name : "", *format = where->format ? where->format : "";
  if (!chost_is_utf8(name, strlen(name)) || !chost_is_utf8(format, strlen(format)))
    return encoder_fail(e, "a table with %s", problem);
  return encoder_fail(e, "a table whose column `%.60s` (format `%.20s`) has %s", name, format, problem);
}

static int stream_problem(encoder *e, struct ArrowArrayStream *s, int code) {
  const char *text = s->get_last_error ? s->get_last_error(s) : NULL;
  return encoder_fail(e, "a table whose stream failed: %.180s", text ? text : strerror(code));
}

static int write_batches(encoder *e, struct ArrowArrayStream *s, const struct ArrowSchema *schema, int depth) {
  size_t place = e->out.count;
  uint32_t batches = 0;
  put_u32(&e->out, 0);
  for (;;) {
    struct ArrowArray batch = {0};
    int code = s->get_next(s, &batch);
    if (code) return stream_problem(e, s, code);
    if (!batch.release) break;
    const struct ArrowSchema *where;
    const char *problem = arrow_array_problem(schema, &batch, NULL, depth, &where);
    int ok = problem ? broken_column(e, where, problem) : write_array(e, schema, &batch);
    batch.release(&batch);
    if (!ok || e->out.failed) return 0;
    if (++batches == 1u << 24) return encoder_fail(e, "a table of more than 2^24 batches");
  }
  if (!e->out.failed) memcpy(e->out.bytes + place, &batches, sizeof batches);
  return 1;
}

int write_table(encoder *e, struct ArrowArrayStream *s, int depth) {
  if (!s->release || !s->get_schema || !s->get_next) return encoder_fail(e, "a table whose stream was released");
  struct ArrowSchema schema = {0};
  const struct ArrowSchema *where;
  int code = s->get_schema(s, &schema);
  if (code) return stream_problem(e, s, code);
  const char *problem = arrow_schema_problem(&schema, depth + 1, &where);
  int ok = !problem || broken_column(e, where, problem);
  if (ok && (strcmp(schema.format, "+s") != 0 || schema.dictionary)) ok = encoder_fail(e, "a table whose schema is no struct");
  put_u8(&e->out, 9);
  ok = ok && write_field(e, &schema) && write_batches(e, s, &schema, depth + 1);
  if (schema.release) schema.release(&schema);
  return ok;
}
