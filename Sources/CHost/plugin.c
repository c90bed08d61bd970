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
  if (n->reason || !reason) return;
  n->reason = strndup(reason, 16384); /* a Python file can have many mistakes */
  for (char *c = n->reason; c && *c && !chost_is_utf8(n->reason, strlen(n->reason)); c++)
    if ((unsigned char)*c >= 0x80) *c = '?';
}

static char *negotiate(const char *path, void *library, const char *source, const char *const *options,
                       const assay_plugin **out) {
  assay_plugin_entry_fn entry;
  *(void **)&entry = dlsym(library, "assay_plugin_entry");
  if (!entry) return format("it is not an Assay plugin: it does not export `assay_plugin_entry`");
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
    char *error = n.reason ? format("it refused to load: %s (this engine speaks plugin generation %u, revision %u)", n.reason,
                                    ASSAY_GENERATION, ASSAY_REVISION)
                           : format("it refused to load and gave no reason; this engine speaks plugin generation %u, "
                                    "revision %u: rebuild the plugin with this engine's assay.h, or use another engine",
                                    ASSAY_GENERATION, ASSAY_REVISION);
    free(n.reason);
    return error;
  }
  free(n.reason);
  if (p->struct_size < 16) return format("its plugin structure claims %u bytes", p->struct_size);
  if (p->generation != ASSAY_GENERATION)
    return format("it was built for plugin generation %u, this engine speaks generation %u: %s", p->generation,
                  ASSAY_GENERATION,
                  p->generation > ASSAY_GENERATION ? "use a newer engine, or rebuild the plugin with this engine's assay.h"
                                                   : "rebuild the plugin with this engine's assay.h");
  if (p->requires_revision > ASSAY_REVISION)
    return format("it needs plugin revision %u, this engine has revision %u: use a newer engine", p->requires_revision,
                  ASSAY_REVISION);
  if (!ASSAY_HAS(p, assay_plugin, n_tasks)) return format("its plugin structure ends before its tasks");
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

/* Letters, digits, `_`, `-` and dots: what ids and versions are made of. */
static char *check_word(const char *what, const char *owner, const char *text, const char *more) {
  char *error = check_text(what, owner, text, 1);
  if (error) return error;
  for (const char *c = text; *c; c++)
    if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || strchr(more, *c)))
      return format("%s: %s is `%.80s`, which is not made of letters, digits and `%s`", owner, what, text, more);
  return strlen(text) > 200 ? format("%s: %s is longer than 200 characters", owner, what) : NULL;
}

static char *check_hints(const assay_task *t, const char *owner) {
  char *error = NULL;
  if (ASSAY_HAS(t, assay_task, config_type) && (error = check_text("its configuration", owner, t->config_type, 0))) return error;
  if (ASSAY_HAS(t, assay_task, device) && (error = check_text("its device", owner, t->device, 0))) return error;
  if (!ASSAY_HAS(t, assay_task, secrets) || !t->secrets) return NULL;
  for (size_t i = 0; t->secrets[i] && !error; i++)
    error = i == CHOST_MAX_SECRETS ? format("%s: it declares more than %d secrets", owner, CHOST_MAX_SECRETS)
                                   : check_text("a secret", owner, t->secrets[i], 1);
  return error;
}

static char *check_task(const assay_task *t, uint64_t number) {
  char owner[300];
  snprintf(owner, sizeof owner, "task %llu", (unsigned long long)number + 1);
  if (!t) return format("%s is missing", owner);
  if (!ASSAY_HAS(t, assay_task, run)) return format("%s ends before its run function", owner);
  char *error = check_word("its id", owner, t->id, "._-");
  if (error) return error;
  snprintf(owner, sizeof owner, "task `%s`", t->id);
  if ((error = check_word("its version", owner, t->version, "._-+")) || (error = check_text("its title", owner, t->title, 0)) ||
      (error = check_text("its doc", owner, t->doc, 0)) || (error = check_text("its phase", owner, t->phase, 0)) ||
      (error = check_hints(t, owner)))
    return error;
  if (!t->run) return format("%s has no run function", owner);
  if (t->threads > ASSAY_THREADS_AFFINE) return format("%s declares unknown threading %u", owner, t->threads);
  if ((error = check_ports(t->id, "input", t->inputs, t->n_inputs))) return error;
  return check_ports(t->id, "output", t->outputs, t->n_outputs);
}

static int by_id(const void *a, const void *b) {
  return strcmp((*(const assay_task *const *)a)->id, (*(const assay_task *const *)b)->id);
}

static char *check_plugin(const assay_plugin *p) {
  char *error = NULL;
  if ((error = check_word("its id", "the plugin", p->id, "._-")) ||
      (error = check_word("its version", "the plugin", p->version, "._-+")) ||
      (error = check_text("its license", "the plugin", p->license, 0)) || (error = check_text("its doc", "the plugin", p->doc, 0)))
    return error;
  if (p->n_tasks > CHOST_MAX_TASKS)
    return format("it claims %llu tasks; at most %d are accepted", (unsigned long long)p->n_tasks, CHOST_MAX_TASKS);
  if (p->n_tasks && !p->tasks) return format("its task list is missing");
  for (uint64_t i = 0; i < p->n_tasks; i++)
    if ((error = check_task(p->tasks[i], i))) return error;
  const assay_task **sorted = malloc((size_t)(p->n_tasks + 1) * sizeof *sorted);
  if (!sorted) return format("out of memory");
  if (p->n_tasks) memcpy(sorted, p->tasks, (size_t)p->n_tasks * sizeof *sorted);
  qsort(sorted, (size_t)p->n_tasks, sizeof *sorted, by_id);
  for (uint64_t i = 1; i < p->n_tasks && !error; i++)
    if (strcmp(sorted[i - 1]->id, sorted[i]->id) == 0) error = format("it has two tasks `%s`", sorted[i]->id);
  free(sorted);
  return error;
}

/* ---- What is loaded ---- */

/* Loading, and counting what was begun, is for one thread at a time. */
static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

/* A plugin structure whose init() was called; never forgotten, as its code is never unloaded. */
typedef struct begun {
  struct begun *next;
  const assay_plugin *plugin;
  int uses;
} begun;
static begun *all_begun;

/* Calls init() if nobody has it open; 0, or its status. */
static assay_status begin_plugin(const assay_plugin *plugin) {
  begun *b = all_begun;
  while (b && b->plugin != plugin) b = b->next;
  if (!b) {
    b = calloc(1, sizeof *b);
    if (!b) return ASSAY_E_RESOURCE;
    b->plugin = plugin;
    b->next = all_begun;
    all_begun = b;
  }
  assay_status status = ASSAY_OK;
  if (b->uses == 0 && ASSAY_HAS(plugin, assay_plugin, init) && plugin->init) status = plugin->init(chost_host());
  if (status == ASSAY_OK) b->uses++;
  return status;
}

static void end_plugin(const assay_plugin *plugin) {
  for (begun *b = all_begun; b; b = b->next)
    if (b->plugin == plugin && --b->uses == 0 && ASSAY_HAS(plugin, assay_plugin, deinit) && plugin->deinit) plugin->deinit();
}

/* The libraries that came with a file, the file itself first; kept, because a second opening loads nothing new. */
typedef struct closure {
  struct closure *next;
  names libraries;
} closure;
static closure *all_closures;

/* Notes what is loaded now and was not `before` under the name of the file. NULL: out of memory. */
static const names *close_over(const char *path, const names *before) {
  names now = {0};
  char *real = realpath(path, NULL);
  closure *c = all_closures;
  while (real && c && strcmp(c->libraries.items[0], real) != 0) c = c->next;
  if (real && !c && (c = calloc(1, sizeof *c))) {
    c->libraries.items = malloc(sizeof *c->libraries.items);
    if (c->libraries.items) {
      c->libraries.items[c->libraries.count++] = real;
      real = NULL;
      c->next = all_closures;
      all_closures = c;
    } else {
      free(c);
      c = NULL;
    }
  }
  free(real);
  dl_iterate_phdr(remember, &now);
  for (size_t i = 0; c && i < now.count; i++) {
    if (contains(before, now.items[i])) continue;
    char *name = realpath(now.items[i], NULL);
    char **bigger = name && !contains(&c->libraries, name)
                        ? realloc(c->libraries.items, (c->libraries.count + 1) * sizeof *bigger)
                        : NULL;
    if (bigger) {
      c->libraries.items = bigger;
      c->libraries.items[c->libraries.count++] = name;
    } else {
      free(name);
    }
  }
  forget(&now);
  return c ? &c->libraries : NULL;
}

/* ---- Opening ---- */

/* NULL, or what went wrong. */
static char *open_plugin(chost_plugin *p, const char *path, const char *source, const char *const *options) {
  /* RTLD_NOW: a symbol that is missing is an error here, not a crash in the middle of a task. Never unloaded: threads and
   * thread-local destructors of the plugin may outlive any moment at which that would be safe. */
  names before = {0};
  dl_iterate_phdr(remember, &before);
  char *error = NULL;
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) error = format("it cannot be loaded: %s", chost_text(dlerror()));
  if (!error) error = negotiate(path, library, source, options, &p->plugin);
  if (!error) error = check_plugin(p->plugin);
  if (!error) {
    assay_status status = begin_plugin(p->plugin);
    if (status != ASSAY_OK) error = format("its init() failed with status %d", status);
    p->is_ready = status == ASSAY_OK;
  }
  if (!error && (!(p->libraries = close_over(path, &before)) || !describe_plugin(p))) error = format("out of memory");
  forget(&before);
  return error;
}

chost_plugin *chost_open(const char *path, const char *source, const char *const *options, char **error) {
  *error = NULL;
  chost_plugin *p = calloc(1, sizeof *p);
  if (!p) return NULL;
  pthread_mutex_lock(&loading);
  char *problem = open_plugin(p, path, source, options);
  pthread_mutex_unlock(&loading);
  if (!problem) return p;
  *error = format("%s: %s", source ? source : path, problem);
  free(problem);
  chost_close(p);
  return NULL;
}

const char *chost_describe(const chost_plugin *p) { return (const char *)p->description.bytes; }

void chost_close(chost_plugin *p) {
  destroy_instances(p);
  pthread_mutex_lock(&loading);
  if (p->is_ready) end_plugin(p->plugin);
  pthread_mutex_unlock(&loading);
  free(p->description.bytes);
  free(p);
}
