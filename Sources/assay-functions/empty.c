#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"

static assay_status beyond(frame *fr, const char *name) {
  return assay_failf(fr->run, ASSAY_E_FAILED, name, "`%s` is a number beyond 64 bits with a sign", name);
}

/* A scalar in memory as a value that borrows it. 0: it does not fit. */
static int scalar_value(scalar s, const void *from, assay_value *v) {
  *v = assay_nothing();
  if (s == T_F32 || s == T_F64) {
    v->kind = ASSAY_F64;
    v->f64 = load_float(s, from);
    return 1;
  }
  if (s == T_CHAR) {
    v->kind = ASSAY_STRING;
    v->data = from;
    v->count = 1;
    return 1;
  }
  v->kind = s == T_BOOL || s == T_LOGICAL ? ASSAY_BOOL : ASSAY_I64;
  if (!load_integer(s, from, &v->i64)) return 0;
  if (v->kind == ASSAY_BOOL) v->i64 = v->i64 != 0;
  return 1;
}

/* A scalar of which the port may want a bool (`int` used as one). */
static assay_status give_scalar(frame *fr, uint32_t port, const char *name, scalar s, const void *from) {
  assay_value v;
  if (!scalar_value(s, from, &v)) return beyond(fr, name);
  if (v.kind == ASSAY_I64 && strcmp(fr->f->task.outputs[port]->type, "bool") == 0) {
    v.kind = ASSAY_BOOL;
    v.i64 = v.i64 != 0;
  }
  return fr->run->host->output(fr->run, port, &v);
}

static assay_status structure_value(frame *fr, const char *name, uint32_t number, const char *from, assay_value *out) {
  const structure *s = &linked->structures[number];
  assay_value *items = frame_memory(fr, s->count * sizeof *items);
  const char **names = frame_memory(fr, s->count * sizeof *names);
  if (!items || !names) return ASSAY_E_RESOURCE;
  for (uint32_t i = 0; i < s->count; i++) {
    const field *f = &s->fields[i];
    names[i] = f->name;
    if (f->type.scalar == T_STRUCT) {
      assay_status status = structure_value(fr, name, f->type.structure, from + f->offset, &items[i]);
      if (status != ASSAY_OK) return status;
    } else if (!scalar_value(f->type.scalar, from + f->offset, &items[i])) {
      return beyond(fr, name);
    }
  }
  *out = assay_nothing();
  out->kind = ASSAY_RECORD;
  out->count = s->count;
  out->data = items;
  out->names = names;
  return ASSAY_OK;
}

static assay_status give_list(frame *fr, uint32_t port, const parameter *a, const char *name, const char *from, uint64_t count) {
  assay_value list = assay_nothing();
  assay_value *items = frame_memory(fr, (size_t)count * sizeof *items);
  if (!items) return ASSAY_E_RESOURCE;
  for (uint64_t i = 0; i < count; i++)
    if (!scalar_value(a->element, from + i * scalar_size(a->element), &items[i])) return beyond(fr, name);
  list.kind = ASSAY_LIST;
  list.count = count;
  list.data = items;
  return fr->run->host->output(fr->run, port, &list);
}

static assay_status give_array(frame *fr, uint32_t port, const parameter *a, const char *name, const char *from,
                               const int64_t *shape) {
  static const uint8_t codes[] = {0,        kDLInt,  kDLUInt, kDLInt,   kDLUInt,  kDLInt,  kDLUInt,
                                  kDLInt,   kDLUInt, kDLFloat, kDLFloat, kDLBool, kDLUInt, kDLInt};
  assay_tensor t;
  uint64_t count = 1;
  for (uint32_t k = 0; k < a->rank; k++) count *= (uint64_t)shape[k];
  if (a->look == 'b') return assay_set_bytes(fr->run, port, from, count);
  if (a->look == 'l') return give_list(fr, port, a, name, from, count);
  size_t size = scalar_size(a->element);
  assay_status s = assay_make_tensor(fr->run, codes[a->element], (uint8_t)(8 * size), (int32_t)a->rank, shape, &t);
  if (s != ASSAY_OK || !count) return s != ASSAY_OK ? s : assay_set_tensor(fr->run, port, &t);
  if (a->is_column_major && a->rank > 1) reorder(t.data, from, shape, a->rank, size, 0);
  else memcpy(t.data, from, (size_t)count * size);
  return assay_set_tensor(fr->run, port, &t);
}

/* How much of an output counts. */
static assay_status kept(frame *fr, const parameter *a, uint64_t room, uint64_t *out) {
  int64_t used = (int64_t)room;
  if (a->used.count) {
    assay_status s = frame_number(fr, &a->used, 1, a->name, &used);
    if (s != ASSAY_OK) return s;
    if (used < 0 || (uint64_t)used > room)
      return assay_failf(fr->run, ASSAY_E_CONTRACT, a->name, "`%s` says that it used %lld of the %llu elements of `%s`",
                         fr->f->symbol, (long long)used, (unsigned long long)room, a->name);
  }
  *out = (uint64_t)used;
  return ASSAY_OK;
}

static assay_status give_text(frame *fr, uint32_t port, const char *text, uint64_t n) {
  if (strcmp(fr->f->task.outputs[port]->type, "bytes") == 0) return assay_set_bytes(fr->run, port, text, n);
  return assay_set_text(fr->run, port, text, n);
}

static assay_status give(frame *fr, uint32_t i) {
  const parameter *a = &fr->f->parameters[i];
  cell *c = &fr->cells[i];
  uint32_t port = (uint32_t)a->output;
  uint64_t n = 0;
  assay_value v;
  assay_status s;
  if (!c->pointer) return ASSAY_OK;
  switch (a->kind) {
  case K_SCALAR: return give_scalar(fr, port, a->name, a->type.scalar, c->pointer);
  case K_STRUCT:
    s = structure_value(fr, a->name, a->type.structure, c->pointer, &v);
    return s == ASSAY_OK ? fr->run->host->output(fr->run, port, &v) : s;
  case K_TEXT:
    s = kept(fr, a, c->length, &n);
    if (s != ASSAY_OK) return s;
    if (!fr->f->is_fortran) n = a->used.count ? n : strnlen(c->pointer, n);
    else while (n && ((char *)c->pointer)[n - 1] == ' ') n--;
    return give_text(fr, port, c->pointer, n);
  case K_ARRAY:
    s = kept(fr, a, c->length, &n);
    if (s != ASSAY_OK) return s;
    if (a->used.count) c->shape[0] = (int64_t)n;
    return give_array(fr, port, a, a->name, c->pointer, c->shape);
  default: return ASSAY_OK;
  }
}

/* ---- the result ---- */

static assay_status give_result(frame *fr) {
  const function *f = fr->f;
  uint32_t port = (uint32_t)f->result_output;
  const char *from = fr->result.data, *pointer;
  int64_t shape[MAX_RANK];
  assay_value v;
  memcpy(&pointer, from, sizeof pointer);
  if (f->result_is_pointer && !pointer && f->result.kind != K_NULL)
    return assay_failf(fr->run, ASSAY_E_FAILED, f->task.outputs[port]->name, "`%s` returned a null pointer", f->symbol);
  switch (f->result.kind) {
  case K_SCALAR: return give_scalar(fr, port, f->task.outputs[port]->name, f->result.type.scalar, from);
  case K_TEXT: return give_text(fr, port, pointer, strlen(pointer));
  case K_STRUCT: {
    assay_status s = structure_value(fr, f->task.outputs[port]->name, f->result.type.structure, from, &v);
    return s == ASSAY_OK ? fr->run->host->output(fr->run, port, &v) : s;
  }
  case K_ARRAY:
    for (uint32_t k = 0; k < f->result.rank; k++) {
      assay_status s = frame_number(fr, &f->result.shape[k], 1, "the length of the result", &shape[k]);
      if (s != ASSAY_OK) return s;
      if (shape[k] < 0 || shape[k] > INT64_C(1) << 40)
        return assay_failf(fr->run, ASSAY_E_FAILED, NULL, "the result of `%s` cannot have %lld elements", f->symbol,
                           (long long)shape[k]);
    }
    return give_array(fr, port, &f->result, f->task.outputs[port]->name, pointer, shape);
  default: return ASSAY_OK;
  }
}

/* ---- whether it went well ---- */

static int holds(const char *op, int64_t a, int64_t b) {
  switch (op[0]) {
  case '=': return a == b;
  case '!': return a != b;
  case '<': return op[1] ? a <= b : a < b;
  default: return op[1] ? a >= b : a > b;
  }
}

static assay_status fail(frame *fr, const judgement *j, int64_t value, const char *port) {
  char text[700], said[300];
  const char *why = j->message;
  assay_error e = {.struct_size = sizeof e, .status = ASSAY_E_FAILED, .retryable = -1, .retry_after_ms = -1, .message = text, .port = port};
  int n;
  for (uint32_t i = 0; i < j->count; i++)
    if (j->outcomes[i].code == value) {
      why = j->outcomes[i].message;
      e.status = j->outcomes[i].status;
    }
  if (!why && j->asked)
    why = j->takes_value ? ((const char *(*)(int))j->asked)((int)value) : ((const char *(*)(void))j->asked)();
  if (j->on >= 0) n = snprintf(text, sizeof text, "`%.100s` set `%.60s` to %lld", fr->f->symbol, port, (long long)value);
  else if (fr->f->result_is_pointer) n = snprintf(text, sizeof text, "`%.100s` returned %s", fr->f->symbol, value ? "a pointer" : "a null pointer");
  else n = snprintf(text, sizeof text, "`%.100s` returned %lld", fr->f->symbol, (long long)value);
  if (why) {
    snprintf(said, sizeof said, "%.299s", why);
    said[strcspn(said, "\n")] = 0;
    n += snprintf(text + n, sizeof text - (size_t)n, ": %s", said);
  } else if (!fr->f->result_is_pointer) {
    n += snprintf(text + n, sizeof text - (size_t)n, ", not %s %lld", j->op, (long long)j->value);
  }
  if (fr->f->errno_use == 2 && fr->error) {
    snprintf(text + n, sizeof text - (size_t)n, ": %s", strerror(fr->error));
    e.domain = "errno";
    e.domain_code = fr->error;
  } else {
    e.domain_code = (int32_t)value;
  }
  return fr->run->host->fail(fr->run, &e);
}

static assay_status judge(frame *fr, const judgement *j) {
  int64_t value = 0;
  const char *port = NULL;
  if (j->on >= 0) {
    const parameter *a = &fr->f->parameters[j->on];
    if (!fr->cells[j->on].pointer) return ASSAY_OK;
    load_integer(a->type.scalar, fr->cells[j->on].pointer, &value);
    port = a->name;
  } else if (fr->f->result_is_pointer) {
    memcpy(&value, fr->result.data, sizeof(void *));
  } else {
    load_integer(fr->f->result.type.scalar, fr->result.data, &value);
  }
  return holds(j->op, value, j->value) ? ASSAY_OK : fail(fr, j, value, port);
}

static assay_status damage(frame *fr) {
  for (uint32_t i = 0; i < fr->f->count; i++) {
    const block *b = &fr->blocks[i];
    int side = b->map ? block_damage(b) : 0;
    if (side)
      return assay_failf(fr->run, ASSAY_E_CONTRACT, b->name, "`%s` wrote %s `%s` (%zu bytes): is its declared %s right?",
                         fr->f->symbol, side < 0 ? "before the beginning of" : "beyond the end of", b->name, b->size,
                         fr->f->parameters[i].kind == K_ARRAY || fr->f->parameters[i].kind == K_TEXT ? "length" : "type");
  }
  return ASSAY_OK;
}

assay_status frame_empty(frame *fr) {
  const function *f = fr->f;
  assay_status s = damage(fr);
  for (uint32_t i = 0; i < f->judgement_count && s == ASSAY_OK; i++) s = judge(fr, &f->judgements[i]);
  if (s == ASSAY_OK && f->errno_use == 1 && fr->error) s = assay_fail_errno(fr->run, fr->error, f->symbol);
  if (s == ASSAY_OK && f->result_output >= 0) s = give_result(fr);
  for (uint32_t i = 0; i < f->count && s == ASSAY_OK; i++)
    if (f->parameters[i].output >= 0) s = give(fr, i);
  return s;
}
