#include "assay_task.h"
#include "guardian.h"
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

/* Reads what is there. 0: the end of file. */
static int talk_read(const assay_run *run, talk *t, int fd) {
  char bytes[4096];
  for (;;) {
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n > 0) talk_take(run, t, bytes, (size_t)n);
    else if (n < 0 && errno == EINTR) continue;
    else return n < 0;
  }
}

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Passes on what the command says until it has ended; asks it to end when the run is cancelled, and kills it 2 s later. */
static verdict attend(const assay_run *run, guardian *g, int error, talk *t) {
  verdict v = {ECHILD, 0};
  int64_t asked = 0;
  for (int open = 1;;) {
    struct pollfd watched[2] = {{g->verdict, POLLIN, 0}, {open ? error : -1, POLLIN, 0}};
    poll(watched, 2, 50);
    if (watched[1].revents) open = talk_read(run, t, error);
    if (watched[0].revents) {
      if (read(g->verdict, &v, sizeof v) != sizeof v) v.errno_of_start = ECHILD;
      if (open) talk_read(run, t, error);
      talk_end(run, t);
      return v;
    }
    if (!assay_cancelled(run)) continue;
    if (!asked) {
      asked = now_ms();
      (void)!write(g->control, "T", 1);
    } else if (now_ms() - asked > 2000) {
      (void)!write(g->control, "K", 1);
    }
  }
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

static assay_status give_stdout(const assay_run *run, int fd) {
  off_t size = lseek(fd, 0, SEEK_END);
  if (size > MAXIMUM_STDOUT)
    return ps_fail(run, ASSAY_E_FAILED, "shell.stdout", "stdout",
                   "the command printed %lld bytes, more than 16 MiB: let it write a file and declare that in `outputs`",
                   (long long)size);
  char *text = malloc((size_t)size + 1);
  if (!text) return ps_no_memory(run);
  ssize_t n = pread(fd, text, (size_t)size, 0);
  size_t bad = n == size ? ps_first_bad_byte(text, (size_t)size) : 0;
  assay_status status;
  if (n != size) status = file_fail(run, "io.read", "stdout", "standard output", n < 0 ? errno : EIO);
  else if (bad < (size_t)size)
    status = ps_fail(run, ASSAY_E_FAILED, "shell.stdout", "stdout",
                     "byte %zu of standard output is not UTF-8 text: let the command write a file and declare that in "
                     "`outputs`", bad + 1);
  else
    status = assay_set_text(run, OUT_STDOUT, text, (uint64_t)size);
  free(text);
  return status;
}

/* Starts the command with its descriptors, and lets it run to its end. */
static assay_status perform(const assay_run *run, command *c) {
  const assay_artifact *stdin_file = assay_file(run, STDIN);
  char *path = file_path(run->temp_dir, "stdout");
  int pipe_of_error[2] = {-1, -1};
  talk *t = calloc(1, sizeof *t);
  guardian g;
  assay_status status = path && t ? ASSAY_OK : ps_no_memory(run);
  c->input = open(stdin_file && stdin_file->path ? stdin_file->path : "/dev/null", O_RDONLY | O_CLOEXEC);
  c->output = path ? open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600) : -1;
  int number = c->input < 0 || c->output < 0 || pipe2(pipe_of_error, O_CLOEXEC) ? errno : 0;
  c->error = pipe_of_error[1];
  if (!status && !number) {
    fcntl(pipe_of_error[0], F_SETFL, O_NONBLOCK);
    number = guardian_start(c, &g);
  }
  if (c->error >= 0) close(c->error);
  if (!status && number) status = ps_fail(run, ASSAY_E_RESOURCE, "shell.start", NULL, "cannot start a process: %s", strerror(number));
  if (!status) {
    verdict v = attend(run, &g, pipe_of_error[0], t);
    guardian_end(&g);
    status = judge(run, v, t, c->arguments[0]);
    if (!status) status = assay_set_int(run, OUT_EXIT, WEXITSTATUS(v.status));
    if (!status) status = give_stdout(run, c->output);
  }
  if (c->input >= 0) close(c->input);
  if (c->output >= 0) close(c->output);
  if (pipe_of_error[0] >= 0) close(pipe_of_error[0]);
  free(t);
  free(path);
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
static assay_status find_environment(const assay_run *run, const char *folder, char ***out) {
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
    char text[4200];
    snprintf(text, sizeof text, "%s%s%s", names[i],
             i == 0 ? "/usr/local/bin:/usr/bin:/bin" : i == 1 ? folder : i == 2 ? "C.UTF-8" : run->temp_dir,
             i == 3 ? "/tmp" : "");
    size_t end = count;
    while (words[end]) end++;
    words[end] = strdup(text);
  }
  *out = words;
  return ASSAY_OK;
}

assay_status shell_run(void *instance, const assay_run *run) {
  (void)instance;
  char *folder = NULL, **arguments = NULL, **environment = NULL;
  assay_status status = find_arguments(run, &arguments);
  if (!status) status = stage_in(run, &folder);
  if (!status) status = find_environment(run, folder, &environment);
  if (!status) {
    command c = {arguments, environment, folder, -1, -1, -1};
    status = perform(run, &c);
  }
  if (!status) status = stage_out(run, folder);
  stage_free_texts(environment);
  stage_free_texts(arguments);
  free(folder);
  return status;
}
