/* Reading and writing the bytes of docs/wire.md. */
#ifndef CHOST_BYTES_H
#define CHOST_BYTES_H
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A cursor that goes bad, and stays bad, at the first read beyond the end. */
typedef struct reader {
  const uint8_t *at, *end;
  int bad;
} reader;

static inline const uint8_t *take(reader *r, uint64_t n) {
  if (r->bad || n > (uint64_t)(r->end - r->at)) {
    r->bad = 1;
    return NULL;
  }
  const uint8_t *p = r->at;
  r->at += n;
  return p;
}
#define READ(name, type)                                                                                               \
  static inline type read_##name(reader *r) {                                                                          \
    type value = 0;                                                                                                    \
    const uint8_t *p = take(r, sizeof value);                                                                          \
    if (p) memcpy(&value, p, sizeof value);                                                                            \
    return value;                                                                                                      \
  }
READ(u8, uint8_t)
READ(u16, uint16_t)
READ(u32, uint32_t)
READ(u64, uint64_t)
READ(i64, int64_t)
READ(f64, double)
#undef READ

/* A growing buffer; after a failed allocation it takes nothing more and says so. */
typedef struct writer {
  uint8_t *bytes;
  size_t count, capacity;
  int failed;
} writer;

static inline void put(writer *w, const void *data, size_t n) {
  if (w->failed || n == 0) return;
  if (n > w->capacity - w->count) {
    size_t capacity = w->capacity ? w->capacity : 512;
    while (capacity - w->count < n) {
      if (capacity > SIZE_MAX / 2) {
        w->failed = 1;
        return;
      }
      capacity *= 2;
    }
    uint8_t *bytes = realloc(w->bytes, capacity);
    if (!bytes) {
      w->failed = 1;
      return;
    }
    w->bytes = bytes;
    w->capacity = capacity;
  }
  memcpy(w->bytes + w->count, data, n);
  w->count += n;
}
#define PUT(name, type)                                                                                                \
  static inline void put_##name(writer *w, type value) { put(w, &value, sizeof value); }
PUT(u8, uint8_t)
PUT(u16, uint16_t)
PUT(u32, uint32_t)
PUT(u64, uint64_t)
PUT(i32, int32_t)
PUT(i64, int64_t)
PUT(f64, double)
#undef PUT
static inline void put_text(writer *w, const char *text, size_t n) {
  if (n > UINT32_MAX) n = UINT32_MAX;
  put_u32(w, (uint32_t)n);
  put(w, text, n);
}
static inline void put_string(writer *w, const char *text) { put_text(w, text ? text : "", text ? strlen(text) : 0); }

/* 1 if the bytes are well-formed UTF-8. */
int chost_is_utf8(const void *text, size_t n);
#endif
