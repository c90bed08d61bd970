#include "guardian.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- in the guardian, after fork: no allocation, no stdio ---------------------------------------------------------- */

/* `/proc/<pid>/task/<pid>/children` in a buffer of 64 bytes. */
static void children_path(char *out, long pid) {
  char digits[24];
  int n = 0;
  do digits[n++] = (char)('0' + pid % 10);
  while ((pid /= 10));
  char number[24];
  for (int i = 0; i < n; i++) number[i] = digits[n - 1 - i];
  number[n] = 0;
  strcpy(out, "/proc/");
  strcat(out, number);
  strcat(out, "/task/");
  strcat(out, number);
  strcat(out, "/children");
}

/* Sends a signal to the children of a process, and to theirs. */
static void signal_below(long pid, int number, int depth) {
  char path[64], text[4096];
  children_path(path, pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  text[n > 0 ? n : 0] = 0;
  for (char *at = text; *at;) {
    long child = 0;
    while (*at >= '0' && *at <= '9') child = 10 * child + (*at++ - '0');
    if (child > 1) {
      if (depth > 0) signal_below(child, number, depth - 1);
      kill((pid_t)child, number);
    }
    while (*at && (*at < '0' || *at > '9')) at++;
  }
}

/* Kills all descendants: orphans become children, so that none is left when there are no children. */
static void kill_all(void) {
  int status;
  for (;;) {
    signal_below(getpid(), SIGKILL, 0);
    if (waitpid(-1, &status, 0) < 0 && errno == ECHILD) return;
  }
}

/* After vfork: in the memory of the guardian, which waits; descriptors, signals and the folder are its own. Gives errno. */
static int run_command(const command *c) {
  sigset_t none;
  sigemptyset(&none);
  for (int number = 1; number < 65; number++) signal(number, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, NULL);
  /* Not 0 to 2: the new descriptors must not overwrite each other. */
  int input = fcntl(c->input, F_DUPFD, 3), output = fcntl(c->output, F_DUPFD, 3), error = fcntl(c->error, F_DUPFD, 3);
  if (input < 0 || output < 0 || error < 0 || dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(error, 2) < 0) goto failed;
  if (chdir(c->folder)) goto failed;
  umask(022);
#ifdef SYS_close_range
  syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */);
#endif
  execvpe(c->arguments[0], c->arguments, c->environment);
failed:
  return errno;
}

static int open_pidfd(pid_t pid) {
#ifdef SYS_pidfd_open
  return (int)syscall(SYS_pidfd_open, pid, 0);
#else
  (void)pid;
  return -1;
#endif
}

/* Waits for the command to end, and does what it is told meanwhile. */
static int watch(pid_t child, int control) {
  int status = 0, handle = open_pidfd(child);
  for (;;) {
    pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) return status;
    struct pollfd watched[2] = {{control, POLLIN, 0}, {handle, POLLIN, 0}};
    /* Without a pidfd it looks again and again. */
    if (poll(watched, 2, handle < 0 ? 20 : -1) <= 0 || !watched[0].revents) continue;
    char word;
    ssize_t n = read(control, &word, 1);
    if (n == 1 && word == 'T') signal_below(getpid(), SIGTERM, 32);
    else {
      kill(child, SIGKILL);
      while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
      return status;
    }
  }
}

static void guard(const command *c, int control, int report) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  signal(SIGTERM, SIG_IGN); /* it has to outlive those that it tells */
  signal(SIGINT, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGCHLD, SIG_DFL);
  verdict v = {0, 0};
  volatile int failure = 0;
  /* Goes on when the command has begun or could not: no page of the guardian is copied for it. */
  pid_t child = vfork();
  if (child == 0) {
    failure = run_command(c);
    _exit(127);
  }
  v.errno_of_start = child < 0 ? errno : failure;
  if (child > 0) {
    close(c->output);
    close(c->error);
    v.status = watch(child, control);
    kill_all();
  }
  (void)!write(report, &v, sizeof v);
  _exit(0);
}

/* ---- in the worker -------------------------------------------------------------------------------------------------- */

int guardian_start(const command *c, guardian *out) {
  int control[2], report[2];
  if (pipe2(control, O_CLOEXEC)) return errno;
  if (pipe2(report, O_CLOEXEC)) {
    int number = errno;
    close(control[0]);
    close(control[1]);
    return number;
  }
  pid_t process = fork();
  int number = errno;
  if (process == 0) {
    close(control[1]);
    close(report[0]);
    guard(c, control[0], report[1]);
  }
  close(control[0]);
  close(report[1]);
  out->process = process;
  out->control = control[1];
  out->verdict = report[0];
  if (process > 0) return 0;
  close(control[1]);
  close(report[0]);
  return number;
}

void guardian_end(guardian *g) {
  close(g->control);
  close(g->verdict);
  int status;
  while (waitpid(g->process, &status, 0) < 0 && errno == EINTR) {}
}
