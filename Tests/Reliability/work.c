/* The tasks of the reliability trials: small work whose results tell whether it was done right, on each way that a value can
 * take (number, shared memory, file, directory), and some that go wrong in the middle. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assay_task.h"

static void nap(int64_t milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  while (nanosleep(&time, &time) != 0 && errno == EINTR) {}
}

/* Any other x gives another number; small enough to be added up. */
static int64_t mix(int64_t x) {
  uint64_t z = (uint64_t)x * 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 29) * 0xBF58476D1CE4E5B9u;
  return (int64_t)(z >> 40);
}

static void fill(unsigned char *bytes, uint64_t n, int64_t x) {
  uint64_t state = (uint64_t)mix(x);
  for (uint64_t i = 0; i < n; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    bytes[i] = (unsigned char)(state >> 56);
  }
}

static int64_t weight(const unsigned char *bytes, uint64_t n, int64_t sum) {
  for (uint64_t i = 0; i < n; i++) sum = (sum * 31 + bytes[i]) & 0xFFFFFF;
  return sum;
}

/* ---- Numbers ---- */

static assay_status grow(void *instance, const assay_run *run) {
  (void)instance;
  nap(assay_int(run, 1));
  return assay_set_int(run, 0, mix(assay_int(run, 0)));
}

/* Fails the first time, and may be tried again. */
static assay_status stumble(void *instance, const assay_run *run) {
  (void)instance;
  if (run->attempt == 1) return assay_failf(run, ASSAY_E_TRANSIENT, NULL, "stumbles the first time");
  return assay_set_int(run, 0, mix(assay_int(run, 0) + 1));
}

/* Leaves a line in a file: it tells how often it ran. */
static assay_status note(void *instance, const assay_run *run) {
  (void)instance;
  char path[4096], line[512];
  uint64_t n;
  const char *text = assay_text(run, 1, &n);
  snprintf(path, sizeof path, "%.*s", (int)n, text);
  int count = snprintf(line, sizeof line, "%.500s\n", run->node);
  int out = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (out < 0 || write(out, line, (size_t)count) != count) return assay_fail_errno(run, errno, path);
  close(out);
  nap(assay_int(run, 2));
  return assay_set_int(run, 0, mix(assay_int(run, 0) + 2));
}

/* Wants more memory than its worker may have. */
static assay_status hog(void *instance, const assay_run *run) {
  (void)instance;
  for (int64_t got = 0; got < assay_int(run, 0); got++) {
    char *block = malloc(1 << 20);
    if (!block) return assay_failf(run, ASSAY_E_RESOURCE, NULL, "out of memory after %d MiB", (int)got);
    memset(block, 1, 1 << 20);
  }
  return assay_set_int(run, 0, 1);
}

/* ---- Shared memory ---- */

static void *die_soon(void *nanoseconds) {
  struct timespec soon = {0, (intptr_t)nanoseconds};
  nanosleep(&soon, NULL);
  kill(getpid(), SIGKILL);
  return NULL;
}

/* n bytes. `stage`: where the first attempt dies. 1: the memory is there, 2: half of it is written, 3: it was handed over,
 * 4: a moment after it was handed over, while this returns. */
static assay_status blob(void *instance, const assay_run *run) {
  (void)instance;
  int64_t x = assay_int(run, 0), stage = run->attempt == 1 ? assay_int(run, 2) : 0;
  assay_value v;
  assay_status s = run->host->buffer(run, (uint64_t)assay_int(run, 1), 0, &v);
  if (s != ASSAY_OK) return s;
  if (stage == 1) kill(getpid(), SIGKILL);
  unsigned char *bytes = (unsigned char *)(uintptr_t)v.data;
  fill(bytes, stage == 2 ? v.count / 2 : v.count, x);
  if (stage == 2) kill(getpid(), SIGKILL);
  pthread_t thread;
  if (stage == 4 && pthread_create(&thread, NULL, die_soon, (void *)(intptr_t)(mix(x) % 400000)) != 0) return ASSAY_E_FAILED;
  s = run->host->output(run, 0, &v);
  if (stage == 3) kill(getpid(), SIGKILL);
  return s;
}

static assay_status weigh(void *instance, const assay_run *run) {
  (void)instance;
  const assay_value *v = assay_input(run, 0);
  return assay_set_int(run, 0, weight(v->data, v->count, 7));
}

/* ---- Files ---- */

static assay_status write_file(const char *path, int64_t x, uint64_t n) {
  unsigned char bytes[4096];
  int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (out < 0) return ASSAY_E_FAILED;
  for (uint64_t done = 0; done < n; done += sizeof bytes) {
    uint64_t part = n - done < sizeof bytes ? n - done : sizeof bytes;
    fill(bytes, part, x + (int64_t)done);
    if (write(out, bytes, part) != (ssize_t)part) { close(out); return ASSAY_E_FAILED; }
  }
  return close(out) == 0 ? ASSAY_OK : ASSAY_E_FAILED;
}

static int64_t read_file(const char *path, int64_t sum) {
  unsigned char bytes[4096];
  int in = open(path, O_RDONLY | O_CLOEXEC);
  if (in < 0) return -1;
  for (ssize_t n; (n = read(in, bytes, sizeof bytes)) > 0;) sum = weight(bytes, (uint64_t)n, sum);
  close(in);
  return sum;
}

static assay_status scribble(void *instance, const assay_run *run) {
  (void)instance;
  assay_artifact *out;
  assay_status s = run->host->artifact(run, 0, "text", &out);
  if (s != ASSAY_OK) return s;
  if (write_file(out->path, assay_int(run, 0), (uint64_t)assay_int(run, 1)) != ASSAY_OK)
    return assay_fail_errno(run, errno, out->path);
  return run->host->commit(run, out);
}

static assay_status recite(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, read_file(assay_file(run, 0)->path, 11));
}

/* A directory of n files, the last one executable, in a folder of its own. */
static assay_status pile(void *instance, const assay_run *run) {
  (void)instance;
  assay_artifact *out;
  char path[4200];
  assay_status s = run->host->artifact(run, 0, "pile", &out);
  if (s != ASSAY_OK) return s;
  int64_t x = assay_int(run, 0), n = assay_int(run, 1);
  snprintf(path, sizeof path, "%.4096s/inner", out->path);
  if (mkdir(path, 0755) != 0) return assay_fail_errno(run, errno, path);
  for (int64_t i = 0; i < n; i++) {
    snprintf(path, sizeof path, "%.4096s/%s%d", out->path, i == n - 1 ? "inner/" : "", (int)i);
    if (write_file(path, x + i, 3000 + (uint64_t)i) != ASSAY_OK) return assay_fail_errno(run, errno, path);
    if (i == n - 1) chmod(path, 0755);
  }
  return run->host->commit(run, out);
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static int64_t tally_in(const char *path, int64_t sum) {
  struct dirent **names;
  int n = scandir(path, &names, NULL, by_name);
  for (int i = 0; i < n; i++) {
    char inner[4400];
    snprintf(inner, sizeof inner, "%.4096s/%.255s", path, names[i]->d_name);
    if (names[i]->d_name[0] == '.') {
    } else if (names[i]->d_type == DT_DIR) {
      sum = tally_in(inner, sum);
    } else {
      sum = weight((const unsigned char *)names[i]->d_name, strlen(names[i]->d_name), read_file(inner, sum));
    }
    free(names[i]);
  }
  if (n >= 0) free(names);
  return sum;
}

static assay_status tally(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, tally_in(assay_file(run, 0)->path, 13));
}

/* ---- Declarations ---- */

static const assay_port x_int = ASSAY_INPUT("x", "int", ""), ms = ASSAY_DEFAULT("ms", "int", "0", "how long it takes"),
                        n_int = ASSAY_INPUT("n", "int", ""), path = ASSAY_INPUT("path", "string", ""),
                        stage = ASSAY_DEFAULT("stage", "int", "0", "where it dies"), x_bytes = ASSAY_INPUT("x", "bytes", ""),
                        x_file = ASSAY_INPUT("x", "file", ""), x_dir = ASSAY_INPUT("x", "dir", ""),
                        y_int = ASSAY_OUTPUT("y", "int", ""), y_bytes = ASSAY_OUTPUT("y", "bytes", ""),
                        y_file = ASSAY_OUTPUT("y", "file", ""), y_dir = ASSAY_OUTPUT("y", "dir", "");

#define LIST(name, ...) static const assay_port *const name[] = {__VA_ARGS__}
LIST(int_in, &x_int);
LIST(timed_in, &x_int, &ms);
LIST(sized_in, &x_int, &n_int);
LIST(blob_in, &x_int, &n_int, &stage);
LIST(note_in, &x_int, &path, &ms);
LIST(bytes_in, &x_bytes);
LIST(file_in, &x_file);
LIST(dir_in, &x_dir);
LIST(int_out, &y_int);
LIST(bytes_out, &y_bytes);
LIST(file_out, &y_file);
LIST(dir_out, &y_dir);

#define PURE (ASSAY_PURE | ASSAY_DETERMINISTIC | ASSAY_IDEMPOTENT)
#define TASK(name, traits, ins, outs)                                                                                   \
  static const assay_task name##_task = {.struct_size = sizeof(assay_task), .flags = traits, .id = "work." #name,       \
    .version = "1.0.0", .inputs = ins, .n_inputs = ASSAY_COUNT(ins), .outputs = outs, .n_outputs = ASSAY_COUNT(outs),   \
    .run = name}

TASK(grow, PURE, timed_in, int_out);
TASK(stumble, PURE, int_in, int_out);
TASK(note, 0, note_in, int_out);
TASK(hog, PURE, int_in, int_out);
TASK(blob, PURE, blob_in, bytes_out);
TASK(weigh, PURE, bytes_in, int_out);
TASK(scribble, PURE, sized_in, file_out);
TASK(recite, PURE, file_in, int_out);
TASK(pile, PURE, sized_in, dir_out);
TASK(tally, PURE, dir_in, int_out);

static const assay_task *const tasks[] = {&grow_task, &stumble_task, &note_task, &hog_task, &blob_task, &weigh_task,
                                          &scribble_task, &recite_task, &pile_task, &tally_task};
static const assay_plugin plugin = {
    .struct_size = sizeof(assay_plugin), .generation = ASSAY_GENERATION, .revision = ASSAY_REVISION,
    .id = "work", .version = "1.0.0", .tasks = tasks, .n_tasks = ASSAY_COUNT(tasks),
};

const assay_plugin *assay_plugin_entry(const assay_loader *loader) { return assay_speaks(loader) ? &plugin : NULL; }
