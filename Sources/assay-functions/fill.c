#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"

static const assay_value *input(frame *fr, const parameter *a) {
  return a->input >= 0 ? assay_input(fr->run, (uint32_t)a->input) : NULL;
}

static assay_status no_memory(frame *fr, const parameter *a, uint64_t bytes) {
  return assay_failf(fr->run, ASSAY_E_RESOURCE, a->name, "no memory for the %llu bytes of `%s`", (unsigned long long)bytes,
                     a->name);
}

static assay_status make_block(frame *fr, uint32_t i, size_t size, size_t align) {
  const parameter *a = &fr->f->parameters[i];
  if (!block_make(&fr->blocks[i], a->name, size, align)) return no_memory(fr, a, size);
  fr->cells[i].pointer = fr->blocks[i].data;
  return ASSAY_OK;
}

/* ---- first pass: what expressions may name ---- */

static const struct { scalar s; uint8_t code, bits; } elements[] = {
    {T_I8, kDLInt, 8},    {T_U8, kDLUInt, 8},   {T_I16, kDLInt, 16},   {T_U16, kDLUInt, 16},  {T_I32, kDLInt, 32},
    {T_U32, kDLUInt, 32}, {T_I64, kDLInt, 64},  {T_U64, kDLUInt, 64},  {T_F32, kDLFloat, 32}, {T_F64, kDLFloat, 64},
    {T_BOOL, kDLBool, 8},
};

static assay_status measure(frame *fr, uint32_t i) {
  const parameter *a = &fr->f->parameters[i];
  cell *c = &fr->cells[i];
  const assay_value *v = input(fr, a);
  assay_tensor t;
  if (!v) {
    if (a->kind == K_TEXT && a->text) c->length = strlen(a->text);
    return ASSAY_OK;
  }
  c->is_absent = v->kind == ASSAY_NULL;
  if (c->is_absent) return ASSAY_OK;
  if (a->kind == K_SCALAR) c->integer = assay_value_int(v);
  if (a->kind != K_ARRAY && a->kind != K_TEXT) return ASSAY_OK;
  c->rank = 1;
  c->length = v->count;
  if (a->kind == K_ARRAY && a->look == 't') {
    uint32_t k = 0;
    while (elements[k].s != a->element && elements[k].s != T_BOOL) k++;
    assay_status s = assay_get_tensor(fr->run, (uint32_t)a->input, elements[k].code, elements[k].bits, &t);
    if (s != ASSAY_OK) return s;
    if ((uint32_t)t.rank != a->rank)
      return assay_failf(fr->run, ASSAY_E_INPUT, a->name, "`%s` has %d dimensions, the function takes %u", a->name,
                         (int)t.rank, a->rank);
    c->rank = a->rank;
    c->length = t.count;
    c->pointer = t.data;
    memcpy(c->shape, t.shape, a->rank * sizeof *t.shape);
    return ASSAY_OK;
  }
  c->shape[0] = (int64_t)v->count;
  if (a->kind == K_ARRAY && a->look == 'b') c->pointer = (void *)(uintptr_t)v->data;
  return ASSAY_OK;
}

/* ---- second pass: objects ---- */

static assay_status out_of_range(frame *fr, const parameter *a, int64_t value, scalar s) {
  return assay_failf(fr->run, ASSAY_E_INPUT, a->name, "%lld does not fit `%s`, which is %s in C", (long long)value, a->name,
                     scalar_name(s));
}

static assay_status fill_scalar(frame *fr, uint32_t i, void *to) {
  const parameter *a = &fr->f->parameters[i];
  const assay_value *v = input(fr, a);
  scalar s = a->type.scalar;
  int64_t number = 0;
  uint64_t n = 0;
  if (s == T_CHAR) {
    const char *text = a->text ? a->text : assay_value_text(v, &n);
    if (a->text) n = strlen(a->text);
    if (!v && !a->text) return ASSAY_OK;
    if (n != 1) return assay_failf(fr->run, ASSAY_E_INPUT, a->name, "`%s` is one character, not %llu bytes", a->name,
                                   (unsigned long long)n);
    *(char *)to = *text;
    return ASSAY_OK;
  }
  if (s == T_F32 || s == T_F64) {
    double x = v ? assay_value_float(v) : a->number;
    float y = (float)x;
    if (a->value.count) {
      assay_status status = frame_number(fr, &a->value, 0, a->name, &number);
      if (status != ASSAY_OK) return status;
      x = (double)number, y = (float)number;
    }
    memcpy(to, s == T_F32 ? (void *)&y : (void *)&x, scalar_size(s));
    return ASSAY_OK;
  }
  if (a->value.count) {
    assay_status status = frame_number(fr, &a->value, 0, a->name, &number);
    if (status != ASSAY_OK) return status;
    fr->cells[i].integer = number;
  } else if (v) {
    number = assay_value_int(v);
  }
  return store_integer(s, number, to) ? ASSAY_OK : out_of_range(fr, a, number, s);
}

static assay_status fill_structure(frame *fr, const parameter *a, uint32_t number, const assay_value *record, char *to) {
  const structure *s = &linked->structures[number];
  for (uint32_t i = 0; i < s->count; i++) {
    const field *f = &s->fields[i];
    const assay_value *v = assay_field(record, f->name);
    if (!v) return assay_failf(fr->run, ASSAY_E_INPUT, a->name, "`%s` has no field `%s`", a->name, f->name);
    if (f->type.scalar == T_STRUCT) {
      assay_status status = fill_structure(fr, a, f->type.structure, v, to + f->offset);
      if (status != ASSAY_OK) return status;
    } else if (f->type.scalar == T_F32) {
      float x = (float)assay_value_float(v);
      memcpy(to + f->offset, &x, sizeof x);
    } else if (f->type.scalar == T_F64) {
      double x = assay_value_float(v);
      memcpy(to + f->offset, &x, sizeof x);
    } else if (f->type.scalar == T_CHAR) {
      uint64_t n;
      const char *text = assay_value_text(v, &n);
      if (n != 1) return assay_failf(fr->run, ASSAY_E_INPUT, a->name, "field `%s` is one character", f->name);
      to[f->offset] = *text;
    } else if (!store_integer(f->type.scalar, assay_value_int(v), to + f->offset)) {
      return assay_failf(fr->run, ASSAY_E_INPUT, a->name, "%lld does not fit field `%s`, which is %s in C",
                         (long long)assay_value_int(v), f->name, scalar_name(f->type.scalar));
    }
  }
  return ASSAY_OK;
}

/* A text ends with NUL in C, and is filled up with blanks in Fortran. */
static assay_status fill_text(frame *fr, uint32_t i) {
  const parameter *a = &fr->f->parameters[i];
  cell *c = &fr->cells[i];
  int ends = !fr->f->is_fortran;
  uint64_t n = 0;
  int64_t capacity = 0;
  const char *text = a->text ? a->text : assay_value_text(input(fr, a), &n);
  if (a->text) n = strlen(a->text);
  if (a->is_in && ends && n && memchr(text, 0, n))
    return assay_failf(fr->run, ASSAY_E_INPUT, a->name, "`%s` contains a NUL character, which C takes for its end", a->name);
  if (a->shape[0].count) {
    assay_status s = frame_number(fr, &a->shape[0], 0, a->name, &capacity);
    if (s != ASSAY_OK) return s;
    if (capacity < 0 || capacity > INT64_C(1) << 40)
      return assay_failf(fr->run, ASSAY_E_INPUT, a->name, "`%s` cannot be %lld bytes long", a->name, (long long)capacity);
    if (n + (a->is_in && ends) > (uint64_t)capacity)
      return assay_failf(fr->run, ASSAY_E_INPUT, a->name, "`%s` has %llu bytes, the function has room for %lld", a->name,
                         (unsigned long long)n, (long long)capacity - (ends ? 1 : 0));
  } else {
    capacity = (int64_t)n + ends;
  }
  assay_status s = make_block(fr, i, (size_t)capacity, 1);
  if (s != ASSAY_OK) return s;
  if (!ends) memset(c->pointer, ' ', (size_t)capacity);
  if (a->is_in && n) memcpy(c->pointer, text, n);
  c->length = (uint64_t)capacity;
  return ASSAY_OK;
}

static assay_status fill_list(frame *fr, const parameter *a, const assay_value *list, char *to) {
  size_t size = scalar_size(a->element);
  const assay_value *item;
  for (uint64_t i = 0; (item = assay_item(list, i)); i++) {
    if (a->element == T_F64) {
      double x = assay_value_float(item);
      memcpy(to + i * size, &x, size);
    } else if (a->element == T_F32) {
      float x = (float)assay_value_float(item);
      memcpy(to + i * size, &x, size);
    } else if (!store_integer(a->element, assay_value_int(item), to + i * size)) {
      return assay_failf(fr->run, ASSAY_E_INPUT, a->name, "item %llu of `%s`, %lld, does not fit %s", (unsigned long long)i,
                         a->name, (long long)assay_value_int(item), scalar_name(a->element));
    }
  }
  return ASSAY_OK;
}

/* Compares what an input has with what the manifest says, or computes what an output gets. */
static assay_status shape_array(frame *fr, uint32_t i) {
  const parameter *a = &fr->f->parameters[i];
  cell *c = &fr->cells[i];
  uint64_t count = 1;
  for (uint32_t k = 0; k < a->rank; k++) {
    int64_t wanted;
    if (a->shape[k].count) {
      assay_status s = frame_number(fr, &a->shape[k], 0, a->name, &wanted);
      if (s != ASSAY_OK) return s;
      if (a->is_in && wanted != c->shape[k] && a->rank == 1)
        return assay_failf(fr->run, ASSAY_E_INPUT, a->name, "`%s` has %lld elements, the call says %lld", a->name,
                           (long long)c->shape[k], (long long)wanted);
      if (a->is_in && wanted != c->shape[k])
        return assay_failf(fr->run, ASSAY_E_INPUT, a->name, "`%s` has %lld elements in dimension %u, the call says %lld",
                           a->name, (long long)c->shape[k], k, (long long)wanted);
      if (wanted < 0) return assay_failf(fr->run, ASSAY_E_INPUT, a->name, "`%s` cannot have %lld elements", a->name, (long long)wanted);
      c->shape[k] = wanted;
    }
    if (c->shape[k] > 0 && count > (UINT64_C(1) << 44) / (uint64_t)c->shape[k])
      return assay_failf(fr->run, ASSAY_E_RESOURCE, a->name, "`%s` would be too large", a->name);
    count *= (uint64_t)c->shape[k];
  }
  c->rank = a->rank;
  c->length = count;
  return ASSAY_OK;
}

static assay_status fill_array(frame *fr, uint32_t i) {
  const parameter *a = &fr->f->parameters[i];
  cell *c = &fr->cells[i];
  size_t size = scalar_size(a->element);
  const char *given = c->pointer;
  if (c->is_absent) return ASSAY_OK;
  assay_status s = shape_array(fr, i);
  if (s != ASSAY_OK) return s;
  int reordered = a->is_column_major && a->rank > 1;
  if (a->is_in && a->is_const && a->look != 'l' && !reordered && given && (uintptr_t)given % size == 0) return ASSAY_OK;
  s = make_block(fr, i, (size_t)c->length * size, c->length * size >= 16 ? 16 : size);
  if (s != ASSAY_OK || !a->is_in || !c->length) return s;
  if (a->look == 'l') return fill_list(fr, a, input(fr, a), c->pointer);
  if (!given) return assay_failf(fr->run, ASSAY_E_INPUT, a->name, "`%s` has no contents", a->name);
  if (reordered) reorder(c->pointer, given, c->shape, a->rank, size, 1);
  else memcpy(c->pointer, given, (size_t)c->length * size);
  return ASSAY_OK;
}

static assay_status fill(frame *fr, uint32_t i) {
  const parameter *a = &fr->f->parameters[i];
  cell *c = &fr->cells[i];
  const structure *shape = a->type.scalar == T_STRUCT ? &linked->structures[a->type.structure] : NULL;
  assay_status s = ASSAY_OK;
  switch (a->kind) {
  case K_NULL: break;
  case K_TEXT: s = c->is_absent ? ASSAY_OK : fill_text(fr, i); break;
  case K_ARRAY: s = fill_array(fr, i); break;
  case K_CALLBACK: return callback_make(fr, i);
  case K_SCALAR:
    if (c->is_absent) break;
    if (!a->by_reference) return fill_scalar(fr, i, c->storage);
    s = make_block(fr, i, scalar_size(a->type.scalar), scalar_size(a->type.scalar));
    if (s == ASSAY_OK && a->is_in) s = fill_scalar(fr, i, c->pointer);
    break;
  case K_STRUCT:
    if (c->is_absent) break;
    s = make_block(fr, i, shape->ffi.size, 16);
    if (s == ASSAY_OK && a->is_in) s = fill_structure(fr, a, a->type.structure, input(fr, a), c->pointer);
    break;
  }
  memcpy(c->storage, &c->pointer, sizeof c->pointer);
  return s;
}

assay_status frame_fill(frame *fr) {
  const function *f = fr->f;
  assay_status s = ASSAY_OK;
  uint32_t hidden = 0;
  for (uint32_t i = 0; i < f->count && s == ASSAY_OK; i++) s = measure(fr, i);
  for (uint32_t i = 0; i < f->requirement_count && s == ASSAY_OK; i++) {
    int64_t holds = 0;
    s = frame_number(fr, &f->requirements[i].code, 0, f->requirements[i].text, &holds);
    if (s == ASSAY_OK && !holds)
      s = assay_failf(fr->run, ASSAY_E_INPUT, NULL, "`%s` requires %s", f->symbol, f->requirements[i].text);
  }
  for (uint32_t i = 0; i < f->count && s == ASSAY_OK; i++) {
    const parameter *a = &f->parameters[i];
    s = fill(fr, i);
    int by_value = a->kind == K_STRUCT && !a->by_reference;
    fr->arguments[i] = by_value ? fr->cells[i].pointer : fr->cells[i].storage;
  }
  for (uint32_t i = 0; i < f->count && s == ASSAY_OK && f->is_fortran; i++) {
    const parameter *a = &f->parameters[i];
    int is_character = a->kind == K_SCALAR && a->type.scalar == T_CHAR && a->by_reference;
    if (a->kind != K_TEXT && !is_character) continue;
    fr->hidden[hidden] = is_character ? 1 : fr->cells[i].length;
    fr->arguments[f->count + hidden] = &fr->hidden[hidden];
    hidden++;
  }
  return s;
}
