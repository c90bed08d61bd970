#include "call.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int8_t echo_i8(int8_t x) { return x; }
uint8_t echo_u8(uint8_t x) { return x; }
int16_t echo_i16(int16_t x) { return x; }
uint16_t echo_u16(uint16_t x) { return x; }
int32_t echo_i32(int32_t x) { return x; }
uint32_t echo_u32(uint32_t x) { return x; }
int64_t echo_i64(int64_t x) { return x; }
uint64_t echo_u64(uint64_t x) { return x; }
size_t echo_size(size_t x) { return x; }
float echo_f32(float x) { return x; }
double echo_f64(double x) { return x; }
bool echo_bool(bool x) { return x; }
char echo_char(char x) { return x; }
unsigned long long huge(void) { return ~0ull; }

size_t text_length(const char *text) { return text ? strlen(text) : 999; }
void greet(const char *name, char *out, size_t room) { snprintf(out, room, "hello %s", name); }
const char *motto(void) { return "measure twice"; }
static long freed;
char *shouted(const char *text) {
  char *copy = strdup(text);
  for (char *c = copy; *c; c++) *c = *c >= 'a' && *c <= 'z' ? *c - 32 : *c;
  return copy;
}
void release(void *memory) { freed++; free(memory); }
long released(void) { return freed; }
const char *nothing(void) { return NULL; }

double sum(const double *x, size_t n) {
  double s = 0;
  for (size_t i = 0; i < n; i++) s += x[i];
  return s;
}
void scale(double *x, int n, double by) { for (int i = 0; i < n; i++) x[i] *= by; }
void twice(const int *x, int n, long long *out) { for (int i = 0; i < 2 * n; i++) out[i] = x[i / 2]; }
int evens(const int *x, int n, int *out, int *count) {
  int room = *count;
  *count = 0;
  for (int i = 0; i < n && *count < room; i++) if (x[i] % 2 == 0) out[(*count)++] = x[i];
  return 0;
}
void bits(const bool *x, size_t n, unsigned char *out) {
  *out = 0;
  for (size_t i = 0; i < n; i++) *out |= (unsigned char)(x[i] << i);
}
/* Column-major: element i, j is at i + rows * j. */
double at(const double *a, int rows, int columns, int i, int j) { (void)columns; return a[i + rows * j]; }
void outer(const float *x, int m, const float *y, int n, float *out) {
  for (int i = 0; i < m; i++) for (int j = 0; j < n; j++) out[i * n + j] = x[i] * y[j];
}
double *ramp(int n) {
  double *x = n < 0 ? NULL : malloc((size_t)(n + 1) * sizeof *x);
  for (int i = 0; x && i < n; i++) x[i] = i;
  return x;
}

struct point mirrored(struct point p) { return (struct point){p.y, p.x, -p.k}; }
void shift(struct point *p, double by) { p->x += by; p->y += by; p->k++; }
struct box boxed(struct point p, char tag) { return (struct box){tag, p, 0.5f}; }
double area(const struct box *b) { return b->low.x * b->low.y * b->weight; }

int status(int code) { return code; }
const char *status_text(int code) { return code == 2 ? "the disk is on fire" : "unknown"; }
void *opened(int works) { return works ? &freed : NULL; }
int failing(int error) { errno = error; return error ? -1 : 0; }
void judged(int n, int *info) { *info = n; }

double integrate(double (*f)(double, void *), double a, double b, int n, void *data) {
  double h = (b - a) / n, s = 0;
  for (int i = 0; i < n; i++) s += f(a + (i + 0.5) * h, data);
  return s * h;
}
void each(int n, int (*say)(void *, const char *), void *data) {
  char line[32];
  for (int i = 0; i < n; i++) snprintf(line, sizeof line, "line %d", i), say(data, line);
}
int format(char *out, size_t room, const char *pattern, ...) {
  va_list arguments;
  va_start(arguments, pattern);
  int n = vsnprintf(out, room, pattern, arguments);
  va_end(arguments);
  return n;
}

void overrun(double *out, int n, int by) { for (int i = 0; i < n + by; i++) out[i] = i; }
void underrun(double *out) { out[-1] = 1; }
void null_write(int *where) { *where = 1; }
void wild(int64_t where) { *(volatile int *)where = 1; }
void leave(int code) { exit(code); }
void stop(void) { abort(); }
void wide(int *small) { *(long long *)small = 0; }
int not_a_function = 1;
