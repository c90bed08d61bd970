/* Formulas such as `x^2 * sin(y) + 1`, given as text when a task runs. */
#ifndef ASSAY_FUNCTIONS_FORMULA_H
#define ASSAY_FUNCTIONS_FORMULA_H
#include <stddef.h>
#include <stdint.h>

enum { FORMULA_LIMIT = 256 };

typedef struct formula_op {
  char kind;     /* 'n' number, 'v' variable, '1' and '2': functions of one and of two numbers, or an operator */
  double number;
  uint32_t variable;
  double (*one)(double);
  double (*two)(double, double);
} formula_op;

typedef struct formula {
  formula_op ops[FORMULA_LIMIT];
  uint32_t count;
} formula;

/* 1, or 0 with a sentence in `problem`. */
int formula_read(formula *f, const char *text, size_t length, const char *const *names, uint32_t name_count, char *problem,
                 size_t size);
/* [any thread] */
double formula_value(const formula *f, const double *variables);
#endif
