/* An example plugin with one task: the moving average of a series. */
#include <assay_task.h>

/* width is an input like any other; it could also be configuration if it were costly to change. */
static assay_status smooth(void *instance, const assay_run *run) {
  assay_tensor x, y;
  assay_status status;
  int64_t width = assay_int(run, 1);
  (void)instance;

  if ((status = assay_get_tensor(run, 0, kDLFloat, 64, &x)) != ASSAY_OK) return status;
  if (x.rank != 1) return assay_failf(run, ASSAY_E_INPUT, "series", "expected a series, got %d dimensions", (int)x.rank);

  /* Memory of the engine: the result is not copied on its way out. */
  if ((status = assay_make_tensor(run, kDLFloat, 64, 1, x.shape, &y)) != ASSAY_OK) return status;
  const double *in = x.data;
  double *out = y.data, sum = 0;
  for (int64_t i = 0; i < x.shape[0]; i++) {
    if (i % 65536 == 0) {
      if (assay_cancelled(run)) {
        assay_drop(&y.memory);
        return ASSAY_E_CANCELLED;
      }
      run->host->progress(run, (double)i, (double)x.shape[0], "smoothing");
    }
    sum += in[i];
    if (i >= width) sum -= in[i - width];
    out[i] = sum / (double)(i < width ? i + 1 : width);
  }
  return assay_set_tensor(run, 0, &y);
}

static const assay_port series = ASSAY_INPUT("series", "tensor<f64>[n]", "the series");
static const assay_port width = ASSAY_DEFAULT("width", "int(1..1000000)", "7", "how many values an average is taken over");
static const assay_port smoothed = ASSAY_OUTPUT("smoothed", "tensor<f64>[n]", "as long as the series");
static const assay_port *const inputs[] = {&series, &width};
static const assay_port *const outputs[] = {&smoothed};

static const assay_task smooth_task = {
    .struct_size = sizeof(assay_task),
    .flags = ASSAY_PURE | ASSAY_DETERMINISTIC | ASSAY_IDEMPOTENT,
    .threads = ASSAY_THREADS_FREE,
    .id = "example.smooth",
    .version = "1.0.0",
    .title = "Moving average",
    .phase = "preparation",
    .inputs = inputs,
    .n_inputs = ASSAY_COUNT(inputs),
    .outputs = outputs,
    .n_outputs = ASSAY_COUNT(outputs),
    .run = smooth,
};
static const assay_task *const tasks[] = {&smooth_task};
static const assay_plugin plugin = {
    .struct_size = sizeof(assay_plugin),
    .generation = ASSAY_GENERATION,
    .revision = ASSAY_REVISION,
    .requires_revision = 1,
    .id = "example",
    .version = "1.0.0",
    .license = "CC0-1.0",
    .doc = "An example.",
    .tasks = tasks,
    .n_tasks = ASSAY_COUNT(tasks),
};

const assay_plugin *assay_plugin_entry(const assay_loader *loader) {
  if (assay_speaks(loader)) return &plugin;
  if (loader && loader->refuse) loader->refuse(loader, "example speaks plugin generation 1: rebuild it with a newer assay.h");
  return NULL;
}
