/* Tasks for the trials of the whole engine: small work, side effects that tell how often a task ran, tasks that wait for a
 * file, and some that die. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "assay_task.h"

#ifndef STEP
#define STEP 1 /* what `grow` adds: another number is other code */
#endif

static void nap(int64_t milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  while (nanosleep(&time, &time) != 0 && errno == EINTR) {}
}

/* The text of input `port` as a C string. */
static const char *path_of(const assay_run *run, uint32_t port, char buffer[4096]) {
  uint64_t n;
  const char *text = assay_text(run, port, &n);
  if (n > 4095) n = 4095;
  memcpy(buffer, text, n);
  buffer[n] = 0;
  return buffer;
}

/* Adds a line to a file that other processes add lines to. */
static assay_status add_line(const assay_run *run, const char *path, const char *line) {
  int out = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (out < 0) return assay_fail_errno(run, errno, path);
  ssize_t n = write(out, line, strlen(line));
  close(out);
  return n < 0 ? assay_fail_errno(run, errno, path) : ASSAY_OK;
}

/* ---- Work without side effects ---- */

static assay_status grow(void *instance, const assay_run *run) {
  (void)instance;
  nap(assay_int(run, 1));
  return assay_set_int(run, 0, assay_int(run, 0) + STEP);
}

static assay_status read_text(void *instance, const assay_run *run) {
  (void)instance;
  static char text[65536];
  int in = open(assay_file(run, 0)->path, O_RDONLY | O_CLOEXEC);
  if (in < 0) return assay_fail_errno(run, errno, assay_file(run, 0)->path);
  ssize_t n = read(in, text, sizeof text);
  close(in);
  return assay_set_text(run, 0, text, n < 0 ? 0 : (uint64_t)n);
}

/* n bytes, as an artifact or as a value. */
static assay_status blob(void *instance, const assay_run *run) {
  (void)instance;
  assay_value v;
  assay_status s = run->host->buffer(run, (uint64_t)assay_int(run, 0), 0, &v);
  if (s != ASSAY_OK) return s;
  for (uint64_t i = 0; i < v.count; i++) ((uint8_t *)(uintptr_t)v.data)[i] = (uint8_t)(i * 2654435761u >> 24);
  return run->host->output(run, 0, &v);
}

static assay_status ramp(void *instance, const assay_run *run) {
  (void)instance;
  assay_tensor t;
  int64_t shape[1] = {assay_int(run, 0)};
  assay_status s = assay_make_tensor(run, kDLFloat, 64, 1, shape, &t);
  if (s != ASSAY_OK) return s;
  for (uint64_t i = 0; i < t.count; i++) ((double *)t.data)[i] = (double)i;
  return assay_set_tensor(run, 0, &t);
}

static assay_status total(void *instance, const assay_run *run) {
  (void)instance;
  assay_tensor t;
  double sum = 0;
  assay_status s = assay_get_tensor(run, 0, kDLFloat, 64, &t);
  if (s != ASSAY_OK) return s;
  for (uint64_t i = 0; i < t.count; i++) sum += ((const double *)t.data)[i];
  return assay_set_float(run, 0, sum);
}

/* {name, sizes} to a list of texts: name, once per size. */
static assay_status unfold(void *instance, const assay_run *run) {
  (void)instance;
  assay_value texts[16], list = assay_nothing();
  const assay_value *sizes = assay_field(assay_input(run, 0), "sizes"), *name = assay_field(assay_input(run, 0), "name");
  if (!sizes || !name) return assay_failf(run, ASSAY_E_INPUT, "x", "fields are missing");
  memset(texts, 0, sizeof texts);
  list.kind = ASSAY_LIST;
  list.count = sizes->count < 16 ? sizes->count : 16;
  list.data = texts;
  for (uint64_t i = 0; i < list.count; i++) {
    texts[i].kind = ASSAY_STRING;
    texts[i].data = name->data;
    texts[i].count = name->count;
  }
  return run->host->output(run, 0, &list);
}

/* Promises to give the same each time, and does not. */
static assay_status lie(void *instance, const assay_run *run) {
  (void)instance;
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return assay_set_int(run, 0, time.tv_sec * 1000000000 + time.tv_nsec);
}

/* ---- Work that leaves traces ---- */

/* A line in a file for each time it ran. */
static assay_status note(void *instance, const assay_run *run) {
  (void)instance;
  char path[4096], line[512];
  snprintf(line, sizeof line, "%.500s\n", run->node);
  assay_status s = add_line(run, path_of(run, 1, path), line);
  if (s != ASSAY_OK) return s;
  nap(assay_int(run, 2));
  return assay_set_int(run, 0, assay_int(run, 0) + 1);
}

/* "+" when it begins and "-" when it ends. */
static assay_status overlap(void *instance, const assay_run *run) {
  (void)instance;
  char path[4096];
  assay_status s = add_line(run, path_of(run, 1, path), "+\n");
  if (s != ASSAY_OK) return s;
  nap(assay_int(run, 2));
  s = add_line(run, path, "-\n");
  return s != ASSAY_OK ? s : assay_set_int(run, 0, assay_int(run, 0));
}

/* Says in `mark` that it has begun (node, process, attempt) and waits until there is a file `gate`. */
static assay_status stay(const assay_run *run, int listens) {
  char mark[4096], gate[4096], line[600];
  snprintf(line, sizeof line, "%.500s %d %u\n", run->node, (int)getpid(), (unsigned)run->attempt);
  assay_status s = add_line(run, path_of(run, 1, mark), line);
  if (s != ASSAY_OK) return s;
  path_of(run, 2, gate);
  while (access(gate, F_OK) != 0) {
    if (listens && assay_cancelled(run)) return assay_failf(run, ASSAY_E_CANCELLED, NULL, "told to stop");
    nap(1);
  }
  return assay_set_int(run, 0, assay_int(run, 0) + 1);
}

static assay_status wait_gate(void *instance, const assay_run *run) {
  (void)instance;
  return stay(run, 1);
}

static assay_status deaf(void *instance, const assay_run *run) {
  (void)instance;
  signal(SIGTERM, SIG_IGN);
  return stay(run, 0);
}

/* ---- Work that goes wrong ---- */

static assay_status loud_crash(void *instance, const assay_run *run) {
  (void)instance;
  for (int i = 1; i <= 50; i++) printf("line %d before the end\n", i);
  fflush(stdout);
  assay_logf(run, ASSAY_LOG_WARNING, "about to fall");
  *(volatile int *)8 = 1;
  return ASSAY_OK;
}

static assay_status fussy(void *instance, const assay_run *run) {
  (void)instance;
  if (assay_int(run, 0) < 0) return assay_failf(run, ASSAY_E_FAILED, "x", "x is %d", (int)assay_int(run, 0));
  return assay_set_int(run, 0, assay_int(run, 0));
}

/* ---- Declarations ---- */

static const assay_port x_int = ASSAY_INPUT("x", "int", ""), ms = ASSAY_DEFAULT("ms", "int", "0", "how long it takes"),
                        path = ASSAY_INPUT("path", "string", ""), mark = ASSAY_INPUT("mark", "string", ""),
                        gate = ASSAY_INPUT("gate", "string", ""), x_file = ASSAY_INPUT("x", "file", ""),
                        x_tensor = ASSAY_INPUT("x", "tensor<f64>[n]", ""),
                        x_record = ASSAY_INPUT("x", "{name: string, sizes: list<int>}", ""),
                        y_int = ASSAY_OUTPUT("y", "int", ""), y_text = ASSAY_OUTPUT("y", "string", ""),
                        y_bytes = ASSAY_OUTPUT("y", "bytes", ""), y_tensor = ASSAY_OUTPUT("y", "tensor<f64>[n]", ""),
                        y_float = ASSAY_OUTPUT("y", "float", ""), y_list = ASSAY_OUTPUT("y", "list<string>", "");

#define LIST(name, ...) static const assay_port *const name[] = {__VA_ARGS__}
LIST(int_in, &x_int);
LIST(timed_in, &x_int, &ms);
LIST(file_in, &x_file);
LIST(tensor_in, &x_tensor);
LIST(record_in, &x_record);
LIST(path_in, &x_int, &path, &ms);
LIST(gate_in, &x_int, &mark, &gate);
LIST(int_out, &y_int);
LIST(text_out, &y_text);
LIST(bytes_out, &y_bytes);
LIST(tensor_out, &y_tensor);
LIST(float_out, &y_float);
LIST(list_out, &y_list);

#define PURE (ASSAY_PURE | ASSAY_DETERMINISTIC | ASSAY_IDEMPOTENT)
#define TASK(name, function, traits, ins, outs)                                                                         \
  static const assay_task name##_task = {.struct_size = sizeof(assay_task), .flags = traits, .id = "trial." #name,      \
    .version = "1.0.0", .inputs = ins, .n_inputs = ASSAY_COUNT(ins), .outputs = outs, .n_outputs = ASSAY_COUNT(outs),   \
    .run = function}

TASK(grow, grow, PURE, timed_in, int_out);
TASK(read, read_text, PURE, file_in, text_out);
TASK(blob, blob, PURE, int_in, bytes_out);
TASK(ramp, ramp, PURE, int_in, tensor_out);
TASK(total, total, PURE, tensor_in, float_out);
TASK(unfold, unfold, PURE, record_in, list_out);
TASK(lie, lie, PURE, int_in, int_out);
TASK(note, note, 0, path_in, int_out);
TASK(overlap, overlap, 0, path_in, int_out);
TASK(wait, wait_gate, 0, gate_in, int_out);
TASK(wait_pure, wait_gate, PURE, gate_in, int_out);
TASK(deaf, deaf, 0, gate_in, int_out);
TASK(loud_crash, loud_crash, 0, int_in, int_out);
TASK(fussy, fussy, PURE, int_in, int_out);

static const assay_task *const tasks[] = {&grow_task, &read_task, &blob_task, &ramp_task, &total_task, &unfold_task,
                                          &lie_task, &note_task, &overlap_task, &wait_task, &wait_pure_task, &deaf_task,
                                          &loud_crash_task, &fussy_task};
static const assay_plugin plugin = {
    .struct_size = sizeof(assay_plugin), .generation = ASSAY_GENERATION, .revision = ASSAY_REVISION,
    .id = "trial", .version = "1.0.0", .tasks = tasks, .n_tasks = ASSAY_COUNT(tasks),
};

const assay_plugin *assay_plugin_entry(const assay_loader *loader) { return assay_speaks(loader) ? &plugin : NULL; }
