#include "decode.h"

static int grow(void **array, size_t *capacity, size_t count, size_t item) {
  if (count < *capacity) return 1;
  size_t wanted = *capacity ? *capacity * 2 : 16;
  void *bigger = realloc(*array, wanted * item);
  if (!bigger) return 0;
  *array = bigger;
  *capacity = wanted;
  return 1;
}

void *arena_allocate(arena *a, size_t size) {
  void *block = NULL;
  if (a->failed || !grow((void **)&a->blocks, &a->capacity, a->count, sizeof *a->blocks) ||
      posix_memalign(&block, 64, size ? size : 1) != 0) {
    a->failed = 1;
    return NULL;
  }
  memset(block, 0, size ? size : 1);
  a->blocks[a->count++] = block;
  return block;
}

char *arena_string(arena *a, const uint8_t *text, size_t n) {
  char *copy = arena_allocate(a, n + 1);
  if (copy && n) memcpy(copy, text, n);
  return copy;
}

int arena_keep(arena *a, region *r) {
  if (!grow((void **)&a->regions, &a->region_capacity, a->region_count, sizeof *a->regions)) {
    region_release(r);
    a->failed = 1;
    return 0;
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

void arena_free(arena *a) {
  for (size_t i = 0; i < a->count; i++) free(a->blocks[i]);
  for (size_t i = 0; i < a->region_count; i++)
    if (a->regions[i]) region_release(a->regions[i]);
  free(a->blocks);
  free(a->regions);
  memset(a, 0, sizeof *a);
}
