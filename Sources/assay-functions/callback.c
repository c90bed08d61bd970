#include <stdlib.h>
#include <string.h>

#include "frame.h"

/* What a library calls back; from any of its threads. */

static void give_number(scalar s, double x, void *result) {
  float y = (float)x;
  if (s == T_F32) memcpy(result, &y, sizeof y);
  else memcpy(result, &x, sizeof x);
}

static void give_int(int64_t x, void *result) {
  ffi_sarg wide = (ffi_sarg)x; /* results narrower than a register are widened */
  memcpy(result, &wide, sizeof wide);
}

static void on_formula(ffi_cif *cif, void *result, void **arguments, void *context) {
  const closure *c = context;
  const parameter *a = c->parameter;
  double values[MAX_RANK] = {0};
  uint32_t n = 0;
  (void)cif;
  for (uint32_t i = 0; i < a->signature_count; i++) {
    scalar s = a->signature[i].scalar;
    int64_t whole = 0;
    if (s == T_POINTER) continue;
    if (s == T_F32 || s == T_F64) values[n++] = load_float(s, arguments[i]);
    else values[n++] = load_integer(s, arguments[i], &whole) ? (double)whole : 0;
  }
  give_number(a->result.scalar, formula_value(&c->formula, values), result);
}

static void on_compare(ffi_cif *cif, void *result, void **arguments, void *context) {
  const parameter *a = ((const closure *)context)->parameter;
  const void *left = *(void **)arguments[0], *right = *(void **)arguments[1];
  int order = 0;
  (void)cif;
  if (left && right && (a->element == T_F32 || a->element == T_F64)) {
    double x = load_float(a->element, left), y = load_float(a->element, right);
    order = (x > y) - (x < y);
  } else if (left && right) {
    int64_t x = 0, y = 0;
    load_integer(a->element, left, &x);
    load_integer(a->element, right, &y);
    order = a->element == T_U64 ? ((uint64_t)x > (uint64_t)y) - ((uint64_t)x < (uint64_t)y) : (x > y) - (x < y);
  }
  give_int(a->descending ? -order : order, result);
}

/* The first text among the arguments becomes a log line. */
static void on_log(ffi_cif *cif, void *result, void **arguments, void *context) {
  const closure *c = context;
  const parameter *a = c->parameter;
  if (cif->rtype->type != FFI_TYPE_VOID) memset(result, 0, cif->rtype->size > sizeof(ffi_arg) ? cif->rtype->size : sizeof(ffi_arg));
  for (uint32_t i = 0; i < a->signature_count; i++) {
    const char *text = a->signature[i].scalar == T_POINTER ? *(char **)arguments[i] : NULL;
    if (!text) continue;
    c->run->host->run_log(c->run, ASSAY_LOG_INFO, text, strnlen(text, 4096));
    return;
  }
}

assay_status callback_make(frame *fr, uint32_t index) {
  static void (*const bodies[])(ffi_cif *, void *, void **, void *) = {on_log, on_compare, on_formula};
  const parameter *a = &fr->f->parameters[index];
  const assay_value *v = a->input >= 0 ? assay_input(fr->run, (uint32_t)a->input) : NULL;
  closure *c = calloc(1, sizeof *c);
  void *code = NULL;
  if (!c) return assay_failf(fr->run, ASSAY_E_RESOURCE, a->name, "no memory for a callback");
  fr->closures[index] = c;
  c->parameter = a;
  c->run = fr->run;
  if (a->does == C_FORMULA) {
    char problem[400];
    uint64_t n;
    const char *text = assay_value_text(v, &n);
    if (!formula_read(&c->formula, text, (size_t)n, a->names, a->name_count, problem, sizeof problem))
      return assay_failf(fr->run, ASSAY_E_INPUT, a->name, "`%s` is no formula: %s", a->name, problem);
  }
  c->closure = ffi_closure_alloc(sizeof *c->closure, &code);
  if (!c->closure || ffi_prep_closure_loc(c->closure, (ffi_cif *)(uintptr_t)&a->callback_cif, bodies[a->does], c, code) != FFI_OK)
    return assay_failf(fr->run, ASSAY_E_UNSUPPORTED, a->name, "callbacks are not possible here: executable memory is denied");
  memcpy(fr->cells[index].storage, &code, sizeof code);
  return ASSAY_OK;
}

void callback_free(closure *c) {
  if (!c) return;
  if (c->closure) ffi_closure_free(c->closure);
  free(c);
}
