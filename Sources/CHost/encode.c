#include "encode.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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
static int64_t add_descriptor(encoder *e, int descriptor, region *source) {
  if (descriptor < 0) return -1;
  if (!e->descriptors) {
    e->descriptors = malloc(CHOST_MAX_DESCRIPTORS * sizeof *e->descriptors);
    e->sources = malloc(CHOST_MAX_DESCRIPTORS * sizeof *e->sources);
  }
  if (!e->descriptors || !e->sources || e->descriptor_count == CHOST_MAX_DESCRIPTORS) {
    close(descriptor);
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

/* The number under which a region travels (each travels once), or -1: it has to be copied. One number is kept back for
 * the copies. */
static int64_t number_of(encoder *e, region *r) {
  for (size_t i = 0; i < e->descriptor_count; i++)
    if (e->sources[i] == r) return (int64_t)i;
  if (e->descriptor_count >= CHOST_MAX_REGIONS) return -1;
  return add_descriptor(e, fcntl(r->descriptor, F_DUPFD_CLOEXEC, 3), r);
}

static int spill(encoder *e, const void *data, uint64_t count) {
  if (e->spill < 0) {
    int file = memfd_create("assay-output", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int64_t number = add_descriptor(e, file, NULL);
    if (number < 0) return encoder_fail(e, "%llu bytes that cannot be kept: %s", (unsigned long long)count, strerror(errno));
    e->spill = file;
    e->spill_number = (uint32_t)number;
  }
  uint64_t start = (e->spill_size + 63) & ~(uint64_t)63;
  const uint8_t *bytes = data;
  for (uint64_t done = 0; done < count;) {
    size_t piece = count - done > (1u << 30) ? (1u << 30) : (size_t)(count - done);
    ssize_t n = pwrite(e->spill, bytes + done, piece, (off_t)(start + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return encoder_fail(e, "%llu bytes that cannot be kept: %s", (unsigned long long)count, strerror(errno));
    done += (uint64_t)n;
  }
  e->spill_size = start + count;
  put_slice(e, e->spill_number, start, count);
  return 1;
}

int encoder_finish(encoder *e) {
  if (e->spill >= 0 && fcntl(e->spill, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
    return encoder_fail(e, "contents that cannot be sealed: %s", strerror(errno));
  if (e->out.count > CHOST_MAX_OUTPUT) return encoder_fail(e, "more than 1 GiB of small contents");
  return e->out.failed ? encoder_fail(e, "more than there is memory for") : 1;
}

int encoder_freeze(encoder *e) {
  for (size_t i = 0; i < e->descriptor_count; i++)
    if (e->sources[i] && region_freeze(e->sources[i]) != 0)
      return encoder_fail(e, "a buffer that cannot be sealed: %s", strerror(errno));
  return 1;
}

int write_blob(encoder *e, const void *data, uint64_t count) {
  if (count <= CHOST_INLINE_LIMIT) {
    put_u8(&e->out, 0);
    put_u64(&e->out, count);
    put(&e->out, data, count);
    return 1;
  }
  region *r = arena_find(e->memory, data, count);
  int64_t number = r ? number_of(e, r) : -1;
  if (number < 0) return spill(e, data, count);
  put_slice(e, (uint32_t)number, (uint64_t)((const uint8_t *)data - r->base), count);
  return 1;
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
  if (t->device.device_type != kDLCPU)
    return encoder_fail(e, "a tensor on device type %d; only CPU memory can be handed over", (int)t->device.device_type);
  if (t->ndim < 0 || t->ndim > 64) return encoder_fail(e, "a tensor of %d dimensions", t->ndim);
  if (t->ndim && !t->shape) return encoder_fail(e, "a tensor without a shape");
  for (int32_t i = 0; i < t->ndim; i++)
    if (t->shape[i] < 0) return encoder_fail(e, "a tensor with a length of %lld", (long long)t->shape[i]);
  int64_t bytes = tensor_size(t->dtype.code, t->dtype.bits, t->dtype.lanes, t->shape, t->ndim);
  if (bytes < 0 && tensor_size(t->dtype.code, t->dtype.bits, t->dtype.lanes, NULL, 0) < 0)
    return encoder_fail(e, "a tensor of unknown elements: DLPack code %u, %u bits, %u lanes", t->dtype.code,
                        t->dtype.bits, t->dtype.lanes);
  if (bytes < 0) return encoder_fail(e, "a tensor too large to exist");
  if (bytes && !t->data) return encoder_fail(e, "a tensor without data");
  put_u8(&e->out, 8);
  put_u8(&e->out, t->dtype.code);
  put_u8(&e->out, t->dtype.bits);
  put_u16(&e->out, 1);
  put_u32(&e->out, (uint32_t)t->ndim);
  for (int32_t i = 0; i < t->ndim; i++) put_i64(&e->out, t->shape[i]);
  const uint8_t *data = bytes ? (const uint8_t *)t->data + t->byte_offset : NULL;
  if (bytes == 0 || is_contiguous(t)) return write_blob(e, data, (uint64_t)bytes);
  uint8_t *rows = malloc((size_t)bytes);
  if (!rows) return encoder_fail(e, "out of memory for a tensor of %llu bytes", (unsigned long long)bytes);
  gather(rows, data, t, t->dtype.bits / 8, 0);
  int ok = write_blob(e, rows, (uint64_t)bytes);
  free(rows);
  return ok;
}

/* Bytes of a directory's files; symbolic links are not followed. -1 when it cannot be read. */
static int64_t directory_size(const char *path) {
  char *const roots[] = {(char *)(uintptr_t)path, NULL};
  FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
  int64_t total = 0;
  if (!walk) return -1;
  for (FTSENT *entry; total >= 0 && (entry = fts_read(walk));) {
    if (entry->fts_info == FTS_F) total += entry->fts_statp->st_size;
    if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS) total = -1;
  }
  fts_close(walk);
  return total;
}

/* A file is described as it is on disk. Its digest is believed only if it is the engine's own: that of an input. */
static int write_artifact(encoder *e, const assay_artifact *f, int is_dir) {
  const char *what = is_dir ? "directory" : "file";
  if (!f || !ASSAY_HAS(f, assay_artifact, path) || !f->path) return encoder_fail(e, "a %s without a path", what);
  if (f->path[0] != '/' || !chost_is_utf8(f->path, strlen(f->path)))
    return encoder_fail(e, "a %s whose path is not absolute or not UTF-8", what);
  const char *type = ASSAY_HAS(f, assay_artifact, media_type) && f->media_type ? f->media_type : "";
  if (!chost_is_utf8(type, strlen(type))) return encoder_fail(e, "a %s whose media type is not UTF-8", what);
  int is_input = arena_owns(e->memory, f) && !f->host_data;
  struct stat info;
  int64_t size = (int64_t)f->size;
  if (!is_input) {
    if (lstat(f->path, &info) != 0) return encoder_fail(e, "%.150s, which is not there: %s", f->path, strerror(errno));
    if (is_dir ? !S_ISDIR(info.st_mode) : !S_ISREG(info.st_mode))
      return encoder_fail(e, "%.150s, which is no %s", f->path, what);
    size = is_dir ? directory_size(f->path) : info.st_size;
    if (size < 0) return encoder_fail(e, "%.150s, which cannot be read", f->path);
  }
  put_u8(&e->out, is_dir ? 11 : 10);
  put_string(&e->out, f->path);
  put_u64(&e->out, (uint64_t)size);
  put_string(&e->out, type);
  put_string(&e->out, is_input ? f->digest : NULL);
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
  if (depth > CHOST_MAX_DEPTH) return encoder_fail(e, "a value nested more than 64 deep");
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
    return write_blob(e, v->data, v->count);
  case ASSAY_LIST:
  case ASSAY_RECORD: return write_items(e, v, depth);
  case ASSAY_TENSOR: return write_tensor(e, v->data);
  case ASSAY_TABLE:
    if (!v->data) return encoder_fail(e, "a table without a stream");
    return write_table(e, (struct ArrowArrayStream *)(uintptr_t)v->data, depth);
  case ASSAY_FILE: return write_artifact(e, v->data, 0);
  case ASSAY_DIR: return write_artifact(e, v->data, 1);
  default: return encoder_fail(e, "a value of unknown kind %u", v->kind);
  }
  return !e->problem[0];
}
