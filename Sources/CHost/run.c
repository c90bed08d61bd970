#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "encode.h"
#include "plugin.h"

/* One attempt. Never freed, only used again: a task that keeps a pointer to its run finds it ended, not gone. */
typedef struct call {
  assay_run run; /* what the task sees */
  _Atomic int active;
  struct call *next_free;
  const chost_environment *environment;
  uint64_t attempt;
  const assay_task *task;
  instance *instance;
  arena memory;
  pthread_mutex_t lock; /* guards what follows */
  encoder *outputs;     /* by port */
  uint8_t *is_set;
  assay_artifact **artifacts; /* handed out, not yet committed */
  size_t artifact_count;
  uint32_t secret_count;
  char **secret_names, **secret_values;
  int has_error;
  assay_status error_status;
  int32_t retryable, domain_code;
  int64_t retry_after_ms;
  char *domain, *message, *detail, *port;
  char broken[400]; /* how the task broke the contract */
  char broken_port[128];
} call;

static call *call_of(const assay_run *run) {
  call *c = (call *)(uintptr_t)run;
  return c && atomic_load(&c->active) ? c : NULL;
}

static int64_t now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void enter(const chost_environment *e) {
  if (e->lock) e->lock(e->context);
}
static void leave(const chost_environment *e) {
  if (e->unlock) e->unlock(e->context);
}

/* Appends an item that has no descriptors. */
static void append(const chost_environment *e, writer *item, int urgent) {
  enter(e);
  writer w = {e->report->bytes, e->report->count, e->report->capacity, e->report->failed};
  if (item->failed) w.failed = 1;
  put(&w, item->bytes, item->count);
  e->report->bytes = w.bytes;
  e->report->count = w.count;
  e->report->capacity = w.capacity;
  e->report->failed |= w.failed;
  e->report->items++;
  if (e->appended) e->appended(e->context, urgent);
  leave(e);
  free(item->bytes);
}

void chost_report_clear(chost_report *r) {
  for (uint32_t i = 0; i < r->descriptor_count; i++) close(r->descriptors[i]);
  r->count = 0;
  r->items = 0;
  r->descriptor_count = 0;
}

void chost_report_free(chost_report *r) {
  chost_report_clear(r);
  free(r->bytes);
  memset(r, 0, sizeof *r);
}

/* ---- Services: any thread ---------------------------------------------------------------------------------------- */

static void *host_alloc(const assay_host *host, uint64_t size, uint64_t align) {
  (void)host;
  void *block = NULL;
  if (align < sizeof(void *)) align = sizeof(void *);
  return posix_memalign(&block, (size_t)align, (size_t)(size ? size : 1)) == 0 ? block : NULL;
}

static void host_free(const assay_host *host, void *block) {
  (void)host;
  free(block);
}

static void host_log(const assay_host *host, int32_t level, const char *text, uint64_t n) {
  (void)host;
  (void)level;
  fprintf(stderr, "%.*s\n", (int)(n > 8192 ? 8192 : n), text ? text : "");
}

static const void *host_extension(const assay_host *host, const char *id) {
  (void)host;
  (void)id;
  return NULL;
}

static void put_clean(writer *w, const char *text, uint64_t n, uint64_t limit) {
  if (!text) n = 0;
  if (n > limit) n = limit;
  while (n && !chost_is_utf8(text, n) && n > limit - 4) n--; /* a cut may fall into a character */
  if (chost_is_utf8(text ? text : "", n)) return put_text(w, text, n);
  put_string(w, "(text that is not UTF-8)");
}

static void run_log(const assay_run *run, int32_t level, const char *text, uint64_t n) {
  call *c = call_of(run);
  if (!c) return;
  writer w = {0};
  put_u8(&w, 1);
  put_u64(&w, c->attempt);
  put_i32(&w, level < 0 ? 0 : level > 3 ? 3 : level);
  put_i64(&w, now(CLOCK_REALTIME));
  put_clean(&w, text, n, 65536);
  append(c->environment, &w, level >= 2);
}

static void run_progress(const assay_run *run, double done, double total, const char *what) {
  call *c = call_of(run);
  if (c && c->environment->progress) c->environment->progress(c->environment->context, done, total, chost_text(what));
}

static void run_metric(const assay_run *run, const char *name, double value, const char *unit, int64_t step) {
  call *c = call_of(run);
  if (!c || !name) return;
  writer w = {0};
  put_u8(&w, 2);
  put_u64(&w, c->attempt);
  put_clean(&w, name, strlen(name), 4096);
  put_f64(&w, value);
  put_clean(&w, unit, unit ? strlen(unit) : 0, 256);
  put_i64(&w, step);
  put_i64(&w, now(CLOCK_REALTIME));
  append(c->environment, &w, 0);
}

static char *copied(const char *text, size_t limit) {
  if (!text) return NULL;
  size_t n = strnlen(text, limit);
  while (n && n == limit && !chost_is_utf8(text, n)) n--;
  return chost_is_utf8(text, n) ? strndup(text, n) : strdup("(text that is not UTF-8)");
}

static assay_status run_fail(const assay_run *run, const assay_error *error) {
  call *c = call_of(run);
  if (!c || !error || error->struct_size < 8) return ASSAY_E_CONTRACT;
  assay_status status = error->status < 0 ? error->status : ASSAY_E_FAILED;
  pthread_mutex_lock(&c->lock);
  if (!c->has_error) { /* the first error is the cause, later ones are its consequences */
    c->has_error = 1;
    c->error_status = status;
    c->retryable = ASSAY_HAS(error, assay_error, retryable) ? error->retryable : -1;
    c->domain_code = ASSAY_HAS(error, assay_error, domain_code) ? error->domain_code : 0;
    c->retry_after_ms = ASSAY_HAS(error, assay_error, retry_after_ms) ? error->retry_after_ms : -1;
    c->domain = ASSAY_HAS(error, assay_error, domain) ? copied(error->domain, 256) : NULL;
    c->message = ASSAY_HAS(error, assay_error, message) ? copied(error->message, 16384) : NULL;
    c->detail = ASSAY_HAS(error, assay_error, detail) ? copied(error->detail, 262144) : NULL;
    c->port = ASSAY_HAS(error, assay_error, port) ? copied(error->port, 256) : NULL;
  }
  pthread_mutex_unlock(&c->lock);
  return status;
}

/* ---- Services: the run's own thread ------------------------------------------------------------------------------ */

static assay_status broke(call *c, const char *port, const char *format, ...) __attribute__((format(printf, 3, 4)));
static assay_status broke(call *c, const char *port, const char *format, ...) {
  if (!c->broken[0]) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(c->broken, sizeof c->broken, format, arguments);
    va_end(arguments);
    snprintf(c->broken_port, sizeof c->broken_port, "%s", chost_text(port));
  }
  return ASSAY_E_CONTRACT;
}

static void release_region(assay_value *value) {
  region_release(value->owner);
  value->release = NULL;
}

static assay_status run_buffer(const assay_run *run, uint64_t bytes, uint64_t align, assay_value *out) {
  call *c = call_of(run);
  if (!c || !out) return ASSAY_E_CONTRACT;
  memset(out, 0, sizeof *out);
  if (align > 4096) return ASSAY_E_UNSUPPORTED;
  region *r = region_make(bytes);
  if (!r) return ASSAY_E_RESOURCE;
  region_retain(r);
  pthread_mutex_lock(&c->lock);
  int kept = arena_keep(&c->memory, r);
  pthread_mutex_unlock(&c->lock);
  if (!kept) {
    region_release(r);
    return ASSAY_E_RESOURCE;
  }
  out->kind = ASSAY_BYTES;
  out->count = bytes;
  out->data = r->base ? (const void *)r->base : "";
  out->release = release_region;
  out->owner = r;
  return ASSAY_OK;
}

static assay_status run_retain(const assay_run *run, const assay_value *in, assay_value *out) {
  call *c = call_of(run);
  if (!c || !in || !out) return ASSAY_E_CONTRACT;
  *out = *in; /* inputs live in the run's arena: a second reference needs no owner of its own while the run lasts */
  out->release = NULL;
  out->owner = NULL;
  return ASSAY_OK;
}

static void drop(assay_value *value) {
  if (value->release) value->release(value);
  value->release = NULL;
  value->kind = ASSAY_NULL;
}

/* What a declared type asks for, by its first word; NULL: anything. */
static int fits(const char *type, const assay_value *v) {
  size_t n = strcspn(type, "<({[?| ");
  size_t length = strlen(type);
  if (v->kind == ASSAY_NULL) return length && type[length - 1] == '?';
  if (type[0] == '{') return v->kind == ASSAY_RECORD;
  static const struct { const char *word; uint32_t a, b; } rules[] = {
      {"bool", ASSAY_BOOL, ASSAY_BOOL},     {"int", ASSAY_I64, ASSAY_I64},        {"i64", ASSAY_I64, ASSAY_I64},
      {"float", ASSAY_F64, ASSAY_I64},      {"f64", ASSAY_F64, ASSAY_I64},        {"string", ASSAY_STRING, ASSAY_STRING},
      {"str", ASSAY_STRING, ASSAY_STRING},  {"enum", ASSAY_STRING, ASSAY_STRING}, {"bytes", ASSAY_BYTES, ASSAY_BYTES},
      {"list", ASSAY_LIST, ASSAY_LIST},     {"tensor", ASSAY_TENSOR, ASSAY_TENSOR}, {"table", ASSAY_TABLE, ASSAY_TABLE},
      {"file", ASSAY_FILE, ASSAY_FILE},     {"dir", ASSAY_DIR, ASSAY_DIR}};
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
    if (strlen(rules[i].word) == n && memcmp(rules[i].word, type, n) == 0) return v->kind == rules[i].a || v->kind == rules[i].b;
  return 1;
}

static const char *kind_name(uint32_t kind) {
  static const char *const names[] = {"null", "bool", "int", "float", "string", "bytes", "list", "record", "tensor", "table", "file", "dir"};
  return kind < sizeof names / sizeof *names ? names[kind] : "an unknown kind";
}

/* The value is the host's from here on, whatever the result. */
static assay_status run_output(const assay_run *run, uint32_t port, assay_value *moved) {
  call *c = call_of(run);
  if (!moved) return ASSAY_E_CONTRACT;
  if (!c) {
    drop(moved);
    return ASSAY_E_CONTRACT;
  }
  assay_status status = ASSAY_OK;
  pthread_mutex_lock(&c->lock);
  if (port >= c->task->n_outputs) {
    status = broke(c, NULL, "it set output %u, but has %u outputs", port + 1, c->task->n_outputs);
  } else {
    const assay_port *declared = c->task->outputs[port];
    encoder *e = &c->outputs[port];
    if (c->is_set[port]) {
      status = broke(c, declared->name, "it set output `%s` twice", declared->name);
    } else if (!fits(declared->type, moved)) {
      status = broke(c, declared->name, "output `%s` is declared %s, it gave %s", declared->name, declared->type, kind_name(moved->kind));
    } else {
      c->is_set[port] = 1;
      if (!write_value(e, moved, 0) || !encoder_finish(e))
        status = broke(c, declared->name, "output `%s`: it gave %s", declared->name, e->problem);
    }
  }
  pthread_mutex_unlock(&c->lock);
  drop(moved);
  return status;
}

static assay_status run_artifact(const assay_run *run, uint32_t port, const char *hint, assay_artifact **out) {
  call *c = call_of(run);
  if (!c || !out) return ASSAY_E_CONTRACT;
  *out = NULL;
  if (port >= c->task->n_outputs) return broke(c, NULL, "it asked for a file for output %u, but has %u outputs", port + 1, c->task->n_outputs);
  const assay_port *declared = c->task->outputs[port];
  int is_dir = strncmp(declared->type, "dir", 3) == 0;
  if (!is_dir && strncmp(declared->type, "file", 4) != 0 && !strchr(declared->type, '.'))
    return broke(c, declared->name, "it asked for a file for output `%s`, which is declared %s", declared->name, declared->type);
  pthread_mutex_lock(&c->lock);
  assay_status status = ASSAY_E_RESOURCE;
  assay_artifact *f = arena_allocate(&c->memory, sizeof *f);
  char *path = arena_allocate(&c->memory, strlen(c->run.temp_dir) + 400);
  if (f && path) {
    char name[200] = {0};
    size_t n = 0;
    for (const char *s = chost_text(hint); *s && n < sizeof name - 1; s++) name[n++] = *s == '/' || (unsigned char)*s < 0x20 ? '_' : *s;
    if (!n || name[0] == '.') snprintf(name, sizeof name, "%s", is_dir ? "directory" : "file");
    sprintf(path, "%s/out-%u-%zu", c->run.temp_dir, port, c->artifact_count);
    int made = mkdir(path, 0700);
    sprintf(path + strlen(path), "/%s", name);
    if (made == 0 && is_dir) made = mkdir(path, 0700);
    assay_artifact **bigger = realloc(c->artifacts, (c->artifact_count + 1) * sizeof *bigger);
    if (bigger) c->artifacts = bigger;
    if (made == 0 && bigger) {
      f->struct_size = sizeof *f;
      f->is_dir = (uint32_t)is_dir;
      f->path = path;
      f->fd = -1;
      f->host_data = (void *)(uintptr_t)(port + 1);
      c->artifacts[c->artifact_count++] = f;
      *out = f;
      status = ASSAY_OK;
    }
  }
  pthread_mutex_unlock(&c->lock);
  return status;
}

static assay_status run_commit(const assay_run *run, assay_artifact *f) {
  call *c = call_of(run);
  if (!c || !f) return ASSAY_E_CONTRACT;
  uint32_t port = 0;
  pthread_mutex_lock(&c->lock);
  for (size_t i = 0; i < c->artifact_count; i++)
    if (c->artifacts[i] == f) {
      port = (uint32_t)(uintptr_t)f->host_data;
      c->artifacts[i] = NULL;
    }
  pthread_mutex_unlock(&c->lock);
  if (!port) return broke(c, NULL, "it committed a file that was not given to it, or twice");
  struct stat info;
  if (lstat(f->path, &info) != 0) {
    int code = errno;
    const assay_port *declared = c->task->outputs[port - 1];
    return broke(c, declared->name, "output `%s`: it committed %s, which it did not write (%s)", declared->name, f->path, strerror(code));
  }
  if (!f->is_dir) f->size = (uint64_t)info.st_size;
  assay_value v = {0};
  v.kind = f->is_dir ? ASSAY_DIR : ASSAY_FILE;
  v.data = f;
  return run_output(run, port - 1, &v);
}

static assay_status run_checkpoint(const assay_run *run, const void *data, uint64_t n) {
  call *c = call_of(run);
  if (!c || (n && !data) || n > 64 << 20) return ASSAY_E_CONTRACT;
  writer w = {0};
  put_u8(&w, 3);
  put_u64(&w, c->attempt);
  put_u8(&w, 0);
  put_u64(&w, n);
  put(&w, data, n);
  append(c->environment, &w, 1);
  return ASSAY_OK;
}

static assay_status run_secret(const assay_run *run, const char *name, assay_value *out) {
  call *c = call_of(run);
  if (!c || !name || !out) return ASSAY_E_CONTRACT;
  memset(out, 0, sizeof *out);
  int declared = 0;
  for (size_t i = 0; ASSAY_HAS(c->task, assay_task, secrets) && c->task->secrets && c->task->secrets[i]; i++)
    declared |= strcmp(c->task->secrets[i], name) == 0;
  if (!declared) return broke(c, NULL, "it asked for the secret `%.60s`, which it does not declare", name);
  for (uint32_t i = 0; i < c->secret_count; i++)
    if (strcmp(c->secret_names[i], name) == 0) {
      out->kind = ASSAY_STRING;
      out->data = c->secret_values[i];
      out->count = strlen(c->secret_values[i]);
      return ASSAY_OK;
    }
  return ASSAY_E_INPUT;
}

static const assay_host host = {
    .struct_size = sizeof(assay_host),
    .generation = ASSAY_GENERATION,
    .revision = ASSAY_REVISION,
    .engine = "assay",
    .engine_version = "0.1.0",
    .alloc = host_alloc,
    .free = host_free,
    .log = host_log,
    .get_extension = host_extension,
    .run_log = run_log,
    .progress = run_progress,
    .metric = run_metric,
    .fail = run_fail,
    .retain = run_retain,
    .buffer = run_buffer,
    .output = run_output,
    .artifact = run_artifact,
    .commit = run_commit,
    .checkpoint = run_checkpoint,
    .secret = run_secret,
};

const assay_host *chost_host(void) { return &host; }

void chost_cancel(void *run) {
  call *c = run;
  if (!call_of(&c->run) || !c->instance) return;
  if (ASSAY_HAS(c->task, assay_task, cancel) && c->task->cancel) c->task->cancel(c->instance->state, &c->run);
}

/* ---- One run ----------------------------------------------------------------------------------------------------- */

static pthread_mutex_t free_lock = PTHREAD_MUTEX_INITIALIZER;
static call *free_calls;

static call *take_call(void) {
  pthread_mutex_lock(&free_lock);
  call *c = free_calls;
  if (c) free_calls = c->next_free;
  pthread_mutex_unlock(&free_lock);
  if (c) return c;
  c = calloc(1, sizeof *c);
  if (c) pthread_mutex_init(&c->lock, NULL);
  return c;
}

static void give_call(call *c) {
  for (uint32_t i = 0; c->outputs && i < c->task->n_outputs; i++) encoder_free(&c->outputs[i]);
  free(c->outputs);
  free(c->is_set);
  free(c->artifacts);
  free(c->domain);
  free(c->message);
  free(c->detail);
  free(c->port);
  arena_free(&c->memory);
  pthread_mutex_t lock = c->lock;
  memset(c, 0, sizeof *c);
  c->lock = lock;
  pthread_mutex_lock(&free_lock);
  c->next_free = free_calls;
  free_calls = c;
  pthread_mutex_unlock(&free_lock);
}

/* The instance for a configuration, created when it is not there yet. */
static assay_status find_instance(chost_plugin *p, call *c, const uint8_t *config, size_t n, const assay_value *value) {
  instance *oldest = &p->instances[0];
  for (size_t i = 0; i < CHOST_INSTANCES; i++) {
    instance *x = &p->instances[i];
    if (x->task == c->task && x->config_size == n && memcmp(x->config, config, n) == 0) {
      x->used = ++p->clock;
      c->instance = x;
      return ASSAY_OK;
    }
    if (x->used < oldest->used) oldest = x;
  }
  instance *x = oldest;
  if (x->task && ASSAY_HAS(x->task, assay_task, destroy) && x->task->destroy && x->state) x->task->destroy(x->state);
  free(x->config);
  memset(x, 0, sizeof *x);
  x->config = malloc(n ? n : 1);
  if (!x->config) return ASSAY_E_RESOURCE;
  memcpy(x->config, config, n);
  x->config_size = n;
  if (c->task->create) {
    assay_status status = c->task->create(&host, c->task, value, &x->state);
    if (status != ASSAY_OK) return status;
  }
  x->task = c->task;
  x->used = ++p->clock;
  c->instance = x;
  return ASSAY_OK;
}

static const char *status_name(assay_status status) {
  switch (status) {
  case ASSAY_E_FAILED: return "failed";
  case ASSAY_E_TRANSIENT: return "transient";
  case ASSAY_E_INPUT: return "input";
  case ASSAY_E_CANCELLED: return "cancelled";
  case ASSAY_E_RESOURCE: return "resource";
  case ASSAY_E_UNSUPPORTED: return "unsupported";
  case ASSAY_E_CONTRACT: return "contract";
  default: return "unknown";
  }
}

static void put_error(writer *w, int32_t retryable, int32_t code, int64_t after, const char *domain, const char *message,
                      const char *detail, const char *port) {
  put_u8(w, 1);
  put_i32(w, retryable);
  put_i32(w, code);
  put_i64(w, after);
  put_string(w, domain);
  put_string(w, message);
  put_string(w, detail);
  put_string(w, port);
}

/* Writes the outputs behind what the report already holds, with their descriptors renumbered. */
static void put_outputs(call *c, writer *w, chost_report *report) {
  put_u32(w, c->task->n_outputs);
  for (uint32_t i = 0; i < c->task->n_outputs; i++) {
    encoder *e = &c->outputs[i];
    if (!c->is_set[i]) {
      put_u8(w, 255);
      continue;
    }
    size_t start = w->count;
    put(w, e->out.bytes, e->out.count);
    if (w->failed) return;
    for (size_t k = 0; k < e->place_count; k++) {
      uint32_t number;
      memcpy(&number, w->bytes + start + e->places[k], sizeof number);
      number += report->descriptor_count;
      memcpy(w->bytes + start + e->places[k], &number, sizeof number);
    }
    for (size_t k = 0; k < e->descriptor_count; k++) report->descriptors[report->descriptor_count++] = e->descriptors[k];
    e->descriptor_count = 0; /* they are the report's now */
  }
}

/* Appends the DONE of a run. */
static void finish(call *c, assay_status status, int64_t wall, int64_t cpu) {
  const chost_environment *e = c->environment;
  char message[300];
  if (status == ASSAY_OK && !c->broken[0]) {
    for (uint32_t i = 0; i < c->task->n_outputs; i++) {
      const assay_port *port = c->task->outputs[i];
      size_t n = strlen(port->type);
      if (!c->is_set[i] && !(port->flags & ASSAY_PORT_OPTIONAL) && port->type[n - 1] != '?')
        broke(c, port->name, "it ended without setting output `%s`", port->name);
    }
  }
  if (status == ASSAY_OK && c->has_error && !c->broken[0]) broke(c, NULL, "it called fail() and returned success");
  if (status > 0) broke(c, NULL, "it returned the unknown status %d", status);
  if (c->broken[0]) status = ASSAY_E_CONTRACT;

  /* Buffers can no longer change: what the engine hashes is what everybody sees. */
  for (size_t i = 0; i < c->memory.region_count; i++)
    if (c->memory.regions[i]) region_freeze(c->memory.regions[i]);

  size_t descriptors = 0;
  for (uint32_t i = 0; status == ASSAY_OK && i < c->task->n_outputs; i++) descriptors += c->outputs[i].descriptor_count;
  if (descriptors > CHOST_MAX_DESCRIPTORS) {
    broke(c, NULL, "its outputs have more than %d large contents", CHOST_MAX_DESCRIPTORS);
    status = ASSAY_E_CONTRACT;
    descriptors = 0;
  }
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);

  enter(e);
  if (e->report->descriptor_count + descriptors > CHOST_MAX_DESCRIPTORS && e->appended) e->appended(e->context, 1);
  writer w = {e->report->bytes, e->report->count, e->report->capacity, e->report->failed};
  put_u8(&w, 4);
  put_u64(&w, c->attempt);
  put_i32(&w, status);
  put_u64(&w, (uint64_t)wall);
  put_u64(&w, (uint64_t)cpu);
  put_u64(&w, (uint64_t)usage.ru_maxrss * 1024);
  if (status == ASSAY_OK) {
    put_outputs(c, &w, e->report);
    put_u8(&w, 0);
  } else {
    put_u32(&w, 0);
    if (c->broken[0]) {
      put_error(&w, 0, 0, -1, "contract", c->broken, c->has_error ? c->message : NULL, c->broken_port);
    } else if (c->has_error) {
      put_error(&w, c->retryable, c->domain_code, c->retry_after_ms, c->domain, c->message && c->message[0] ? c->message : "it failed and gave no message", c->detail, c->port);
    } else {
      snprintf(message, sizeof message, "it returned status %d (%s) and gave no message", status, status_name(status));
      put_error(&w, -1, 0, -1, NULL, message, NULL, NULL);
    }
  }
  e->report->bytes = w.bytes;
  e->report->count = w.count;
  e->report->capacity = w.capacity;
  e->report->failed |= w.failed;
  e->report->items++;
  if (e->appended) e->appended(e->context, 0);
  leave(e);
}

/* Reads what an invocation says; 0 when it is malformed. */
static int read_invocation(reader *r, call *c, chost_plugin *const *plugins, uint32_t plugin_count, chost_plugin **plugin,
                           uint32_t *slot, const uint8_t **config, size_t *config_size, assay_value *config_value,
                           int64_t *timeout) {
  arena *a = &c->memory;
  c->attempt = read_u64(r);
  uint32_t index = read_u32(r), task = read_u32(r);
  if (r->bad || index >= plugin_count || !plugins[index] || task >= plugins[index]->plugin->n_tasks) return 0;
  *plugin = plugins[index];
  c->task = plugins[index]->plugin->tasks[task];
  c->run.attempt = read_u32(r);
  *slot = read_u32(r);
  c->run.workflow = read_string(r, a);
  c->run.node = read_string(r, a);
  c->run.run_id = read_string(r, a);
  c->run.temp_dir = read_string(r, a);
  for (int i = 0; i < 4; i++) c->run.seed[i] = read_u64(r);
  c->run.unix_ns = read_i64(r);
  *timeout = read_i64(r);
  *config = r->at;
  read_value(r, a, config_value, 0);
  *config_size = (size_t)(r->at - *config);
  uint32_t n = read_u32(r);
  if (r->bad || n != c->task->n_inputs) return 0;
  assay_value *inputs = arena_allocate(a, n * sizeof *inputs);
  for (uint32_t i = 0; i < n && inputs && !r->bad; i++) read_value(r, a, &inputs[i], 0);
  c->run.inputs = inputs;
  if (read_u8(r)) c->run.resume = read_blob(r, a, &c->run.resume_size);
  c->secret_count = read_u32(r);
  if (r->bad || c->secret_count > 1000) return 0;
  c->secret_names = arena_allocate(a, c->secret_count * sizeof *c->secret_names);
  c->secret_values = arena_allocate(a, c->secret_count * sizeof *c->secret_values);
  for (uint32_t i = 0; i < c->secret_count && c->secret_names && c->secret_values; i++) {
    c->secret_names[i] = read_string(r, a);
    c->secret_values[i] = read_string(r, a);
  }
  return !r->bad && !a->failed;
}

int chost_run(chost_plugin *const *plugins, uint32_t plugin_count, const uint8_t *bytes, size_t size, size_t *used,
              const int *descriptors, uint32_t descriptor_count, const chost_environment *environment) {
  call *c = take_call();
  if (!c) return -1;
  reader r = {bytes, bytes + size, 0};
  chost_plugin *plugin = NULL;
  const uint8_t *config = NULL;
  size_t config_size = 0;
  assay_value config_value;
  int64_t timeout = 0;
  uint32_t slot = 0;
  c->environment = environment;
  c->memory.descriptors = descriptors;
  c->memory.descriptor_count = descriptor_count;
  for (uint32_t i = 0; i < descriptor_count; i++) arena_keep(&c->memory, NULL);
  if (!read_invocation(&r, c, plugins, plugin_count, &plugin, &slot, &config, &config_size, &config_value, &timeout)) {
    c->task = NULL;
    give_call(c);
    return -1;
  }
  *used = (size_t)(r.at - bytes);
  c->outputs = calloc(c->task->n_outputs ? c->task->n_outputs : 1, sizeof *c->outputs);
  c->is_set = calloc(c->task->n_outputs ? c->task->n_outputs : 1, 1);
  if (!c->outputs || !c->is_set) {
    free(c->outputs);
    c->outputs = NULL;
    give_call(c);
    return -1;
  }
  for (uint32_t i = 0; i < c->task->n_outputs; i++) encoder_init(&c->outputs[i], &c->memory);
  c->run.struct_size = sizeof c->run;
  c->run.host = &host;
  c->run.n_inputs = c->task->n_inputs;
  c->run.n_outputs = c->task->n_outputs;
  c->run.config = &config_value;
  c->run.cancel = environment->cancel_word(environment->context, slot);
  int64_t started = now(CLOCK_MONOTONIC), cpu = now(CLOCK_THREAD_CPUTIME_ID);
  c->run.deadline_ns = timeout > 0 ? started + timeout : 0;
  atomic_store(&c->active, 1);

  assay_status status = find_instance(plugin, c, config, config_size, &config_value);
  if (status != ASSAY_OK && !c->has_error) {
    assay_error error = {sizeof error, status, -1, 0, -1, NULL, "its create() refused the configuration", NULL, NULL};
    run_fail(&c->run, &error);
  }
  if (status == ASSAY_OK) {
    if (environment->begin) environment->begin(environment->context, c->attempt, slot, c);
    status = c->task->run(c->instance->state, &c->run);
    if (environment->end) environment->end(environment->context, c->attempt);
  }
  fflush(NULL);
  int64_t wall = now(CLOCK_MONOTONIC) - started;
  atomic_store(&c->active, 0);
  finish(c, status, wall, now(CLOCK_THREAD_CPUTIME_ID) - cpu);
  give_call(c);
  return 0;
}
