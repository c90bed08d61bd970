#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "cprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- spawning ------------------------------------------------------------------------------------------------- */

/* One request at a time; `turn` orders the callers, `changed` tells the spawner and the caller about each other. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int spawner_runs;
static const cprocess_spawn *wanted;
static pid_t *wanted_pid;
static int result;
static int answered;

/* Sources that lie where targets go are moved away first, so that no dup2 destroys what a later one needs. */
static int add_descriptors(posix_spawn_file_actions_t *actions, const cprocess_spawn *request, int *moved) {
  for (int i = 0; i < request->descriptor_count; i++) {
    int from = request->descriptors[i];
    moved[i] = -1;
    if (from >= 0 && from < request->descriptor_count) {
      moved[i] = fcntl(from, F_DUPFD_CLOEXEC, request->descriptor_count);
      if (moved[i] < 0) return errno;
      from = moved[i];
    }
    int error = from < 0 ? posix_spawn_file_actions_addopen(actions, i, "/dev/null", O_RDWR, 0)
                         : posix_spawn_file_actions_adddup2(actions, from, i);
    if (error) return error;
  }
  int error = posix_spawn_file_actions_addclosefrom_np(actions, request->descriptor_count);
  if (!error && request->directory) error = posix_spawn_file_actions_addchdir_np(actions, request->directory);
  return error;
}

static int spawn(const cprocess_spawn *request, pid_t *pid) {
  enum { LIMIT = 16 };
  int moved[LIMIT];
  if (request->descriptor_count > LIMIT) return EINVAL;
  for (int i = 0; i < LIMIT; i++) moved[i] = -1;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int error = posix_spawn_file_actions_init(&actions);
  if (error) return error;
  error = posix_spawnattr_init(&attributes);
  if (error) {
    posix_spawn_file_actions_destroy(&actions);
    return error;
  }
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (request->own_group ? POSIX_SPAWN_SETPGROUP : 0);
  error = add_descriptors(&actions, request, moved);
  if (!error) error = posix_spawnattr_setsigdefault(&attributes, &all);
  if (!error) error = posix_spawnattr_setsigmask(&attributes, &none);
  if (!error) error = posix_spawnattr_setpgroup(&attributes, 0);
  if (!error) error = posix_spawnattr_setflags(&attributes, flags);
  if (!error)
    error = posix_spawnp(pid, request->path, &actions, &attributes, (char *const *)request->arguments,
                         (char *const *)request->variables);
  for (int i = 0; i < LIMIT; i++)
    if (moved[i] >= 0) close(moved[i]);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

static void *spawner(void *unused) {
  (void)unused;
  pthread_mutex_lock(&lock);
  for (;;) {
    while (!wanted) pthread_cond_wait(&changed, &lock);
    result = spawn(wanted, wanted_pid);
    wanted = NULL;
    answered = 1;
    pthread_cond_broadcast(&changed);
  }
  return NULL;
}

static int ensure_spawner(void) {
  if (spawner_runs) return 0;
  pthread_t thread;
  pthread_attr_t attributes;
  int error = pthread_attr_init(&attributes);
  if (error) return error;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  error = pthread_create(&thread, &attributes, spawner, NULL);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  if (!error) spawner_runs = 1;
  return error;
}

int cprocess_start(const cprocess_spawn *request, pid_t *pid, int *pidfd) {
  pthread_mutex_lock(&turn);
  pthread_mutex_lock(&lock);
  int error = ensure_spawner();
  if (!error) {
    answered = 0;
    wanted_pid = pid;
    wanted = request;
    pthread_cond_broadcast(&changed);
    while (!answered) pthread_cond_wait(&changed, &lock);
    error = result;
  }
  pthread_mutex_unlock(&lock);
  pthread_mutex_unlock(&turn);
  if (error) return -error;
  *pidfd = (int)syscall(SYS_pidfd_open, *pid, 0);
  if (*pidfd < 0) {
    error = errno;
    kill(*pid, SIGKILL);
    while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR) {}
    return -error;
  }
  fcntl(*pidfd, F_SETFD, FD_CLOEXEC);
  return 0;
}

/* ---- memory files --------------------------------------------------------------------------------------------- */

int cprocess_memory_file(const char *name, uint64_t size) {
  int descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor < 0) return -errno;
  if (ftruncate(descriptor, (off_t)size) < 0) {
    int error = errno;
    close(descriptor);
    return -error;
  }
  return descriptor;
}

int cprocess_seal(int descriptor) {
  return fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0 ? -errno : 0;
}

int cprocess_is_sealed(int descriptor) {
  int seals = fcntl(descriptor, F_GET_SEALS);
  return seals >= 0 && (seals & (F_SEAL_SHRINK | F_SEAL_WRITE)) == (F_SEAL_SHRINK | F_SEAL_WRITE);
}

/* ---- sockets and pipes ---------------------------------------------------------------------------------------- */

int cprocess_socket_pair(int out[2]) {
  return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, out) < 0 ? -errno : 0;
}

int cprocess_pipe(int out[2]) {
  if (pipe2(out, O_CLOEXEC) < 0) return -errno;
  if (fcntl(out[0], F_SETFL, O_NONBLOCK) < 0) {
    int error = errno;
    close(out[0]);
    close(out[1]);
    return -error;
  }
  return 0;
}

typedef union control {
  struct cmsghdr header; /* for its alignment */
  char bytes[CMSG_SPACE(sizeof(int) * CPROCESS_MAX_DESCRIPTORS)];
} control;

ssize_t cprocess_send(int socket, const void *head, size_t head_size, const void *body, size_t body_size,
                      const int *descriptors, int descriptor_count) {
  if (descriptor_count < 0 || descriptor_count > CPROCESS_MAX_DESCRIPTORS) return -EINVAL;
  struct iovec pieces[2] = {{(void *)head, head_size}, {(void *)body, body_size}};
  struct msghdr message = {0};
  message.msg_iov = pieces;
  message.msg_iovlen = body_size ? 2 : 1;
  control ancillary;
  if (descriptor_count > 0) {
    size_t bytes = sizeof(int) * (size_t)descriptor_count;
    memset(&ancillary, 0, CMSG_SPACE(bytes));
    message.msg_control = ancillary.bytes;
    message.msg_controllen = CMSG_SPACE(bytes);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(bytes);
    memcpy(CMSG_DATA(header), descriptors, bytes);
  }
  ssize_t sent;
  do sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : sent;
}

ssize_t cprocess_receive(int socket, void *buffer, size_t capacity, int *descriptors, int *descriptor_count) {
  struct iovec piece = {buffer, capacity};
  control ancillary;
  struct msghdr message = {0};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = ancillary.bytes;
  message.msg_controllen = sizeof ancillary.bytes;
  *descriptor_count = 0;
  ssize_t received;
  do received = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (received < 0 && errno == EINTR);
  if (received < 0) return -errno;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    int count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    for (int i = 0; i < count; i++) {
      int descriptor;
      memcpy(&descriptor, CMSG_DATA(header) + sizeof(int) * (size_t)i, sizeof descriptor);
      if (*descriptor_count < CPROCESS_MAX_DESCRIPTORS) descriptors[(*descriptor_count)++] = descriptor;
      else close(descriptor);
    }
  }
  if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
    for (int i = 0; i < *descriptor_count; i++) close(descriptors[i]);
    *descriptor_count = 0;
    return -EMSGSIZE;
  }
  return received;
}

/* ---- the rest ------------------------------------------------------------------------------------------------- */

int cprocess_event(void) {
  int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return event < 0 ? -errno : event;
}

void cprocess_event_raise(int event) { (void)!eventfd_write(event, 1); }

void cprocess_event_clear(int event) {
  eventfd_t count;
  (void)!eventfd_read(event, &count);
}

void cprocess_wake(void *word) { syscall(SYS_futex, word, FUTEX_WAKE, 0x7fffffff, NULL, NULL, 0); }

int cprocess_lock(int descriptor, int wait) {
  int status;
  do status = flock(descriptor, LOCK_EX | (wait ? 0 : LOCK_NB));
  while (status < 0 && errno == EINTR);
  return status < 0 ? -errno : 0;
}

void cprocess_allow_descriptors(uint64_t wanted) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static int64_t nanoseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t cprocess_wall_clock(void) { return nanoseconds(CLOCK_REALTIME); }
int64_t cprocess_clock(void) { return nanoseconds(CLOCK_MONOTONIC); }

int cprocess_sync_file_system(int descriptor) { return syncfs(descriptor) == 0 ? 0 : -errno; }

void cprocess_begin_writing(int descriptor, int64_t offset, int64_t count) {
  (void)sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
}

const char *cprocess_signal_name(int number) {
  static const char *const names[] = {
      [SIGHUP] = "SIGHUP",   [SIGINT] = "SIGINT",   [SIGQUIT] = "SIGQUIT", [SIGILL] = "SIGILL",
      [SIGTRAP] = "SIGTRAP", [SIGABRT] = "SIGABRT", [SIGBUS] = "SIGBUS",   [SIGFPE] = "SIGFPE",
      [SIGKILL] = "SIGKILL", [SIGUSR1] = "SIGUSR1", [SIGSEGV] = "SIGSEGV", [SIGUSR2] = "SIGUSR2",
      [SIGPIPE] = "SIGPIPE", [SIGALRM] = "SIGALRM", [SIGTERM] = "SIGTERM", [SIGXCPU] = "SIGXCPU",
      [SIGXFSZ] = "SIGXFSZ", [SIGSYS] = "SIGSYS",   [SIGSTKFLT] = "SIGSTKFLT"};
  if (number <= 0 || number >= (int)(sizeof names / sizeof *names)) return NULL;
  return names[number];
}

int cprocess_filesystem(const char *path, uint64_t *kind, uint64_t *free_bytes) {
  struct statfs facts;
  if (statfs(path, &facts) != 0) return -errno;
  *kind = (uint32_t)facts.f_type;
  if (__builtin_mul_overflow((uint64_t)facts.f_bavail, (uint64_t)facts.f_bsize, free_bytes)) *free_bytes = UINT64_MAX;
  return 0;
}

void cprocess_trim_memory(void) { malloc_trim(0); }
