/* What a task can ask for: the host table. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "call.h"
#include "table.h"

static const assay_host host;

int64_t clock_now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The call of a run that is still active, with its gate held; NULL when it has ended. */
static call *pass_gate(const assay_run *run) {
  call *c = (call *)(uintptr_t)run;
  if (!c) return NULL;
  pthread_mutex_lock(&c->gate);
  if (c->active) return c;
  pthread_mutex_unlock(&c->gate);
  return NULL;
}

/* The same for services of the run's own thread. */
static call *begin_work(const assay_run *run) {
  call *c = (call *)(uintptr_t)run;
  if (!c) return NULL;
  pthread_mutex_lock(&c->work);
  pthread_mutex_lock(&c->gate);
  int active = c->active;
  pthread_mutex_unlock(&c->gate);
  if (active) return c;
  pthread_mutex_unlock(&c->work);
  return NULL;
}
static assay_status end_work(call *c, assay_status status) {
  pthread_mutex_unlock(&c->work);
  return status;
}

assay_status call_broke(call *c, const char *port, const char *format, ...) {
  if (!c->broken[0]) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(c->broken, sizeof c->broken, format, arguments);
    va_end(arguments);
    snprintf(c->broken_port, sizeof c->broken_port, "%s", chost_text(port));
  }
  return ASSAY_E_CONTRACT;
}

/* Writes text of a task that may be anything: at most `limit` bytes of it, with `?` for what is not UTF-8. */
static void put_clean(writer *w, const char *text, uint64_t n, uint64_t limit) {
  if (!text) n = 0;
  if (n > limit) {
    n = limit;
    while (n > limit - 3 && ((uint8_t)text[n] & 0xC0) == 0x80) n--; /* not in the middle of a character */
  }
  size_t start = w->count + 4;
  put_text(w, text, n);
  if (w->failed || chost_is_utf8(text ? text : "", n)) return;
  for (size_t i = start; i < w->count; i++)
    if (w->bytes[i] >= 0x80) w->bytes[i] = '?';
}

/* ---- Any thread ---- */

static void *host_alloc(const assay_host *self, uint64_t size, uint64_t align) {
  (void)self;
  void *block = NULL;
  if (align < sizeof(void *)) align = sizeof(void *);
  if (size > SIZE_MAX / 2 || align > 1u << 30) return NULL;
  return posix_memalign(&block, (size_t)align, (size_t)(size ? size : 1)) == 0 ? block : NULL;
}

static void host_free(const assay_host *self, void *block) {
  (void)self;
  free(block);
}

static void host_log(const assay_host *self, int32_t level, const char *text, uint64_t n) {
  (void)self;
  (void)level;
  if (text) fprintf(stderr, "%.*s\n", (int)(n > 8192 ? 8192 : n), text);
}

static const void *host_extension(const assay_host *self, const char *id) {
  (void)self;
  (void)id;
  return NULL;
}

static void run_log(const assay_run *run, int32_t level, const char *text, uint64_t n) {
  call *c = pass_gate(run);
  if (!c) return;
  writer w = {0};
  put_u8(&w, 1);
  put_u64(&w, c->attempt);
  put_i32(&w, level < 0 ? 0 : level > 3 ? 3 : level);
  put_i64(&w, clock_now(CLOCK_REALTIME));
  put_clean(&w, text, n, 65536);
  report_item(c->environment, &w, level >= ASSAY_LOG_WARNING);
  pthread_mutex_unlock(&c->gate);
}

static void run_progress(const assay_run *run, double done, double total, const char *what) {
  call *c = pass_gate(run);
  if (!c) return;
  if (c->environment->progress) c->environment->progress(c->environment->context, done, total, chost_text(what));
  pthread_mutex_unlock(&c->gate);
}

static void run_metric(const assay_run *run, const char *name, double value, const char *unit, int64_t step) {
  call *c = name ? pass_gate(run) : NULL;
  if (!c) return;
  writer w = {0};
  put_u8(&w, 2);
  put_u64(&w, c->attempt);
  put_clean(&w, name, strlen(name), 4096);
  put_f64(&w, value);
  put_clean(&w, unit, unit ? strlen(unit) : 0, 256);
  put_i64(&w, step);
  put_i64(&w, clock_now(CLOCK_REALTIME));
  report_item(c->environment, &w, 0);
  pthread_mutex_unlock(&c->gate);
}

/* A clean copy of at most `limit` bytes. */
static char *copied(const char *text, size_t limit) {
  if (!text) return NULL;
  writer w = {0};
  put_clean(&w, text, strnlen(text, limit + 1), limit);
  put_u8(&w, 0);
  char *copy = w.failed ? NULL : strdup((const char *)w.bytes + 4);
  free(w.bytes);
  return copy;
}

static assay_status run_fail(const assay_run *run, const assay_error *error) {
  if (!error || !ASSAY_HAS(error, assay_error, status)) return ASSAY_E_CONTRACT;
  assay_status status = error->status < 0 && error->status >= ASSAY_E_CONTRACT ? error->status : ASSAY_E_FAILED;
  call *c = pass_gate(run);
  if (!c) return ASSAY_E_CONTRACT;
  failure *f = &c->failure;
  if (!f->is_set) { /* the first error is the cause, later ones are its consequences */
    f->is_set = 1;
    f->status = status;
    f->retryable = ASSAY_HAS(error, assay_error, retryable) ? error->retryable : -1;
    if (f->retryable < -1 || f->retryable > 1) f->retryable = -1;
    f->domain_code = ASSAY_HAS(error, assay_error, domain_code) ? error->domain_code : 0;
    f->retry_after_ms = ASSAY_HAS(error, assay_error, retry_after_ms) ? error->retry_after_ms : -1;
    f->domain = ASSAY_HAS(error, assay_error, domain) ? copied(error->domain, 256) : NULL;
    f->message = ASSAY_HAS(error, assay_error, message) ? copied(error->message, 16384) : NULL;
    f->detail = ASSAY_HAS(error, assay_error, detail) ? copied(error->detail, 262144) : NULL;
    f->port = ASSAY_HAS(error, assay_error, port) ? copied(error->port, 256) : NULL;
  }
  pthread_mutex_unlock(&c->gate);
  return status;
}

/* ---- The run's own thread ---- */

static void release_region(assay_value *value) {
  region_release(value->owner);
  value->release = NULL;
}

static assay_status run_buffer(const assay_run *run, uint64_t bytes, uint64_t align, assay_value *out) {
  if (!out) return ASSAY_E_CONTRACT;
  memset(out, 0, sizeof *out);
  if (align > 4096 || (align & (align - 1))) return ASSAY_E_CONTRACT;
  call *c = begin_work(run);
  if (!c) return ASSAY_E_CONTRACT;
  region *r = region_make(bytes);
  if (!r) return end_work(c, ASSAY_E_RESOURCE);
  region_retain(r);
  if (!arena_keep(c->memory, r)) {
    region_release(r);
    return end_work(c, ASSAY_E_RESOURCE);
  }
  out->kind = ASSAY_BYTES;
  out->count = bytes;
  out->data = r->base ? (const void *)r->base : "";
  out->release = release_region;
  out->owner = r;
  return end_work(c, ASSAY_OK);
}

static void release_arena(assay_value *value) {
  arena_release(value->owner);
  value->release = NULL;
}

static assay_status run_retain(const assay_run *run, const assay_value *in, assay_value *out) {
  if (!in || !out) return ASSAY_E_CONTRACT;
  assay_value value = *in;
  memset(out, 0, sizeof *out);
  call *c = begin_work(run);
  if (!c) return ASSAY_E_CONTRACT;
  value.release = NULL;
  value.owner = NULL;
  if (value.data && !arena_owns(c->memory, value.data) && value.count) return end_work(c, ASSAY_E_CONTRACT);
  if (value.kind == ASSAY_TABLE) return end_work(c, retain_table(&value, out) ? ASSAY_OK : ASSAY_E_RESOURCE);
  if (value.data) {
    arena_retain(c->memory);
    value.owner = c->memory;
    value.release = release_arena;
  }
  *out = value;
  return end_work(c, ASSAY_OK);
}

/* Sets an output from a value that stays the caller's. */
static assay_status set_output(call *c, uint32_t port, assay_value *value) {
  if (port >= c->task->n_outputs)
    return call_broke(c, NULL, "it set output %u, but has %u outputs", port + 1, c->task->n_outputs);
  const assay_port *declared = c->task->outputs[port];
  encoder *e = &c->outputs[port];
  if (c->is_set[port]) return call_broke(c, declared->name, "it set output `%s` twice", declared->name);
  if (!kind_fits(declared, value))
    return call_broke(c, declared->name, "output `%s` is declared %.100s, it gave %s", declared->name, declared->type,
                      kind_name(value->kind));
  c->is_set[port] = 1; /* before foreign code runs: a stream must not set it again */
  if (write_value(e, value, 0) && encoder_finish(e)) return ASSAY_OK;
  return call_broke(c, declared->name, "output `%s`: it gave %s", declared->name, e->problem);
}

/* The value is the host's from here on, whatever the result. */
static assay_status run_output(const assay_run *run, uint32_t port, assay_value *moved) {
  if (!moved) return ASSAY_E_CONTRACT;
  call *c = begin_work(run);
  assay_value value = *moved;
  assay_status status = c ? set_output(c, port, &value) : ASSAY_E_CONTRACT;
  if (c) end_work(c, status);
  if (moved->release) moved->release(moved);
  memset(moved, 0, sizeof *moved);
  return status;
}

/* The last part of a path: the hint if it is a plain name. */
static void file_name(char *out, size_t size, const char *hint, const char *otherwise) {
  size_t n = hint ? strnlen(hint, size) : 0;
  int plain = n > 0 && n < size && hint[0] != '.' && chost_is_utf8(hint, n);
  for (size_t i = 0; plain && i < n; i++) plain = hint[i] != '/' && (unsigned char)hint[i] >= 0x20;
  snprintf(out, size, "%s", plain ? hint : otherwise);
}

static assay_status make_artifact(call *c, uint32_t port, const char *hint, assay_artifact **out) {
  if (port >= c->task->n_outputs)
    return call_broke(c, NULL, "it asked for a file for output %u, but has %u outputs", port + 1, c->task->n_outputs);
  const assay_port *declared = c->task->outputs[port];
  int is_dir = strncmp(declared->type, "dir", 3) == 0;
  if (!is_dir && strncmp(declared->type, "file", 4) != 0 && !strchr(declared->type, '.'))
    return call_broke(c, declared->name, "it asked for a file for output `%s`, which is declared %.100s", declared->name,
                      declared->type);
  if (c->run.temp_dir[0] != '/') return ASSAY_E_RESOURCE;
  char name[200];
  file_name(name, sizeof name, hint, is_dir ? "directory" : "file");
  size_t room = strlen(c->run.temp_dir) + sizeof name + 64;
  assay_artifact *f = arena_allocate(c->memory, sizeof *f);
  char *path = arena_allocate(c->memory, room);
  assay_artifact **list = realloc(c->artifacts, (c->artifact_count + 1) * sizeof *list);
  if (list) c->artifacts = list;
  if (!f || !path || !list) return ASSAY_E_RESOURCE;
  int n = snprintf(path, room, "%s/out-%u-%zu", c->run.temp_dir, port, c->artifact_count);
  if (mkdir(path, 0700) != 0) return ASSAY_E_RESOURCE;
  snprintf(path + n, room - (size_t)n, "/%s", name);
  f->fd = is_dir ? (mkdir(path, 0700) == 0 ? -1 : -2) : open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (is_dir ? f->fd == -2 : f->fd < 0) return ASSAY_E_RESOURCE;
  f->struct_size = sizeof *f;
  f->is_dir = (uint32_t)is_dir;
  f->path = path;
  f->host_data = (void *)(uintptr_t)(port + 1);
  c->artifacts[c->artifact_count++] = f;
  *out = f;
  return ASSAY_OK;
}

static assay_status run_artifact(const assay_run *run, uint32_t port, const char *hint, assay_artifact **out) {
  if (!out) return ASSAY_E_CONTRACT;
  *out = NULL;
  call *c = begin_work(run);
  return c ? end_work(c, make_artifact(c, port, hint, out)) : ASSAY_E_CONTRACT;
}

static assay_status run_commit(const assay_run *run, assay_artifact *f) {
  call *c = f ? begin_work(run) : NULL;
  if (!c) return ASSAY_E_CONTRACT;
  uint32_t port = 0;
  for (size_t i = 0; i < c->artifact_count; i++)
    if (c->artifacts[i] == f) {
      port = (uint32_t)(uintptr_t)f->host_data;
      c->artifacts[i] = NULL;
    }
  if (!port) return end_work(c, call_broke(c, NULL, "it committed a file that was not given to it, or twice"));
  if (f->fd >= 0) close((int)f->fd);
  f->fd = -1;
  assay_value v = {0};
  v.kind = f->is_dir ? ASSAY_DIR : ASSAY_FILE;
  v.data = f;
  return end_work(c, set_output(c, port - 1, &v));
}

static assay_status run_checkpoint(const assay_run *run, const void *data, uint64_t n) {
  if (n && !data) return ASSAY_E_CONTRACT;
  if (n > 64 << 20) return ASSAY_E_RESOURCE;
  call *c = begin_work(run);
  if (!c) return ASSAY_E_CONTRACT;
  writer w = {0};
  put_u8(&w, 3);
  put_u64(&w, c->attempt);
  put_u8(&w, 0); /* inline whatever its size: a long body leaves the packet as a whole */
  put_u64(&w, n);
  put(&w, data, n);
  if (w.failed) {
    free(w.bytes);
    return end_work(c, ASSAY_E_RESOURCE);
  }
  report_item(c->environment, &w, 1);
  return end_work(c, ASSAY_OK);
}

static assay_status run_secret(const assay_run *run, const char *name, assay_value *out) {
  if (!name || !out) return ASSAY_E_CONTRACT;
  memset(out, 0, sizeof *out);
  call *c = begin_work(run);
  if (!c) return ASSAY_E_CONTRACT;
  int declared = 0;
  if (ASSAY_HAS(c->task, assay_task, secrets) && c->task->secrets)
    for (size_t i = 0; c->task->secrets[i]; i++) declared |= strcmp(c->task->secrets[i], name) == 0;
  if (!declared)
    return end_work(c, call_broke(c, NULL, "it asked for the secret `%.60s`, which it does not declare",
                                  chost_is_utf8(name, strlen(name)) ? name : "?"));
  for (uint32_t i = 0; i < c->secret_count; i++)
    if (strcmp(c->secret_names[i], name) == 0) {
      out->kind = ASSAY_STRING;
      out->flags = ASSAY_V_READONLY;
      out->data = c->secret_values[i];
      out->count = strlen(c->secret_values[i]);
      return end_work(c, ASSAY_OK);
    }
  return end_work(c, ASSAY_E_INPUT);
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
  if (ASSAY_HAS(c->task, assay_task, cancel) && c->task->cancel) c->task->cancel(c->instance->state, &c->run);
}
