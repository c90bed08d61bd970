#include <stdlib.h>
#include <string.h>

#include "frame.h"

const char *scalar_name(scalar s) {
  static const char *const names[] = {"void",    "int8",  "uint8", "int16", "uint16", "int32",   "uint32",  "int64",
                                      "uint64", "float", "double", "bool", "char", "logical", "pointer", "struct"};
  return names[s];
}

int store_integer(scalar s, int64_t value, void *to) {
  static const int64_t lows[] = {0, INT8_MIN, 0, INT16_MIN, 0, INT32_MIN, 0, INT64_MIN, 0, 0, 0, 0, 0, 0};
  static const int64_t highs[] = {0, INT8_MAX, UINT8_MAX, INT16_MAX, UINT16_MAX, INT32_MAX, UINT32_MAX,
                                  INT64_MAX, INT64_MAX, 0, 0, 1, 0, 1};
  switch (s) {
  case T_F32: { float x = (float)value; memcpy(to, &x, sizeof x); return 1; }
  case T_F64: { double x = (double)value; memcpy(to, &x, sizeof x); return 1; }
  case T_VOID: case T_CHAR: case T_POINTER: case T_STRUCT: return 0;
  default:
    if (value < lows[s] || value > highs[s]) return 0;
    memcpy(to, &value, scalar_size(s)); /* little-endian */
    return 1;
  }
}

int load_integer(scalar s, const void *from, int64_t *value) {
  uint64_t bits = 0;
  size_t size = scalar_size(s);
  memcpy(&bits, from, size);
  switch (s) {
  case T_I8: *value = (int8_t)bits; return 1;
  case T_I16: *value = (int16_t)bits; return 1;
  case T_I32: case T_LOGICAL: *value = (int32_t)bits; return 1;
  case T_I64: *value = (int64_t)bits; return 1;
  case T_U64: *value = (int64_t)bits; return bits <= INT64_MAX;
  case T_U8: case T_U16: case T_U32: case T_BOOL: case T_CHAR: *value = (int64_t)bits; return 1;
  default: *value = 0; return 0;
  }
}

double load_float(scalar s, const void *from) {
  float x;
  double y;
  if (s == T_F32) {
    memcpy(&x, from, sizeof x);
    return x;
  }
  memcpy(&y, from, sizeof y);
  return y;
}

void reorder(char *to, const char *from, const int64_t *shape, uint32_t rank, size_t size, int to_column) {
  int64_t index[MAX_RANK] = {0}, strides[MAX_RANK], count = 1;
  for (uint32_t k = 0; k < rank; k++) {
    strides[k] = count; /* of the column-major side */
    count *= shape[k];
  }
  int64_t column = 0;
  for (int64_t row = 0; row < count; row++) {
    memcpy(to + (size_t)(to_column ? column : row) * size, from + (size_t)(to_column ? row : column) * size, size);
    for (uint32_t k = rank; k-- > 0;) {
      column += strides[k];
      if (++index[k] < shape[k]) break;
      column -= strides[k] * shape[k];
      index[k] = 0;
    }
  }
}

void *frame_memory(frame *fr, size_t size) {
  scratch *s = size < SIZE_MAX / 2 ? calloc(1, sizeof *s + size) : NULL;
  if (!s) {
    assay_failf(fr->run, ASSAY_E_RESOURCE, NULL, "no memory for %zu bytes", size);
    return NULL;
  }
  s->next = fr->scratches;
  fr->scratches = s;
  return s->data;
}

/* The value of one name. 0: it has none. */
static int name_value(const frame *fr, const op *o, int after, int64_t *value) {
  const parameter *a = &fr->f->parameters[o->a];
  const cell *c = &fr->cells[o->a];
  switch (o->kind) {
  case 'l': *value = (int64_t)c->length; return 1;
  case 'd': *value = o->b < c->rank ? c->shape[o->b] : 0; return o->b < c->rank || c->is_absent;
  default:
    if (after && a->is_out && c->pointer) return load_integer(a->type.scalar, c->pointer, value);
    *value = c->integer;
    return 1;
  }
}

static int apply(char kind, int64_t a, int64_t b, int64_t *r) {
  switch (kind) {
  case '+': return !__builtin_add_overflow(a, b, r);
  case '-': return !__builtin_sub_overflow(a, b, r);
  case '*': return !__builtin_mul_overflow(a, b, r);
  case '/': case '%':
    if (b == 0 || (a == INT64_MIN && b == -1)) return 0;
    *r = kind == '/' ? a / b : a % b;
    return 1;
  case 'm': *r = a < b ? a : b; return 1;
  case 'M': *r = a > b ? a : b; return 1;
  case '=': *r = a == b; return 1;
  case '!': *r = a != b; return 1;
  case '<': *r = a < b; return 1;
  case '[': *r = a <= b; return 1;
  case '>': *r = a > b; return 1;
  default: *r = a >= b; return 1;
  }
}

assay_status frame_number(frame *fr, const code *c, int after, const char *what, int64_t *out) {
  int64_t stack[512];
  uint32_t n = 0;
  int ok = 1;
  for (uint32_t i = 0; ok && i < c->count; i++) {
    const op *o = &c->ops[i];
    if (o->kind == 'n') ok = n < 512, stack[ok ? n++ : 0] = o->a;
    else if (strchr("pld", o->kind)) ok = n < 512 && name_value(fr, o, after, &stack[n]), n += ok ? 1 : 0;
    else if ((ok = n >= 2)) n--, ok = apply(o->kind, stack[n - 1], stack[n], &stack[n - 1]);
  }
  *out = n == 1 ? stack[0] : 0;
  return ok && n == 1 ? ASSAY_OK
                      : assay_failf(fr->run, ASSAY_E_INPUT, NULL, "%s cannot be computed: a division by zero, or a number beyond "
                                    "64 bits", what);
}
