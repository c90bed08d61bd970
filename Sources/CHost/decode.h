/* Values from the wire: checked, and laid out as the ABI wants them. */
#ifndef CHOST_DECODE_H
#define CHOST_DECODE_H
#include "assay.h"
#include "bytes.h"
#include "region.h"

/* Everything that lives as long as one run. */
typedef struct arena {
  void **blocks;
  size_t count, capacity;
  region **regions; /* one per blob descriptor of the packet, mapped at first use; then buffers */
  size_t region_count, region_capacity;
  const int *descriptors;
  uint32_t descriptor_count;
  int failed; /* out of memory */
} arena;

void *arena_allocate(arena *a, size_t size); /* zeroed, aligned to 64; NULL after a failure */
char *arena_string(arena *a, const uint8_t *text, size_t n);
int arena_keep(arena *a, region *r); /* takes the reference */
/* The region that holds [data, data + n), or NULL. */
region *arena_find(const arena *a, const void *data, uint64_t n);
void arena_free(arena *a);

/* A string of the wire, NUL-terminated; NULL when bad (too short, not UTF-8, a NUL inside). */
char *read_string(reader *r, arena *a);
/* Contents; the pointer is aligned to 64 unless the contents are a slice of a descriptor at another offset. */
const void *read_blob(reader *r, arena *a, uint64_t *count);
/* Reads one value. Inputs are borrowed: release is NULL, everything belongs to the arena. */
void read_value(reader *r, arena *a, assay_value *out, int depth);
#endif
