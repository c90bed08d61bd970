#include "arena.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* A block from which pieces are cut. */
struct chunk {
  struct chunk *next;
  size_t size, used; /* of `bytes` */
  uint8_t bytes[];
};
enum { CHUNK = 4096 - sizeof(struct chunk) - 16 };

arena *arena_make(const int *descriptors, uint32_t descriptor_count) {
  arena *a = calloc(1, sizeof *a);
  region **regions = calloc(descriptor_count + 1u, sizeof *regions);
  if (!a || !regions) {
    free(a);
    free(regions);
    return NULL;
  }
  a->references = 1;
  a->regions = regions;
  a->region_count = descriptor_count;
  a->region_capacity = descriptor_count + 1u;
  a->descriptors = descriptors;
  a->descriptor_count = descriptor_count;
  return a;
}

void arena_retain(arena *a) { atomic_fetch_add(&a->references, 1); }

void arena_release(arena *a) {
  if (!a || atomic_fetch_sub(&a->references, 1) != 1) return;
  for (struct chunk *c = a->chunks, *next; c; c = next) {
    next = c->next;
    free(c);
  }
  for (size_t i = 0; i < a->region_count; i++)
    if (a->regions[i]) region_release(a->regions[i]);
  free(a->regions);
  free(a);
}

static void *cut(arena *a, size_t size, size_t alignment) {
  if (a->failed) return NULL;
  for (int again = 0; again < 2; again++) {
    struct chunk *c = a->chunks;
    if (c) {
      uintptr_t start = (uintptr_t)c->bytes + c->used;
      size_t gap = (size_t)(-start & (alignment - 1));
      if (gap <= c->size - c->used && size <= c->size - c->used - gap) {
        c->used += gap + size;
        return (void *)(start + gap);
      }
    }
    size_t wanted = size > SIZE_MAX / 2 ? 0 : size + alignment;
    if (wanted < CHUNK) wanted = wanted ? CHUNK : 0;
    struct chunk *fresh = wanted ? calloc(1, sizeof *fresh + wanted) : NULL;
    if (!fresh) break;
    fresh->size = wanted;
    fresh->next = a->chunks;
    a->chunks = fresh;
  }
  a->failed = 1;
  return NULL;
}

void *arena_allocate(arena *a, size_t size) { return cut(a, size, 16); }
void *arena_aligned(arena *a, size_t size) { return cut(a, size, 64); }

void *arena_array(arena *a, uint64_t n, size_t item) {
  size_t size;
  if (__builtin_mul_overflow(n, item, &size)) {
    a->failed = 1;
    return NULL;
  }
  return cut(a, size, 16);
}

char *arena_string(arena *a, const void *text, size_t n) {
  char *copy = arena_allocate(a, n + 1);
  if (copy && n) memcpy(copy, text, n);
  return copy;
}

region *arena_region(arena *a, uint32_t index) {
  if (index >= a->descriptor_count) return NULL;
  if (!a->regions[index]) {
    a->regions[index] = region_map(a->descriptors[index]);
    if (!a->regions[index] && (errno == ENOMEM || errno == EMFILE || errno == ENFILE)) a->failed = 1;
  }
  return a->regions[index];
}

int arena_keep(arena *a, region *r) {
  if (a->region_count == a->region_capacity) {
    size_t capacity = a->region_capacity * 2;
    region **bigger = realloc(a->regions, capacity * sizeof *bigger);
    if (!bigger) {
      region_release(r);
      return 0;
    }
    a->regions = bigger;
    a->region_capacity = capacity;
  }
  a->regions[a->region_count++] = r;
  return 1;
}

region *arena_find(const arena *a, const void *data, uint64_t n) {
  uintptr_t start = (uintptr_t)data;
  for (size_t i = 0; i < a->region_count; i++) {
    region *r = a->regions[i];
    if (!r || !r->base) continue;
    uintptr_t base = (uintptr_t)r->base;
    if (start >= base && start - base <= r->size && n <= r->size - (start - base)) return r;
  }
  return NULL;
}

int arena_owns(const arena *a, const void *data) {
  for (const struct chunk *c = a->chunks; c; c = c->next)
    if ((const uint8_t *)data >= c->bytes && (const uint8_t *)data < c->bytes + c->size) return 1;
  return arena_find(a, data, 0) != NULL;
}
