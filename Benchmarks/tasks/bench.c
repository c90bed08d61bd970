/* The tasks that the benchmarks run: as little work as possible, through the real ABI. */
#include "assay.h"
#include "assay_dlpack.h"

#define PORT(id, n, t) static const assay_port id = {sizeof(assay_port), 0, n, t, "", 0, 0, 0}
PORT(values, "values", "list<int>");
PORT(value, "value", "int");
PORT(count, "count", "int");
PORT(tensor, "tensor", "tensor<f64>[n]");

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

static const assay_port *const sum_in[] = {&values}, *const sum_out[] = {&value};
static const assay_port *const make_in[] = {&count}, *const make_out[] = {&tensor};
static const assay_task sum_task = {
    .struct_size = sizeof(assay_task), .flags = ASSAY_IDEMPOTENT, .id = "bench.sum", .version = "1.0.0",
    .inputs = sum_in, .n_inputs = 1, .outputs = sum_out, .n_outputs = 1, .run = sum};
static const assay_task make_task = {
    .struct_size = sizeof(assay_task), .flags = ASSAY_IDEMPOTENT, .id = "bench.make", .version = "1.0.0",
    .inputs = make_in, .n_inputs = 1, .outputs = make_out, .n_outputs = 1, .run = make};
static const assay_task *const tasks[] = {&sum_task, &make_task};
static const assay_plugin plugin = {
    .struct_size = sizeof(assay_plugin), .generation = ASSAY_GENERATION, .revision = ASSAY_REVISION, .id = "bench",
    .version = "1.0.0", .tasks = tasks, .n_tasks = 2};

ASSAY_EXPORT const assay_plugin *assay_plugin_entry(const assay_loader *loader) {
  return assay_speaks(loader) ? &plugin : 0;
}
