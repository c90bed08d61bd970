#include "table.h"

#include <errno.h>
#include <stdio.h>

#include "assay_arrow.h"

/* ---- What the wire says, in the arena ---------------------------------------------------------------------------- */

typedef struct field {
  char *format, *name;
  const uint8_t *metadata; /* Arrow's encoding, or NULL */
  uint32_t metadata_size;
  int64_t flags;
  uint32_t count;
  struct field *children;
  struct field *dictionary;
} field;

typedef struct array {
  int64_t length, null_count, offset;
  uint32_t buffer_count, count;
  const void **buffers;
  uint64_t *sizes;
  struct array *children;
  struct array *dictionary;
} array;

typedef struct table {
  arena *memory;
  field schema;
  uint32_t count, next;
  array *batches;
} table;

/* A number of things that each take at least `least` bytes of what is left. */
static uint32_t read_count(reader *r, size_t least) {
  uint32_t n = read_u32(r);
  if (!r->bad && (uint64_t)n * least > (uint64_t)(r->end - r->at)) r->bad = 1;
  return r->bad ? 0 : n;
}

static void *read_space(reader *r, arena *a, size_t n, size_t item) {
  void *space = arena_allocate(a, n * item);
  if (!space) r->bad = 1;
  return space;
}

static void read_field(reader *r, arena *a, field *f, int depth) {
  memset(f, 0, sizeof *f);
  if (depth > 64) r->bad = 1;
  f->format = read_string(r, a);
  f->name = read_string(r, a);
  f->metadata_size = read_u32(r);
  const uint8_t *metadata = take(r, f->metadata_size);
  if (metadata && f->metadata_size) f->metadata = (const uint8_t *)arena_string(a, metadata, f->metadata_size);
  f->flags = read_i64(r);
  f->count = read_count(r, 25);
  if (!r->bad && f->count) f->children = read_space(r, a, f->count, sizeof *f->children);
  for (uint32_t i = 0; i < f->count && !r->bad; i++) read_field(r, a, &f->children[i], depth + 1);
  if (read_u8(r) && !r->bad) {
    f->dictionary = read_space(r, a, 1, sizeof *f->dictionary);
    if (!r->bad) read_field(r, a, f->dictionary, depth + 1);
  }
}

static void read_array(reader *r, arena *a, array *x, int depth) {
  memset(x, 0, sizeof *x);
  if (depth > 64) r->bad = 1;
  x->length = read_i64(r);
  x->null_count = read_i64(r);
  x->offset = read_i64(r);
  if (x->length < 0 || x->offset < 0 || x->null_count < -1) r->bad = 1;
  x->buffer_count = read_count(r, 1);
  if (!r->bad) x->buffers = read_space(r, a, x->buffer_count, sizeof *x->buffers);
  if (!r->bad) x->sizes = read_space(r, a, x->buffer_count, sizeof *x->sizes);
  for (uint32_t i = 0; i < x->buffer_count && !r->bad; i++)
    if (read_u8(r)) x->buffers[i] = read_blob(r, a, &x->sizes[i]);
  x->count = read_count(r, 33);
  if (!r->bad && x->count) x->children = read_space(r, a, x->count, sizeof *x->children);
  for (uint32_t i = 0; i < x->count && !r->bad; i++) read_array(r, a, &x->children[i], depth + 1);
  if (read_u8(r) && !r->bad) {
    x->dictionary = read_space(r, a, 1, sizeof *x->dictionary);
    if (!r->bad) read_array(r, a, x->dictionary, depth + 1);
  }
}

/* ---- What a task is given: structures that own themselves -------------------------------------------------------- */

static void release_schema(struct ArrowSchema *s) {
  for (int64_t i = 0; i < s->n_children; i++) {
    if (s->children[i] && s->children[i]->release) s->children[i]->release(s->children[i]);
    free(s->children[i]);
  }
  if (s->dictionary && s->dictionary->release) s->dictionary->release(s->dictionary);
  free(s->dictionary);
  free(s->children);
  free((void *)(uintptr_t)s->format);
  free((void *)(uintptr_t)s->name);
  free((void *)(uintptr_t)s->metadata);
  s->release = NULL;
}

static int give_schema(const field *f, struct ArrowSchema *out) {
  memset(out, 0, sizeof *out);
  out->release = release_schema;
  out->flags = f->flags;
  out->format = strdup(f->format);
  out->name = strdup(f->name);
  if (f->metadata) {
    void *metadata = malloc(f->metadata_size);
    if (metadata) memcpy(metadata, f->metadata, f->metadata_size);
    out->metadata = metadata;
  }
  out->children = calloc(f->count ? f->count : 1, sizeof *out->children);
  int ok = out->format && out->name && out->children && (!f->metadata || out->metadata);
  for (uint32_t i = 0; i < f->count && ok; i++) {
    out->children[i] = calloc(1, sizeof **out->children);
    ok = out->children[i] != NULL;
    out->n_children = ok ? i + 1 : i;
    ok = ok && give_schema(&f->children[i], out->children[i]);
  }
  if (ok && f->dictionary) {
    out->dictionary = calloc(1, sizeof *out->dictionary);
    ok = out->dictionary && give_schema(f->dictionary, out->dictionary);
  }
  return ok;
}

/* Keeps what the buffers of one array lie in. */
typedef struct holder {
  uint32_t count;
  const void **buffers;
  region **regions; /* by buffer; NULL: a copy of its own */
} holder;

static void release_array(struct ArrowArray *x) {
  holder *h = x->private_data;
  for (int64_t i = 0; i < x->n_children; i++) {
    if (x->children[i] && x->children[i]->release) x->children[i]->release(x->children[i]);
    free(x->children[i]);
  }
  if (x->dictionary && x->dictionary->release) x->dictionary->release(x->dictionary);
  free(x->dictionary);
  free(x->children);
  if (h) {
    for (uint32_t i = 0; i < h->count; i++) {
      if (h->regions[i])
        region_release(h->regions[i]);
      else
        free((void *)(uintptr_t)h->buffers[i]);
    }
    free(h->regions);
    free(h->buffers);
    free(h);
  }
  x->release = NULL;
}

static int give_buffers(const arena *memory, const array *x, holder *h) {
  h->buffers = calloc(x->buffer_count ? x->buffer_count : 1, sizeof *h->buffers);
  h->regions = calloc(x->buffer_count ? x->buffer_count : 1, sizeof *h->regions);
  if (!h->buffers || !h->regions) return 0;
  for (h->count = 0; h->count < x->buffer_count; h->count++) {
    const void *data = x->buffers[h->count];
    if (!data) continue;
    region *r = arena_find(memory, data, x->sizes[h->count]);
    if (r) {
      region_retain(r);
      h->regions[h->count] = r;
      h->buffers[h->count] = data;
    } else {
      void *copy = NULL;
      size_t n = (size_t)x->sizes[h->count];
      if (posix_memalign(&copy, 64, n ? n : 1) != 0) return 0;
      memcpy(copy, data, n);
      h->buffers[h->count] = copy;
    }
  }
  return 1;
}

static int give_array(const arena *memory, const array *x, struct ArrowArray *out) {
  memset(out, 0, sizeof *out);
  out->release = release_array;
  out->length = x->length;
  out->null_count = x->null_count;
  out->offset = x->offset;
  holder *h = calloc(1, sizeof *h);
  out->private_data = h;
  out->children = calloc(x->count ? x->count : 1, sizeof *out->children);
  if (!h || !out->children || !give_buffers(memory, x, h)) return 0;
  out->n_buffers = x->buffer_count;
  out->buffers = h->buffers;
  for (uint32_t i = 0; i < x->count; i++) {
    out->children[i] = calloc(1, sizeof **out->children);
    if (!out->children[i]) return 0;
    out->n_children = i + 1;
    if (!give_array(memory, &x->children[i], out->children[i])) return 0;
  }
  if (x->dictionary) {
    out->dictionary = calloc(1, sizeof *out->dictionary);
    if (!out->dictionary || !give_array(memory, x->dictionary, out->dictionary)) return 0;
  }
  return 1;
}

static int stream_schema(struct ArrowArrayStream *s, struct ArrowSchema *out) {
  table *t = s->private_data;
  if (give_schema(&t->schema, out)) return 0;
  if (out->release) out->release(out);
  return ENOMEM;
}

static int stream_next(struct ArrowArrayStream *s, struct ArrowArray *out) {
  table *t = s->private_data;
  if (t->next == t->count) {
    memset(out, 0, sizeof *out);
    return 0;
  }
  if (give_array(t->memory, &t->batches[t->next], out)) {
    t->next++;
    return 0;
  }
  if (out->release) out->release(out);
  return ENOMEM;
}

static const char *stream_error(struct ArrowArrayStream *s) {
  (void)s;
  return "out of memory";
}

/* The arena owns the stream: releasing it early only ends it. */
static void stream_release(struct ArrowArrayStream *s) { s->release = NULL; }

void read_table(reader *r, arena *a, assay_value *out) {
  table *t = read_space(r, a, 1, sizeof *t);
  struct ArrowArrayStream *s = read_space(r, a, 1, sizeof *s);
  if (r->bad) return;
  t->memory = a;
  read_field(r, a, &t->schema, 0);
  t->count = read_count(r, 33);
  if (!r->bad) t->batches = read_space(r, a, t->count, sizeof *t->batches);
  for (uint32_t i = 0; i < t->count && !r->bad; i++) read_array(r, a, &t->batches[i], 0);
  s->get_schema = stream_schema;
  s->get_next = stream_next;
  s->get_last_error = stream_error;
  s->release = stream_release;
  s->private_data = t;
  out->data = s;
}

/* ---- What a task gives -------------------------------------------------------------------------------------------- */

/* How the buffers of a format are sized. */
typedef enum layout { unknown, none, bits, fixed, text32, text64, list32, list64, fixed_list, record, fixed_bytes } layout;

static layout layout_of(const char *format, int64_t *width) {
  *width = 0;
  switch (format[0]) {
  case 'n': return format[1] ? unknown : none;
  case 'b': return format[1] ? unknown : bits;
  case 'c': case 'C': *width = 1; return format[1] ? unknown : fixed;
  case 's': case 'S': case 'e': *width = 2; return format[1] ? unknown : fixed;
  case 'i': case 'I': case 'f': *width = 4; return format[1] ? unknown : fixed;
  case 'l': case 'L': case 'g': *width = 8; return format[1] ? unknown : fixed;
  case 'u': case 'z': return format[1] ? unknown : text32;
  case 'U': case 'Z': return format[1] ? unknown : text64;
  case 'd': {
    if (format[1] != ':') return unknown;
    int precision, scale, size = 128;
    int n = sscanf(format + 2, "%d,%d,%d", &precision, &scale, &size);
    *width = size / 8;
    return n >= 2 && (size == 32 || size == 64 || size == 128 || size == 256) ? fixed : unknown;
  }
  case 'w':
    return format[1] == ':' && sscanf(format + 2, "%lld", (long long *)width) == 1 && *width >= 0 ? fixed_bytes : unknown;
  case 't':
    switch (format[1]) {
    case 'd': *width = format[2] == 'D' ? 4 : 8; return format[2] == 'D' || format[2] == 'm' ? fixed : unknown;
    case 't': *width = format[2] == 's' || format[2] == 'm' ? 4 : 8; return fixed;
    case 's': case 'D': *width = 8; return fixed;
    case 'i': *width = format[2] == 'M' ? 4 : format[2] == 'D' ? 8 : 16; return fixed;
    default: return unknown;
    }
  case '+':
    switch (format[1]) {
    case 's': return record;
    case 'l': case 'm': return list32;
    case 'L': return list64;
    case 'w': return format[2] == ':' && sscanf(format + 3, "%lld", (long long *)width) == 1 && *width >= 0 ? fixed_list : unknown;
    default: return unknown;
    }
  default: return unknown;
  }
}

static int write_field(encoder *e, const struct ArrowSchema *s, int depth) {
  if (depth > 64) return encoder_fail(e, "a table nested more than 64 deep");
  if (!s || !s->release || !s->format || s->n_children < 0 || s->n_children > 100000 || (s->n_children && !s->children))
    return encoder_fail(e, "a table with a broken schema");
  int64_t width;
  if (layout_of(s->format, &width) == unknown)
    return encoder_fail(e, "column `%.60s`: Arrow format `%.20s` is not supported", s->name ? s->name : "", s->format);
  const char *name = s->name ? s->name : "";
  if (!chost_is_utf8(name, strlen(name))) return encoder_fail(e, "a column name that is not UTF-8");
  put_string(&e->out, s->format);
  put_string(&e->out, name);
  size_t metadata = 0;
  if (s->metadata) { /* i32 pairs, then for each pair: i32 n, key, i32 n, value */
    int32_t pairs, n;
    memcpy(&pairs, s->metadata, 4);
    metadata = 4;
    for (int64_t i = 0; i < 2 * (int64_t)(pairs < 0 || pairs > 100000 ? 0 : pairs); i++) {
      memcpy(&n, s->metadata + metadata, 4);
      if (n < 0) return encoder_fail(e, "a column with broken metadata");
      metadata += 4 + (size_t)n;
    }
  }
  put_text(&e->out, s->metadata, metadata);
  put_i64(&e->out, s->flags);
  put_u32(&e->out, (uint32_t)s->n_children);
  for (int64_t i = 0; i < s->n_children; i++)
    if (!write_field(e, s->children[i], depth + 1)) return 0;
  put_u8(&e->out, s->dictionary != NULL);
  return !s->dictionary || write_field(e, s->dictionary, depth + 1);
}

static void write_buffer(encoder *e, const void *data, int64_t bytes) {
  put_u8(&e->out, data != NULL);
  if (data) write_blob(e, data, (uint64_t)bytes);
}

/* Offsets of variable-size data: the last one says how much there is. */
static int64_t last_offset(const void *offsets, int64_t at, int wide) {
  if (!offsets) return 0;
  return wide ? ((const int64_t *)offsets)[at] : ((const int32_t *)offsets)[at];
}

static int write_array(encoder *e, const struct ArrowSchema *s, const struct ArrowArray *x, int depth) {
  int64_t width, rows;
  layout kind = layout_of(s->format, &width);
  if (depth > 64 || !x || !x->release || x->length < 0 || x->offset < 0 || x->n_children != s->n_children ||
      (x->n_buffers && !x->buffers) || (x->n_children && !x->children) || (s->dictionary != NULL) != (x->dictionary != NULL) ||
      __builtin_add_overflow(x->length, x->offset, &rows) || rows > (int64_t)1 << 48 || width > 1 << 20)
    return encoder_fail(e, "column `%.60s` does not fit its schema", s->name ? s->name : "");
  static const int expected[] = {[none] = 0, [bits] = 2, [fixed] = 2, [fixed_bytes] = 2, [text32] = 3, [text64] = 3,
                                 [list32] = 2, [list64] = 2, [fixed_list] = 1, [record] = 1};
  if (x->n_buffers != expected[kind])
    return encoder_fail(e, "column `%.60s` has %lld buffers, format `%.20s` has %d", s->name ? s->name : "", (long long)x->n_buffers, s->format, expected[kind]);
  put_i64(&e->out, x->length);
  put_i64(&e->out, x->null_count < -1 ? -1 : x->null_count);
  put_i64(&e->out, x->offset);
  put_u32(&e->out, (uint32_t)x->n_buffers);
  int wide = kind == text64 || kind == list64;
  for (int64_t i = 0; i < x->n_buffers; i++) {
    const void *data = x->buffers[i];
    if (i == 0)
      write_buffer(e, data, (rows + 7) / 8);
    else if (i == 1 && kind == bits)
      write_buffer(e, data, (rows + 7) / 8);
    else if (i == 1 && (kind == fixed || kind == fixed_bytes))
      write_buffer(e, data, rows * width);
    else if (i == 1)
      write_buffer(e, data, data ? (rows + 1) * (wide ? 8 : 4) : 0);
    else {
      int64_t end = last_offset(x->buffers[1], rows, wide);
      if (end < 0) return encoder_fail(e, "column `%.60s` has negative offsets", s->name ? s->name : "");
      write_buffer(e, data, end);
    }
  }
  put_u32(&e->out, (uint32_t)x->n_children);
  for (int64_t i = 0; i < x->n_children; i++)
    if (!write_array(e, s->children[i], x->children[i], depth + 1)) return 0;
  put_u8(&e->out, x->dictionary != NULL);
  return (!x->dictionary || write_array(e, s->dictionary, x->dictionary, depth + 1)) && !e->problem[0];
}

static int stream_problem(encoder *e, struct ArrowArrayStream *s, int code) {
  const char *text = s->get_last_error ? s->get_last_error(s) : NULL;
  return encoder_fail(e, "its table stream failed: %.180s", text ? text : strerror(code));
}

int write_table(encoder *e, void *stream) {
  struct ArrowArrayStream *s = stream;
  if (!s->release || !s->get_schema || !s->get_next) return encoder_fail(e, "a table whose stream was released");
  struct ArrowSchema schema = {0};
  int code = s->get_schema(s, &schema);
  if (code) return stream_problem(e, s, code);
  put_u8(&e->out, 9);
  int ok = write_field(e, &schema, 0);
  if (ok && strcmp(schema.format, "+s") != 0) ok = encoder_fail(e, "a table whose schema is no struct");
  size_t place = e->out.count;
  put_u32(&e->out, 0);
  uint32_t batches = 0;
  while (ok) {
    struct ArrowArray batch = {0};
    code = s->get_next(s, &batch);
    if (code) ok = stream_problem(e, s, code);
    if (!ok || !batch.release) break;
    ok = write_array(e, &schema, &batch, 0);
    batch.release(&batch);
    if (++batches == 1u << 24) ok = encoder_fail(e, "a table of more than 2^24 batches");
  }
  if (schema.release) schema.release(&schema);
  if (ok && !e->out.failed) memcpy(e->out.bytes + place, &batches, sizeof batches);
  return ok;
}
