#include "assay_task.h"
#include "guard.h"
#include "stage.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

assay_status shell_run(void *instance, const assay_run *run);

#define LAST_LINES 20
#define LINE 400
#define MAXIMUM_STDOUT (16 << 20)

/* Standard error, line by line: to the log, and the last ones for the failure. */
typedef struct talk {
  char lines[LAST_LINES][LINE + 1];
  uint64_t count;
  char line[LINE + 1];
  size_t length;
} talk;

/* Standard output: its beginning, and how much there was. */
typedef struct print {
  char *bytes;
  size_t count, capacity;
  uint64_t total;
  int no_memory;
} print;

static void talk_end(const assay_run *run, talk *t) {
  if (!t->length) return;
  t->line[t->length] = 0;
  run->host->run_log(run, ASSAY_LOG_INFO, t->line, t->length);
  memcpy(t->lines[t->count++ % LAST_LINES], t->line, t->length + 1);
  t->length = 0;
}

static void talk_take(const assay_run *run, talk *t, const char *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (bytes[i] == '\n' || t->length == LINE) talk_end(run, t);
    if (bytes[i] != '\n' && bytes[i] != '\r') t->line[t->length++] = bytes[i];
  }
}

/* What is beyond the maximum is only counted. */
static void print_take(print *p, const char *bytes, size_t count) {
  p->total += count;
  if (p->total > MAXIMUM_STDOUT || p->no_memory) return;
  if (p->count + count > p->capacity) {
    size_t wanted = 2 * (p->count + count);
    char *larger = realloc(p->bytes, wanted);
    if (!larger) {
      p->no_memory = 1;
      return;
    }
    p->bytes = larger;
    p->capacity = wanted;
  }
  memcpy(p->bytes + p->count, bytes, count);
  p->count += count;
}

/* A command at work. */
typedef struct work {
  const assay_run *run;
  guard *guard;
  int output, error; /* what it writes to can be read there; -1: the end was seen */
  talk talk;
  print print;
} work;

/* Waits until there is something to read, and reads from each pipe that has something. Gives whether the verdict is there;
 * with `limit` 0 it only says whether something was read. */
static int listen_to(work *w, int limit) {
  char bytes[65536];
  struct pollfd watched[3] = {{w->output, POLLIN, 0}, {w->error, POLLIN, 0}, {limit ? w->guard->socket : -1, POLLIN, 0}};
  poll(watched, 3, limit);
  int heard = 0;
  for (int i = 0; i < 2; i++) {
    if (!watched[i].revents) continue;
    ssize_t n = read(watched[i].fd, bytes, sizeof bytes);
    if (n > 0) {
      heard = 1;
      if (i) talk_take(w->run, &w->talk, bytes, (size_t)n);
      else print_take(&w->print, bytes, (size_t)n);
    } else if (n == 0 || errno != EINTR) {
      int *pipe_end = i ? &w->error : &w->output;
      close(*pipe_end);
      *pipe_end = -1;
    }
  }
  return limit ? watched[2].revents != 0 : heard;
}

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Passes on what the command says until it has ended; asks it to end when the run is cancelled, and kills it 2 s later. */
static verdict attend(work *w) {
  int64_t asked = 0;
  while (!listen_to(w, 50)) {
    if (!assay_cancelled(w->run)) continue;
    if (!asked) {
      asked = now_ms();
      guard_tell(w->guard, GUARDIAN_TERMINATE);
    } else if (now_ms() - asked > 2000) {
      guard_tell(w->guard, GUARDIAN_KILL);
    }
  }
  verdict v = guard_verdict(w->guard);
  while (listen_to(w, 0)) {}
  talk_end(w->run, &w->talk);
  return v;
}

static assay_status failed(const assay_run *run, const talk *t, const char *code, int number, const char *what) {
  char message[1024], detail[LAST_LINES * (LINE + 2)];
  size_t used = 0;
  uint64_t first = t->count > LAST_LINES ? t->count - LAST_LINES : 0;
  detail[0] = 0;
  for (uint64_t i = first; i < t->count; i++)
    used += (size_t)snprintf(detail + used, sizeof detail - used, "%s\n", t->lines[i % LAST_LINES]);
  const char *last = t->count ? t->lines[(t->count - 1) % LAST_LINES] : "";
  snprintf(message, sizeof message, "%s%s%s", what, *last ? ": " : "", last);
  assay_error e = {.struct_size = sizeof e, .status = ASSAY_E_FAILED, .retryable = -1, .domain_code = number,
                   .retry_after_ms = -1, .domain = code, .message = message, .detail = detail};
  return run->host->fail(run, &e);
}

/* Whether an exit code counts as success. */
static int is_welcome(const assay_run *run, int code) {
  const assay_value *item;
  for (uint64_t i = 0; (item = assay_item(assay_input(run, EXITS), i)); i++)
    if (assay_value_int(item) == code) return 1;
  return 0;
}

static assay_status judge(const assay_run *run, verdict v, const talk *t, const char *program) {
  char what[300];
  if (assay_cancelled(run)) return ASSAY_E_CANCELLED;
  if (v.errno_of_start) {
    snprintf(what, sizeof what, "cannot start `%.200s`: %s", program, strerror(v.errno_of_start));
    return failed(run, t, "shell.start", v.errno_of_start, what);
  }
  if (WIFSIGNALED(v.status)) {
    snprintf(what, sizeof what, "`%.200s` was ended by signal %d (%s)", program, WTERMSIG(v.status), strsignal(WTERMSIG(v.status)));
    return failed(run, t, "shell.signal", WTERMSIG(v.status), what);
  }
  if (is_welcome(run, WEXITSTATUS(v.status))) return ASSAY_OK;
  snprintf(what, sizeof what, "`%.200s` ended with exit code %d", program, WEXITSTATUS(v.status));
  return failed(run, t, "shell.exit", WEXITSTATUS(v.status), what);
}

static assay_status give_stdout(const assay_run *run, const print *p) {
  if (p->total > MAXIMUM_STDOUT)
    return ps_fail(run, ASSAY_E_FAILED, "shell.stdout", "stdout",
                   "the command printed %llu bytes, more than 16 MiB: let it write a file and declare that in `outputs`",
                   (unsigned long long)p->total);
  if (p->no_memory) return ps_no_memory(run);
  size_t bad = ps_first_bad_byte(p->bytes, p->count);
  if (bad < p->count)
    return ps_fail(run, ASSAY_E_FAILED, "shell.stdout", "stdout",
                   "byte %zu of standard output is not UTF-8 text: let the command write a file and declare that in "
                   "`outputs`", bad + 1);
  return assay_set_text(run, OUT_STDOUT, p->count ? p->bytes : "", p->count);
}

/* The command's descriptors, and the other ends of its pipes. 0 or an errno. */
static int open_descriptors(const assay_run *run, command *c, work *w) {
  const assay_artifact *file = assay_file(run, STDIN);
  int output[2], error[2];
  if (file && file->path && (c->input = open(file->path, O_RDONLY | O_CLOEXEC)) < 0) return errno;
  if (pipe2(output, O_CLOEXEC)) return errno;
  w->output = output[0];
  c->output = output[1];
  if (pipe2(error, O_CLOEXEC)) return errno;
  w->error = error[0];
  c->error = error[1];
  return 0;
}

static void close_all(int a, int b, int c) {
  if (a >= 0) close(a);
  if (b >= 0) close(b);
  if (c >= 0) close(c);
}

/* Starts the command and lets it run to its end. */
static assay_status perform(const assay_run *run, guard *g, command *c) {
  work *w = calloc(1, sizeof *w);
  if (!w) return ps_no_memory(run);
  w->run = run;
  w->guard = g;
  w->output = w->error = -1;
  int number = open_descriptors(run, c, w);
  if (!number) number = guard_start(g, c);
  close_all(c->input, c->output, c->error);
  assay_status status;
  if (number) {
    status = ps_fail(run, ASSAY_E_RESOURCE, "shell.start", NULL, "cannot start a process: %s", strerror(number));
  } else {
    verdict v = attend(w);
    status = judge(run, v, &w->talk, c->arguments[0]);
    if (!status) status = assay_set_int(run, OUT_EXIT, WEXITSTATUS(v.status));
    if (!status) status = give_stdout(run, &w->print);
  }
  close_all(w->output, w->error, -1);
  free(w->print.bytes);
  free(w);
  return status;
}

/* The program and its arguments: the command, or `sh -eu -c SCRIPT sh` and the command as its arguments. */
static assay_status find_arguments(const assay_run *run, char ***out) {
  char *script = ps_string(ps_input(run, SCRIPT));
  char **words = stage_texts(assay_input(run, COMMAND), 5);
  if (!words) {
    free(script);
    return ps_fail(run, ASSAY_E_INPUT, "shell.command", "command", "a word of the command has a NUL in it");
  }
  if (!script && (!words[0] || !*words[0])) {
    stage_free_texts(words);
    return ps_fail(run, ASSAY_E_INPUT, "shell.command", "command", "there is neither a command nor a script");
  }
  if (script) {
    size_t count = 0;
    while (words[count]) count++;
    memmove(words + 5, words, (count + 1) * sizeof *words);
    const char *const shell[] = {"/bin/sh", "-eu", "-c", script, "sh"};
    for (size_t i = 0; i < 5; i++) words[i] = strdup(shell[i]);
  }
  free(script);
  *out = words;
  return ASSAY_OK;
}

/* The declared variables, and what a program cannot do without. Nothing of the engine's. */
static assay_status find_environment(const assay_run *run, const char *temporary, char ***out) {
  char **words = stage_texts(assay_input(run, ENVIRONMENT), 4);
  if (!words) return ps_fail(run, ASSAY_E_INPUT, "shell.environment", "env", "a variable has a NUL in it");
  size_t count = 0;
  for (; words[count]; count++)
    if (words[count][0] == '=' || !strchr(words[count], '=')) {
      assay_status status = ps_fail(run, ASSAY_E_INPUT, "shell.environment", "env", "`%.100s` is not `NAME=value`", words[count]);
      stage_free_texts(words);
      return status;
    }
  static const char *const names[] = {"PATH=", "HOME=", "LANG=", "TMPDIR="};
  for (size_t i = 0; i < 4; i++) {
    size_t given = 0;
    while (given < count && strncmp(words[given], names[i], strlen(names[i]))) given++;
    if (given < count) continue;
    const char *const values[] = {"/usr/local/bin:/usr/bin:/bin", run->temp_dir, "C.UTF-8", temporary};
    char text[4200];
    snprintf(text, sizeof text, "%s%s", names[i], values[i]);
    size_t end = count;
    while (words[end]) end++;
    words[end] = strdup(text);
  }
  *out = words;
  return ASSAY_OK;
}

assay_status shell_run(void *instance, const assay_run *run) {
  (void)instance;
  char **arguments = NULL, **environment = NULL;
  guard *g = NULL;
  int number;
  assay_status status = find_arguments(run, &arguments);
  if (!status) status = stage_in(run);
  if (!status && (number = guard_take(run->temp_dir, &g)))
    status = ps_fail(run, ASSAY_E_RESOURCE, "shell.start", NULL, "cannot prepare a process: %s", strerror(number));
  if (!status) status = find_environment(run, g->temporary, &environment);
  if (!status) {
    command c = {arguments, environment, run->temp_dir, -1, -1, -1};
    status = perform(run, g, &c);
  }
  if (g) guard_give(g);
  if (!status) status = stage_out(run);
  stage_free_texts(environment);
  stage_free_texts(arguments);
  return status;
}
