#include "encode.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "assay_dlpack.h"
#include "chost.h"
#include "table.h"

void encoder_init(encoder *e, const arena *memory) {
  memset(e, 0, sizeof *e);
  e->memory = memory;
  e->spill = -1;
}

int encoder_fail(encoder *e, const char *format, ...) {
  if (!e->problem[0]) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(e->problem, sizeof e->problem, format, arguments);
    va_end(arguments);
  }
  return 0;
}

void encoder_free(encoder *e) {
  for (size_t i = 0; i < e->descriptor_count; i++)
    if (e->descriptors[i] >= 0) close(e->descriptors[i]);
  free(e->out.bytes);
  free(e->descriptors);
  free(e->sources);
  free(e->places);
}

/* Remembers a descriptor (which it then owns) and returns its number, or -1. */
static int64_t add_descriptor(encoder *e, int descriptor, const region *source) {
  if (descriptor < 0) {
    encoder_fail(e, "no descriptor left: %s", strerror(errno));
    return -1;
  }
  if (e->descriptor_count == CHOST_MAX_DESCRIPTORS) {
    close(descriptor);
    encoder_fail(e, "more than %d large contents", CHOST_MAX_DESCRIPTORS);
    return -1;
  }
  if (!e->descriptors) {
    e->descriptors = malloc(CHOST_MAX_DESCRIPTORS * sizeof *e->descriptors);
    e->sources = malloc(CHOST_MAX_DESCRIPTORS * sizeof *e->sources);
  }
  if (!e->descriptors || !e->sources) {
    close(descriptor);
    encoder_fail(e, "out of memory");
    return -1;
  }
  e->descriptors[e->descriptor_count] = descriptor;
  e->sources[e->descriptor_count] = source;
  return (int64_t)e->descriptor_count++;
}

static void put_slice(encoder *e, uint32_t number, uint64_t offset, uint64_t count) {
  if (e->place_count == e->place_capacity) {
    size_t capacity = e->place_capacity ? e->place_capacity * 2 : 8;
    size_t *bigger = realloc(e->places, capacity * sizeof *bigger);
    if (!bigger) {
      e->out.failed = 1;
      return;
    }
    e->places = bigger;
    e->place_capacity = capacity;
  }
  put_u8(&e->out, 1);
  e->places[e->place_count++] = e->out.count;
  put_u32(&e->out, number);
  put_u64(&e->out, offset);
  put_u64(&e->out, count);
}

/* The number under which a region travels; each travels once. */
static int64_t number_of(encoder *e, const region *r) {
  for (size_t i = 0; i < e->descriptor_count; i++)
    if (e->sources[i] == r) return (int64_t)i;
  return add_descriptor(e, fcntl(r->descriptor, F_DUPFD_CLOEXEC, 3), r);
}

static void spill(encoder *e, const void *data, uint64_t count) {
  if (e->spill < 0) {
    e->spill = memfd_create("assay-output", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int64_t number = add_descriptor(e, e->spill, NULL);
    if (number < 0) {
      e->spill = -1;
      return;
    }
    e->spill_number = (uint32_t)number;
  }
  uint64_t start = (e->spill_size + 63) & ~(uint64_t)63;
  const uint8_t *bytes = data;
  for (uint64_t done = 0; done < count;) {
    size_t piece = count - done > (1u << 30) ? (1u << 30) : (size_t)(count - done);
    ssize_t n = pwrite(e->spill, bytes + done, piece, (off_t)(start + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      encoder_fail(e, "cannot keep %llu bytes: %s", (unsigned long long)count, strerror(errno));
      return;
    }
    done += (uint64_t)n;
  }
  e->spill_size = start + count;
  put_slice(e, e->spill_number, start, count);
}

int encoder_finish(encoder *e) {
  if (e->spill >= 0 && fcntl(e->spill, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
    return encoder_fail(e, "cannot seal an output: %s", strerror(errno));
  return e->out.failed ? encoder_fail(e, "out of memory") : 1;
}

void write_blob(encoder *e, const void *data, uint64_t count) {
  if (count <= CHOST_INLINE_LIMIT) {
    put_u8(&e->out, 0);
    put_u64(&e->out, count);
    put(&e->out, data, count);
    return;
  }
  region *r = arena_find(e->memory, data, count);
  if (!r) return spill(e, data, count);
  int64_t number = number_of(e, r);
  if (number >= 0) put_slice(e, (uint32_t)number, (uint64_t)((const uint8_t *)data - r->base), count);
}

/* Copies a strided tensor into rows. */
static void gather(uint8_t *out, const uint8_t *in, const DLTensor *t, size_t item, int32_t axis) {
  int64_t step = t->strides[axis] * (int64_t)item;
  size_t inner = item;
  for (int32_t i = axis + 1; i < t->ndim; i++) inner *= (size_t)t->shape[i];
  for (int64_t k = 0; k < t->shape[axis]; k++) {
    if (axis + 1 == t->ndim)
      memcpy(out + (size_t)k * inner, in + k * step, item);
    else
      gather(out + (size_t)k * inner, in + k * step, t, item, axis + 1);
  }
}

static int is_contiguous(const DLTensor *t) {
  int64_t expected = 1;
  if (!t->strides) return 1;
  for (int32_t i = t->ndim; i-- > 0;) {
    if (t->shape[i] == 0) return 1;
    if (t->shape[i] != 1 && t->strides[i] != expected) return 0;
    expected *= t->shape[i];
  }
  return 1;
}

static int write_tensor(encoder *e, const DLManagedTensorVersioned *m) {
  if (!m) return encoder_fail(e, "a tensor without data");
  if (m->version.major != DLPACK_MAJOR_VERSION)
    return encoder_fail(e, "a tensor of DLPack %u.%u; this engine knows %u.x", m->version.major, m->version.minor,
                        DLPACK_MAJOR_VERSION);
  const DLTensor *t = &m->dl_tensor;
  if (t->device.device_type != ASSAY_DL_CPU) return encoder_fail(e, "a tensor on device type %d; only CPU memory can be handed over", t->device.device_type);
  if (t->ndim < 0 || t->ndim > 64) return encoder_fail(e, "a tensor of %d dimensions", t->ndim);
  if (t->ndim && !t->shape) return encoder_fail(e, "a tensor without a shape");
  if (t->dtype.lanes != 1 || t->dtype.bits < 8 || t->dtype.bits % 8)
    return encoder_fail(e, "a tensor of %u-bit elements with %u lanes", t->dtype.bits, t->dtype.lanes);
  uint64_t bytes = t->dtype.bits / 8;
  for (int32_t i = 0; i < t->ndim; i++) {
    if (t->shape[i] < 0) return encoder_fail(e, "a tensor with extent %lld", (long long)t->shape[i]);
    if (__builtin_mul_overflow(bytes, (uint64_t)t->shape[i], &bytes)) return encoder_fail(e, "a tensor too large to exist");
  }
  if (bytes && !t->data) return encoder_fail(e, "a tensor without data");
  put_u8(&e->out, 8);
  put_u8(&e->out, t->dtype.code);
  put_u8(&e->out, t->dtype.bits);
  put_u16(&e->out, 1);
  put_u32(&e->out, (uint32_t)t->ndim);
  for (int32_t i = 0; i < t->ndim; i++) put_i64(&e->out, t->shape[i]);
  const uint8_t *data = bytes ? (const uint8_t *)t->data + t->byte_offset : NULL;
  if (is_contiguous(t)) {
    write_blob(e, data, bytes);
    return 1;
  }
  uint8_t *rows = malloc(bytes);
  if (!rows) return encoder_fail(e, "out of memory for a tensor of %llu bytes", (unsigned long long)bytes);
  gather(rows, data, t, t->dtype.bits / 8, 0);
  write_blob(e, rows, bytes);
  free(rows);
  return 1;
}

static int write_artifact(encoder *e, const assay_artifact *f, int is_dir) {
  if (!f || f->struct_size < offsetof(assay_artifact, media_type) || !f->path)
    return encoder_fail(e, "a %s without a path", is_dir ? "directory" : "file");
  put_u8(&e->out, is_dir ? 11 : 10);
  put_string(&e->out, f->path);
  put_u64(&e->out, f->size);
  put_string(&e->out, ASSAY_HAS(f, assay_artifact, media_type) ? f->media_type : NULL);
  put_string(&e->out, ASSAY_HAS(f, assay_artifact, digest) ? f->digest : NULL);
  return 1;
}

static int write_items(encoder *e, const assay_value *v, int depth) {
  if (v->count > UINT32_MAX || (v->count && !v->data)) return encoder_fail(e, "a list without items");
  if (v->kind == ASSAY_RECORD && v->count && !v->names) return encoder_fail(e, "a record without names");
  put_u8(&e->out, v->kind == ASSAY_LIST ? 6 : 7);
  put_u32(&e->out, (uint32_t)v->count);
  const assay_value *items = v->data;
  for (uint64_t i = 0; i < v->count; i++) {
    if (v->kind == ASSAY_RECORD) {
      const char *name = v->names[i];
      if (!name || !chost_is_utf8(name, strlen(name))) return encoder_fail(e, "a record with a field without a name");
      put_string(&e->out, name);
    }
    if (!write_value(e, &items[i], depth + 1)) return 0;
  }
  return 1;
}

int write_value(encoder *e, const assay_value *v, int depth) {
  if (depth > 64) return encoder_fail(e, "a value nested more than 64 deep");
  switch (v->kind) {
  case ASSAY_NULL: put_u8(&e->out, 0); break;
  case ASSAY_BOOL:
    put_u8(&e->out, 1);
    put_u8(&e->out, v->i64 != 0);
    break;
  case ASSAY_I64:
    put_u8(&e->out, 2);
    put_i64(&e->out, v->i64);
    break;
  case ASSAY_F64:
    put_u8(&e->out, 3);
    put_f64(&e->out, v->f64);
    break;
  case ASSAY_STRING:
  case ASSAY_BYTES:
    if (v->count && !v->data) return encoder_fail(e, "%s without data", v->kind == ASSAY_STRING ? "a string" : "bytes");
    if (v->kind == ASSAY_STRING && !chost_is_utf8(v->data, v->count))
      return encoder_fail(e, "a string that is not UTF-8");
    put_u8(&e->out, v->kind == ASSAY_STRING ? 4 : 5);
    write_blob(e, v->data, v->count);
    break;
  case ASSAY_LIST:
  case ASSAY_RECORD: return write_items(e, v, depth);
  case ASSAY_TENSOR: return write_tensor(e, v->data);
  case ASSAY_TABLE:
    if (!v->data) return encoder_fail(e, "a table without a stream");
    return write_table(e, (void *)(uintptr_t)v->data);
  case ASSAY_FILE: return write_artifact(e, v->data, 0);
  case ASSAY_DIR: return write_artifact(e, v->data, 1);
  default: return encoder_fail(e, "a value of unknown kind %u", v->kind);
  }
  return !e->problem[0];
}
