#include "plugin_support.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

assay_status ps_fail(const assay_run *run, assay_status status, const char *code, const char *port, const char *format,
                     ...) {
  char message[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  assay_error error = {sizeof error, status, -1, 0, -1, code, message, NULL, port};
  return run->host->fail(run, &error);
}

assay_status ps_no_memory(const assay_run *run) {
  return ps_fail(run, ASSAY_E_RESOURCE, "memory", NULL, "not enough memory");
}

const assay_value *ps_input(const assay_run *run, uint32_t port) {
  static const assay_value none;
  return port < run->n_inputs ? &run->inputs[port] : &none;
}

int64_t ps_int(const assay_value *value, int64_t otherwise) { return value->kind == ASSAY_I64 ? value->i64 : otherwise; }

double ps_float(const assay_value *value, double otherwise) {
  return value->kind == ASSAY_F64 ? value->f64 : value->kind == ASSAY_I64 ? (double)value->i64 : otherwise;
}

int ps_bool(const assay_value *value, int otherwise) {
  return value->kind == ASSAY_BOOL ? value->i64 != 0 : otherwise;
}

char *ps_string(const assay_value *value) {
  if (value->kind != ASSAY_STRING || value->count >= SIZE_MAX) return NULL;
  char *copy = malloc((size_t)value->count + 1);
  if (!copy) return NULL;
  if (value->count) memcpy(copy, value->data, (size_t)value->count);
  copy[value->count] = 0;
  return copy;
}

/* ---- bytes ---------------------------------------------------------------------------------------------------- */

size_t ps_first_bad_byte(const char *bytes, size_t size) {
  const unsigned char *text = (const unsigned char *)bytes;
  size_t i = 0;
  while (i < size) {
    unsigned char c = text[i];
    if (c && c < 0x80) {
      i++;
      continue;
    }
    size_t more = c >= 0xf0 && c <= 0xf4 ? 3 : c >= 0xe0 ? 2 : c >= 0xc2 ? 1 : 0;
    if (!more || c > 0xf4 || more > size - i - 1) return i;
    uint32_t code = c & (0x3fu >> more);
    for (size_t j = 1; j <= more; j++) {
      if ((text[i + j] & 0xc0) != 0x80) return i;
      code = code << 6 | (text[i + j] & 0x3fu);
    }
    if (more == 2 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) return i;
    if (more == 3 && (code < 0x10000 || code > 0x10ffff)) return i;
    i += more + 1;
  }
  return size;
}

void ps_hex(const uint8_t *bytes, size_t count, char *out) {
  for (size_t i = 0; i < count; i++) {
    out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
    out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
  }
  out[2 * count] = 0;
}

int ps_is_sha256(const char *digits) { return strlen(digits) == 64 && strspn(digits, "0123456789abcdefABCDEF") == 64; }

/* ---- tensors ------------------------------------------------------------------------------------------------- */

/* Product of the lengths when it fits a tensor of doubles in memory, else -1. */
static int64_t element_count(const int64_t *shape, int rank) {
  int64_t count = 1;
  for (int i = 0; i < rank; i++) {
    if (shape[i] < 0) return -1;
    if (shape[i] && count > INT64_MAX / 8 / shape[i]) return -1;
    count *= shape[i];
  }
  return count;
}

assay_status ps_read_tensor(const assay_run *run, uint32_t port, const char *name, int rank, ps_tensor *out) {
  memset(out, 0, sizeof *out);
  const assay_value *value = ps_input(run, port);
  const DLManagedTensorVersioned *managed = value->kind == ASSAY_TENSOR ? value->data : NULL;
  if (!managed) return ps_fail(run, ASSAY_E_INPUT, "type.mismatch", name, "expected a tensor");
  const DLTensor *tensor = &managed->dl_tensor;
  if (managed->version.major != 1 || tensor->device.device_type != ASSAY_DL_CPU || tensor->dtype.code != 2 ||
      tensor->dtype.bits != 64 || tensor->dtype.lanes != 1)
    return ps_fail(run, ASSAY_E_INPUT, "type.mismatch", name, "expected a tensor of f64 in main memory");
  if (tensor->ndim != rank)
    return ps_fail(run, ASSAY_E_INPUT, "tensor.shape", name, "expected a tensor of rank %d, got rank %d", rank,
                   (int)tensor->ndim);
  out->shape[1] = 1;
  for (int i = 0; i < rank; i++) out->shape[i] = tensor->shape[i];
  out->count = element_count(out->shape, rank);
  if (out->count < 0 || (out->count && !tensor->data))
    return ps_fail(run, ASSAY_E_CONTRACT, "tensor.shape", name, "the tensor's shape is not possible");
  const double *data = tensor->data ? (const double *)((const char *)tensor->data + tensor->byte_offset) : NULL;
  out->data = data;
  if (!tensor->strides || !out->count) return ASSAY_OK;
  int64_t row = tensor->strides[0], column = rank == 2 ? tensor->strides[1] : 1;
  if ((row == out->shape[1] || out->shape[0] == 1) && (rank == 1 || column == 1 || out->shape[1] == 1)) return ASSAY_OK;
  out->copy = malloc((size_t)out->count * sizeof *out->copy);
  if (!out->copy) return ps_no_memory(run);
  for (int64_t i = 0; i < out->shape[0]; i++)
    for (int64_t j = 0; j < out->shape[1]; j++) out->copy[i * out->shape[1] + j] = data[i * row + j * column];
  out->data = out->copy;
  return ASSAY_OK;
}

void ps_free_tensor(ps_tensor *tensor) {
  free(tensor->copy);
  tensor->copy = NULL;
}

typedef struct owned_tensor {
  DLManagedTensorVersioned managed;
  int64_t shape[2];
  assay_value buffer;
} owned_tensor;

static void delete_tensor(DLManagedTensorVersioned *managed) {
  owned_tensor *tensor = managed->manager_ctx;
  assay_drop(&tensor->buffer);
  free(tensor);
}

static void release_tensor(assay_value *value) {
  DLManagedTensorVersioned *managed = value->owner;
  managed->deleter(managed);
}

assay_status ps_new_tensor(const assay_run *run, int rank, const int64_t *shape, assay_value *value, double **data) {
  int64_t count = element_count(shape, rank);
  owned_tensor *tensor = count < 0 ? NULL : calloc(1, sizeof *tensor);
  if (!tensor) return ps_no_memory(run);
  assay_status status = run->host->buffer(run, (uint64_t)(count ? count : 1) * 8, 64, &tensor->buffer);
  if (status) {
    free(tensor);
    return ps_no_memory(run);
  }
  for (int i = 0; i < rank; i++) tensor->shape[i] = shape[i];
  DLManagedTensorVersioned *managed = &tensor->managed;
  managed->version.major = DLPACK_MAJOR_VERSION;
  managed->version.minor = DLPACK_MINOR_VERSION;
  managed->manager_ctx = tensor;
  managed->deleter = delete_tensor;
  managed->dl_tensor.data = (void *)tensor->buffer.data;
  managed->dl_tensor.device.device_type = ASSAY_DL_CPU;
  managed->dl_tensor.ndim = rank;
  managed->dl_tensor.dtype.code = 2;
  managed->dl_tensor.dtype.bits = 64;
  managed->dl_tensor.dtype.lanes = 1;
  managed->dl_tensor.shape = tensor->shape;
  memset(value, 0, sizeof *value);
  value->kind = ASSAY_TENSOR;
  value->data = value->owner = managed;
  value->release = release_tensor;
  *data = (double *)tensor->buffer.data;
  return ASSAY_OK;
}

/* ---- lists, records, strings ---------------------------------------------------------------------------------- */

static void release_group(assay_value *value) {
  assay_value *values = value->owner;
  for (uint64_t i = 0; i < value->count; i++) assay_drop(&values[i]);
  free(values);
}

assay_status ps_new_group(const assay_run *run, assay_value *values, const char *const *names, uint64_t count,
                          assay_value *out) {
  memset(out, 0, sizeof *out);
  assay_value *copy = malloc((size_t)(count ? count : 1) * sizeof *copy);
  if (!copy) {
    for (uint64_t i = 0; i < count; i++) assay_drop(&values[i]);
    return ps_no_memory(run);
  }
  if (count) memcpy(copy, values, (size_t)count * sizeof *copy);
  out->kind = names ? ASSAY_RECORD : ASSAY_LIST;
  out->count = count;
  out->data = out->owner = copy;
  out->names = names;
  out->release = release_group;
  return ASSAY_OK;
}

static void release_string(assay_value *value) { free(value->owner); }

assay_status ps_new_string(const assay_run *run, const char *text, assay_value *out) {
  memset(out, 0, sizeof *out);
  size_t count = strlen(text);
  char *copy = malloc(count + 1);
  if (!copy) return ps_no_memory(run);
  memcpy(copy, text, count + 1);
  out->kind = ASSAY_STRING;
  out->count = count;
  out->data = out->owner = copy;
  out->release = release_string;
  return ASSAY_OK;
}

/* ---- randomness ------------------------------------------------------------------------------------------------ */

ps_random ps_seed(int64_t seed) {
  ps_random random;
  uint64_t mixer = (uint64_t)seed;
  for (int i = 0; i < 4; i++) {
    uint64_t z = mixer += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    random.state[i] = z ^ (z >> 31);
  }
  return random;
}

static uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

uint64_t ps_next(ps_random *random) {
  uint64_t *s = random->state, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate(s[3], 45);
  return result;
}

uint64_t ps_below(ps_random *random, uint64_t bound) {
  uint64_t limit = UINT64_MAX - UINT64_MAX % bound, x;
  do x = ps_next(random);
  while (x >= limit);
  return x % bound;
}

void ps_shuffle(ps_random *random, int64_t *items, int64_t count) {
  for (int64_t last = count - 1; last > 0; last--) {
    int64_t other = (int64_t)ps_below(random, (uint64_t)last + 1), item = items[last];
    items[last] = items[other];
    items[other] = item;
  }
}
