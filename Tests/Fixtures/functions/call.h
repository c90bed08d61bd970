/* Functions of every kind that a manifest can bind, and some that break every rule. */
#ifndef CALL_H
#define CALL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int8_t echo_i8(int8_t x);
uint8_t echo_u8(uint8_t x);
int16_t echo_i16(int16_t x);
uint16_t echo_u16(uint16_t x);
int32_t echo_i32(int32_t x);
uint32_t echo_u32(uint32_t x);
int64_t echo_i64(int64_t x);
uint64_t echo_u64(uint64_t x);
size_t echo_size(size_t x);
float echo_f32(float x);
double echo_f64(double x);
bool echo_bool(bool x);
char echo_char(char x);
unsigned long long huge(void);

size_t text_length(const char *text);
void greet(const char *name, char *out, size_t room);
const char *motto(void);
char *shouted(const char *text);
void release(void *memory);
long released(void);
const char *nothing(void);

double sum(const double *x, size_t n);
void scale(double *x, int n, double by);
void twice(const int *x, int n, long long *out);
int evens(const int *x, int n, int *out, int *count);
void bits(const bool *x, size_t n, unsigned char *out);
double at(const double *a, int rows, int columns, int i, int j);
void outer(const float *x, int m, const float *y, int n, float *out);
double *ramp(int n);

struct point { double x, y; int k; };
struct box { char tag; struct point low; float weight; };
struct point mirrored(struct point p);
void shift(struct point *p, double by);
struct box boxed(struct point p, char tag);
double area(const struct box *b);

int status(int code);
const char *status_text(int code);
void *opened(int works);
int failing(int error);
void judged(int n, int *info);

double integrate(double (*f)(double, void *), double a, double b, int n, void *data);
void each(int n, int (*say)(void *data, const char *line), void *data);
int format(char *out, size_t room, const char *pattern, ...);

void overrun(double *out, int n, int by);
void underrun(double *out);
void null_write(int *where);
void wild(int64_t where);
void leave(int code);
void stop(void);
void wide(int *small);
extern int not_a_function;
#endif
