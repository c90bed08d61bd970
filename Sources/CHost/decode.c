#include "decode.h"

#include "table.h"

int chost_is_utf8(const void *text, size_t n) {
  const uint8_t *s = text, *end = s + n;
  while (s < end) {
    /* Mostly it is ASCII: eight bytes at a time. */
    uint64_t eight;
    while (end - s >= 8 && (memcpy(&eight, s, 8), !(eight & 0x8080808080808080u))) s += 8;
    if (s == end) break;
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
    void *copy = arena_aligned(a, n ? n : 1);
    if (!copy) {
      r->bad = 1;
      return NULL;
    }
    if (n) memcpy(copy, bytes, n);
    *count = n;
    return copy;
  }
  uint32_t index = read_u32(r);
  uint64_t offset = read_u64(r), n = read_u64(r);
  region *mapped = where == 1 && !r->bad ? arena_region(a, index) : NULL;
  if (!mapped || offset > mapped->size || n > mapped->size - offset) {
    r->bad = 1;
    return NULL;
  }
  *count = n;
  /* An empty file has no mapping, but a pointer must not be NULL. */
  return mapped->base ? mapped->base + offset : (const void *)"";
}

uint32_t read_count(reader *r, size_t least) {
  uint32_t n = read_u32(r);
  if (!r->bad && (uint64_t)n * least > (uint64_t)(r->end - r->at)) r->bad = 1;
  return r->bad ? 0 : n;
}

static int is_repeated(const char *const *names, uint32_t count) {
  for (uint32_t i = 0; i < count && names[i]; i++)
    if (strcmp(names[i], names[count]) == 0) return 1;
  return 0;
}

static void read_items(reader *r, arena *a, assay_value *out, int named, int depth) {
  uint32_t n = read_count(r, named ? 5 : 1);
  assay_value *items = arena_array(a, n, sizeof *items);
  const char **names = named ? arena_array(a, n, sizeof *names) : NULL;
  if (!items || (named && !names)) r->bad = 1;
  for (uint32_t i = 0; i < n && !r->bad; i++) {
    if (named) names[i] = read_string(r, a);
    if (named && !r->bad && n <= 1000 && is_repeated(names, i)) r->bad = 1;
    read_value(r, a, &items[i], depth + 1);
  }
  out->count = n;
  out->data = items;
  out->names = names;
}

int64_t tensor_size(uint8_t code, uint8_t bits, uint16_t lanes, const int64_t *shape, int32_t rank) {
  /* By DLPack code, the widths in bits that the type grammar has names for. */
  static const uint8_t widths[][4] = {{8, 16, 32, 64}, {8, 16, 32, 64}, {16, 32, 64, 0}, {0}, {16, 0}, {64, 128, 0}, {8, 0}};
  int known = 0;
  for (int i = 0; code < sizeof widths / sizeof *widths && i < 4; i++) known |= bits && widths[code][i] == bits;
  if (!known || lanes != 1 || rank < 0 || rank > 64) return -1;
  int64_t size = bits / 8;
  int empty = 0;
  for (int32_t i = 0; i < rank; i++) {
    if (shape[i] < 0) return -1;
    empty |= shape[i] == 0;
    /* A length of 0 does not excuse others that are beyond all bounds. */
    if (shape[i] && __builtin_mul_overflow(size, shape[i], &size)) return -1;
  }
  return empty ? 0 : size;
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
  t->dl_tensor.device.device_type = kDLCPU;
  DLDataType *type = &t->dl_tensor.dtype;
  type->code = read_u8(r);
  type->bits = read_u8(r);
  type->lanes = read_u16(r);
  uint32_t rank = read_count(r, 8);
  int64_t *shape = rank <= 64 ? arena_array(a, (uint64_t)rank * 2, sizeof *shape) : NULL;
  if (!shape) {
    r->bad = 1;
    return;
  }
  for (uint32_t i = 0; i < rank; i++) shape[i] = read_i64(r);
  uint64_t count = 0;
  t->dl_tensor.data = (void *)(uintptr_t)read_blob(r, a, &count);
  int64_t size = tensor_size(type->code, type->bits, type->lanes, shape, (int32_t)rank);
  if (size < 0 || (uint64_t)size != count) {
    r->bad = 1;
    return;
  }
  int64_t stride = 1; /* cannot overflow: the lengths other than 0 were multiplied before */
  for (uint32_t i = rank; i-- > 0;) {
    shape[rank + i] = stride;
    if (shape[i]) stride *= shape[i];
  }
  t->dl_tensor.ndim = (int32_t)rank;
  t->dl_tensor.shape = shape;
  t->dl_tensor.strides = shape + rank;
  out->data = t;
}

/* "" or sha256:<64 hex digits>. */
static int is_digest(const char *text) {
  if (!*text) return 1;
  return strncmp(text, "sha256:", 7) == 0 && strlen(text) == 71 && strspn(text + 7, "0123456789abcdef") == 64;
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
  if (!r->bad && (f->size > INT64_MAX || !is_digest(f->digest))) r->bad = 1;
  out->data = f;
}

void read_value(reader *r, arena *a, assay_value *out, int depth) {
  static const uint32_t kinds[] = {ASSAY_NULL, ASSAY_BOOL, ASSAY_I64,    ASSAY_F64,    ASSAY_STRING, ASSAY_BYTES,
                                   ASSAY_LIST, ASSAY_RECORD, ASSAY_TENSOR, ASSAY_TABLE, ASSAY_FILE,   ASSAY_DIR};
  memset(out, 0, sizeof *out);
  uint8_t tag = read_u8(r);
  if (r->bad || tag >= sizeof kinds / sizeof *kinds || depth > CHOST_MAX_DEPTH) {
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
  case 9: read_table(r, a, out, depth); break;
  case 10:
  case 11: read_artifact(r, a, out, tag == 11); break;
  default: break;
  }
}
