#include "decode.h"

#include "assay_arrow.h"
#include "assay_dlpack.h"
#include "table.h"

int chost_is_utf8(const void *text, size_t n) {
  const uint8_t *s = text, *end = s + n;
  while (s < end) {
    uint8_t c = *s++;
    if (c < 0x80) continue;
    int more = c >= 0xC2 && c <= 0xDF ? 1 : (c & 0xF0) == 0xE0 ? 2 : c >= 0xF0 && c <= 0xF4 ? 3 : 0;
    if (!more || end - s < more) return 0;
    if ((c == 0xE0 && s[0] < 0xA0) || (c == 0xED && s[0] > 0x9F) || (c == 0xF0 && s[0] < 0x90) ||
        (c == 0xF4 && s[0] > 0x8F))
      return 0;
    for (int i = 0; i < more; i++)
      if ((*s++ & 0xC0) != 0x80) return 0;
  }
  return 1;
}

char *read_string(reader *r, arena *a) {
  uint32_t n = read_u32(r);
  const uint8_t *text = take(r, n);
  if (!text || memchr(text, 0, n) || !chost_is_utf8(text, n)) {
    r->bad = 1;
    return NULL;
  }
  char *copy = arena_string(a, text, n);
  if (!copy) r->bad = 1;
  return copy;
}

const void *read_blob(reader *r, arena *a, uint64_t *count) {
  uint8_t where = read_u8(r);
  *count = 0;
  if (where == 0) {
    uint64_t n = read_u64(r);
    const uint8_t *bytes = take(r, n);
    if (!bytes) return NULL;
    void *copy = arena_allocate(a, n);
    if (!copy) {
      r->bad = 1;
      return NULL;
    }
    memcpy(copy, bytes, n);
    *count = n;
    return copy;
  }
  uint32_t index = read_u32(r);
  uint64_t offset = read_u64(r), n = read_u64(r);
  if (where != 1 || r->bad || index >= a->descriptor_count) {
    r->bad = 1;
    return NULL;
  }
  if (!a->regions[index]) a->regions[index] = region_map(a->descriptors[index]);
  region *mapped = a->regions[index];
  if (!mapped || offset > mapped->size || n > mapped->size - offset) {
    r->bad = 1;
    return NULL;
  }
  *count = n;
  /* An empty file has no mapping, but a pointer must not be NULL. */
  return mapped->base ? mapped->base + offset : (const void *)"";
}

static void read_items(reader *r, arena *a, assay_value *out, int named, int depth) {
  uint32_t n = read_u32(r);
  if (r->bad || n > (uint64_t)(r->end - r->at)) { /* each takes at least a byte */
    r->bad = 1;
    return;
  }
  assay_value *items = arena_allocate(a, n * sizeof *items);
  const char **names = named ? arena_allocate(a, n * sizeof *names) : NULL;
  if (!items || (named && !names)) {
    r->bad = 1;
    return;
  }
  for (uint32_t i = 0; i < n && !r->bad; i++) {
    if (named) names[i] = read_string(r, a);
    read_value(r, a, &items[i], depth + 1);
  }
  out->count = n;
  out->data = items;
  out->names = names;
}

static void read_tensor(reader *r, arena *a, assay_value *out) {
  DLManagedTensorVersioned *t = arena_allocate(a, sizeof *t);
  if (!t) {
    r->bad = 1;
    return;
  }
  t->version.major = DLPACK_MAJOR_VERSION;
  t->version.minor = DLPACK_MINOR_VERSION;
  t->flags = DLPACK_FLAG_BITMASK_READ_ONLY;
  t->dl_tensor.device.device_type = ASSAY_DL_CPU;
  t->dl_tensor.dtype.code = read_u8(r);
  t->dl_tensor.dtype.bits = read_u8(r);
  t->dl_tensor.dtype.lanes = read_u16(r);
  uint32_t ndim = read_u32(r);
  if (r->bad || ndim > 64 || t->dl_tensor.dtype.lanes != 1 || t->dl_tensor.dtype.bits < 8 ||
      t->dl_tensor.dtype.bits % 8) {
    r->bad = 1;
    return;
  }
  int64_t *shape = arena_allocate(a, (size_t)ndim * 2 * sizeof *shape);
  if (!shape) {
    r->bad = 1;
    return;
  }
  uint64_t bytes = t->dl_tensor.dtype.bits / 8;
  for (uint32_t i = 0; i < ndim; i++) {
    shape[i] = read_i64(r);
    if (shape[i] < 0 || __builtin_mul_overflow(bytes, (uint64_t)shape[i], &bytes)) r->bad = 1;
  }
  int64_t stride = 1;
  for (uint32_t i = ndim; i-- > 0;) {
    shape[ndim + i] = stride;
    if (shape[i] > 0 && __builtin_mul_overflow(stride, shape[i], &stride)) r->bad = 1;
  }
  uint64_t count = 0;
  t->dl_tensor.data = (void *)(uintptr_t)read_blob(r, a, &count);
  if (count != bytes) r->bad = 1;
  t->dl_tensor.ndim = (int32_t)ndim;
  t->dl_tensor.shape = shape;
  t->dl_tensor.strides = shape + ndim;
  out->data = t;
}

static void read_artifact(reader *r, arena *a, assay_value *out, int is_dir) {
  assay_artifact *f = arena_allocate(a, sizeof *f);
  if (!f) {
    r->bad = 1;
    return;
  }
  f->struct_size = sizeof *f;
  f->is_dir = (uint32_t)is_dir;
  f->fd = -1;
  f->path = read_string(r, a);
  f->size = read_u64(r);
  f->media_type = read_string(r, a);
  f->digest = read_string(r, a);
  out->data = f;
}

void read_value(reader *r, arena *a, assay_value *out, int depth) {
  static const uint32_t kinds[] = {ASSAY_NULL, ASSAY_BOOL, ASSAY_I64,    ASSAY_F64,    ASSAY_STRING, ASSAY_BYTES,
                                   ASSAY_LIST, ASSAY_RECORD, ASSAY_TENSOR, ASSAY_TABLE, ASSAY_FILE,   ASSAY_DIR};
  memset(out, 0, sizeof *out);
  uint8_t tag = read_u8(r);
  if (r->bad || tag >= sizeof kinds / sizeof *kinds || depth > 64) {
    r->bad = 1;
    return;
  }
  out->kind = kinds[tag];
  out->flags = ASSAY_V_READONLY;
  switch (tag) {
  case 1:
    out->i64 = read_u8(r);
    if (out->i64 > 1) r->bad = 1;
    break;
  case 2: out->i64 = read_i64(r); break;
  case 3: out->f64 = read_f64(r); break;
  case 4:
  case 5:
    out->data = read_blob(r, a, &out->count);
    if (tag == 4 && !r->bad && !chost_is_utf8(out->data, out->count)) r->bad = 1;
    break;
  case 6: read_items(r, a, out, 0, depth); break;
  case 7: read_items(r, a, out, 1, depth); break;
  case 8: read_tensor(r, a, out); break;
  case 9: read_table(r, a, out); break;
  case 10:
  case 11: read_artifact(r, a, out, tag == 11); break;
  default: break;
  }
}
