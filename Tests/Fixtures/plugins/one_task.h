/* A plugin of one task `fault.<name>` with an int input `x` and an int output `y`. Each faulty plugin defines FAULT (its
 * name) and run(), and overrides what it is about by defining one of the macros below before it includes this file. */
#include <stdlib.h>
#include <unistd.h>

#include "assay_task.h"

#ifndef INPUTS
#define INPUTS ASSAY_INPUT("x", "int", "any number")
#endif
#ifndef OUTPUTS
#define OUTPUTS ASSAY_OUTPUT("y", "int", "a number")
#endif
#ifndef FLAGS
#define FLAGS ASSAY_IDEMPOTENT
#endif
#ifndef SECRETS
#define SECRETS NULL
#endif
#ifndef CREATE
#define CREATE NULL
#endif
#ifndef CANCEL
#define CANCEL NULL
#endif
#ifndef INIT
#define INIT NULL
#endif
#ifndef GENERATION
#define GENERATION ASSAY_GENERATION
#endif
#ifndef REQUIRES
#define REQUIRES 0
#endif
#ifndef TASK_COUNT
#define TASK_COUNT 1
#endif

static const assay_port inputs[] = {INPUTS}, outputs[] = {OUTPUTS};
static const assay_port *input_list[ASSAY_COUNT(inputs)], *output_list[ASSAY_COUNT(outputs)];
static assay_task task = {
    .struct_size = sizeof(assay_task),
    .flags = FLAGS,
    .id = "fault." FAULT,
    .version = "1.0.0",
    .inputs = input_list,
    .n_inputs = ASSAY_COUNT(inputs),
    .n_outputs = ASSAY_COUNT(outputs),
    .outputs = output_list,
    .secrets = SECRETS,
    .create = CREATE,
    .run = run,
    .cancel = CANCEL,
};
static const assay_task *tasks[] = {&task};
static assay_plugin plugin = {
    .struct_size = sizeof(assay_plugin),
    .generation = GENERATION,
    .revision = ASSAY_REVISION,
    .requires_revision = REQUIRES,
    .id = "fault",
    .version = "1.0.0",
    .tasks = tasks,
    .n_tasks = TASK_COUNT,
    .init = INIT,
};

#ifndef ENTRY
#define ENTRY return &plugin;
#endif
const assay_plugin *assay_plugin_entry(const assay_loader *loader) {
  (void)loader;
  for (size_t i = 0; i < ASSAY_COUNT(inputs); i++) input_list[i] = &inputs[i];
  for (size_t i = 0; i < ASSAY_COUNT(outputs); i++) output_list[i] = &outputs[i];
  ENTRY
}
