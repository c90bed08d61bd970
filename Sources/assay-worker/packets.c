#include "packets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAGIC = 0x31595341, BODY_IN_FD = 1, PACKET_LIMIT = 65536, HEADER = 12 };

int engine = -1;

void die(const char *why) {
  fprintf(stderr, "assay-worker: %s\n", why);
  _exit(70);
}

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

void packet_send(uint16_t kind, const void *body, size_t count, const int *descriptors, size_t n) {
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

void packet_free(packet *p) {
  for (uint32_t i = 0; i < p->descriptor_count; i++) close(p->descriptors[i]);
  free(p->owned);
  p->descriptor_count = 0;
  p->owned = NULL;
}

/* The first bytes of a file, copied: the other side could still cut it short under a mapping. */
static uint8_t *read_file(int file, size_t size) {
  struct stat info;
  if (file < 0 || fstat(file, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size < (off_t)size)
    die("a packet without its body");
  uint8_t *bytes = malloc(size ? size : 1);
  if (!bytes) die("out of memory for a packet");
  for (size_t done = 0; done < size;) {
    ssize_t n = pread(file, bytes + done, size - done, (off_t)done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) die("a packet without its body");
    done += (size_t)n;
  }
  return bytes;
}

int packet_receive(packet *p) {
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
  if (flags & ~BODY_IN_FD) die("a packet with unknown flags");
  if (magic != MAGIC) die("a packet of another protocol");
  p->count = size;
  if (flags & BODY_IN_FD) {
    if (n != HEADER) die("a packet with a body and a file");
    p->owned = read_file(p->descriptor_count ? p->descriptors[0] : -1, size);
    p->body = p->owned;
    close(p->descriptors[0]);
    memmove(p->descriptors, p->descriptors + 1, --p->descriptor_count * sizeof(int));
  } else {
    if ((size_t)n != HEADER + (size_t)size) die("a packet of another size than it says");
    p->body = buffer + HEADER;
  }
  return 1;
}

