/* assay-worker: hosts a set of plugins in a process of its own (docs/wire.md). */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "chost.h"

/* The package manager links every executable with Swift's start-up object, which wants these two. Nothing here is in
 * Swift: without its runtime the process starts in half the time, and a Swift plugin brings its own. Hidden, so that they
 * never stand in the way of the real ones. */
__attribute__((visibility("hidden"))) void swift_addNewDSOImage(const void *image);
__attribute__((visibility("hidden"))) _Bool _swift_backtrace_isThunkFunction(const char *name);
void swift_addNewDSOImage(const void *image) { (void)image; }
_Bool _swift_backtrace_isThunkFunction(const char *name) { return name == NULL; }

enum { HELLO = 1, LOAD = 2, RUN = 3, BYE = 4, READY = 101, LOADED = 102, REPORT = 103 };
enum { MAGIC = 0x31595341, BODY_IN_FD = 1, PACKET_LIMIT = 65536, HEADER = 12, MAX_PLUGINS = 256, SLOTS = 256 };
enum { FLUSH_BYTES = 32768, FLUSH_NANOSECONDS = 1000000 };

typedef struct page {
  uint32_t version;
  uint32_t reserved;
  _Atomic uint64_t running;
  _Atomic uint64_t heartbeat;
  _Atomic uint64_t sequence;
  double done, total;
  char what[80];
  uint8_t gap[1024 - 128];
  _Atomic int32_t cancel[SLOTS];
  uint8_t rest[4096 - 2048];
} page;
_Static_assert(sizeof(page) == 4096, "the shared page is 4096 bytes");

static int engine = -1;
static page *shared;
static chost_plugin *plugins[MAX_PLUGINS];
static uint32_t plugin_count;
static chost_report report;
static pthread_mutex_t report_lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t last_flush;

/* The run that cancel() would be for; guarded by run_lock, so that it cannot end in the middle of a cancel(). */
static pthread_mutex_t run_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t run_began = PTHREAD_COND_INITIALIZER;
static void *running;
static uint32_t running_slot;
static int watcher_started;

static void die(const char *why) {
  fprintf(stderr, "assay-worker: %s\n", why);
  _exit(70);
}

static int64_t monotonic(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- Packets ---- */

static int sealed_file(const void *data, size_t count) {
  int file = memfd_create("assay-packet", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0) return -1;
  for (size_t done = 0; done < count;) {
    ssize_t n = write(file, (const uint8_t *)data + done, count - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      close(file);
      return -1;
    }
    done += (size_t)n;
  }
  fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
  return file;
}

static void send_packet(uint16_t kind, const void *body, size_t count, const int *descriptors, size_t n) {
  uint8_t head[HEADER];
  uint32_t magic = MAGIC, size = (uint32_t)count;
  uint16_t flags = 0;
  int all[CHOST_MAX_DESCRIPTORS + 1], file = -1;
  size_t total = 0;
  if (count > UINT32_MAX) die("a report of more than 4 GiB");
  if (count > PACKET_LIMIT - HEADER) {
    file = sealed_file(body, count);
    if (file < 0) die("cannot keep a report");
    flags = BODY_IN_FD;
    all[total++] = file;
  }
  for (size_t i = 0; i < n; i++) all[total++] = descriptors[i];
  memcpy(head, &magic, 4);
  memcpy(head + 4, &kind, 2);
  memcpy(head + 6, &flags, 2);
  memcpy(head + 8, &size, 4);
  struct iovec parts[2] = {{head, HEADER}, {(void *)(uintptr_t)body, flags ? 0 : count}};
  union {
    char bytes[CMSG_SPACE(sizeof all)];
    struct cmsghdr align;
  } control;
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  if (total) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(total * sizeof *all);
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(total * sizeof *all);
    memcpy(CMSG_DATA(c), all, total * sizeof *all);
  }
  while (sendmsg(engine, &message, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) _exit(0); /* the engine is gone */
  }
  if (file >= 0) close(file);
}

/* Sends what has gathered. The report lock is held. */
static void flush_report(void) {
  if (!report.items) return;
  if (report.failed) die("out of memory");
  uint8_t *body = malloc(report.count + 4);
  if (!body) die("out of memory");
  memcpy(body, &report.items, 4);
  memcpy(body + 4, report.bytes, report.count);
  send_packet(REPORT, body, report.count + 4, report.descriptors, report.descriptor_count);
  free(body);
  chost_report_clear(&report);
  last_flush = monotonic();
}

typedef struct packet {
  uint16_t kind;
  const uint8_t *body;
  size_t count;
  int descriptors[CHOST_MAX_DESCRIPTORS + 4];
  uint32_t descriptor_count;
  void *mapping; /* of a body in a file */
} packet;

static void packet_free(packet *p) {
  for (uint32_t i = 0; i < p->descriptor_count; i++) close(p->descriptors[i]);
  if (p->mapping) munmap(p->mapping, p->count);
  p->descriptor_count = 0;
  p->mapping = NULL;
}

/* Waits for the next packet; 0 when the engine has gone. */
static int receive(packet *p) {
  static uint8_t buffer[PACKET_LIMIT];
  union {
    char bytes[CMSG_SPACE(sizeof p->descriptors)];
    struct cmsghdr align;
  } control;
  struct iovec part = {buffer, sizeof buffer};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  memset(p, 0, sizeof *p);
  ssize_t n;
  do n = recvmsg(engine, &message, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n <= 0) return 0;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    size_t many = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    if (many > sizeof p->descriptors / sizeof *p->descriptors) many = sizeof p->descriptors / sizeof *p->descriptors;
    memcpy(p->descriptors, CMSG_DATA(c), many * sizeof(int));
    p->descriptor_count = (uint32_t)many;
  }
  uint32_t magic, size;
  uint16_t flags;
  if (n < HEADER || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) die("a broken packet");
  memcpy(&magic, buffer, 4);
  memcpy(&p->kind, buffer + 4, 2);
  memcpy(&flags, buffer + 6, 2);
  memcpy(&size, buffer + 8, 4);
  if (magic != MAGIC) die("a packet of another protocol");
  p->count = size;
  if (flags & BODY_IN_FD) {
    struct stat info;
    if (!p->descriptor_count || fstat(p->descriptors[0], &info) != 0 || info.st_size < (off_t)size || !size)
      die("a packet without its body");
    p->mapping = mmap(NULL, size, PROT_READ, MAP_PRIVATE, p->descriptors[0], 0);
    if (p->mapping == MAP_FAILED) die("cannot map a packet");
    p->body = p->mapping;
    close(p->descriptors[0]);
    memmove(p->descriptors, p->descriptors + 1, --p->descriptor_count * sizeof(int));
  } else {
    if ((size_t)n != HEADER + (size_t)size) die("a packet of another size than it says");
    p->body = buffer + HEADER;
  }
  return 1;
}

/* ---- What runs ask of the process ---- */

static void lock_report(void *context) {
  (void)context;
  pthread_mutex_lock(&report_lock);
}

static void unlock_report(void *context) {
  (void)context;
  pthread_mutex_unlock(&report_lock);
}

static void appended(void *context, int urgent) {
  (void)context;
  atomic_fetch_add_explicit(&shared->heartbeat, 1, memory_order_relaxed);
  if (urgent || report.count >= FLUSH_BYTES || monotonic() - last_flush > FLUSH_NANOSECONDS) flush_report();
}

static void progress(void *context, double done, double total, const char *what) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  (void)context;
  pthread_mutex_lock(&lock);
  atomic_fetch_add(&shared->sequence, 1); /* odd: being written */
  shared->done = done;
  shared->total = total;
  memset(shared->what, 0, sizeof shared->what);
  strncpy(shared->what, what, sizeof shared->what - 1);
  atomic_fetch_add(&shared->sequence, 1);
  atomic_fetch_add_explicit(&shared->heartbeat, 1, memory_order_relaxed);
  pthread_mutex_unlock(&lock);
}

static const volatile int32_t *cancel_word(void *context, uint32_t slot) {
  (void)context;
  return (const volatile int32_t *)&shared->cancel[slot % SLOTS];
}

/* Calls cancel() when the running slot's word becomes 2. */
static void *watch(void *context) {
  (void)context;
  pthread_mutex_lock(&run_lock);
  void *told = NULL;
  for (;;) {
    while (!running || running == told) {
      if (!running) told = NULL;
      pthread_cond_wait(&run_began, &run_lock);
    }
    _Atomic int32_t *word = &shared->cancel[running_slot % SLOTS];
    int32_t seen = atomic_load(word);
    if (seen == 2) {
      told = running;
      chost_cancel(running);
      continue;
    }
    pthread_mutex_unlock(&run_lock);
    /* With a limit: the run may end, and another slot become the one to watch, without a wake-up. */
    struct timespec limit = {0, 20000000};
    syscall(SYS_futex, word, FUTEX_WAIT, seen, &limit, NULL, 0);
    pthread_mutex_lock(&run_lock);
  }
  return NULL;
}

static void begin(void *context, uint64_t attempt, uint32_t slot, void *run) {
  (void)context;
  atomic_store(&shared->running, attempt);
  pthread_mutex_lock(&run_lock);
  running = run;
  running_slot = slot;
  pthread_cond_signal(&run_began);
  pthread_mutex_unlock(&run_lock);
}

static void end(void *context, uint64_t attempt) {
  (void)context;
  (void)attempt;
  pthread_mutex_lock(&run_lock);
  running = NULL;
  pthread_mutex_unlock(&run_lock);
  atomic_store(&shared->running, 0);
}

static const chost_environment environment = {
    .report = &report,
    .lock = lock_report,
    .unlock = unlock_report,
    .appended = appended,
    .progress = progress,
    .cancel_word = cancel_word,
    .begin = begin,
    .end = end,
};

/* ---- Requests ---- */

static void hello(const packet *p) {
  uint32_t version;
  uint64_t memory;
  if (p->count != 12 || p->descriptor_count != 1) die("a broken HELLO");
  memcpy(&version, p->body, 4);
  memcpy(&memory, p->body + 4, 8);
  if (version != 1) die("the engine speaks another version of the protocol");
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, p->descriptors[0], 0);
  if (shared == MAP_FAILED) die("cannot map the shared page");
  if (memory) {
    struct rlimit limit = {memory, memory};
    setrlimit(RLIMIT_AS, &limit);
  }
  uint8_t body[64];
  uint32_t pid = (uint32_t)getpid(), n = 12;
  memcpy(body, &version, 4);
  memcpy(body + 4, &pid, 4);
  memcpy(body + 8, &n, 4);
  memcpy(body + 12, "assay-worker", 12);
  send_packet(READY, body, 24, NULL, 0);
}

/* A string at *at, copied; dies when it is not there. */
static char *string_at(const packet *p, size_t *at) {
  uint32_t n;
  if (p->count - *at < 4) die("a broken LOAD");
  memcpy(&n, p->body + *at, 4);
  *at += 4;
  if (n > p->count - *at) die("a broken LOAD");
  char *copy = strndup((const char *)p->body + *at, n);
  if (!copy) die("out of memory");
  *at += n;
  return copy;
}

static void load(const packet *p) {
  size_t at = 0;
  char *path = string_at(p, &at), *source = string_at(p, &at), *error = NULL;
  const char *options[257] = {0};
  uint32_t n;
  if (p->count - at < 4) die("a broken LOAD");
  memcpy(&n, p->body + at, 4);
  at += 4;
  if (n > 256) die("too many options");
  for (uint32_t i = 0; i < n; i++) options[i] = string_at(p, &at);
  if (at != p->count) die("a broken LOAD");
  if (plugin_count == MAX_PLUGINS) die("too many plugins");
  chost_plugin *plugin = chost_open(path, source[0] ? source : NULL, n ? options : NULL, &error);
  fflush(NULL);
  /* A plugin that failed keeps its number: the engine counts LOADs. The strings stay: a bridge may keep them. */
  plugins[plugin_count++] = plugin;
  const char *text = plugin ? chost_describe(plugin) : error ? error : "out of memory";
  size_t size = strlen(text);
  uint8_t *body = malloc(size + 8);
  if (!body || size > UINT32_MAX - 8) die("out of memory");
  int32_t status = plugin ? 0 : -1;
  uint32_t length = (uint32_t)size;
  memcpy(body, &status, 4);
  memcpy(body + 4, &length, 4);
  memcpy(body + 8, text, size);
  send_packet(LOADED, body, size + 8, NULL, 0);
  free(body);
  free(error);
}

static void run(const packet *p) {
  uint32_t count;
  size_t at = 4;
  if (!shared || p->count < 4) die("a broken RUN");
  memcpy(&count, p->body, 4);
  if (count > SLOTS) die("too many invocations in one RUN");
  if (!watcher_started) {
    /* Only now: a language bridge may not like threads that were there before it. */
    pthread_t thread;
    if (pthread_create(&thread, NULL, watch, NULL) != 0) die("cannot start a thread");
    pthread_detach(thread);
    watcher_started = 1;
  }
  last_flush = monotonic();
  for (uint32_t i = 0; i < count; i++) {
    size_t used = 0;
    if (chost_run(plugins, plugin_count, p->body + at, p->count - at, &used, p->descriptors, p->descriptor_count,
                  &environment) != 0)
      die("a broken invocation");
    at += used;
  }
  if (at != p->count) die("a RUN with something behind it");
  pthread_mutex_lock(&report_lock);
  flush_report();
  pthread_mutex_unlock(&report_lock);
}

static int describe(int count, char **arguments) {
  char *error = NULL;
  chost_plugin *plugin =
      chost_open(arguments[0], count > 1 ? arguments[1] : NULL, count > 2 ? (const char *const *)arguments + 2 : NULL, &error);
  if (!plugin) {
    fprintf(stderr, "assay-worker: %s\n", error ? error : "out of memory");
    return 7;
  }
  puts(chost_describe(plugin));
  return 0;
}

int main(int count, char **arguments) {
  if (count == 2 && strcmp(arguments[1], "--version") == 0) return puts("assay-worker 0.1.0") < 0;
  if (count >= 3 && strcmp(arguments[1], "--describe") == 0) return describe(count - 2, arguments + 2);
  if (count != 3 || strcmp(arguments[1], "--socket") != 0) {
    fputs("usage: assay-worker --socket FD | --describe PLUGIN [SOURCE [KEY=VALUE…]] | --version\n", stderr);
    return 2;
  }
  engine = atoi(arguments[2]);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  signal(SIGPIPE, SIG_IGN);
  fcntl(engine, F_SETFD, FD_CLOEXEC);
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (;;) {
    packet p;
    if (!receive(&p)) _exit(0); /* no exit handlers of plugins: nobody is there to wait for them */
    if (!shared && p.kind != HELLO) die("no HELLO");
    switch (p.kind) {
    case HELLO: hello(&p); break;
    case LOAD: load(&p); break;
    case RUN: run(&p); break;
    case BYE:
      for (uint32_t i = 0; i < plugin_count; i++)
        if (plugins[i]) chost_close(plugins[i]);
      fflush(NULL);
      _exit(0);
    default: die("a packet of an unknown kind");
    }
    packet_free(&p);
  }
}
