#include "plugin_files.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

assay_status file_fail(const assay_run *run, const char *code, const char *port, const char *path, int number) {
  if (number == ECANCELED) return ASSAY_E_CANCELLED;
  assay_status status = number == ENOSPC || number == EDQUOT || number == ENOMEM ? ASSAY_E_RESOURCE : ASSAY_E_FAILED;
  const char *verb = strcmp(code, "io.write") == 0 ? "write" : "read";
  return ps_fail(run, status, code, port, "cannot %s `%.300s`: %s", verb, path, strerror(number));
}

assay_status file_text(const assay_run *run, uint32_t port, const char *name, char **out) {
  const assay_value *value = ps_input(run, port);
  *out = ps_string(value);
  if (!*out) return ps_no_memory(run);
  if (strlen(*out) == value->count) return ASSAY_OK;
  return ps_fail(run, ASSAY_E_INPUT, "file.name", name, "the text has a NUL in it");
}

assay_status file_map(const assay_run *run, const assay_value *value, const char *port, contents *out) {
  memset(out, 0, sizeof *out);
  out->bytes = "";
  const assay_artifact *artifact = value && value->kind == ASSAY_FILE ? value->data : NULL;
  if (!artifact || !artifact->path) return ps_fail(run, ASSAY_E_INPUT, "type.mismatch", port, "expected a file");
  int fd = open(artifact->path, O_RDONLY | O_CLOEXEC);
  struct stat info;
  if (fd < 0 || fstat(fd, &info)) {
    int number = errno;
    if (fd >= 0) close(fd);
    return file_fail(run, "io.read", port, artifact->path, number);
  }
  if (info.st_size > 0) {
    void *map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED) {
      int number = errno;
      close(fd);
      return file_fail(run, "io.read", port, artifact->path, number);
    }
    madvise(map, (size_t)info.st_size, MADV_SEQUENTIAL);
    out->map = map;
    out->bytes = map;
    out->size = (size_t)info.st_size;
  }
  close(fd);
  return ASSAY_OK;
}

void file_unmap(contents *c) {
  if (c->map) munmap(c->map, c->size);
  c->map = NULL;
}

int file_write(int fd, const void *bytes, size_t size) {
  const char *at = bytes;
  while (size) {
    ssize_t n = write(fd, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    at += n;
    size -= (size_t)n;
  }
  return 0;
}

int file_copy(const assay_run *run, int from, int to) {
  for (;;) {
    if (assay_cancelled(run)) return ECANCELED;
    ssize_t n = copy_file_range(from, NULL, to, NULL, 64 << 20, 0);
    if (n == 0) return 0;
    if (n > 0 || errno == EINTR) continue;
    if (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP) return errno;
    break;
  }
  char buffer[1 << 16];
  for (;;) {
    if (assay_cancelled(run)) return ECANCELED;
    ssize_t n = read(from, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno : 0;
    int number = file_write(to, buffer, (size_t)n);
    if (number) return number;
  }
}

int file_copy_path(const assay_run *run, const char *from, const char *to) {
  char *path = strdup(to);
  if (!path) return ENOMEM;
  int number = file_make_parents(path);
  free(path);
  if (number) return number;
  int in = open(from, O_RDONLY | O_CLOEXEC);
  if (in < 0) return errno;
  int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  number = out < 0 ? errno : file_copy(run, in, out);
  if (out >= 0 && close(out) && !number) number = errno;
  close(in);
  return number;
}

int file_is_inside(const char *path) {
  if (!*path || *path == '/') return 0;
  for (const char *part = path; part;) {
    const char *end = strchr(part, '/');
    size_t n = end ? (size_t)(end - part) : strlen(part);
    if (n == 0 || n > 255 || (n == 1 && part[0] == '.') || (n == 2 && part[0] == '.' && part[1] == '.')) return 0;
    for (size_t i = 0; i < n; i++)
      if ((unsigned char)part[i] < 0x20 || part[i] == 0x7f) return 0;
    part = end ? end + 1 : NULL;
  }
  return 1;
}

int file_make_parents(char *path) {
  for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    int failed = mkdir(path, 0755) && errno != EEXIST;
    *slash = '/';
    if (failed) return errno;
  }
  return 0;
}

char *file_path(const char *folder, const char *name) {
  size_t a = strlen(folder), b = strlen(name);
  char *path = malloc(a + b + 2);
  if (!path) return NULL;
  memcpy(path, folder, a);
  path[a] = '/';
  memcpy(path + a + 1, name, b + 1);
  return path;
}

typedef struct owned_file {
  assay_artifact artifact;
  char path[];
} owned_file;

static void release_file(assay_value *value) { free(value->owner); }

assay_status file_value(const assay_run *run, const char *path, assay_value *out) {
  memset(out, 0, sizeof *out);
  size_t size = strlen(path) + 1;
  owned_file *file = calloc(1, sizeof *file + size);
  if (!file) return ps_no_memory(run);
  memcpy(file->path, path, size);
  file->artifact.struct_size = sizeof file->artifact;
  file->artifact.path = file->path;
  file->artifact.fd = -1;
  out->kind = ASSAY_FILE;
  out->data = &file->artifact;
  out->owner = file;
  out->release = release_file;
  return ASSAY_OK;
}
