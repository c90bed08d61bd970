/* A plugin that does everything right: every kind of value, every service of the host. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "assay_task.h"

/* ---- Values ---- */

static assay_status echo(void *instance, const assay_run *run) {
  (void)instance;
  return assay_pass(run, 0, assay_input(run, 0));
}

static assay_status add(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, (int64_t)((uint64_t)assay_int(run, 0) + (uint64_t)assay_int(run, 1)));
}

static assay_status scale(void *instance, const assay_run *run) {
  (void)instance;
  assay_tensor x, y;
  assay_status s = assay_get_tensor(run, 0, kDLFloat, 64, &x);
  if (s == ASSAY_OK) s = assay_make_tensor(run, kDLFloat, 64, x.rank, x.shape, &y);
  if (s != ASSAY_OK) return s;
  for (uint64_t i = 0; i < x.count; i++) ((double *)y.data)[i] = ((const double *)x.data)[i] * assay_float(run, 1);
  return assay_set_tensor(run, 0, &y);
}

/* The transpose of a matrix, by strides alone: the engine makes it contiguous. */
static assay_status transpose(void *instance, const assay_run *run) {
  (void)instance;
  assay_tensor x;
  assay_status s = assay_get_tensor(run, 0, kDLFloat, 64, &x);
  if (s != ASSAY_OK) return s;
  if (x.rank != 2) return assay_failf(run, ASSAY_E_INPUT, "x", "a tensor of rank %d", (int)x.rank);
  int64_t shape[2] = {x.shape[1], x.shape[0]}, strides[2] = {1, x.shape[1]};
  DLManagedTensorVersioned dl;
  memset(&dl, 0, sizeof dl);
  dl.version.major = 1;
  dl.dl_tensor.data = x.data;
  dl.dl_tensor.device.device_type = kDLCPU;
  dl.dl_tensor.ndim = 2;
  dl.dl_tensor.dtype.code = kDLFloat;
  dl.dl_tensor.dtype.bits = 64;
  dl.dl_tensor.dtype.lanes = 1;
  dl.dl_tensor.shape = shape;
  dl.dl_tensor.strides = strides;
  assay_value v = assay_nothing();
  v.kind = ASSAY_TENSOR;
  v.data = &dl;
  return run->host->output(run, 0, &v);
}

/* n bytes 0, 1, 2 ... in memory of the host, or of its own. */
static void fill(uint8_t *bytes, int64_t n) {
  for (int64_t i = 0; i < n; i++) bytes[i] = (uint8_t)i;
}
static assay_status shared_bytes(void *instance, const assay_run *run) {
  (void)instance;
  assay_value v;
  int64_t n = assay_int(run, 0);
  assay_status s = run->host->buffer(run, (uint64_t)n, 0, &v);
  if (s != ASSAY_OK) return assay_failf(run, s, NULL, "no buffer of %lld bytes", (long long)n);
  fill((uint8_t *)(uintptr_t)v.data, n);
  return run->host->output(run, 0, &v);
}
static void free_bytes(assay_value *v) {
  free((void *)(uintptr_t)v->data);
  v->release = NULL;
}
static assay_status own_bytes(void *instance, const assay_run *run) {
  (void)instance;
  assay_value v = assay_nothing();
  int64_t n = assay_int(run, 0);
  uint8_t *bytes = malloc(n > 0 ? (size_t)n : 1);
  if (!bytes) return assay_failf(run, ASSAY_E_RESOURCE, NULL, "no memory for %lld bytes", (long long)n);
  fill(bytes, n);
  v.kind = ASSAY_BYTES;
  v.count = (uint64_t)n;
  v.data = bytes;
  v.release = free_bytes;
  return run->host->output(run, 0, &v);
}

/* Two outputs out of one buffer, the second written after the first was handed over. */
static assay_status halves(void *instance, const assay_run *run) {
  (void)instance;
  uint64_t half = (uint64_t)assay_int(run, 0);
  assay_value whole, part;
  assay_status s = run->host->buffer(run, 2 * half, 64, &whole);
  if (s != ASSAY_OK) return s;
  uint8_t *bytes = (uint8_t *)(uintptr_t)whole.data;
  for (uint32_t port = 0; port < 2 && s == ASSAY_OK; port++) {
    memset(bytes + port * half, 'a' + (int)port, half);
    part = assay_nothing();
    part.kind = ASSAY_BYTES;
    part.data = bytes + port * half;
    part.count = half;
    s = run->host->output(run, port, &part);
  }
  assay_drop(&whole);
  return s;
}

static int64_t frees;
static void count_free(assay_value *v) {
  frees++;
  v->release = NULL;
}
/* How often values were released so far; each run hands two over. */
static assay_status releases(void *instance, const assay_run *run) {
  (void)instance;
  assay_value list = assay_nothing(), items[2] = {assay_nothing(), assay_nothing()}, text = assay_nothing();
  int64_t before = frees;
  items[0].kind = items[1].kind = ASSAY_I64;
  items[1].release = count_free; /* not the outermost: never called */
  list.kind = ASSAY_LIST;
  list.count = 2;
  list.data = items;
  list.release = count_free;
  assay_status s = run->host->output(run, 0, &list);
  text.kind = ASSAY_STRING;
  text.data = "text";
  text.count = 4;
  text.release = count_free;
  if (s == ASSAY_OK) s = run->host->output(run, 1, &text);
  return s == ASSAY_OK ? assay_set_int(run, 2, frees - before) : s;
}

static assay_status nested(void *instance, const assay_run *run) {
  (void)instance;
  static const char *const names[] = {"number", "words"};
  assay_value words[2] = {assay_nothing(), assay_nothing()}, fields[2] = {assay_nothing(), assay_nothing()};
  assay_value record = assay_nothing();
  words[0].kind = words[1].kind = ASSAY_STRING;
  words[0].data = "one";
  words[1].data = "zw\xc3\xb6lf";
  words[0].count = 3;
  words[1].count = 6;
  fields[0].kind = ASSAY_F64;
  fields[0].f64 = 0.5;
  fields[1].kind = ASSAY_LIST;
  fields[1].count = 2;
  fields[1].data = words;
  record.kind = ASSAY_RECORD;
  record.count = 2;
  record.data = fields;
  record.names = names;
  return run->host->output(run, 0, &record);
}

/* A list in a list in a list ... x deep. */
static assay_status deep(void *instance, const assay_run *run) {
  (void)instance;
  static assay_value levels[200];
  int64_t n = assay_int(run, 0) < 199 ? assay_int(run, 0) : 199;
  memset(levels, 0, sizeof levels);
  for (int64_t i = 0; i < n; i++) {
    levels[i].kind = ASSAY_LIST;
    levels[i].count = 1;
    levels[i].data = &levels[i + 1];
  }
  assay_value v = levels[0];
  return run->host->output(run, 0, &v);
}

/* ---- Tables ---- */

static assay_status rows(void *instance, const assay_run *run) {
  (void)instance;
  const assay_value *v = assay_input(run, 0);
  struct ArrowArrayStream *stream = (struct ArrowArrayStream *)(uintptr_t)v->data;
  struct ArrowSchema schema;
  int64_t total = 0, columns;
  if (stream->get_schema(stream, &schema) != 0) return assay_failf(run, ASSAY_E_FAILED, "x", "no schema");
  columns = schema.n_children;
  schema.release(&schema);
  for (;;) {
    struct ArrowArray batch;
    if (stream->get_next(stream, &batch) != 0) return assay_failf(run, ASSAY_E_FAILED, "x", "no batch");
    if (!batch.release) break;
    total += batch.length;
    batch.release(&batch);
  }
  assay_set_int(run, 0, total);
  return assay_set_int(run, 1, columns);
}

/* A table of n rows: `id` (int64), `name` (utf8, every third missing), `tags` (list of int32); batches of at most 1000. */
typedef struct rows_state {
  const assay_run *run;
  assay_value memory[64];
  int64_t next, end;
  int used;
} rows_state;
static struct ArrowSchema columns[4];
static struct ArrowSchema *column_list[3] = {&columns[0], &columns[1], &columns[2]}, *item_list[1] = {&columns[3]};
static void release_schema(struct ArrowSchema *s) { s->release = NULL; }
static void release_array(struct ArrowArray *a) { a->release = NULL; }
static int get_schema(struct ArrowArrayStream *s, struct ArrowSchema *out) {
  static const char *const formats[] = {"l", "u", "+l", "i"}, *const names[] = {"id", "name", "tags", "item"};
  (void)s;
  memset(out, 0, sizeof *out);
  for (int i = 0; i < 4; i++) {
    memset(&columns[i], 0, sizeof columns[i]);
    columns[i].format = formats[i];
    columns[i].name = names[i];
    columns[i].flags = ARROW_FLAG_NULLABLE;
    columns[i].release = release_schema;
  }
  columns[2].n_children = 1;
  columns[2].children = item_list;
  out->format = "+s";
  out->n_children = 3;
  out->children = column_list;
  out->release = release_schema;
  return 0;
}
static void *piece(rows_state *t, uint64_t bytes) {
  if (t->used == 64 || t->run->host->buffer(t->run, bytes, 64, &t->memory[t->used]) != ASSAY_OK) return NULL;
  return (void *)(uintptr_t)t->memory[t->used++].data;
}
static int get_next(struct ArrowArrayStream *s, struct ArrowArray *out) {
  static struct ArrowArray arrays[4];
  static struct ArrowArray *list[3] = {&arrays[0], &arrays[1], &arrays[2]}, *items[1] = {&arrays[3]};
  static const void *buffers[4][3], *none[1];
  rows_state *t = s->private_data;
  memset(out, 0, sizeof *out);
  int64_t n = t->end - t->next < 1000 ? t->end - t->next : 1000;
  if (n <= 0) return 0;
  int64_t *ids = piece(t, (uint64_t)n * 8);
  uint8_t *valid = piece(t, (uint64_t)(n + 7) / 8);
  int32_t *ends = piece(t, (uint64_t)(n + 1) * 4), *list_ends = piece(t, (uint64_t)(n + 1) * 4);
  int32_t *tags = piece(t, (uint64_t)n * 8);
  char *text = piece(t, (uint64_t)n * 24);
  if (!ids || !valid || !ends || !list_ends || !tags || !text) return ENOMEM;
  int64_t nulls = 0;
  for (int64_t i = 0; i < n; i++) {
    int64_t id = t->next + i;
    ids[i] = id;
    ends[i + 1] = ends[i];
    if (id % 3 == 2)
      nulls++;
    else {
      valid[i / 8] |= (uint8_t)(1 << i % 8);
      ends[i + 1] += sprintf(text + ends[i], "row %lld", (long long)id);
    }
    list_ends[i + 1] = list_ends[i] + (int32_t)(id % 3);
    for (int32_t k = list_ends[i]; k < list_ends[i + 1]; k++) tags[k] = (int32_t)id;
  }
  memset(arrays, 0, sizeof arrays);
  memset(buffers, 0, sizeof buffers);
  buffers[0][1] = ids;
  buffers[1][0] = valid;
  buffers[1][1] = ends;
  buffers[1][2] = text;
  buffers[2][1] = list_ends;
  buffers[3][1] = tags;
  for (int i = 0; i < 4; i++) {
    arrays[i].length = i == 3 ? list_ends[n] : n;
    arrays[i].n_buffers = i == 1 ? 3 : 2;
    arrays[i].buffers = buffers[i];
    arrays[i].release = release_array;
  }
  arrays[1].null_count = nulls;
  arrays[2].n_children = 1;
  arrays[2].children = items;
  out->length = n;
  out->n_buffers = 1;
  out->buffers = none;
  out->n_children = 3;
  out->children = list;
  out->release = release_array;
  t->next += n;
  return 0;
}
static const char *last_error(struct ArrowArrayStream *s) {
  (void)s;
  return NULL;
}
static void release_stream(struct ArrowArrayStream *s) {
  rows_state *t = s->private_data;
  for (int i = 0; i < t->used; i++) assay_drop(&t->memory[i]);
  s->release = NULL;
}
static void release_table(assay_value *v) {
  struct ArrowArrayStream *s = (struct ArrowArrayStream *)(uintptr_t)v->data;
  if (s->release) s->release(s);
  v->release = NULL;
}
static assay_status make_table(void *instance, const assay_run *run) {
  (void)instance;
  static rows_state state;
  struct ArrowArrayStream stream = {get_schema, get_next, last_error, release_stream, &state};
  memset(&state, 0, sizeof state);
  state.run = run;
  state.end = assay_int(run, 0);
  assay_value v = assay_nothing();
  v.kind = ASSAY_TABLE;
  v.data = &stream;
  v.release = release_table;
  return run->host->output(run, 0, &v);
}

/* ---- Files ---- */

static assay_status write_file(void *instance, const assay_run *run) {
  (void)instance;
  assay_artifact *file;
  uint64_t n;
  const char *text = assay_text(run, 0, &n);
  assay_status s = run->host->artifact(run, 0, "note.txt", &file);
  if (s != ASSAY_OK) return s;
  int out = open(file->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (out < 0 || write(out, text, n) != (ssize_t)n) return assay_fail_errno(run, errno, file->path);
  close(out);
  file->media_type = "text/plain";
  return run->host->commit(run, file);
}

static assay_status write_dir(void *instance, const assay_run *run) {
  (void)instance;
  assay_artifact *folder;
  assay_status s = run->host->artifact(run, 0, NULL, &folder);
  if (s != ASSAY_OK) return s;
  for (int i = 0; i < 3; i++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%d.txt", folder->path, i);
    FILE *out = fopen(path, "w");
    if (!out) return assay_fail_errno(run, errno, path);
    fprintf(out, "number %d\n", i);
    fclose(out);
  }
  return run->host->commit(run, folder);
}

static assay_status read_file(void *instance, const assay_run *run) {
  (void)instance;
  char text[4096];
  int in = open(assay_file(run, 0)->path, O_RDONLY);
  if (in < 0) return assay_fail_errno(run, errno, assay_file(run, 0)->path);
  ssize_t n = read(in, text, sizeof text);
  close(in);
  return assay_set_text(run, 0, text, n < 0 ? 0 : (uint64_t)n);
}

/* ---- Services ---- */

/* Counts to n and keeps its place; its first attempt gives up half-way. */
static assay_status count(void *instance, const assay_run *run) {
  (void)instance;
  int64_t start = 0, n = assay_int(run, 0);
  if (run->resume && run->resume_size == sizeof start) memcpy(&start, run->resume, sizeof start);
  for (int64_t i = start; i < n; i++) {
    int64_t done = i + 1;
    if (run->host->checkpoint(run, &done, sizeof done) != ASSAY_OK) return ASSAY_E_FAILED;
    if (!run->resume && done * 2 >= n) return assay_failf(run, ASSAY_E_TRANSIENT, NULL, "interrupted at %d", (int)done);
  }
  return assay_set_int(run, 0, start);
}

static const char *const secret_names[] = {"token", "other", NULL};
static assay_status secret(void *instance, const assay_run *run) {
  (void)instance;
  assay_value v;
  uint64_t n;
  const char *name = assay_text(run, 0, &n);
  char copy[64] = {0};
  memcpy(copy, name, n < sizeof copy ? n : sizeof copy - 1);
  assay_status s = run->host->secret(run, copy, &v);
  if (s != ASSAY_OK) return assay_failf(run, s, NULL, "no secret %s", copy);
  return assay_set_int(run, 0, (int64_t)v.count);
}

static assay_status sleeper(void *instance, const assay_run *run) {
  (void)instance;
  for (int64_t i = 0, n = assay_int(run, 0); i < n; i++) {
    if (assay_cancelled(run)) return assay_failf(run, ASSAY_E_CANCELLED, NULL, "stopped after %d ms", (int)i);
    run->host->progress(run, (double)i, (double)n, "sleeping");
    usleep(1000);
  }
  return assay_set_int(run, 0, assay_int(run, 0));
}

static assay_status talk(void *instance, const assay_run *run) {
  (void)instance;
  assay_logf(run, ASSAY_LOG_DEBUG, "whisper %d", 1);
  assay_logf(run, ASSAY_LOG_WARNING, "shout");
  run->host->log(run->host, ASSAY_LOG_INFO, "aside", 5);
  run->host->run_log(run, ASSAY_LOG_INFO, "\xff", 1);
  run->host->metric(run, "loss", 0.25, "nats", 3);
  run->host->progress(run, 1, 2, "half");
  puts("printed");
  return assay_set_int(run, 0, 0);
}

static void *chatter(void *run) {
  for (int i = 0; i < 100; i++) assay_logf(run, ASSAY_LOG_INFO, "from a thread");
  return NULL;
}
/* Logs from threads of its own. */
static assay_status threads(void *instance, const assay_run *run) {
  (void)instance;
  pthread_t all[4];
  int started = 0;
  while (started < 4 && pthread_create(&all[started], NULL, chatter, (void *)(uintptr_t)run) == 0) started++;
  for (int i = 0; i < started; i++) pthread_join(all[i], NULL);
  return assay_set_int(run, 0, started);
}

static assay_status fail(void *instance, const assay_run *run) {
  (void)instance;
  assay_error e;
  memset(&e, 0, sizeof e);
  e.struct_size = sizeof e;
  e.status = (assay_status)assay_int(run, 0);
  e.retryable = 1;
  e.domain_code = 503;
  e.retry_after_ms = 1500;
  e.domain = "http";
  e.message = "the server is busy";
  e.detail = "line 1\nline 2";
  e.port = "x";
  return run->host->fail(run, &e);
}

static assay_status optional(void *instance, const assay_run *run) {
  (void)instance;
  return assay_given(run, 0) ? assay_set_int(run, 0, assay_int(run, 0)) : ASSAY_OK;
}

/* What a run is told about itself. */
static assay_status context(void *instance, const assay_run *run) {
  (void)instance;
  char text[1000];
  int n = snprintf(
      text, sizeof text, "%s|%s|%s|%s|%u|%llu,%llu,%llu,%llu|%lld|%s", run->workflow, run->node, run->run_id, run->temp_dir,
      run->attempt, (unsigned long long)run->seed[0], (unsigned long long)run->seed[1], (unsigned long long)run->seed[2],
      (unsigned long long)run->seed[3], (long long)run->unix_ns, run->deadline_ns ? "deadline" : "no deadline");
  return assay_set_text(run, 0, text, (uint64_t)n);
}

/* ---- Instances ---- */

typedef struct settings { int64_t times, number; } settings;
static int64_t created, destroyed;
static assay_status create(const assay_host *host, const assay_task *task, const assay_value *config, void **instance) {
  (void)task;
  settings *s = host->alloc(host, sizeof *s, 0);
  if (!s) return ASSAY_E_RESOURCE;
  s->times = assay_value_int(assay_field(config, "times"));
  s->number = ++created;
  *instance = s;
  return ASSAY_OK;
}
static void destroy(void *instance) {
  destroyed++;
  free(instance);
}
static assay_status configured(void *instance, const assay_run *run) {
  settings *s = instance;
  assay_set_int(run, 0, (int64_t)((uint64_t)s->times * (uint64_t)assay_int(run, 0)));
  assay_set_int(run, 1, s->number);
  return assay_set_int(run, 2, destroyed);
}

/* ---- Declarations ---- */

#define PORT(id, ...) static const assay_port id = __VA_ARGS__
#define TASK(id_, run_, ins, outs, ...)                                                                                \
  static const assay_task task_##id_ = {.struct_size = sizeof(assay_task), .flags = ASSAY_PURE | ASSAY_IDEMPOTENT,     \
    .id = "good." #id_, .version = "1.2.3", .title = "title", .doc = "says \"hello\"\n", .phase = "preparation",       \
    .inputs = ins, .n_inputs = ASSAY_COUNT(ins), .outputs = outs, .n_outputs = ASSAY_COUNT(outs), .run = run_, __VA_ARGS__}
#define ECHO(id, type)                                                                                                 \
  PORT(in_##id, ASSAY_OPTIONAL("x", type, "anything"));                                                                \
  PORT(out_##id, ASSAY_OUTPUT("y", type "?", "the same"));                                                             \
  static const assay_port *const ins_##id[] = {&in_##id}, *const outs_##id[] = {&out_##id};                            \
  TASK(echo_##id, echo, ins_##id, outs_##id, .threads = ASSAY_THREADS_FREE)

ECHO(bool, "bool");
ECHO(int, "int");
ECHO(float, "float");
ECHO(string, "string");
ECHO(bytes, "bytes");
ECHO(list, "list<int>");
ECHO(record, "{a: int, b: string}");
ECHO(tensor, "tensor<f64>");
ECHO(table, "table");
ECHO(file, "file");
ECHO(dir, "dir");

PORT(x_int, ASSAY_INPUT("x", "int", "a number"));
PORT(b_int, ASSAY_DEFAULT("b", "int", "1", "another"));
PORT(x_matrix, ASSAY_INPUT("x", "tensor<f64>[n, m]", "numbers"));
PORT(x_tensor, ASSAY_INPUT("x", "tensor<f64>", "numbers"));
PORT(factor, ASSAY_INPUT("factor", "float", "times"));
PORT(x_table, ASSAY_INPUT("x", "table", "rows"));
PORT(x_text, ASSAY_INPUT("x", "string", "text"));
PORT(x_file, ASSAY_INPUT("x", "file", "a file"));
PORT(x_optional, ASSAY_OPTIONAL("x", "int", "maybe"));
PORT(y_int, ASSAY_OUTPUT("y", "int", ""));
PORT(y_optional, ASSAY_OPTIONAL("y", "int", ""));
PORT(z_int, ASSAY_OUTPUT("z", "int", ""));
PORT(w_int, ASSAY_OUTPUT("w", "int", ""));
PORT(y_tensor, ASSAY_OUTPUT("y", "tensor<f64>", ""));
PORT(y_bytes, ASSAY_OUTPUT("y", "bytes", ""));
PORT(z_bytes, ASSAY_OUTPUT("z", "bytes", ""));
PORT(y_list, ASSAY_OUTPUT("y", "list<int>", ""));
PORT(z_text, ASSAY_OUTPUT("z", "string", ""));
PORT(y_text, ASSAY_OUTPUT("y", "string", ""));
PORT(y_record, ASSAY_OUTPUT("y", "{number: float, words: list<string>}", ""));
PORT(y_any, ASSAY_OUTPUT("y", "good.thing", ""));
PORT(y_table, ASSAY_OUTPUT("y", "table", ""));
PORT(y_file, ASSAY_OUTPUT("y", "file<txt>", ""));
PORT(y_dir, ASSAY_OUTPUT("y", "dir", ""));
#define LIST(id, ...) static const assay_port *const id[] = {__VA_ARGS__}
LIST(int_in, &x_int);
LIST(two_in, &x_int, &b_int);
LIST(matrix_in, &x_matrix);
LIST(scale_in, &x_tensor, &factor);
LIST(table_in, &x_table);
LIST(text_in, &x_text);
LIST(file_in, &x_file);
LIST(optional_in, &x_optional);
LIST(int_out, &y_int);
LIST(optional_out, &y_optional);
LIST(ints_out, &y_int, &z_int, &w_int);
LIST(rows_out, &y_int, &z_int);
LIST(tensor_out, &y_tensor);
LIST(bytes_out, &y_bytes);
LIST(two_bytes_out, &y_bytes, &z_bytes);
LIST(releases_out, &y_list, &z_text, &w_int);
LIST(text_out, &y_text);
LIST(record_out, &y_record);
LIST(any_out, &y_any);
LIST(table_out, &y_table);
LIST(file_out, &y_file);
LIST(dir_out, &y_dir);

TASK(add, add, two_in, int_out, .cpu = 1, .memory_bytes = 1 << 20);
TASK(scale, scale, scale_in, tensor_out, .threads = ASSAY_THREADS_INSTANCE);
TASK(transpose, transpose, matrix_in, tensor_out, .threads = 0);
TASK(shared_bytes, shared_bytes, int_in, bytes_out, .threads = 0);
TASK(own_bytes, own_bytes, int_in, bytes_out, .threads = 0);
TASK(halves, halves, int_in, two_bytes_out, .threads = 0);
TASK(releases, releases, int_in, releases_out, .threads = 0);
TASK(nested, nested, int_in, record_out, .threads = 0);
TASK(deep, deep, int_in, any_out, .threads = 0);
TASK(rows, rows, table_in, rows_out, .threads = 0);
TASK(make_table, make_table, int_in, table_out, .threads = 0);
TASK(write_file, write_file, text_in, file_out, .threads = 0);
TASK(write_dir, write_dir, int_in, dir_out, .threads = 0);
TASK(read_file, read_file, file_in, text_out, .threads = 0);
TASK(count, count, int_in, int_out, .threads = 0);
TASK(secret, secret, text_in, int_out, .secrets = secret_names);
TASK(sleeper, sleeper, int_in, int_out, .typical_ms = 5);
TASK(talk, talk, int_in, int_out, .threads = 0);
TASK(threads, threads, int_in, int_out, .threads = ASSAY_THREADS_FREE);
TASK(fail, fail, int_in, int_out, .threads = 0);
TASK(optional, optional, optional_in, optional_out, .threads = 0);
TASK(context, context, int_in, text_out, .threads = 0);
TASK(configured, configured, int_in, ints_out, .config_type = "{times: int}", .create = create, .destroy = destroy);

static const assay_task *const tasks[] = {
    &task_echo_bool, &task_echo_int, &task_echo_float, &task_echo_string, &task_echo_bytes, &task_echo_list,
    &task_echo_record, &task_echo_tensor, &task_echo_table, &task_echo_file, &task_echo_dir, &task_add, &task_scale,
    &task_transpose, &task_shared_bytes, &task_own_bytes, &task_halves, &task_releases, &task_nested, &task_deep,
    &task_rows, &task_make_table, &task_write_file, &task_write_dir, &task_read_file, &task_count, &task_secret,
    &task_sleeper, &task_talk, &task_threads, &task_fail, &task_optional, &task_context, &task_configured};
static const assay_plugin plugin = {
    .struct_size = sizeof(assay_plugin),
    .generation = ASSAY_GENERATION,
    .revision = ASSAY_REVISION,
    .requires_revision = 1,
    .id = "good",
    .version = "1.2.3",
    .license = "Apache-2.0",
    .doc = "does everything right",
    .tasks = tasks,
    .n_tasks = ASSAY_COUNT(tasks),
};

const assay_plugin *assay_plugin_entry(const assay_loader *loader) {
  if (assay_speaks(loader)) return &plugin;
  if (loader && loader->refuse) loader->refuse(loader, "good.c speaks generation 1");
  return NULL;
}
