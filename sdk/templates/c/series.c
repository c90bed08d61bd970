/* The tasks of this project. `make` builds libseries.so, which main.assay uses. */
#include <assay_task.h>

/* Finds the highest moving average. */
static assay_status run_peak(void *instance, const assay_run *run) {
  assay_tensor x;
  assay_status status;
  int64_t width = assay_int(run, 1), best = 0, i;
  double sum = 0, highest = 0;
  (void)instance;

  if ((status = assay_get_tensor(run, 0, kDLFloat, 64, &x)) != ASSAY_OK) return status;
  if (x.shape[0] < width)
    return assay_failf(run, ASSAY_E_INPUT, "values", "%d values are too few for a width of %d", (int)x.shape[0], (int)width);

  const double *values = x.data;
  for (i = 0; i + width <= x.shape[0]; i++) {
    sum = 0;
    for (int64_t j = 0; j < width; j++) sum += values[i + j];
    if (i == 0 || sum / (double)width > highest) {
      highest = sum / (double)width;
      best = i;
    }
  }
  assay_logf(run, ASSAY_LOG_INFO, "the highest of %d averages", (int)i);
  if ((status = assay_set_int(run, 0, best + width / 2)) != ASSAY_OK) return status;
  return assay_set_float(run, 1, highest);
}

static const assay_port values = ASSAY_INPUT("values", "tensor<f64>[n, 1]", "the series");
static const assay_port width = ASSAY_DEFAULT("width", "int(1..1000)", "3", "how many values an average is taken over");
static const assay_port row = ASSAY_OUTPUT("row", "int", "the row that the average is centred on, from 0");
static const assay_port value = ASSAY_OUTPUT("value", "float", "the highest moving average");
static const assay_port *const inputs[] = {&values, &width};
static const assay_port *const outputs[] = {&row, &value};

static const assay_task peak = {
    .struct_size = sizeof(assay_task),
    .flags = ASSAY_PURE | ASSAY_DETERMINISTIC | ASSAY_IDEMPOTENT,
    .threads = ASSAY_THREADS_FREE,
    .id = "series.peak",
    .version = "1.0.0",
    .title = "Peak",
    .doc = "Finds the highest moving average and the row it is centred on.",
    .phase = "validation",
    .inputs = inputs,
    .n_inputs = ASSAY_COUNT(inputs),
    .outputs = outputs,
    .n_outputs = ASSAY_COUNT(outputs),
    .run = run_peak,
};
static const assay_task *const tasks[] = {&peak};
static const assay_plugin plugin = {
    .struct_size = sizeof(assay_plugin),
    .generation = ASSAY_GENERATION,
    .revision = ASSAY_REVISION,
    .requires_revision = 1,
    .id = "series",
    .version = "1.0.0",
    .tasks = tasks,
    .n_tasks = ASSAY_COUNT(tasks),
};

const assay_plugin *assay_plugin_entry(const assay_loader *loader) { return assay_speaks(loader) ? &plugin : NULL; }
