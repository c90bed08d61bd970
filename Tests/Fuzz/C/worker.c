/* What the engine sends, as the worker reads it: the whole of assay-worker in this process, its socket in our hands.
 *
 * An input is a row of packets: `u8 descriptors (0 ... 3) | u16 count | count bytes`, each packet as it goes through the
 * socket. Descriptor 0 is a page, the others are files of 70,000 bytes. Where the worker would end its process it comes back
 * here; what it had in its hands is then lost, so leaks are looked for in `damage.c`, not here. */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

static jmp_buf ended;
#define _exit(status) longjmp(ended, 1 + (status))
#define kill(who, signal) ((void)(who))
#define main worker_main
#include "../../Sources/assay-worker/packets.c"
#include "../../Sources/assay-worker/worker.c"
#undef main
#undef kill
#undef _exit

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static chost_plugin *good;
static int ours = -1, files[3];

/* Reports are read away, so that the worker never waits. */
static void *drain(void *context) {
  static char buffer[1 << 17];
  struct iovec part = {buffer, sizeof buffer};
  (void)context;
  for (;;) {
    union {
      char bytes[CMSG_SPACE(256 * sizeof(int))];
      struct cmsghdr align;
    } control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control};
    if (recvmsg(ours, &message, MSG_CMSG_CLOEXEC) <= 0) return NULL;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
      if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
      size_t many = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (size_t i = 0; i < many; i++) close(((int *)(void *)CMSG_DATA(c))[i]);
    }
  }
}

static void fail(const char *what) {
  perror(what);
  exit(2);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  (void)count, (void)arguments;
  const char *path = getenv("ASSAY_FUZZ_PLUGIN"); /* Tests/Fixtures/plugins/good.c, built */
  char *error = NULL;
  good = path ? chost_open(path, NULL, NULL, &error) : NULL;
  if (!good) {
    fprintf(stderr, "ASSAY_FUZZ_PLUGIN: %s\n", error ? error : "not set");
    exit(2);
  }
  int ends[2];
  pthread_t reader;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) fail("socketpair");
  engine = ends[0];
  ours = ends[1];
  if (pthread_create(&reader, NULL, drain, NULL) != 0) fail("pthread_create");
  for (int i = 0; i < 3; i++) {
    files[i] = memfd_create("fuzz", MFD_CLOEXEC);
    if (files[i] < 0 || ftruncate(files[i], i ? 70000 : 4096) != 0) fail("memfd_create");
  }
  threads_started = 1; /* no cancellation here, and nothing waits long enough to be flushed by a clock */
  return 0;
}

static void send_packet(const uint8_t *bytes, size_t count, int many) {
  union {
    char bytes[CMSG_SPACE(sizeof files)];
    struct cmsghdr align;
  } control;
  struct iovec part = {(void *)(uintptr_t)bytes, count};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (many) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE((size_t)many * sizeof(int));
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN((size_t)many * sizeof(int));
    memcpy(CMSG_DATA(c), files, (size_t)many * sizeof(int));
  }
  if (sendmsg(ours, &message, MSG_NOSIGNAL) < 0) fail("sendmsg");
}

/* As main() of the worker does it. A LOAD of anything but the plugin that is there already would run foreign code. */
static void serve(packet *p) {
  if (!packet_receive(p)) fail("packet_receive");
  if (!shared && p->kind != HELLO) die("no HELLO");
  switch (p->kind) {
  case HELLO:
    if (p->count == 12) memset((uint8_t *)(uintptr_t)p->body + 4, 0, 8); /* no memory limit for the fuzzer itself */
    hello(p);
    break;
  case LOAD: {
    size_t at = 0;
    char *path = string_at(p, &at);
    int is_absolute = strchr(path, '/') != NULL;
    free(path);
    if (!is_absolute) load(p);
    break;
  }
  case RUN: run(p); break;
  case BYE: die("goodbye");
  default: die("a packet of an unknown kind");
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  static packet p;
  shared = NULL;
  plugins[0] = good;
  plugin_count = 1;
  memset(&p, 0, sizeof p);
  if (setjmp(ended) == 0) {
    for (size_t at = 0; at + 3 <= count;) {
      int many = bytes[at] & 3;
      size_t size = bytes[at + 1] | (size_t)bytes[at + 2] << 8;
      at += 3;
      if (size > count - at) size = count - at;
      if (size > 0) { /* an empty packet is the end of the connection */
        send_packet(bytes + at, size, many);
        serve(&p);
        packet_free(&p);
        p.owned = NULL;
      }
      at += size;
    }
  }
  packet_free(&p);
  if (shared && shared != MAP_FAILED) munmap(shared, sizeof *shared);
  pthread_mutex_trylock(&report_lock);
  pthread_mutex_unlock(&report_lock);
  chost_report_clear(&report);
  for (uint32_t i = 1; i < plugin_count; i++)
    if (plugins[i]) chost_close(plugins[i]);
  return 0;
}
