/* std.scale: brings the columns of a matrix to a common scale. Reads and writes tensors where they lie. */
#include "plugin_support.h"
#include <math.h>

/* Mean and population standard deviation of each column, NaNs left out; 1 where a column does not vary. */
static assay_status fit_standard(void *instance, const assay_run *run) {
  (void)instance;
  ps_tensor x;
  assay_status status = ps_read_tensor(run, 0, "x", 2, &x);
  if (status) return status;
  int64_t rows = x.shape[0], columns = x.shape[1];
  if (!rows) {
    ps_free_tensor(&x);
    return ps_fail(run, ASSAY_E_INPUT, "scale.empty", "x", "there are no rows to fit on");
  }
  assay_value mean_value, scale_value;
  double *mean, *scale;
  if ((status = ps_new_tensor(run, 1, &columns, &mean_value, &mean))) goto end;
  if ((status = ps_new_tensor(run, 1, &columns, &scale_value, &scale))) {
    assay_drop(&mean_value);
    goto end;
  }
  for (int64_t j = 0; j < columns; j++) {
    /* Welford: one pass, no cancellation. */
    double average = 0, squares = 0;
    int64_t seen = 0;
    for (int64_t i = 0; i < rows; i++) {
      double value = x.data[i * columns + j];
      if (isnan(value)) continue;
      double delta = value - average;
      average += delta / (double)++seen;
      squares += delta * (value - average);
    }
    double deviation = seen ? sqrt(squares / (double)seen) : 0;
    mean[j] = average;
    scale[j] = deviation > 0 && isfinite(deviation) ? deviation : 1;
  }
  status = run->host->output(run, 0, &mean_value);
  if (status) {
    assay_drop(&scale_value);
    goto end;
  }
  status = run->host->output(run, 1, &scale_value);
end:
  ps_free_tensor(&x);
  return status;
}

/* (x - mean) / scale, column by column. */
static assay_status apply(void *instance, const assay_run *run) {
  (void)instance;
  ps_tensor x, mean = {0}, scale = {0};
  assay_status status = ps_read_tensor(run, 0, "x", 2, &x);
  if (!status) status = ps_read_tensor(run, 1, "mean", 1, &mean);
  if (!status) status = ps_read_tensor(run, 2, "scale", 1, &scale);
  if (status) goto end;
  int64_t columns = x.shape[1];
  if (mean.shape[0] != columns || scale.shape[0] != columns) {
    status = ps_fail(run, ASSAY_E_INPUT, "tensor.shape", mean.shape[0] != columns ? "mean" : "scale",
                     "the matrix has %lld columns, `mean` %lld, `scale` %lld", (long long)columns,
                     (long long)mean.shape[0], (long long)scale.shape[0]);
    goto end;
  }
  for (int64_t j = 0; j < columns; j++)
    if (!(fabs(scale.data[j]) > 0)) {
      status = ps_fail(run, ASSAY_E_INPUT, "scale.zero", "scale", "the scale of column %lld is %g", (long long)j,
                       scale.data[j]);
      goto end;
    }
  assay_value value;
  double *out;
  if ((status = ps_new_tensor(run, 2, x.shape, &value, &out))) goto end;
  for (int64_t i = 0; i < x.shape[0]; i++) {
    if ((i & 4095) == 0 && assay_cancelled(run)) {
      assay_drop(&value);
      status = ASSAY_E_CANCELLED;
      goto end;
    }
    for (int64_t j = 0; j < columns; j++)
      out[i * columns + j] = (x.data[i * columns + j] - mean.data[j]) / scale.data[j];
  }
  status = run->host->output(run, 0, &value);
end:
  ps_free_tensor(&x);
  ps_free_tensor(&mean);
  ps_free_tensor(&scale);
  return status;
}

#define PORT(n, t, d) {sizeof(assay_port), 0, n, t, d, "", NULL, NULL}
static const assay_port fit_x = PORT("x", "tensor<f64>[n, d]", "one row per case"),
                        fit_mean = PORT("mean", "tensor<f64>[d]", "mean of each column, NaNs left out"),
                        fit_scale = PORT("scale", "tensor<f64>[d]",
                                         "population standard deviation of each column; 1 where it does not vary"),
                        apply_mean = PORT("mean", "tensor<f64>[d]", "what is subtracted from each column"),
                        apply_scale = PORT("scale", "tensor<f64>[d]", "what each column is divided by, not 0"),
                        apply_out = PORT("x", "tensor<f64>[n, d]", "(x - mean) / scale");
static const assay_port *const fit_in[] = {&fit_x}, *const fit_out[] = {&fit_mean, &fit_scale},
                              *const apply_in[] = {&fit_x, &apply_mean, &apply_scale},
                              *const apply_outs[] = {&apply_out};

/* What the examples begin with. */
#define ROWS                                                                                                          \
  "assay> use std.file\nassay> use std.table\n"                                                                       \
  "assay> f = file.write_text(text: \"a,b\\n1,10\\n3,10\\n\")\nassay> raw = table.read_csv(path: f.file)\n"           \
  "assay> rows = table.matrix(table: raw.table)\n"

#define FLAGS (ASSAY_PURE | ASSAY_DETERMINISTIC | ASSAY_IDEMPOTENT)
static const assay_task fit_task = {
    .struct_size = sizeof(assay_task), .flags = FLAGS, .threads = ASSAY_THREADS_FREE, .id = "std.scale.fit_standard",
    .version = "1.0.0", .title = "Fit a standard scale", .phase = "preparation",
    .doc = "Finds the mean and standard deviation of each column. Fit on training rows only, then apply to all. "
           "Fails with scale.empty.\n\n" ROWS
           "assay> scale.fit_standard(x: rows.features)\nmean = [2.0, 10.0]\nscale = [1.0, 1.0]",
    .inputs = fit_in, .n_inputs = 1, .outputs = fit_out, .n_outputs = 2, .run = fit_standard};
static const assay_task apply_task = {
    .struct_size = sizeof(assay_task), .flags = FLAGS, .threads = ASSAY_THREADS_FREE, .id = "std.scale.apply",
    .version = "1.0.0", .title = "Apply a scale", .phase = "preparation",
    .doc = "Subtracts the mean from each column and divides by the scale. Fails with scale.zero.\n\n" ROWS
           "assay> fit = scale.fit_standard(x: rows.features)\n"
           "assay> scale.apply(x: rows.features, mean: fit.mean, scale: fit.scale)\nx = [[-1.0, 0.0], [1.0, 0.0]]\n\n" ROWS
           "assay> none = table.tensor(values: [1.0, 0.0])\n"
           "assay> scale.apply(x: rows.features, mean: none.tensor, scale: none.tensor)\nfails: scale.zero",
    .inputs = apply_in, .n_inputs = 3, .outputs = apply_outs, .n_outputs = 1, .run = apply};
static const assay_task *const tasks[] = {&fit_task, &apply_task};
static const assay_plugin plugin = {
    .struct_size = sizeof(assay_plugin), .generation = ASSAY_GENERATION, .revision = ASSAY_REVISION,
    .requires_revision = 1, .id = "std.scale", .version = "1.0.0", .license = "Apache-2.0",
    .doc = "Brings the columns of a matrix to a common scale.", .tasks = tasks, .n_tasks = 2};

const assay_plugin *assay_plugin_entry(const assay_loader *loader) {
  if (assay_speaks(loader)) return &plugin;
  if (loader && loader->refuse) loader->refuse(loader, "std.scale speaks generation 1 of the ABI");
  return NULL;
}
