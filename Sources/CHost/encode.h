/* Values to the wire. */
#ifndef CHOST_ENCODE_H
#define CHOST_ENCODE_H
#include "assay.h"
#include "bytes.h"
#include "decode.h"

#define CHOST_MAX_REGIONS 200   /* of one output; what is beyond is copied into one file */
#define CHOST_MAX_OUTPUT (1u << 30) /* bytes of one output that travel in the body */

/* The outputs of one run, encoded as they are handed over. Descriptors are counted from 0 and remembered at the places
 * where their numbers stand, so that the item can be put behind others in a packet. */
typedef struct encoder {
  writer out;
  const arena *memory; /* whose regions are passed on rather than copied */
  int *descriptors;    /* owned until taken */
  region **sources;    /* by descriptor: the region that it is a duplicate of, or NULL */
  size_t descriptor_count;
  size_t *places; /* offsets in `out` of descriptor numbers */
  size_t place_count, place_capacity;
  int spill; /* a memory file for large contents that are nowhere else, or -1 */
  uint32_t spill_number;
  uint64_t spill_size;
  char problem[256]; /* what is wrong with the value, or empty */
} encoder;

void encoder_init(encoder *e, const arena *memory);
/* Ends writing to the task's buffers that are passed on. 0 when that fails. */
int encoder_freeze(encoder *e);
/* Writes a value of a task; 1, or 0 with a problem. Checks everything that can be checked without knowing the type. */
int write_value(encoder *e, const assay_value *value, int depth);
int write_blob(encoder *e, const void *data, uint64_t count);
int encoder_fail(encoder *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Seals the spill file. */
int encoder_finish(encoder *e);
void encoder_free(encoder *e);
#endif
