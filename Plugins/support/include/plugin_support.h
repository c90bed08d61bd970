/* What the C plugins of this directory share: reading inputs, making tensors, failing with a code. */
#ifndef PLUGIN_SUPPORT_H
#define PLUGIN_SUPPORT_H
#include "assay.h"
#include "assay_dlpack.h"
#include <stdarg.h>
#include <stdlib.h>

/* Reports a failure with a dotted code and a printf-style message, and returns its status. `port` may be NULL. */
assay_status ps_fail(const assay_run *run, assay_status status, const char *code, const char *port, const char *format,
                     ...) __attribute__((format(printf, 5, 6)));
/* ps_fail for a lack of memory. */
assay_status ps_no_memory(const assay_run *run);

/* Inputs by position; a null or missing one gives `otherwise`. Kinds were checked by the engine, others too give it. */
const assay_value *ps_input(const assay_run *run, uint32_t port);
int64_t ps_int(const assay_value *value, int64_t otherwise);
double ps_float(const assay_value *value, double otherwise);
int ps_bool(const assay_value *value, int otherwise);
/* A NUL-terminated copy that the caller frees, or NULL when there is none (or no memory). */
char *ps_string(const assay_value *value);

/* The position of the first byte that is not UTF-8 (or is NUL), or `size`. */
size_t ps_first_bad_byte(const char *bytes, size_t size);
/* Two digits a byte and a NUL: `out` has room for 2 * count + 1. */
void ps_hex(const uint8_t *bytes, size_t count, char *out);
/* Whether a text is the 64 hexadecimal digits of a SHA-256 digest. */
int ps_is_sha256(const char *digits);

/* An input tensor of doubles. */
typedef struct ps_tensor {
  const double *data; /* dense, row-major */
  int64_t shape[2];
  int64_t count;
  double *copy; /* owned, when the input was not dense */
} ps_tensor;
/* Reads a tensor of `rank` 1 or 2 without a copy when it is dense; fails with a message that names the port. */
assay_status ps_read_tensor(const assay_run *run, uint32_t port, const char *name, int rank, ps_tensor *out);
void ps_free_tensor(ps_tensor *tensor);

/* A tensor of doubles in memory of the engine, zeroed nowhere. Fills *value and *data. The caller moves *value into
 * output() or drops it. */
assay_status ps_new_tensor(const assay_run *run, int rank, const int64_t *shape, assay_value *value, double **data);

/* A list (names NULL) or record of `count` values, which are moved into it, also when it fails. Names are static. */
assay_status ps_new_group(const assay_run *run, assay_value *values, const char *const *names, uint64_t count,
                          assay_value *out);
/* A string that is copied. */
assay_status ps_new_string(const assay_run *run, const char *text, assay_value *out);

/* The generator of the kits: xoshiro256** seeded through SplitMix64 (SeededGenerator in the Swift kit). */
typedef struct ps_random { uint64_t state[4]; } ps_random;
ps_random ps_seed(int64_t seed);
uint64_t ps_next(ps_random *random);
/* Uniform in 0 ... bound-1 without bias; bound is at least 1. */
uint64_t ps_below(ps_random *random, uint64_t bound);
/* Fisher and Yates, from the end. */
void ps_shuffle(ps_random *random, int64_t *items, int64_t count);
#endif
