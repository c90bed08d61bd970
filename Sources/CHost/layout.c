#include "layout.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "decode.h"

static int is(const char *format, const char *word) { return strcmp(format, word) == 0; }

static arrow_layout made(int kind, int64_t size, int buffers) {
  arrow_layout layout = {kind, size, buffers};
  return layout;
}

/* A decimal number that ends where the text does, or at `stop`; -1 when there is none. */
static int64_t number(const char **text, char stop) {
  char *end;
  if (!((**text >= '0' && **text <= '9') || (**text == '-' && stop))) return -1;
  long long n = strtoll(*text, &end, 10);
  if (*end && *end != stop) return -1;
  *text = *end ? end + 1 : end;
  return n > INT32_MAX ? -1 : n;
}

static arrow_layout decimal(const char *text) {
  int64_t precision = number(&text, ','), bits = 128;
  const char *comma = strchr(text, ',');
  char *end;
  if (precision < 1 || precision > 76 || !*text) return made(ARROW_NONE, 0, 0);
  (void)strtoll(text, &end, 10); /* the scale: any integer */
  if (end == text || (*end && *end != ',')) return made(ARROW_NONE, 0, 0);
  if (comma) {
    text = comma + 1;
    bits = number(&text, 0);
  }
  int known = bits == 32 || bits == 64 || bits == 128 || bits == 256;
  return known ? made(ARROW_FIXED, bits, 2) : made(ARROW_NONE, 0, 0);
}

arrow_layout arrow_layout_of(const char *format) {
  static const struct { const char *format; int bits; } plain[] = {
      {"b", 1},    {"c", 8},    {"C", 8},    {"s", 16},   {"S", 16},   {"i", 32},   {"I", 32},   {"l", 64},   {"L", 64},
      {"e", 16},   {"f", 32},   {"g", 64},   {"tdD", 32}, {"tdm", 64}, {"tts", 32}, {"ttm", 32}, {"ttu", 64}, {"ttn", 64},
      {"tDs", 64}, {"tDm", 64}, {"tDu", 64}, {"tDn", 64}, {"tiM", 32}, {"tiD", 64}, {"tin", 128}};
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
    if (is(format, plain[i].format)) return made(ARROW_FIXED, plain[i].bits, 2);
  if (is(format, "n")) return made(ARROW_NULL, 0, 0);
  if (is(format, "u") || is(format, "z")) return made(ARROW_VARIABLE, 4, 3);
  if (is(format, "U") || is(format, "Z")) return made(ARROW_VARIABLE, 8, 3);
  if (is(format, "+l") || is(format, "+m")) return made(ARROW_LIST, 4, 2);
  if (is(format, "+L")) return made(ARROW_LIST, 8, 2);
  if (is(format, "+s")) return made(ARROW_STRUCT, 0, 1);
  if (strncmp(format, "ts", 2) == 0 && format[2] && strchr("smun", format[2]) && format[3] == ':')
    return made(ARROW_FIXED, 64, 2);
  if (strncmp(format, "w:", 2) == 0) {
    const char *text = format + 2;
    int64_t n = number(&text, 0);
    if (n >= 0) return made(ARROW_FIXED, n * 8, 2);
  }
  if (strncmp(format, "+w:", 3) == 0) {
    const char *text = format + 3;
    int64_t n = number(&text, 0);
    if (n >= 0) return made(ARROW_FIXED_LIST, n, 1);
  }
  if (strncmp(format, "d:", 2) == 0) return decimal(format + 2);
  return made(ARROW_NONE, 0, 0);
}

static int64_t bits_to_bytes(int64_t rows, int64_t bits) {
  int64_t total;
  return __builtin_mul_overflow(rows, bits, &total) ? -1 : total / 8 + (total % 8 != 0);
}

static int64_t offset_at(const void *offsets, int64_t width, int64_t row) {
  int32_t narrow;
  int64_t wide;
  if (width == 8) {
    memcpy(&wide, (const uint8_t *)offsets + row * 8, 8);
    return wide;
  }
  memcpy(&narrow, (const uint8_t *)offsets + row * 4, 4);
  return narrow;
}

int64_t arrow_buffer_size(const arrow_layout *layout, const struct ArrowArray *array, int64_t i, int64_t rows) {
  if (i == 0) return bits_to_bytes(rows, 1);
  if (layout->kind == ARROW_FIXED) return bits_to_bytes(rows, layout->size);
  if (rows == 0 || !array->buffers[1]) return 0; /* Arrow allows the offsets of no rows to be missing */
  if (i == 1) return rows < INT64_MAX / 16 ? (rows + 1) * layout->size : -1;
  return offset_at(array->buffers[1], layout->size, rows);
}

const char *arrow_schema_problem(const struct ArrowSchema *s, int depth, const struct ArrowSchema **where) {
  *where = s;
  if (depth > CHOST_MAX_DEPTH) return "columns nest more than 64 deep";
  if (!s->release && !s->private_data) return "a schema that was released";
  if (!s->format) return "a schema without a format";
  const char *name = s->name ? s->name : "";
  if (!chost_is_utf8(name, strlen(name))) return "a name that is not UTF-8";
  if (!chost_is_utf8(s->format, strlen(s->format))) return "a format that is not UTF-8";
  arrow_layout layout = arrow_layout_of(s->format);
  if (layout.kind == ARROW_NONE) return "an Arrow format that is not supported";
  if (s->n_children < 0 || s->n_children > 100000 || (s->n_children && !s->children)) return "broken children";
  for (int64_t i = 0; i < s->n_children; i++)
    if (!s->children[i]) return "a child that is missing";
  int is_list = layout.kind == ARROW_LIST || layout.kind == ARROW_FIXED_LIST;
  if (is_list && s->n_children != 1) return "a list needs one child";
  if (!is_list && layout.kind != ARROW_STRUCT && s->n_children) return "a format that has no children";
  if (is(s->format, "+m")) {
    const struct ArrowSchema *entry = s->children[0];
    if (!entry->format || !is(entry->format, "+s") || entry->n_children != 2)
      return "a map needs a struct of keys and values";
  }
  if (s->dictionary) {
    if (strlen(s->format) != 1 || !strchr("cCsSiIlL", s->format[0])) return "dictionary indices must be integers";
    const char *problem = arrow_schema_problem(s->dictionary, depth + 1, where);
    if (problem) return problem;
  }
  for (int64_t i = 0; i < s->n_children; i++) {
    const char *problem = arrow_schema_problem(s->children[i], depth + 1, where);
    if (problem) return problem;
  }
  *where = s;
  return NULL;
}

static const char *contents_problem(const arrow_layout *layout, const struct ArrowArray *x, const uint64_t *sizes,
                                    int64_t rows) {
  int64_t total;
  if (sizes)
    for (int64_t i = 0; i < x->n_buffers; i++) {
      int64_t needed = i == 2 ? 0 : arrow_buffer_size(layout, x, i, rows);
      if (needed < 0 || (x->buffers[i] && sizes[i] < (uint64_t)needed)) return "a buffer that is too short";
    }
  switch (layout->kind) {
  case ARROW_FIXED:
    if (arrow_buffer_size(layout, x, 1, rows) < 0) return "a length beyond all bounds";
    if (!x->buffers[1] && arrow_buffer_size(layout, x, 1, rows) > 0) return "no values";
    return NULL;
  case ARROW_VARIABLE:
  case ARROW_LIST: {
    if (rows == 0) return NULL;
    if (rows >= INT64_MAX / 16 || !x->buffers[1]) return "no offsets";
    int64_t first = offset_at(x->buffers[1], layout->size, 0), start = offset_at(x->buffers[1], layout->size, x->offset);
    int64_t end = offset_at(x->buffers[1], layout->size, rows);
    if (first < 0 || start < first || end < start) return "offsets that are not in order";
    if (layout->kind == ARROW_LIST) return end > x->children[0]->length ? "offsets that point outside its items" : NULL;
    if (sizes && (uint64_t)end > (x->buffers[2] ? sizes[2] : 0)) return "offsets that point outside its contents";
    return end > 0 && !x->buffers[2] ? "no contents" : NULL;
  }
  case ARROW_FIXED_LIST:
    if (__builtin_mul_overflow(rows, layout->size, &total) || x->children[0]->length < total) return "too few items";
    return NULL;
  case ARROW_STRUCT:
    for (int64_t i = 0; i < x->n_children; i++)
      if (x->children[i]->length < rows) return "a child that is shorter than its struct";
    return NULL;
  default: return NULL;
  }
}

const char *arrow_array_problem(const struct ArrowSchema *s, const struct ArrowArray *x, arrow_sizes sizes, int depth,
                                const struct ArrowSchema **where) {
  int64_t rows;
  arrow_layout layout = arrow_layout_of(s->format);
  *where = s;
  if (depth > CHOST_MAX_DEPTH) return "columns nest more than 64 deep";
  if (!x) return "an array that is missing";
  if (!sizes && !x->release) return "an array that was released";
  if (x->length < 0 || x->offset < 0 || x->null_count < -1 || x->null_count > x->length ||
      __builtin_add_overflow(x->length, x->offset, &rows))
    return "impossible counts of rows";
  if (x->n_buffers != layout.buffers || (x->n_buffers && !x->buffers))
    return "another number of buffers than its format has";
  if (x->n_children != s->n_children || (x->n_children && !x->children))
    return "another number of children than its schema has";
  if ((x->dictionary != NULL) != (s->dictionary != NULL)) return "a dictionary where its schema has none, or none";
  for (int64_t i = 0; i < x->n_children; i++)
    if (!x->children[i]) return "a child that is missing";
  if (layout.kind != ARROW_NULL && !x->buffers[0] && x->null_count > 0) return "nulls without a validity bitmap";
  const char *problem = contents_problem(&layout, x, sizes ? sizes(x) : NULL, rows);
  for (int64_t i = 0; i < x->n_children && !problem; i++)
    problem = arrow_array_problem(s->children[i], x->children[i], sizes, depth + 1, where);
  if (x->dictionary && !problem) problem = arrow_array_problem(s->dictionary, x->dictionary, sizes, depth + 1, where);
  return problem;
}
