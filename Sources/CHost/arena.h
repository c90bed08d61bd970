/* Everything that belongs to one run: what was read from the wire, the descriptors it refers to, the task's buffers. */
#ifndef CHOST_ARENA_H
#define CHOST_ARENA_H
#include "region.h"

typedef struct arena {
  /* The run holds one; so does each value that a task retained and each table that it reads. */
  _Atomic int references;
  struct chunk *chunks;
  region **regions; /* one per blob descriptor of the packet, mapped at first use; then buffers */
  size_t region_count, region_capacity;
  const int *descriptors; /* borrowed, until the invocation is read */
  uint32_t descriptor_count;
  int failed; /* out of memory */
} arena;

arena *arena_make(const int *descriptors, uint32_t descriptor_count); /* NULL: out of memory */
void arena_retain(arena *a);                                          /* any thread */
void arena_release(arena *a);                                         /* any thread */

/* Zeroed memory; NULL after a failure. Only while the run lasts, one thread at a time. */
void *arena_allocate(arena *a, size_t size); /* aligned to 16 */
void *arena_aligned(arena *a, size_t size);  /* aligned to 64 */
/* Memory for n items; NULL also when their size is beyond all bounds. */
void *arena_array(arena *a, uint64_t n, size_t item);
char *arena_string(arena *a, const void *text, size_t n);
/* The mapping of blob descriptor `index`, or NULL. */
region *arena_region(arena *a, uint32_t index);
int arena_keep(arena *a, region *r); /* takes the reference */
/* The region that holds [data, data + n), or NULL. */
region *arena_find(const arena *a, const void *data, uint64_t n);
/* 1 if the memory is of this run: a chunk or a mapping. */
int arena_owns(const arena *a, const void *data);
#endif
