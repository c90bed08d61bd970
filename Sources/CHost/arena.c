#include "arena.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* A block from which pieces are cut. */
struct chunk {
  struct chunk *next;
  size_t size, used; /* of `bytes` */
  uint8_t *bytes;
};

/* An arena, its first chunk and its list of regions are one piece of memory: a small run allocates once, and a thread keeps
 * the last one that it freed for the next run. */
enum { REGIONS = 8, FIRST = 4096 };
typedef struct block {
  arena arena;
  struct chunk first;
  region *regions[REGIONS];
  _Alignas(16) uint8_t bytes[FIRST];
} block;
enum { CHUNK = 16384 - sizeof(struct chunk) - 16 };
static pthread_key_t spare; /* each thread's; freed with it */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int keeps_spare;
static void make_key(void) { keeps_spare = pthread_key_create(&spare, free) == 0; }

arena *arena_make(const int *descriptors, uint32_t descriptor_count) {
  pthread_once(&once, make_key);
  block *b = keeps_spare ? pthread_getspecific(spare) : NULL;
  if (b) pthread_setspecific(spare, NULL);
  else b = malloc(sizeof *b);
  if (!b) return NULL;
  arena *a = &b->arena;
  *a = (arena){.references = 1, .chunks = &b->first, .regions = b->regions, .region_capacity = REGIONS};
  b->first = (struct chunk){.size = FIRST, .bytes = b->bytes};
  if (descriptor_count > REGIONS) {
    a->regions = malloc(descriptor_count * sizeof *a->regions);
    a->region_capacity = descriptor_count;
    if (!a->regions) {
      free(b);
      return NULL;
    }
  }
  memset(a->regions, 0, descriptor_count * sizeof *a->regions);
  a->region_count = descriptor_count;
  a->descriptors = descriptors;
  a->descriptor_count = descriptor_count;
  return a;
}

void arena_retain(arena *a) { atomic_fetch_add(&a->references, 1); }

void arena_release(arena *a) {
  if (!a || atomic_fetch_sub(&a->references, 1) != 1) return;
  block *b = (block *)a;
  for (struct chunk *c = a->chunks, *next; c; c = next) {
    next = c->next;
    if (c != &b->first) free(c);
  }
  for (size_t i = 0; i < a->region_count; i++)
    if (a->regions[i]) region_release(a->regions[i]);
  if (a->regions != b->regions) free(a->regions);
  if (!keeps_spare || pthread_getspecific(spare) || pthread_setspecific(spare, b) != 0) free(b);
}

/* Not zeroed. */
static void *cut(arena *a, size_t size, size_t alignment) {
  if (a->failed) return NULL;
  for (int again = 0; again < 2; again++) {
    struct chunk *c = a->chunks;
    uintptr_t start = (uintptr_t)c->bytes + c->used;
    size_t gap = (size_t)(-start & (alignment - 1));
    if (gap <= c->size - c->used && size <= c->size - c->used - gap) {
      c->used += gap + size;
      return (void *)(start + gap);
    }
    size_t wanted = size > SIZE_MAX / 2 ? 0 : size + alignment;
    if (wanted < CHUNK) wanted = wanted ? CHUNK : 0;
    struct chunk *fresh = wanted ? malloc(sizeof *fresh + wanted) : NULL;
    if (!fresh) break;
    *fresh = (struct chunk){.next = a->chunks, .size = wanted, .bytes = (uint8_t *)(fresh + 1)};
    a->chunks = fresh;
  }
  a->failed = 1;
  return NULL;
}

static void *zeroed(void *piece, size_t size) { return piece ? memset(piece, 0, size) : NULL; }

void *arena_allocate(arena *a, size_t size) { return zeroed(cut(a, size, 16), size); }
void *arena_aligned(arena *a, size_t size) { return zeroed(cut(a, size, 64), size); }

void *arena_array(arena *a, uint64_t n, size_t item) {
  size_t size;
  if (__builtin_mul_overflow(n, item, &size)) {
    a->failed = 1;
    return NULL;
  }
  return arena_allocate(a, size);
}

char *arena_string(arena *a, const void *text, size_t n) {
  char *copy = cut(a, n + 1, 1);
  if (!copy) return NULL;
  if (n) memcpy(copy, text, n);
  copy[n] = 0;
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
    int is_own = a->regions == ((block *)a)->regions;
    region **bigger = realloc(is_own ? NULL : a->regions, capacity * sizeof *bigger);
    if (!bigger) {
      region_release(r);
      return 0;
    }
    if (is_own) memcpy(bigger, a->regions, a->region_count * sizeof *bigger);
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
