#include "guardian.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A fork of a process that may have threads: no allocation, no stdio. All signals are blocked, with their default
 * dispositions: commands need nothing but their mask changed. */
enum { SOCKET = 3, DEATHS = 4 };

typedef struct command {
  char **arguments;  /* NULL-terminated; a program without `/` is looked for in the command's own PATH */
  const char *folder;
  int output, error, input; /* input -1: empty */
  pid_t group;
} command;

/* ---- everything that a command has started --------------------------------------------------------------------------- */

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

/* Kills all descendants: orphans become children, so that none is left when there are no children. Mostly there are none. */
static void kill_all(void) {
  for (int options = WNOHANG;; options = 0) {
    pid_t ended = waitpid(-1, NULL, options);
    if (ended < 0 && errno == ECHILD) return;
    signal_below(getpid(), SIGKILL, 0);
  }
}

_Noreturn static void leave(void) {
  kill_all();
  _exit(0);
}

/* ---- a command ------------------------------------------------------------------------------------------------------- */

/* After vfork: in the memory of the guardian, which waits; descriptors, mask and folder are its own. Gives errno. */
static int become(const command *c) {
  sigset_t none;
  sigemptyset(&none);
  /* In the worker's group it dies with that at once; the guardian, which does not, then ends what left the group. */
  if (setpgid(0, c->group) || prctl(PR_SET_PDEATHSIG, SIGKILL)) return errno;
  if ((c->input >= 0 && dup2(c->input, 0) < 0) || dup2(c->output, 1) < 0 || dup2(c->error, 2) < 0) return errno;
  if (chdir(c->folder)) return errno;
  sigprocmask(SIG_SETMASK, &none, NULL);
  execvpe(c->arguments[0], c->arguments, environ);
  return errno;
}

static ssize_t receive(void *bytes, size_t size) {
  ssize_t n;
  do n = recv(SOCKET, bytes, size, MSG_WAITALL);
  while (n < 0 && errno == EINTR);
  return n;
}

/* Waits for the command to end, and does what it is told meanwhile. */
static int watch(pid_t child) {
  for (;;) {
    struct pollfd watched[2] = {{SOCKET, POLLIN, 0}, {DEATHS, POLLIN, 0}};
    if (poll(watched, 2, -1) <= 0) continue;
    if (watched[1].revents) {
      struct signalfd_siginfo death;
      (void)!read(DEATHS, &death, sizeof death);
      int status;
      if (waitpid(child, &status, WNOHANG) == child) return status;
    }
    if (watched[0].revents) {
      guardian_request word;
      if (receive(&word, sizeof word) != sizeof word) leave();
      if (word.kind == GUARDIAN_TERMINATE) signal_below(getpid(), SIGTERM, 32);
      else kill(child, SIGKILL);
    }
  }
}

static verdict run(const command *c) {
  verdict v = {0, 0};
  volatile int failure = 0;
  /* Goes on when the command has begun or could not: no page of the guardian is copied for it. */
  pid_t child = vfork();
  if (child == 0) {
    failure = become(c);
    _exit(127);
  }
  v.errno_of_start = child < 0 ? errno : failure;
  if (child > 0) v.status = watch(child);
  kill_all();
  return v;
}

/* ---- what it is told ------------------------------------------------------------------------------------------------- */

/* The next request, with its descriptors; leaves when the worker has gone. */
static int next(guardian_request *request, int descriptors[3]) {
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(3 * sizeof(int))];
  } control;
  struct iovec piece = {request, sizeof *request};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t n;
  do n = recvmsg(SOCKET, &message, MSG_WAITALL | MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n != sizeof *request) leave();
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_type != SCM_RIGHTS) return 0;
  size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  memcpy(descriptors, CMSG_DATA(header), count * sizeof(int));
  return (int)count;
}

/* Room for texts and the pointers to them; kept for the next command. */
static char *room_for(size_t size) {
  static char *room;
  static size_t capacity;
  if (size <= capacity) return room;
  size_t wanted = (size + 0xffff) & ~(size_t)0xffff;
  void *larger = mmap(NULL, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (larger == MAP_FAILED) leave();
  if (room) munmap(room, capacity);
  room = larger;
  capacity = wanted;
  return room;
}

_Noreturn static void guard(pid_t group) {
  for (;;) {
    guardian_request request;
    int descriptors[3];
    int count = next(&request, descriptors);
    if (request.kind != GUARDIAN_RUN) continue; /* a word about a command that has ended */
    if (count < 2) leave();
    char **pointers = (char **)room_for(((size_t)request.arguments + request.variables + 2) * sizeof(char *) + request.size);
    char *text = (char *)(pointers + request.arguments + request.variables + 2);
    if (receive(text, request.size) != (ssize_t)request.size) leave();
    command c = {pointers, text, descriptors[0], descriptors[1], count > 2 ? descriptors[2] : -1, group};
    for (uint32_t i = 0; i < request.arguments + request.variables; i++) {
      text += strlen(text) + 1;
      pointers[i + (i >= request.arguments)] = text;
    }
    pointers[request.arguments] = pointers[request.arguments + request.variables + 1] = NULL;
    environ = pointers + request.arguments + 1; /* in whose PATH the program is looked for */
    verdict v = run(&c);
    (void)!send(SOCKET, &v, sizeof v, MSG_NOSIGNAL);
    /* Only now: the worker need not wake up for the end of its pipes, and then once more. */
    while (count > 0) close(descriptors[--count]);
  }
}

/* After fork: its own group, its own descriptors, and nothing of its parent's. Signals are blocked already. */
_Noreturn static void begin(int socket, pid_t group) {
  prctl(PR_SET_NAME, "assay-guardian");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  setpgid(0, 0);
  umask(022);
  for (int number = 1; number < 65; number++) signal(number, SIG_DFL);
  sigset_t deaths;
  sigemptyset(&deaths);
  sigaddset(&deaths, SIGCHLD);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC), signals = signalfd(-1, &deaths, SFD_CLOEXEC);
  /* Away from where they go, so that they do not overwrite each other. */
  int moved[] = {fcntl(null, F_DUPFD, 5), fcntl(socket, F_DUPFD, 5), fcntl(signals, F_DUPFD, 5)};
  for (int i = 0; i < 3; i++)
    if (moved[i] < 0 || dup2(moved[0], i) < 0) _exit(1);
  if (dup3(moved[1], SOCKET, O_CLOEXEC) < 0 || dup3(moved[2], DEATHS, O_CLOEXEC) < 0) _exit(1);
#ifdef SYS_close_range
  if (syscall(SYS_close_range, 5u, ~0u, 0u) == 0) guard(group);
#endif
  for (int number = 5; number < 65536; number++) close(number);
  guard(group);
}

int guardian_make(pid_t *process, int *socket) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) return errno;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t group = getpgrp();
  *process = fork();
  int number = errno;
  if (*process == 0) begin(ends[1], group);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(ends[1]);
  *socket = ends[0];
  if (*process > 0) return 0;
  close(ends[0]);
  return number;
}
