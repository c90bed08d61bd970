#include "guard.h"
#include "plugin_files.h"
#include <errno.h>
#include <fts.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static guard *idle;

/* ---- temporary files ------------------------------------------------------------------------------------------------- */

/* Removes what is in a folder, by itself; 0 when it is empty then. */
static int empty(char *folder) {
  char *roots[] = {folder, NULL};
  FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
  if (!tree) return errno;
  int failed = 0;
  for (FTSENT *at; (at = fts_read(tree));) {
    if (at->fts_level == 0 || at->fts_info == FTS_D) continue;
    if (remove(at->fts_path)) failed = errno;
  }
  fts_close(tree);
  return failed;
}

/* Whether nothing is in the folder; the open directory is asked again and again. */
static int is_empty(guard *g) {
  rewinddir(g->directory);
  int entries = 0; /* `.` and `..` */
  while (entries < 3 && readdir(g->directory)) entries++;
  return entries == 2;
}

static void forget_temporary(guard *g) {
  if (g->directory) closedir(g->directory);
  g->directory = NULL;
  free(g->temporary);
  g->temporary = NULL;
}

/* Whether the folder of the last command lies beside another one, and no command has put something else in its place. */
static int may_stay(const guard *g, const char *folder, size_t parent) {
  struct stat info;
  return g->directory && strncmp(g->temporary, folder, parent) == 0 && g->temporary[parent] == '/' &&
         !strchr(g->temporary + parent + 1, '/') && lstat(g->temporary, &info) == 0 && info.st_ino == g->inode;
}

/* The folder of the last command if it may be used again, else a new one. */
static int find_temporary(guard *g, const char *folder) {
  const char *slash = strrchr(folder, '/');
  size_t parent = slash ? (size_t)(slash - folder) : 0;
  if (may_stay(g, folder, parent)) return 0;
  forget_temporary(g);
  char *path = malloc(parent + sizeof "/tmp-XXXXXX");
  if (!path) return ENOMEM;
  memcpy(path, folder, parent);
  strcpy(path + parent, "/tmp-XXXXXX");
  if (!mkdtemp(path)) {
    int number = errno;
    free(path);
    return number;
  }
  g->temporary = path;
  g->directory = opendir(path);
  struct stat info;
  if (!g->directory || fstat(dirfd(g->directory), &info)) return errno;
  g->inode = info.st_ino;
  return 0;
}

/* ---- guards ----------------------------------------------------------------------------------------------------------- */

/* Without its socket a guardian kills all that is left, and ends. Gives how it ended. */
static int end_guardian(guard *g) {
  int status = 0;
  if (g->socket < 0) return status;
  close(g->socket);
  g->socket = -1;
  while (waitpid(g->guardian, &status, 0) < 0 && errno == EINTR) {}
  return status;
}

static void end(guard *g) {
  end_guardian(g);
  if (g->temporary) rmdir(g->temporary);
  forget_temporary(g);
  free(g);
}

int guard_take(const char *folder, guard **out) {
  pthread_mutex_lock(&lock);
  guard *g = idle;
  if (g) idle = g->next;
  pthread_mutex_unlock(&lock);
  if (!g) {
    g = calloc(1, sizeof *g);
    if (!g) return ENOMEM;
    int number = guardian_make(&g->guardian, &g->socket);
    if (number) {
      free(g);
      return number;
    }
  }
  int number = find_temporary(g, folder);
  if (number) end(g);
  else *out = g;
  return number;
}

void guard_give(guard *g) {
  if (g->socket < 0) return end(g);
  if (!is_empty(g) && empty(g->temporary)) forget_temporary(g);
  pthread_mutex_lock(&lock);
  g->next = idle;
  idle = g;
  pthread_mutex_unlock(&lock);
}

void guard_end_all(void) {
  pthread_mutex_lock(&lock);
  guard *first = idle;
  idle = NULL;
  pthread_mutex_unlock(&lock);
  while (first) {
    guard *next = first->next;
    end(first);
    first = next;
  }
}

/* ---- commands -------------------------------------------------------------------------------------------------------- */

static size_t measure(char *const *texts, uint32_t *count) {
  size_t size = 0;
  for (*count = 0; texts[*count]; ++*count) size += strlen(texts[*count]) + 1;
  return size;
}

static char *append(char *at, char *const *texts) {
  for (; *texts; texts++) at = stpcpy(at, *texts) + 1;
  return at;
}

/* Sends it all. The descriptors go with the first byte. */
static int send_all(int socket, char *bytes, size_t size, const int *descriptors, int count) {
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(3 * sizeof(int))];
  } control;
  struct iovec piece = {bytes, size};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control,
                           .msg_controllen = CMSG_SPACE((size_t)count * sizeof(int))};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
  memcpy(CMSG_DATA(header), descriptors, (size_t)count * sizeof(int));
  while (piece.iov_len) {
    ssize_t n = sendmsg(socket, &message, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    piece.iov_base = (char *)piece.iov_base + n;
    piece.iov_len -= (size_t)n;
    message.msg_control = NULL;
    message.msg_controllen = 0;
  }
  return 0;
}

int guard_start(guard *g, const command *c) {
  guardian_request request = {.kind = GUARDIAN_RUN};
  size_t size = strlen(c->folder) + 1 + measure(c->arguments, &request.arguments) +
                measure(c->environment, &request.variables);
  if (size > 64 << 20) return E2BIG;
  request.size = (uint32_t)size;
  char *bytes = malloc(sizeof request + size);
  if (!bytes) return ENOMEM;
  memcpy(bytes, &request, sizeof request);
  append(append(stpcpy(bytes + sizeof request, c->folder) + 1, c->arguments), c->environment);
  int descriptors[] = {c->output, c->error, c->input};
  int number = send_all(g->socket, bytes, sizeof request + size, descriptors, c->input < 0 ? 2 : 3);
  free(bytes);
  if (number) end_guardian(g);
  return number;
}

void guard_tell(guard *g, uint32_t word) {
  guardian_request request = {.kind = word};
  (void)!send(g->socket, &request, sizeof request, MSG_NOSIGNAL | MSG_DONTWAIT);
}

verdict guard_verdict(guard *g) {
  verdict v;
  ssize_t n;
  do n = recv(g->socket, &v, sizeof v, MSG_WAITALL);
  while (n < 0 && errno == EINTR);
  if (n == sizeof v) return v;
  /* Who killed it has killed the command, too. */
  int status = end_guardian(g);
  return WIFSIGNALED(status) ? (verdict){0, status} : (verdict){ECHILD, 0};
}
