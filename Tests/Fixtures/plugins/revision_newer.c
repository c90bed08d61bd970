/* Was built with a later revision: its structures have tails that this engine does not know. A good plugin. */
#include <string.h>

#include "assay_task.h"

typedef struct newer_port { assay_port base; const char *more[3]; } newer_port;
typedef struct newer_task { assay_task base; void (*suspend)(void); uint64_t more[5]; } newer_task;
typedef struct newer_plugin { assay_plugin base; const char *more; } newer_plugin;

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0) + 1);
}

static newer_port x = {{sizeof(newer_port), 0, "x", "int", NULL, NULL, NULL, NULL}, {"a", "b", "c"}};
static newer_port y = {{sizeof(newer_port), 0, "y", "int", NULL, NULL, NULL, NULL}, {"a", "b", "c"}};
static const assay_port *inputs[] = {&x.base}, *outputs[] = {&y.base};
static newer_task task;
static const assay_task *tasks[] = {&task.base};
static newer_plugin plugin;

const assay_plugin *assay_plugin_entry(const assay_loader *loader) {
  if (!assay_speaks(loader)) return NULL;
  memset(&task, 0xEE, sizeof task);
  memset(&task.base, 0, sizeof task.base);
  task.base.struct_size = sizeof task;
  task.base.id = "growth.newer";
  task.base.version = "1.0.0";
  task.base.inputs = inputs;
  task.base.outputs = outputs;
  task.base.n_inputs = task.base.n_outputs = 1;
  task.base.run = run;
  plugin.base.struct_size = sizeof plugin;
  plugin.base.generation = ASSAY_GENERATION;
  plugin.base.revision = ASSAY_REVISION + 5;
  plugin.base.requires_revision = 1;
  plugin.base.id = "growth";
  plugin.base.version = "1.0.0";
  plugin.base.tasks = tasks;
  plugin.base.n_tasks = 1;
  return &plugin.base;
}
