/* assay-worker: hosts a set of plugins in a process of its own (docs/wire.md). */
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "packets.h"

enum { MAX_PLUGINS = 256, SLOTS = 256 };
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

static page *shared;
static chost_plugin *plugins[MAX_PLUGINS];
static uint32_t plugin_count;
static chost_report report;
static pthread_mutex_t report_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gathered = PTHREAD_COND_INITIALIZER;
static int64_t oldest;  /* when the first item that waits was appended */
/* Invocations of the RUN that have not ended. With the last one's end all that has gathered is sent anyway. */
static atomic_uint unfinished;

/* The run that cancel() would be for; guarded by run_lock, so that it cannot end in the middle of a cancel(). */
static pthread_mutex_t run_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t run_began = PTHREAD_COND_INITIALIZER;
static void *running;
static uint32_t running_slot;
static int running_was_told;
static int threads_started;

static int64_t monotonic(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- Reports ---- */

/* Sends what has gathered. The report lock is held. */
static void flush_report(void) {
  if (!report.items) return;
  if (report.failed) die("out of memory");
  uint8_t *body = malloc(report.count + 4);
  if (!body) die("out of memory");
  memcpy(body, &report.items, 4);
  memcpy(body + 4, report.bytes, report.count);
  packet_send(REPORT, body, report.count + 4, report.descriptors, report.descriptor_count);
  free(body);
  chost_report_clear(&report);
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

/* An item may wait for others, but not for long and not for a slow task behind it. */
static void appended(void *context, int urgent) {
  (void)context;
  atomic_fetch_add_explicit(&shared->heartbeat, 1, memory_order_relaxed);
  int64_t now = monotonic();
  if (report.items == 1) oldest = now;
  if (urgent || report.count >= FLUSH_BYTES || now - oldest > FLUSH_NANOSECONDS)
    flush_report();
  else if (report.items == 1 && atomic_load_explicit(&unfinished, memory_order_relaxed))
    pthread_cond_signal(&gathered);
}

/* Sends what has waited long enough while a task runs. */
static void *flush_in_time(void *context) {
  (void)context;
  pthread_mutex_lock(&report_lock);
  for (;;) {
    while (!report.items) pthread_cond_wait(&gathered, &report_lock);
    pthread_mutex_unlock(&report_lock);
    struct timespec moment = {0, FLUSH_NANOSECONDS};
    nanosleep(&moment, NULL);
    pthread_mutex_lock(&report_lock);
    if (report.items && monotonic() - oldest >= FLUSH_NANOSECONDS) flush_report();
  }
  return NULL;
}

static void progress(void *context, double done, double total, const char *what) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  (void)context;
  pthread_mutex_lock(&lock);
  atomic_fetch_add(&shared->sequence, 1); /* odd: being written */
  shared->done = done;
  shared->total = total;
  memset(shared->what, 0, sizeof shared->what);
  size_t n = strnlen(what, sizeof shared->what);
  if (n == sizeof shared->what) /* cut before a character, not in it */
    for (n--; n && ((unsigned char)what[n] & 0xC0) == 0x80; n--) {}
  memcpy(shared->what, what, n);
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
  for (;;) {
    while (!running || running_was_told) pthread_cond_wait(&run_began, &run_lock);
    _Atomic int32_t *word = &shared->cancel[running_slot % SLOTS];
    int32_t seen = atomic_load(word);
    if (seen == 2) {
      running_was_told = 1;
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
  running_was_told = 0; /* by run, not by pointer: the host uses its run structures again */
  pthread_cond_signal(&run_began);
  pthread_mutex_unlock(&run_lock);
}

static void end(void *context, uint64_t attempt) {
  (void)context;
  (void)attempt;
  pthread_mutex_lock(&run_lock);
  running = NULL;
  pthread_mutex_unlock(&run_lock);
  atomic_fetch_sub_explicit(&unfinished, 1, memory_order_relaxed);
  fflush(stdout);
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
    .owns_process = 1,
};

/* ---- Requests ---- */

static void hello(const packet *p) {
  uint32_t version;
  uint64_t memory;
  struct stat info;
  if (shared || p->count != 12 || p->descriptor_count != 1 || fstat(p->descriptors[0], &info) != 0 ||
      info.st_size < (off_t)sizeof *shared)
    die("a broken HELLO");
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
  packet_send(READY, body, 24, NULL, 0);
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
  packet_send(LOADED, body, size + 8, NULL, 0);
  free(body);
  free(error);
}

static void start_thread(void *(*body)(void *)) {
  pthread_t thread;
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&small, 256 << 10); /* cancel() of tasks runs here */
  if (pthread_create(&thread, &small, body, NULL) != 0) die("cannot start a thread");
  pthread_attr_destroy(&small);
}

static void run(const packet *p) {
  uint32_t count;
  size_t at = 4;
  if (!shared || p->count < 4) die("a broken RUN");
  memcpy(&count, p->body, 4);
  if (count > SLOTS) die("too many invocations in one RUN");
  if (!threads_started) {
    /* Only now: a language bridge may not like threads that were there before it. */
    start_thread(watch);
    start_thread(flush_in_time);
    threads_started = 1;
  }
  atomic_store_explicit(&unfinished, count, memory_order_relaxed);
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

/* The engine is gone, and with it everything that tasks have started: an engine gives each worker a group of its own.
 * Also a signal handler: it has to do at once, whatever the threads are doing. */
static void engine_is_gone(int number) {
  (void)number;
  if (getpgrp() == getpid()) kill(0, SIGKILL);
  _exit(0); /* no exit handlers of plugins: nobody is there to wait for them */
}

int main(int count, char **arguments) {
  if (count == 2 && strcmp(arguments[1], "--version") == 0) return puts("assay-worker 0.1.0") < 0;
  if (count >= 3 && strcmp(arguments[1], "--describe") == 0) return describe(count - 2, arguments + 2);
  if (count != 3 || strcmp(arguments[1], "--socket") != 0) {
    fputs("usage: assay-worker --socket FD | --describe PLUGIN [SOURCE [KEY=VALUE…]] | --version\n", stderr);
    return 2;
  }
  engine = atoi(arguments[2]);
  /* Whoever started it may have blocked signals; cancellation and the farewell need them. */
  sigset_t none_blocked;
  sigemptyset(&none_blocked);
  sigprocmask(SIG_SETMASK, &none_blocked, NULL);
  struct sigaction farewell = {.sa_handler = engine_is_gone};
  sigaction(SIGRTMAX, &farewell, NULL);
  prctl(PR_SET_PDEATHSIG, SIGRTMAX);
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  fcntl(engine, F_SETFD, FD_CLOEXEC);
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (;;) {
    packet p;
    if (!packet_receive(&p)) engine_is_gone(0);
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
