/* Values from the wire: checked, and laid out as the ABI wants them. */
#ifndef CHOST_DECODE_H
#define CHOST_DECODE_H
#include "arena.h"
#include "assay.h"
#include "bytes.h"

#define CHOST_MAX_DEPTH 64

/* Reading goes bad when the bytes are malformed, and also when memory runs out (then arena.failed is set). */

/* A string of the wire, NUL-terminated; NULL when bad (too short, not UTF-8, a NUL inside). */
char *read_string(reader *r, arena *a);
/* Contents; the pointer is aligned to 64 unless the contents are a slice of a descriptor at another offset. */
const void *read_blob(reader *r, arena *a, uint64_t *count);
/* A count of things that take at least `least` bytes each of what is left; 0 when bad. */
uint32_t read_count(reader *r, size_t least);
/* Reads one value. Inputs are borrowed: release is NULL, everything belongs to the arena. */
void read_value(reader *r, arena *a, assay_value *out, int depth);

/* The same without making anything: finds the end of a value, to go on behind an invocation that has no memory. */
void skip_string(reader *r);
void skip_blob(reader *r);
void skip_value(reader *r, int depth);

/* Bytes of a dense tensor, or -1: an element type that the wire does not know, a negative length, or too large. */
int64_t tensor_size(uint8_t code, uint8_t bits, uint16_t lanes, const int64_t *shape, int32_t rank);
#endif
