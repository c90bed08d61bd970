/* The tasks that the benchmarks run: as little work as possible, through the real ABI. */
#include "assay.h"
#include "assay_dlpack.h"
#include <fcntl.h>
#include <unistd.h>

#define PORT(id, n, t) static const assay_port id = {sizeof(assay_port), 0, n, t, "", 0, 0, 0}
PORT(values, "values", "list<int>");
PORT(value, "value", "int");
PORT(count, "count", "int");
PORT(tensor, "tensor", "tensor<f64>[n]");
PORT(file, "file", "file");

/* What the bare engine's task computes. */
static assay_status sum(void *instance, const assay_run *run) {
  (void)instance;
  int64_t total = 1;
  const assay_value *items = run->inputs[0].data;
  for (uint64_t i = 0; i < run->inputs[0].count; i++) total += items[i].i64;
  assay_value out = {0};
  out.kind = ASSAY_I64;
  out.i64 = total % 1000003;
  return run->host->output(run, 0, &out);
}

/* The same without the ABI, for the functions bridge (bench.functions.toml). */
ASSAY_EXPORT int64_t bench_sum(const int64_t *values, size_t count) {
  int64_t total = 1;
  for (size_t i = 0; i < count; i++) total += values[i];
  return total % 1000003;
}

typedef struct made {
  DLManagedTensorVersioned tensor;
  int64_t shape[1];
  assay_value buffer;
} made;

static void release(assay_value *v) {
  made *m = ((DLManagedTensorVersioned *)v->data)->manager_ctx;
  assay_drop(&m->buffer);
}

/* A tensor of `count` numbers in shared memory: what a task does that does not want its output copied. */
static assay_status make(void *instance, const assay_run *run) {
  static made m;
  (void)instance;
  int64_t n = run->inputs[0].i64;
  assay_status status = run->host->buffer(run, (uint64_t)n * 8, 64, &m.buffer);
  if (status) return status;
  double *data = (double *)m.buffer.data;
  for (int64_t i = 0; i < n; i++) data[i] = (double)i;
  m.shape[0] = n;
  m.tensor.version.major = DLPACK_MAJOR_VERSION;
  m.tensor.manager_ctx = &m;
  m.tensor.dl_tensor.data = data;
  m.tensor.dl_tensor.device.device_type = ASSAY_DL_CPU;
  m.tensor.dl_tensor.ndim = 1;
  m.tensor.dl_tensor.dtype.code = 2;
  m.tensor.dl_tensor.dtype.bits = 64;
  m.tensor.dl_tensor.dtype.lanes = 1;
  m.tensor.dl_tensor.shape = m.shape;
  assay_value out = {0};
  out.kind = ASSAY_TENSOR;
  out.data = &m.tensor;
  out.release = release;
  return run->host->output(run, 0, &out);
}

/* A file of `count` bytes that takes no room: its number, and then a hole. */
static assay_status sparse(void *instance, const assay_run *run) {
  (void)instance;
  assay_artifact *out;
  assay_status status = run->host->artifact(run, 0, "sparse", &out);
  if (status) return status;
  int64_t number = run->inputs[0].i64;
  if (write(out->fd, &number, sizeof number) != sizeof number) return ASSAY_E_RESOURCE;
  if (ftruncate(out->fd, (off_t)run->inputs[1].i64) != 0) return ASSAY_E_RESOURCE;
  return run->host->commit(run, out);
}

/* The number with which a file begins, plus its last byte. */
static assay_status look(void *instance, const assay_run *run) {
  (void)instance;
  const assay_artifact *in = run->inputs[0].data;
  int file = open(in->path, O_RDONLY | O_CLOEXEC);
  assay_value out = {0};
  out.kind = ASSAY_I64;
  unsigned char last = 1;
  off_t size = file < 0 ? -1 : lseek(file, 0, SEEK_END);
  if (size < 1 || pread(file, &out.i64, sizeof out.i64, 0) != sizeof out.i64 || pread(file, &last, 1, size - 1) != 1)
    return ASSAY_E_INPUT;
  close(file);
  out.i64 += last;
  return run->host->output(run, 0, &out);
}

static const assay_port *const sparse_in[] = {&value, &count}, *const sparse_out[] = {&file};
static const assay_port *const look_in[] = {&file}, *const look_out[] = {&value};
static const assay_port *const sum_in[] = {&values}, *const sum_out[] = {&value};
static const assay_port *const make_in[] = {&count}, *const make_out[] = {&tensor};
static const assay_task sum_task = {
    .struct_size = sizeof(assay_task), .flags = ASSAY_IDEMPOTENT, .id = "bench.sum", .version = "1.0.0",
    .inputs = sum_in, .n_inputs = 1, .outputs = sum_out, .n_outputs = 1, .run = sum};
static const assay_task make_task = {
    .struct_size = sizeof(assay_task), .flags = ASSAY_IDEMPOTENT, .id = "bench.make", .version = "1.0.0",
    .inputs = make_in, .n_inputs = 1, .outputs = make_out, .n_outputs = 1, .run = make};
static const assay_task sparse_task = {
    .struct_size = sizeof(assay_task), .flags = ASSAY_IDEMPOTENT, .id = "bench.sparse", .version = "1.0.0",
    .inputs = sparse_in, .n_inputs = 2, .outputs = sparse_out, .n_outputs = 1, .run = sparse};
static const assay_task look_task = {
    .struct_size = sizeof(assay_task), .flags = ASSAY_IDEMPOTENT, .id = "bench.look", .version = "1.0.0",
    .inputs = look_in, .n_inputs = 1, .outputs = look_out, .n_outputs = 1, .run = look};
static const assay_task *const tasks[] = {&sum_task, &make_task, &sparse_task, &look_task};
static const assay_plugin plugin = {
    .struct_size = sizeof(assay_plugin), .generation = ASSAY_GENERATION, .revision = ASSAY_REVISION, .id = "bench",
    .version = "1.0.0", .tasks = tasks, .n_tasks = 4};

ASSAY_EXPORT const assay_plugin *assay_plugin_entry(const assay_loader *loader) {
  return assay_speaks(loader) ? &plugin : 0;
}
