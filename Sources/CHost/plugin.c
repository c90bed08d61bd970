#include "plugin.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

static char *format(const char *text, ...) __attribute__((format(printf, 1, 2)));
static char *format(const char *text, ...) {
  char *out = NULL;
  va_list arguments;
  va_start(arguments, text);
  if (vasprintf(&out, text, arguments) < 0) out = NULL;
  va_end(arguments);
  return out;
}

const char *chost_text(const char *text) { return text ? text : ""; }

/* ---- Libraries that loading brings in ---- */

typedef struct names {
  char **items;
  size_t count;
} names;

static int remember(struct dl_phdr_info *info, size_t size, void *context) {
  (void)size;
  names *list = context;
  if (!info->dlpi_name || info->dlpi_name[0] != '/') return 0;
  char **bigger = realloc(list->items, (list->count + 1) * sizeof *bigger);
  if (!bigger) return 1;
  list->items = bigger;
  char *copy = strdup(info->dlpi_name);
  if (copy) list->items[list->count++] = copy;
  return 0;
}

static int contains(const names *list, const char *name) {
  for (size_t i = 0; i < list->count; i++)
    if (strcmp(list->items[i], name) == 0) return 1;
  return 0;
}

static void forget(names *list) {
  for (size_t i = 0; i < list->count; i++) free(list->items[i]);
  free(list->items);
}

/* ---- Negotiation ---- */

typedef struct negotiation {
  char *reason;
} negotiation;

static void refuse(const assay_loader *loader, const char *reason) {
  negotiation *n = loader->loader_data;
  if (!n->reason && reason) n->reason = strndup(reason, 500);
}

static char *negotiate(const char *path, void *library, const char *source, const char *const *options,
                       const assay_plugin **out) {
  assay_plugin_entry_fn entry;
  *(void **)&entry = dlsym(library, "assay_plugin_entry");
  if (!entry) return format("%s is not an Assay plugin: it does not export `assay_plugin_entry`", path);
  negotiation n = {0};
  assay_loader loader = {
      .struct_size = sizeof loader,
      .generation_min = ASSAY_GENERATION,
      .generation_max = ASSAY_GENERATION,
      .revision = ASSAY_REVISION,
      .loader_data = &n,
      .refuse = refuse,
      .plugin_path = path,
      .source = source,
      .options = options,
  };
  const assay_plugin *p = entry(&loader);
  if (!p) {
    char *error = n.reason ? format("%s refused to load: %s", source ? source : path, n.reason)
                           : format("%s refused to load and gave no reason; this engine speaks plugin generation %u, "
                                    "revision %u", source ? source : path, ASSAY_GENERATION, ASSAY_REVISION);
    free(n.reason);
    return error;
  }
  free(n.reason);
  if (p->struct_size < 16) return format("%s: its plugin structure claims %u bytes", path, p->struct_size);
  if (p->generation != ASSAY_GENERATION)
    return format("%s was built for plugin generation %u, this engine speaks generation %u: %s", path, p->generation,
                  ASSAY_GENERATION,
                  p->generation > ASSAY_GENERATION ? "use a newer engine, or rebuild the plugin with this engine's assay.h"
                                                   : "rebuild the plugin with this engine's assay.h");
  if (p->requires_revision > ASSAY_REVISION)
    return format("%s needs plugin revision %u, this engine has revision %u: use a newer engine", path,
                  p->requires_revision, ASSAY_REVISION);
  if (!ASSAY_HAS(p, assay_plugin, n_tasks)) return format("%s: its plugin structure ends before its tasks", path);
  *out = p;
  return NULL;
}

/* ---- Checking descriptors ---- */

static char *check_text(const char *what, const char *owner, const char *text, int required) {
  if (!text) return required ? format("%s: %s is missing", owner, what) : NULL;
  if (strnlen(text, 1 << 20) == 1 << 20) return format("%s: %s is not terminated", owner, what);
  if (!chost_is_utf8(text, strlen(text))) return format("%s: %s is not UTF-8", owner, what);
  if (required && !text[0]) return format("%s: %s is empty", owner, what);
  return NULL;
}

static char *check_ports(const char *task, const char *side, const assay_port *const *ports, uint32_t n) {
  char *error = NULL;
  if (n > CHOST_MAX_PORTS) return format("task `%s` claims %u %ss", task, n, side);
  if (n && !ports) return format("task `%s`: its %ss are missing", task, side);
  for (uint32_t i = 0; i < n && !error; i++) {
    const assay_port *port = ports[i];
    if (!port) return format("task `%s`: %s %u is missing", task, side, i + 1);
    if (!ASSAY_HAS(port, assay_port, type)) return format("task `%s`: %s %u ends before its type", task, side, i + 1);
    char owner[300];
    snprintf(owner, sizeof owner, "task `%.120s`, %s %u", task, side, i + 1);
    if ((error = check_text("the name", owner, port->name, 1))) return error;
    if ((error = check_text("the type", owner, port->type, 1))) return error;
    for (const char *c = port->name; *c; c++)
      if (!((*c >= 'a' && *c <= 'z') || *c == '_' || (c > port->name && *c >= '0' && *c <= '9')))
        return format("task `%s`: %s name `%.60s` is not [a-z_][a-z0-9_]*", task, side, port->name);
    if (ASSAY_HAS(port, assay_port, doc) && (error = check_text("the doc", owner, port->doc, 0))) return error;
    if (ASSAY_HAS(port, assay_port, unit) && (error = check_text("the unit", owner, port->unit, 0))) return error;
    if (ASSAY_HAS(port, assay_port, default_json) && (error = check_text("the default", owner, port->default_json, 0)))
      return error;
    for (uint32_t k = 0; k < i; k++)
      if (strcmp(ports[k]->name, port->name) == 0) return format("task `%s` has two %ss named `%s`", task, side, port->name);
  }
  return error;
}

static char *check_task(const assay_task *t, uint64_t number, const char *path) {
  char owner[300];
  snprintf(owner, sizeof owner, "%.200s: task %llu", path, (unsigned long long)number + 1);
  if (!t) return format("%s is missing", owner);
  if (!ASSAY_HAS(t, assay_task, outputs)) return format("%s ends before its outputs", owner);
  char *error = NULL;
  if ((error = check_text("its id", owner, t->id, 1)) || (error = check_text("its version", owner, t->version, 1)) ||
      (error = check_text("its title", owner, t->title, 0)) || (error = check_text("its doc", owner, t->doc, 0)) ||
      (error = check_text("its phase", owner, t->phase, 0)))
    return error;
  if (ASSAY_HAS(t, assay_task, config_type) && (error = check_text("its configuration", owner, t->config_type, 0)))
    return error;
  if (!ASSAY_HAS(t, assay_task, run) || !t->run) return format("task `%s` has no run function", t->id);
  if (t->threads > ASSAY_THREADS_AFFINE) return format("task `%s` declares unknown threading %u", t->id, t->threads);
  if ((error = check_ports(t->id, "input", t->inputs, t->n_inputs))) return error;
  return check_ports(t->id, "output", t->outputs, t->n_outputs);
}

static char *check_plugin(const assay_plugin *p, const char *path) {
  char *error = NULL;
  if ((error = check_text("its id", path, p->id, 1)) || (error = check_text("its version", path, p->version, 1)) ||
      (error = check_text("its license", path, p->license, 0)) || (error = check_text("its doc", path, p->doc, 0)))
    return error;
  if (p->n_tasks > CHOST_MAX_TASKS)
    return format("%s claims %llu tasks; at most %d are accepted", path, (unsigned long long)p->n_tasks, CHOST_MAX_TASKS);
  if (p->n_tasks && !p->tasks) return format("%s: its task list is missing", path);
  for (uint64_t i = 0; i < p->n_tasks; i++) {
    if ((error = check_task(p->tasks[i], i, path))) return error;
    for (uint64_t k = 0; k < i; k++)
      if (strcmp(p->tasks[k]->id, p->tasks[i]->id) == 0) return format("%s has two tasks `%s`", path, p->tasks[i]->id);
  }
  return NULL;
}

/* ---- Opening ---- */

chost_plugin *chost_open(const char *path, const char *source, const char *const *options, char **error) {
  *error = NULL;
  names before = {0}, after = {0};
  chost_plugin *p = calloc(1, sizeof *p);
  if (!p) return NULL;
  dl_iterate_phdr(remember, &before);
  /* RTLD_NOW: a symbol that is missing is an error here, not a crash in the middle of a task. Never unloaded: threads and
   * thread-local destructors of the plugin may outlive any moment at which that would be safe. */
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) {
    *error = format("cannot load %s: %s", path, chost_text(dlerror()));
  } else {
    *error = negotiate(path, library, source, options, &p->plugin);
    if (!*error) *error = check_plugin(p->plugin, source ? source : path);
    if (!*error && ASSAY_HAS(p->plugin, assay_plugin, init) && p->plugin->init) {
      assay_status status = p->plugin->init(chost_host());
      if (status != ASSAY_OK) *error = format("%s: its init() failed with status %d", path, status);
    }
  }
  if (!*error) {
    p->is_ready = 1;
    dl_iterate_phdr(remember, &after);
    p->libraries = calloc(after.count + 1, sizeof *p->libraries);
    char *real = realpath(path, NULL);
    if (p->libraries && real) p->libraries[p->library_count++] = real;
    for (size_t i = 0; p->libraries && i < after.count; i++)
      if (!contains(&before, after.items[i]) && !(real && strcmp(real, after.items[i]) == 0) &&
          strcmp(path, after.items[i]) != 0)
        p->libraries[p->library_count++] = strdup(after.items[i]);
    if (!describe_plugin(p, error)) p->is_ready = 0;
  }
  forget(&before);
  forget(&after);
  if (!*error) return p;
  chost_close(p);
  return NULL;
}

const char *chost_describe(const chost_plugin *p) { return (const char *)p->description.bytes; }

void chost_close(chost_plugin *p) {
  for (size_t i = 0; i < CHOST_INSTANCES; i++) {
    instance *x = &p->instances[i];
    if (x->task && ASSAY_HAS(x->task, assay_task, destroy) && x->task->destroy && x->state) x->task->destroy(x->state);
    free(x->config);
  }
  if (p->is_ready && ASSAY_HAS(p->plugin, assay_plugin, deinit) && p->plugin->deinit) p->plugin->deinit();
  for (size_t i = 0; i < p->library_count; i++) free(p->libraries[i]);
  free(p->libraries);
  free(p->description.bytes);
  free(p);
}
