/* Was built when the structures were shorter: what is behind their ends must not be read. A good plugin.
 * The structures lie at the very end of a page, and the next one cannot be read. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0) + 1);
}

/* The first `size` bytes of a structure, at the end of readable memory. */
static void *shortened(const void *from, size_t size) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED || mprotect(pages + page, page, PROT_NONE) != 0) return NULL;
  return memcpy(pages + page - size, from, size);
}
#define UP_TO(type, field) (offsetof(type, field) + sizeof(((type *)0)->field))

const assay_plugin *assay_plugin_entry(const assay_loader *loader) {
  static const assay_port *inputs[1], *outputs[1];
  static const assay_task *tasks[1];
  static const assay_plugin *plugin;
  if (!assay_speaks(loader)) return NULL;
  if (plugin) return plugin;
  assay_port x = {UP_TO(assay_port, type), 0, "x", "int", NULL, NULL, NULL, NULL}, y = x;
  y.name = "y";
  inputs[0] = shortened(&x, x.struct_size);
  outputs[0] = shortened(&y, y.struct_size);
  assay_task t;
  memset(&t, 0, sizeof t);
  t.struct_size = UP_TO(assay_task, run);
  t.id = "growth.older";
  t.version = "1.0.0";
  t.inputs = inputs;
  t.outputs = outputs;
  t.n_inputs = t.n_outputs = 1;
  t.run = run;
  tasks[0] = shortened(&t, t.struct_size);
  assay_plugin p;
  memset(&p, 0, sizeof p);
  p.struct_size = UP_TO(assay_plugin, n_tasks);
  p.generation = ASSAY_GENERATION;
  p.revision = 1;
  p.id = "growth";
  p.version = "1.0.0";
  p.tasks = tasks;
  p.n_tasks = 1;
  return plugin = shortened(&p, p.struct_size);
}
