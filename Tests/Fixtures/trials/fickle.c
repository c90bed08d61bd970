/* Tasks that promise to give the same each time and break their word, each in its own way. */
#define _GNU_SOURCE
#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "assay_task.h"

#ifndef STEP
#define STEP 1 /* what `steady` adds: another number is other code */
#endif

static assay_status steady(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, assay_int(run, 0) + STEP);
}

/* The time of day, which nobody gave it. */
static assay_status clock_time(void *instance, const assay_run *run) {
  (void)instance;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return assay_set_int(run, 0, now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

/* The same inside a text. */
static assay_status stamp(void *instance, const assay_run *run) {
  (void)instance;
  struct timespec now;
  char text[128];
  size_t n;
  struct tm parts;
  clock_gettime(CLOCK_REALTIME, &now);
  gmtime_r(&now.tv_sec, &parts);
  n = strftime(text, sizeof text, "report made at %Y-%m-%d %H:%M:%S", &parts);
  snprintf(text + n, sizeof text - n, ".%06ld", now.tv_nsec / 1000);
  return assay_set_string(run, 0, text);
}

/* The time that the engine gives and puts on record: this one is honest. */
static assay_status given_time(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, run->unix_ns);
}

static assay_status language(void *instance, const assay_run *run) {
  (void)instance;
  locale_t user = newlocale(LC_ALL_MASK, "", (locale_t)0);
  const char *codeset = user ? nl_langinfo_l(CODESET, user) : "none";
  return assay_set_string(run, 0, codeset);
}

struct part {
  int first, step;
  double sum;
};

static void *add(void *argument) {
  struct part *part = argument;
  for (int i = part->first; i < 100000; i += part->step) part->sum += 1.0 / (i + 1);
  return NULL;
}

/* A sum in as many parts as there may be threads: their number decides how it is rounded. */
static assay_status harmonic(void *instance, const assay_run *run) {
  (void)instance;
  const char *given = getenv("OMP_NUM_THREADS");
  int count = given ? atoi(given) : 1;
  struct part parts[16];
  pthread_t threads[16];
  double sum = 0;
  if (count < 1 || count > 16) count = 1;
  for (int i = 0; i < count; i++) {
    parts[i] = (struct part){i, count, 0};
    if (pthread_create(&threads[i], NULL, add, &parts[i]) != 0) return assay_failf(run, ASSAY_E_RESOURCE, NULL, "no thread");
  }
  for (int i = 0; i < count; i++) {
    pthread_join(threads[i], NULL);
    sum += parts[i].sum;
  }
  return assay_set_float(run, 0, sum);
}

/* What an earlier owner left in memory: here the allocator, which hides addresses in it. */
static assay_status leftover(void *instance, const assay_run *run) {
  (void)instance;
  void *volatile block = malloc(4000);
  void *volatile second;
  int64_t found;
  free(block);
  second = malloc(4000);
  block = malloc(48);
  free(block);
  block = malloc(48);
  memcpy(&found, block, sizeof found);
  free(block);
  free(second);
  return assay_set_int(run, 0, found);
}

static assay_status variable(void *instance, const assay_run *run) {
  (void)instance;
  const char *mode = getenv("FICKLE_MODE");
  return assay_set_string(run, 0, mode ? mode : "none");
}

static assay_status lottery(void *instance, const assay_run *run) {
  (void)instance;
  uint64_t number = 0;
  if (getrandom(&number, sizeof number, 0) < 0) return assay_failf(run, ASSAY_E_RESOURCE, NULL, "no random numbers");
  return assay_set_int(run, 0, (int64_t)(number % 1000003));
}

static const assay_port x_int = ASSAY_INPUT("x", "int", ""), y_int = ASSAY_OUTPUT("y", "int", ""),
                        y_text = ASSAY_OUTPUT("y", "string", ""), y_float = ASSAY_OUTPUT("y", "float", "");

#define LIST(name, ...) static const assay_port *const name[] = {__VA_ARGS__}
LIST(int_in, &x_int);
LIST(int_out, &y_int);
LIST(text_out, &y_text);
LIST(float_out, &y_float);

#define TASK(name, function, outs)                                                                                     \
  static const assay_task name##_task = {.struct_size = sizeof(assay_task),                                            \
    .flags = ASSAY_PURE | ASSAY_DETERMINISTIC | ASSAY_IDEMPOTENT, .id = "fickle." #name, .version = "1.0.0",           \
    .inputs = int_in, .n_inputs = ASSAY_COUNT(int_in), .outputs = outs, .n_outputs = ASSAY_COUNT(outs), .run = function}

TASK(steady, steady, int_out);
TASK(clock, clock_time, int_out);
TASK(stamp, stamp, text_out);
TASK(given_time, given_time, int_out);
TASK(language, language, text_out);
TASK(harmonic, harmonic, float_out);
TASK(leftover, leftover, int_out);
TASK(variable, variable, text_out);
TASK(lottery, lottery, int_out);

static const assay_task *const tasks[] = {&steady_task,   &clock_task,    &stamp_task,    &given_time_task, &language_task,
                                          &harmonic_task, &leftover_task, &variable_task, &lottery_task};
static const assay_plugin plugin = {
    .struct_size = sizeof(assay_plugin), .generation = ASSAY_GENERATION, .revision = ASSAY_REVISION,
    .id = "fickle", .version = "1.0.0", .tasks = tasks, .n_tasks = ASSAY_COUNT(tasks),
};

const assay_plugin *assay_plugin_entry(const assay_loader *loader) { return assay_speaks(loader) ? &plugin : NULL; }
