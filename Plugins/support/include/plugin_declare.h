/* How the C plugins of this directory declare tasks: static descriptions without repetition. */
#ifndef PLUGIN_DECLARE_H
#define PLUGIN_DECLARE_H
#include "assay.h"

/* Ports: one that has to be given (or an output), one with a default (in JSON), one that may be missing. */
#define PORT(n, t, d) {sizeof(assay_port), 0, n, t, d, "", NULL, NULL}
#define GIVEN(n, t, v, d) {sizeof(assay_port), 0, n, t, d, "", v, NULL}
#define MAYBE(n, t, d) {sizeof(assay_port), ASSAY_PORT_OPTIONAL, n, t, d, "", NULL, NULL}

/* What most tasks promise: the same inputs give the same bytes. */
#define REPEATABLE (ASSAY_PURE | ASSAY_DETERMINISTIC | ASSAY_IDEMPOTENT)

#define PORTS(...) (const assay_port *const[]){__VA_ARGS__}
#define COUNT(...) (sizeof(PORTS(__VA_ARGS__)) / sizeof(assay_port *))
/* A task of version 1.0.0; `ins` and `outs` are lists of addresses of ports in parentheses. */
#define TASK(var, id_, title_, phase_, flags_, doc_, function, ins, outs)                                             \
  static const assay_task var = {.struct_size = sizeof(assay_task), .flags = flags_, .threads = ASSAY_THREADS_FREE,   \
                                 .id = id_, .version = "1.0.0", .title = title_, .phase = phase_, .doc = doc_,        \
                                 .inputs = PORTS ins, .n_inputs = COUNT ins, .outputs = PORTS outs,                   \
                                 .n_outputs = COUNT outs, .run = function}

/* The plugin and its entry; `tasks` is an array of pointers to tasks; more initialisers of the plugin may follow. */
#define PLUGIN(id_, doc_, tasks_, ...)                                                                                \
  static const assay_plugin plugin = {                                                                                \
      .struct_size = sizeof(assay_plugin), .generation = ASSAY_GENERATION, .revision = ASSAY_REVISION,                \
      .requires_revision = 1, .id = id_, .version = "1.0.0", .license = "Apache-2.0", .doc = doc_, .tasks = tasks_,   \
      .n_tasks = sizeof tasks_ / sizeof *tasks_, __VA_ARGS__};                                                        \
  const assay_plugin *assay_plugin_entry(const assay_loader *loader) {                                                \
    if (assay_speaks(loader)) return &plugin;                                                                         \
    if (loader && loader->refuse) loader->refuse(loader, id_ " speaks generation 1 of the ABI");                      \
    return NULL;                                                                                                      \
  }                                                                                                                   \
  typedef int plugin_declared_needs_a_semicolon
#endif
