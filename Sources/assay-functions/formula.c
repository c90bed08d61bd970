#include "formula.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct parser {
  formula *f;
  const char *text, *at, *end;
  const char *const *names;
  uint32_t name_count;
  int depth;
  char *problem;
  size_t size;
} parser;

static int wrong(parser *p, const char *wanted) {
  if (!*p->problem)
    snprintf(p->problem, p->size, "expected %s at character %td of `%.200s`", wanted, p->at - p->text + 1, p->text);
  return 0;
}

static int emit(parser *p, formula_op op) {
  if (p->f->count == FORMULA_LIMIT) return wrong(p, "a shorter formula");
  p->f->ops[p->f->count++] = op;
  return 1;
}

static void skip(parser *p) {
  while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n')) p->at++;
}

static int take(parser *p, char c) {
  skip(p);
  if (p->at >= p->end || *p->at != c) return 0;
  p->at++;
  return 1;
}

static int sum(parser *p);

static const struct {
  const char *name;
  double (*one)(double);
  double (*two)(double, double);
} functions[] = {
    {"sin", sin, NULL},     {"cos", cos, NULL},     {"tan", tan, NULL},     {"asin", asin, NULL},   {"acos", acos, NULL},
    {"atan", atan, NULL},   {"sinh", sinh, NULL},   {"cosh", cosh, NULL},   {"tanh", tanh, NULL},   {"exp", exp, NULL},
    {"log", log, NULL},     {"log10", log10, NULL}, {"log2", log2, NULL},   {"sqrt", sqrt, NULL},   {"cbrt", cbrt, NULL},
    {"abs", fabs, NULL},    {"floor", floor, NULL}, {"ceil", ceil, NULL},   {"erf", erf, NULL},     {"pow", NULL, pow},
    {"atan2", NULL, atan2}, {"min", NULL, fmin},    {"max", NULL, fmax},    {"hypot", NULL, hypot},
};

static int name(parser *p) {
  const char *start = p->at;
  while (p->at < p->end && (*p->at == '_' || (*p->at >= '0' && *p->at <= '9') || ((*p->at | 32) >= 'a' && (*p->at | 32) <= 'z')))
    p->at++;
  size_t n = (size_t)(p->at - start);
  for (uint32_t i = 0; i < p->name_count; i++)
    if (strlen(p->names[i]) == n && memcmp(p->names[i], start, n) == 0) return emit(p, (formula_op){.kind = 'v', .variable = i});
  if (n == 2 && memcmp(start, "pi", 2) == 0) return emit(p, (formula_op){.kind = 'n', .number = M_PI});
  if (n == 1 && *start == 'e') return emit(p, (formula_op){.kind = 'n', .number = M_E});
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    if (strlen(functions[i].name) != n || memcmp(functions[i].name, start, n) != 0) continue;
    if (!take(p, '(')) return wrong(p, "`(`");
    if (!sum(p)) return 0;
    if (functions[i].two && (!take(p, ',') || !sum(p))) return wrong(p, "`,` and a second number");
    if (!take(p, ')')) return wrong(p, "`)`");
    return emit(p, (formula_op){.kind = functions[i].one ? '1' : '2', .one = functions[i].one, .two = functions[i].two});
  }
  p->at = start;
  return wrong(p, "a name that is known");
}

static int power(parser *p);

static int atom(parser *p) {
  skip(p);
  if (p->at >= p->end) return wrong(p, "a number, a name or `(`");
  if (take(p, '(')) return sum(p) && (take(p, ')') ? 1 : wrong(p, "`)`"));
  if (take(p, '-')) return power(p) && emit(p, (formula_op){.kind = '~'});
  if ((*p->at >= '0' && *p->at <= '9') || *p->at == '.') {
    char digits[64] = {0}, *end;
    size_t n = (size_t)(p->end - p->at);
    memcpy(digits, p->at, n < 63 ? n : 63);
    double value = strtod(digits, &end);
    if (end == digits) return wrong(p, "a number");
    p->at += end - digits;
    return emit(p, (formula_op){.kind = 'n', .number = value});
  }
  return name(p);
}

/* Right-associative. */
static int power(parser *p) {
  if (p->depth >= 64) return wrong(p, "less nesting");
  p->depth++;
  int ok = atom(p) && (!take(p, '^') || (power(p) && emit(p, (formula_op){.kind = '2', .two = pow})));
  p->depth--;
  return ok;
}

static int product(parser *p) {
  if (!power(p)) return 0;
  for (;;) {
    char c = take(p, '*') ? '*' : take(p, '/') ? '/' : 0;
    if (!c) return 1;
    if (!power(p) || !emit(p, (formula_op){.kind = c})) return 0;
  }
}

static int sum(parser *p) {
  if (!product(p)) return 0;
  for (;;) {
    char c = take(p, '+') ? '+' : take(p, '-') ? '-' : 0;
    if (!c) return 1;
    if (!product(p) || !emit(p, (formula_op){.kind = c})) return 0;
  }
}

int formula_read(formula *f, const char *text, size_t length, const char *const *names, uint32_t name_count, char *problem,
                 size_t size) {
  char *copy = strndup(text, length);
  parser p = {f, copy, copy, copy ? copy + strlen(copy) : NULL, names, name_count, 0, problem, size};
  f->count = 0;
  *problem = 0;
  if (!copy) {
    snprintf(problem, size, "out of memory");
    return 0;
  }
  int ok = sum(&p);
  skip(&p);
  if (ok && (p.at < p.end || strlen(copy) != length)) ok = wrong(&p, "an operator");
  free(copy);
  return ok;
}

double formula_value(const formula *f, const double *variables) {
  double stack[FORMULA_LIMIT + 1];
  uint32_t n = 0;
  for (uint32_t i = 0; i < f->count; i++) {
    const formula_op *o = &f->ops[i];
    switch (o->kind) {
    case 'n': stack[n++] = o->number; break;
    case 'v': stack[n++] = variables[o->variable]; break;
    case '1': stack[n - 1] = o->one(stack[n - 1]); break;
    case '~': stack[n - 1] = -stack[n - 1]; break;
    case '2': n--; stack[n - 1] = o->two(stack[n - 1], stack[n]); break;
    case '+': n--; stack[n - 1] += stack[n]; break;
    case '-': n--; stack[n - 1] -= stack[n]; break;
    case '*': n--; stack[n - 1] *= stack[n]; break;
    default: n--; stack[n - 1] /= stack[n]; break;
    }
  }
  return n ? stack[0] : NAN;
}
