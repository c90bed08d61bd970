/* Runs invocations: reads what the engine says, finds or makes the instance, calls the task. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "call.h"

/* ---- Calls at rest ---- */

enum { RESTING = 64 };
static pthread_mutex_t rest_lock = PTHREAD_MUTEX_INITIALIZER;
static call *first_resting, *last_resting;
static int resting;

static call *take_call(void) {
  call *c = NULL;
  pthread_mutex_lock(&rest_lock);
  if (resting > RESTING) {
    c = first_resting;
    first_resting = c->next;
    resting--;
  }
  pthread_mutex_unlock(&rest_lock);
  if (c) return c;
  c = calloc(1, sizeof *c);
  if (!c) return NULL;
  pthread_mutexattr_t recursive;
  pthread_mutexattr_init(&recursive);
  pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&c->work, &recursive);
  pthread_mutex_init(&c->gate, NULL);
  pthread_mutexattr_destroy(&recursive);
  return c;
}

/* Frees what a call owns and puts it to rest. What the task may still look at is cleared, but the host table stays: its
 * functions say that the run has ended. */
static void rest_call(call *c) {
  for (uint32_t i = 0; c->outputs && i < c->task->n_outputs; i++) encoder_free(&c->outputs[i]);
  for (size_t i = 0; i < c->artifact_count; i++)
    if (c->artifacts[i] && c->artifacts[i]->fd >= 0) close((int)c->artifacts[i]->fd);
  for (uint32_t i = 0; c->secret_values && i < c->secret_count; i++)
    if (c->secret_values[i]) explicit_bzero(c->secret_values[i], strlen(c->secret_values[i]));
  free(c->artifacts);
  free(c->failure.domain);
  free(c->failure.message);
  free(c->failure.detail);
  free(c->failure.port);
  arena_release(c->memory);
  const assay_host *host = chost_host();
  memset(&c->run, 0, sizeof c->run);
  c->run.struct_size = sizeof c->run;
  c->run.host = host;
  memset(&c->failure, 0, sizeof c->failure);
  c->outputs = NULL;
  c->is_set = NULL;
  c->artifacts = NULL;
  c->artifact_count = 0;
  c->secret_count = 0;
  c->secret_names = c->secret_values = NULL;
  c->memory = NULL;
  c->task = NULL;
  c->instance = NULL;
  c->broken[0] = c->broken_port[0] = 0;
  pthread_mutex_lock(&rest_lock);
  c->next = NULL;
  if (resting++) last_resting->next = c;
  else first_resting = c;
  last_resting = c;
  pthread_mutex_unlock(&rest_lock);
}

/* ---- Instances ---- */

static void destroy_instance(instance *x) {
  if (x->task && ASSAY_HAS(x->task, assay_task, destroy) && x->task->destroy && x->state) x->task->destroy(x->state);
  free(x->config);
  memset(x, 0, sizeof *x);
}

void destroy_instances(chost_plugin *p) {
  for (size_t i = 0; i < CHOST_INSTANCES; i++) destroy_instance(&p->instances[i]);
}

/* The instance for a configuration, created when it is not there yet. */
static assay_status find_instance(call *c, const uint8_t *config, size_t n, const assay_value *value) {
  chost_plugin *p = c->plugin;
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
  destroy_instance(x);
  x->config = malloc(n ? n : 1);
  if (!x->config) return ASSAY_E_RESOURCE;
  memcpy(x->config, config, n);
  x->config_size = n;
  assay_status status = c->task->create ? c->task->create(chost_host(), c->task, value, &x->state) : ASSAY_OK;
  if (status != ASSAY_OK) {
    x->state = NULL;
    return status < 0 && status >= ASSAY_E_CONTRACT ? status : ASSAY_E_FAILED;
  }
  x->task = c->task;
  x->used = ++p->clock;
  c->instance = x;
  return ASSAY_OK;
}

/* ---- Invocations ---- */

typedef struct invocation {
  uint32_t plugin, task, slot, n_inputs;
  const uint8_t *config; /* wire bytes, or NULL: they refer to descriptors and say nothing by themselves */
  size_t config_size;
  assay_value *config_value;
  assay_value *inputs;
  int64_t timeout;
} invocation;

static void read_invocation(reader *r, call *c, invocation *v) {
  arena *a = c->memory;
  c->attempt = read_u64(r);
  v->plugin = read_u32(r);
  v->task = read_u32(r);
  c->run.attempt = read_u32(r);
  v->slot = read_u32(r);
  c->run.workflow = read_string(r, a);
  c->run.node = read_string(r, a);
  c->run.run_id = read_string(r, a);
  c->run.temp_dir = read_string(r, a);
  for (int i = 0; i < 4; i++) c->run.seed[i] = read_u64(r);
  c->run.unix_ns = read_i64(r);
  v->timeout = read_i64(r);
  v->config_value = arena_allocate(a, sizeof *v->config_value);
  if (!v->config_value) r->bad = 1;
  if (r->bad) return;
  const uint8_t *start = r->at;
  read_value(r, a, v->config_value, 0);
  v->config = start;
  v->config_size = (size_t)(r->at - start);
  for (size_t i = 0; i < a->region_count; i++)
    if (a->regions[i]) v->config = NULL;
  v->n_inputs = read_count(r, 1);
  v->inputs = arena_array(a, v->n_inputs, sizeof *v->inputs);
  if (!v->inputs) r->bad = 1;
  for (uint32_t i = 0; i < v->n_inputs && !r->bad; i++) read_value(r, a, &v->inputs[i], 0);
  if (read_u8(r) && !r->bad) c->run.resume = read_blob(r, a, &c->run.resume_size);
  uint32_t secrets = read_count(r, 8);
  if (!secrets) return;
  c->secret_names = arena_array(a, secrets, sizeof *c->secret_names);
  c->secret_values = arena_array(a, secrets, sizeof *c->secret_values);
  if (!c->secret_names || !c->secret_values) r->bad = 1;
  for (uint32_t i = 0; i < secrets && !r->bad; i++) {
    c->secret_names[i] = read_string(r, a);
    c->secret_values[i] = read_string(r, a);
    c->secret_count = i + 1;
  }
}

/* Goes behind an invocation that there is no memory for; tells its attempt. */
static uint64_t skip_invocation(reader *r) {
  uint64_t attempt = read_u64(r);
  take(r, 16);
  for (int i = 0; i < 4; i++) skip_string(r);
  take(r, 48);
  skip_value(r, 0);
  uint32_t n = read_count(r, 1);
  for (uint32_t i = 0; i < n && !r->bad; i++) skip_value(r, 0);
  if (read_u8(r) && !r->bad) skip_blob(r);
  n = read_count(r, 8);
  for (uint32_t i = 0; i < 2 * n && !r->bad; i++) skip_string(r);
  return attempt;
}

/* NULL, or why the invocation cannot be run. */
static const char *mismatch(call *c, const invocation *v, chost_plugin *const *plugins, uint32_t plugin_count, char *text,
                            size_t size) {
  if (v->plugin >= plugin_count || !plugins[v->plugin]) return "the engine named a plugin that is not loaded";
  c->plugin = plugins[v->plugin];
  if (v->task >= c->plugin->plugin->n_tasks) return "the engine named a task that the plugin does not have";
  c->task = c->plugin->plugin->tasks[v->task];
  const char *problem = NULL;
  if (v->config_value->kind != ASSAY_NULL && v->config_value->kind != ASSAY_RECORD)
    problem = "the engine gave a configuration that is no record";
  if (v->n_inputs != c->task->n_inputs) {
    snprintf(text, size, "the engine gave %u inputs, the task has %u", v->n_inputs, c->task->n_inputs);
    problem = text;
  }
  for (uint32_t i = 0; i < v->n_inputs && !problem; i++) {
    const assay_port *port = c->task->inputs[i];
    int may_be_null = v->inputs[i].kind == ASSAY_NULL && ASSAY_HAS(port, assay_port, default_json) && port->default_json;
    if (may_be_null || kind_fits(port, &v->inputs[i])) continue;
    snprintf(text, size, "input `%.60s` is declared %.100s, the engine gave %s", port->name, port->type,
             kind_name(v->inputs[i].kind));
    problem = text;
  }
  return problem;
}

/* Processor time costs a system call to ask for, several times what a short task takes. So it is good to a tenth of a
 * millisecond: a reading of this thread serves as the beginning of what starts soon after, and what is over at once is
 * taken to have computed all the time. */
enum { CPU_FRESH_NS = 100000, CPU_SHORT_NS = 20000 };
static _Thread_local struct { int64_t at, cpu; } last_reading;

static int64_t read_cpu(clockid_t clock, int64_t now) {
  last_reading.at = now;
  return last_reading.cpu = clock_now(clock);
}

static int64_t cpu_before(clockid_t clock, int64_t now) {
  return now - last_reading.at < CPU_FRESH_NS ? last_reading.cpu : read_cpu(clock, now);
}

static int64_t cpu_used(clockid_t clock, int64_t before, int64_t started, int64_t ended) {
  int64_t wall = ended - started;
  if (wall < CPU_SHORT_NS) return wall;
  int64_t cpu = read_cpu(clock, ended) - before;
  return clock == CLOCK_THREAD_CPUTIME_ID && cpu > wall ? wall : cpu;
}

static void execute(call *c, const invocation *v) {
  const chost_environment *e = c->environment;
  clockid_t cpu_clock = e->owns_process ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_THREAD_CPUTIME_ID;
  int64_t started = clock_now(CLOCK_MONOTONIC), cpu = cpu_before(cpu_clock, started);
  c->run.struct_size = sizeof c->run;
  c->run.host = chost_host();
  c->run.inputs = v->inputs;
  c->run.config = v->config_value;
  c->run.n_inputs = c->task->n_inputs;
  c->run.n_outputs = c->task->n_outputs;
  c->run.cancel = e->cancel_word(e->context, v->slot);
  if (v->timeout > 0 && __builtin_add_overflow(started, v->timeout, &c->run.deadline_ns)) c->run.deadline_ns = INT64_MAX;
  pthread_mutex_lock(&c->gate);
  c->active = 1;
  pthread_mutex_unlock(&c->gate);

  instance alone = {0}; /* for a configuration that cannot be recognised again */
  assay_status status = ASSAY_OK;
  if (v->config) {
    status = find_instance(c, v->config, v->config_size, v->config_value);
  } else {
    if (c->task->create) status = c->task->create(chost_host(), c->task, v->config_value, &alone.state);
    alone.task = status == ASSAY_OK ? c->task : NULL;
    c->instance = &alone;
  }
  if (status != ASSAY_OK) {
    assay_error error = {sizeof error, status, -1, 0, -1, NULL, "its create() refused the configuration", NULL, NULL};
    chost_host()->fail(&c->run, &error);
  } else {
    if (e->begin) e->begin(e->context, c->attempt, v->slot, c);
    status = c->task->run(c->instance->state, &c->run);
    if (e->end) e->end(e->context, c->attempt);
  }
  pthread_mutex_lock(&c->work);
  pthread_mutex_lock(&c->gate);
  c->active = 0;
  pthread_mutex_unlock(&c->gate);
  pthread_mutex_unlock(&c->work);
  int64_t ended = clock_now(CLOCK_MONOTONIC);
  report_done(c, status, ended - started, cpu_used(cpu_clock, cpu, started, ended), ended);
  destroy_instance(&alone);
}

int chost_run(chost_plugin *const *plugins, uint32_t plugin_count, const uint8_t *bytes, size_t size, size_t *used,
              const int *descriptors, uint32_t descriptor_count, const chost_environment *environment) {
  reader r = {bytes, bytes + size, 0};
  call *c = take_call();
  if (c) c->memory = arena_make(descriptors, descriptor_count);
  if (!c || !c->memory) {
    if (c) rest_call(c);
    uint64_t attempt = skip_invocation(&r);
    if (r.bad) return -1;
    *used = (size_t)(r.at - bytes);
    report_refusal(environment, attempt, ASSAY_E_RESOURCE, "there is no memory for its inputs");
    return 0;
  }
  invocation v = {0};
  c->environment = environment;
  read_invocation(&r, c, &v);
  if (r.bad) {
    int no_memory = c->memory->failed;
    rest_call(c);
    reader again = {bytes, bytes + size, 0};
    uint64_t attempt = no_memory ? skip_invocation(&again) : 0;
    if (!no_memory || again.bad) return -1;
    *used = (size_t)(again.at - bytes);
    report_refusal(environment, attempt, ASSAY_E_RESOURCE, "there is no memory for its inputs");
    return 0;
  }
  *used = (size_t)(r.at - bytes);
  char text[300];
  const char *problem = mismatch(c, &v, plugins, plugin_count, text, sizeof text);
  if (!problem) {
    c->is_set = arena_array(c->memory, c->task->n_outputs, 1);
    c->outputs = arena_array(c->memory, c->task->n_outputs, sizeof *c->outputs);
    for (uint32_t i = 0; c->outputs && i < c->task->n_outputs; i++) encoder_init(&c->outputs[i], c->memory);
  }
  if (problem)
    report_refusal(environment, c->attempt, ASSAY_E_CONTRACT, problem);
  else if (!c->outputs || !c->is_set)
    report_refusal(environment, c->attempt, ASSAY_E_RESOURCE, "there is no memory for its outputs");
  else
    execute(c, &v);
  rest_call(c);
  return 0;
}
