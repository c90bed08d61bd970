/* A plugin that stands for a manifest of functions (`*.functions.toml`): presents existing functions of shared objects as
 * tasks, and calls them through libffi. Only ever loaded by a worker.
 *
 * The loader names the manifest (`source`) and hands over, as the option `program`, what the engine made of it. */
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guard.h"
#include "program.h"

static char *description;

static const void *ASSAY_CALL get_extension(const char *id) {
  return id && !strcmp(id, "assay.describe/1") ? description : NULL;
}

static const assay_plugin *refuse(const assay_loader *loader, const char *reason) {
  if (loader->refuse) loader->refuse(loader, reason);
  return NULL;
}

/* ---- the describe document ---- */

static int add_library(struct dl_phdr_info *info, size_t size, void *context) {
  FILE *out = context;
  char real[PATH_MAX];
  (void)size;
  if (!info->dlpi_name || info->dlpi_name[0] != '/' || !realpath(info->dlpi_name, real)) return 0;
  if (strpbrk(real, "\"\\\n")) return 0;
  fprintf(out, ",\"%s\"", real);
  return 0;
}

/* What the engine wrote about the tasks, and the libraries, which are known only here: all that are loaded, as a function
 * may be one of those that were there before. */
static char *describe(const program *p, const char *own_path) {
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  if (!out) return NULL;
  fprintf(out, "%.*s,\"libraries\":[\"%s\"", (int)strlen(p->head) - 1, p->head, own_path);
  dl_iterate_phdr(add_library, out);
  fprintf(out, "],\"tasks\":%s}", p->tasks);
  return fclose(out) == 0 ? text : NULL;
}

static const assay_plugin *plugin_of(program *p) {
  assay_plugin *plugin = calloc(1, sizeof *plugin);
  const assay_task **tasks = calloc(p->function_count + 1, sizeof *tasks);
  if (!plugin || !tasks) return NULL;
  for (uint32_t i = 0; i < p->function_count; i++) tasks[i] = &p->functions[i].task;
  plugin->struct_size = sizeof *plugin;
  plugin->generation = ASSAY_GENERATION;
  plugin->revision = ASSAY_REVISION;
  plugin->requires_revision = 1;
  plugin->id = p->id;
  plugin->version = p->version;
  plugin->tasks = tasks;
  plugin->n_tasks = p->function_count;
  plugin->get_extension = get_extension;
  return plugin;
}

static const char *option(const char *const *options, const char *key) {
  size_t n = strlen(key);
  for (; options && *options; options++)
    if (strncmp(*options, key, n) == 0 && (*options)[n] == '=') return *options + n + 1;
  return NULL;
}

ASSAY_EXPORT const assay_plugin *ASSAY_CALL assay_plugin_entry(const assay_loader *loader) {
  static char problem[16000];
  if (!loader) return NULL;
  if (!assay_speaks(loader)) return refuse(loader, "the bridge for functions is of another generation than this engine");
  if (!ASSAY_HAS(loader, assay_loader, options)) return refuse(loader, "this engine is too old to load functions");
  const char *given = option(loader->options, "program");
  char *text = given ? strdup(given) : NULL;
  if (!text) return refuse(loader, "the bridge for functions needs the option program");
  if (linked) return refuse(loader, "a process has one manifest of functions");
  program *p = program_read(text, problem, sizeof problem);
  if (!p || !program_link(p, problem, sizeof problem)) return refuse(loader, problem);
  const assay_plugin *plugin = plugin_of(p);
  description = describe(p, loader->plugin_path);
  if (!plugin || !description) return refuse(loader, "out of memory");
  linked = p;
  guard_faults();
  return plugin;
}
