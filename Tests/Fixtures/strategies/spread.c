/* A strategy and a pruning rule of experiments in C. Strategy: each range is cut into `levels` parts, and each trial has the next part of each. It knows
 * ranges of numbers alone, which is what the type of its input `space` says. */
#include <assay_task.h>
#include <stdlib.h>

static assay_status spread(void *instance, const assay_run *run) {
  const assay_value *parameters = assay_field(assay_input(run, 0), "parameters"), *parameter;
  int64_t trial = assay_int(run, 1), levels = assay_int(run, 2), factor = 1;
  uint64_t count = parameters ? parameters->count : 0;
  assay_value *point = calloc(count ? count : 1, sizeof *point), out = assay_nothing();
  assay_status status;
  (void)instance;
  if (!point) return assay_failf(run, ASSAY_E_RESOURCE, "space", "no memory for a point");
  for (uint64_t i = 0; (parameter = assay_item(parameters, i)); i++) {
    double low = assay_value_float(assay_field(parameter, "low"));
    double high = assay_value_float(assay_field(parameter, "high"));
    point[i].kind = ASSAY_F64;
    point[i].f64 = low + (high - low) * (double)(trial / factor % levels) / (double)(levels - 1);
    if (factor < INT64_MAX / levels) factor *= levels;
  }
  out.kind = ASSAY_LIST;
  out.data = point;
  out.count = count;
  status = run->host->output(run, 0, &out); /* read before it returns */
  free(point);
  return status;
}

static const assay_port space = ASSAY_INPUT(
    "space", "{parameters: list<{kind: enum(\"float\"), low: float, high: float}>}", "what may be tried");
static const assay_port trial = ASSAY_INPUT("trial", "int", "the trial that is asked for");
static const assay_port levels = ASSAY_DEFAULT("levels", "int(2..1000)", "3", "parts of a range");
static const assay_port point = ASSAY_OUTPUT("point", "list<float?>", "a number for each parameter");
static const assay_port *const inputs[] = {&space, &trial, &levels};
static const assay_port *const outputs[] = {&point};
static const assay_task spread_task = {
    .struct_size = sizeof(assay_task), .flags = ASSAY_PURE | ASSAY_DETERMINISTIC | ASSAY_IDEMPOTENT,
    .threads = ASSAY_THREADS_FREE, .id = "spread.spread", .version = "1.0.0", .title = "Even levels",
    .inputs = inputs, .n_inputs = ASSAY_COUNT(inputs), .outputs = outputs, .n_outputs = ASSAY_COUNT(outputs),
    .run = spread};

/* The pruning rule: a trial is stopped when what it shows is beyond a limit. */
static assay_status beyond(void *instance, const assay_run *run) {
  const assay_value *curve = assay_input(run, 0);
  (void)instance;
  if (!curve || !curve->count) return assay_failf(run, ASSAY_E_INPUT, "curve", "nothing to judge");
  return assay_set_bool(run, 0, assay_value_float(assay_item(curve, curve->count - 1)) > assay_float(run, 1));
}

static const assay_port curve = ASSAY_INPUT("curve", "list<float>", "what the trial has shown so far");
static const assay_port limit = ASSAY_INPUT("limit", "float", "what is too much");
static const assay_port prune = ASSAY_OUTPUT("prune", "bool", "whether the trial is stopped");
static const assay_port *const beyond_inputs[] = {&curve, &limit};
static const assay_port *const beyond_outputs[] = {&prune};
static const assay_task beyond_task = {
    .struct_size = sizeof(assay_task), .flags = ASSAY_PURE | ASSAY_DETERMINISTIC | ASSAY_IDEMPOTENT,
    .threads = ASSAY_THREADS_FREE, .id = "spread.beyond", .version = "1.0.0", .title = "A limit",
    .inputs = beyond_inputs, .n_inputs = ASSAY_COUNT(beyond_inputs), .outputs = beyond_outputs,
    .n_outputs = ASSAY_COUNT(beyond_outputs), .run = beyond};
static const assay_task *const tasks[] = {&spread_task, &beyond_task};
static const assay_plugin plugin = {
    .struct_size = sizeof(assay_plugin), .generation = ASSAY_GENERATION, .revision = ASSAY_REVISION,
    .requires_revision = 1, .id = "spread", .version = "1.0.0", .license = "CC0-1.0", .tasks = tasks,
    .n_tasks = ASSAY_COUNT(tasks)};

const assay_plugin *assay_plugin_entry(const assay_loader *loader) { return assay_speaks(loader) ? &plugin : NULL; }
