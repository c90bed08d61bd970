#include "frame.h"
#include <string.h>

const char *const column_kind_names[] = {"bool", "int", "float", "string"};

column *column_new(const char *name, column_kind kind, int64_t rows, int64_t text_bytes) {
  column *c = calloc(1, sizeof *c);
  if (!c) return NULL;
  c->references = 1;
  c->kind = kind;
  c->rows = rows;
  c->name = strdup(name);
  size_t n = (size_t)rows;
  switch (kind) {
  case COLUMN_BOOL: c->bits = calloc(n / 8 + 1, 1); break;
  case COLUMN_INT: c->ints = calloc(n + 1, 8); break;
  case COLUMN_FLOAT: c->floats = calloc(n + 1, 8); break;
  case COLUMN_STRING:
    c->ints = calloc(n + 1, 8);
    c->text = malloc((size_t)text_bytes + 1);
    break;
  }
  if (!c->name || (!c->bits && !c->ints && !c->floats) || (kind == COLUMN_STRING && !c->text)) {
    column_release(c);
    return NULL;
  }
  return c;
}

column *column_share(column *c) {
  __atomic_add_fetch(&c->references, 1, __ATOMIC_RELAXED);
  return c;
}

void column_release(column *c) {
  if (!c || __atomic_sub_fetch(&c->references, 1, __ATOMIC_ACQ_REL)) return;
  free(c->name);
  free(c->valid);
  free(c->bits);
  free(c->ints);
  free(c->floats);
  free(c->text);
  free(c);
}

int column_set_missing(column *c, int64_t row) {
  if (!c->valid) {
    size_t bytes = (size_t)c->rows / 8 + 1;
    c->valid = malloc(bytes);
    if (!c->valid) return 0;
    memset(c->valid, 0xff, bytes);
  }
  c->valid[row >> 3] &= (uint8_t)~(1u << (row & 7));
  c->missing++;
  return 1;
}

int column_is_missing(const column *c, int64_t row) { return c->valid && !(c->valid[row >> 3] >> (row & 7) & 1); }

double column_number(const column *c, int64_t row) {
  switch (c->kind) {
  case COLUMN_BOOL: return c->bits[row >> 3] >> (row & 7) & 1;
  case COLUMN_INT: return (double)c->ints[row];
  default: return c->floats[row];
  }
}

const char *column_text(const column *c, int64_t row, int64_t *length) {
  *length = c->ints[row + 1] - c->ints[row];
  return c->text + c->ints[row];
}

column *column_take(const column *c, const int64_t *indices, int64_t count) {
  int64_t bytes = 0, length;
  if (c->kind == COLUMN_STRING)
    for (int64_t i = 0; i < count; i++)
      if (indices[i] >= 0) bytes += c->ints[indices[i] + 1] - c->ints[indices[i]];
  column *out = column_new(c->name, c->kind, count, bytes);
  if (!out) return NULL;
  for (int64_t i = 0; i < count; i++) {
    int64_t row = indices[i];
    if (row < 0) {
      if (c->kind == COLUMN_STRING) out->ints[i + 1] = out->ints[i];
      if (column_set_missing(out, i)) continue;
      column_release(out);
      return NULL;
    }
    switch (c->kind) {
    case COLUMN_BOOL:
      if (c->bits[row >> 3] >> (row & 7) & 1) out->bits[i >> 3] |= (uint8_t)(1u << (i & 7));
      break;
    case COLUMN_INT: out->ints[i] = c->ints[row]; break;
    case COLUMN_FLOAT: out->floats[i] = c->floats[row]; break;
    case COLUMN_STRING: {
      const char *text = column_text(c, row, &length);
      memcpy(out->text + out->ints[i], text, (size_t)length);
      out->ints[i + 1] = out->ints[i] + length;
      break;
    }
    }
    if (column_is_missing(c, row) && !column_set_missing(out, i)) {
      column_release(out);
      return NULL;
    }
  }
  return out;
}
