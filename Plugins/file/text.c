#include "assay_task.h"
#include "file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* What goes into a value lies in memory several times on its way; more belongs into a file. */
#define MAXIMUM_VALUE ((size_t)256 << 20)

static assay_status map_small(const assay_run *run, contents *out) {
  assay_status status = file_map(run, ps_input(run, 0), "file", out);
  if (status || out->size <= MAXIMUM_VALUE) return status;
  file_unmap(out);
  return ps_fail(run, ASSAY_E_INPUT, "file.large", "file", "the file has more than 256 MiB: keep it a file");
}

assay_status read_text(void *instance, const assay_run *run) {
  (void)instance;
  contents file;
  assay_status status = map_small(run, &file);
  if (status) return status;
  const char *text = file.bytes;
  size_t size = file.size, bad;
  if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) text += 3, size -= 3; /* byte-order mark */
  if ((bad = ps_first_bad_byte(text, size)) < size)
    status = ps_fail(run, ASSAY_E_INPUT, "file.encoding", "file", "byte %zu (0x%02x) is not UTF-8 text",
                     (size_t)(text - file.bytes) + bad + 1, (unsigned char)text[bad]);
  else
    status = assay_set_text(run, 0, text, size);
  file_unmap(&file);
  return status;
}

assay_status read_bytes(void *instance, const assay_run *run) {
  (void)instance;
  contents file;
  assay_status status = map_small(run, &file);
  if (status) return status;
  status = assay_set_bytes(run, 0, file.bytes, file.size);
  file_unmap(&file);
  return status;
}

/* A new file of the name in input 1 with the bytes of input 0. */
static assay_status write_value(const assay_run *run) {
  uint64_t size;
  const char *bytes = assay_text(run, 0, &size);
  char *name;
  assay_artifact *file;
  assay_status status = file_text(run, 1, "name", &name);
  if (!status && (!file_is_inside(name) || strchr(name, '/')))
    status = ps_fail(run, ASSAY_E_INPUT, "file.name", "name", "`%.100s` is not a plain file name", name);
  if (!status) status = run->host->artifact(run, 0, name, &file);
  free(name);
  if (status) return status;
  int number = file_write((int)file->fd, bytes, (size_t)size);
  return number ? file_fail(run, "io.write", NULL, file->path, number) : run->host->commit(run, file);
}

assay_status write_text(void *instance, const assay_run *run) {
  (void)instance;
  return write_value(run);
}

assay_status write_bytes(void *instance, const assay_run *run) {
  (void)instance;
  return write_value(run);
}

assay_status copy_in(void *instance, const assay_run *run) {
  (void)instance;
  char *path;
  assay_status status = file_text(run, 0, "path", &path);
  if (status) return free(path), status;
  const char *slash = strrchr(path, '/');
  assay_artifact *file;
  int from = -1;
  struct stat info;
  if (path[0] != '/')
    status = ps_fail(run, ASSAY_E_INPUT, "file.name", "path", "the path has to be absolute: tasks have no current folder");
  else if ((from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) < 0 || fstat(from, &info))
    status = file_fail(run, "io.read", "path", path, errno);
  else if (!S_ISREG(info.st_mode))
    status = ps_fail(run, ASSAY_E_INPUT, "io.read", "path", "`%.300s` is no file", path);
  else if (!(status = run->host->artifact(run, 0, slash + 1, &file))) {
    int number = file_copy(run, from, (int)file->fd);
    status = number ? file_fail(run, "io.read", "path", path, number) : run->host->commit(run, file);
  }
  if (from >= 0) close(from);
  free(path);
  return status;
}

/* Writes beside the target and renames: nobody sees half a file. */
static int replace_file(const assay_run *run, const char *from, const char *path, int overwrite) {
  size_t size = strlen(path) + 40;
  char *draft = malloc(size);
  if (!draft) return ENOMEM;
  snprintf(draft, size, "%s.%ld.part", path, (long)getpid());
  int number = file_copy_path(run, from, draft);
  if (!number && !overwrite && link(draft, path)) number = errno;
  if (!number && overwrite && rename(draft, path)) number = errno;
  if (number || !overwrite) unlink(draft);
  free(draft);
  return number;
}

assay_status copy_out(void *instance, const assay_run *run) {
  (void)instance;
  const assay_artifact *file = assay_file(run, 0);
  char *path;
  assay_status status = file_text(run, 1, "path", &path);
  int number;
  if (status) return free(path), status;
  if (path[0] != '/' || path[strlen(path) - 1] == '/')
    status = ps_fail(run, ASSAY_E_INPUT, "file.name", "path", "the path of a file has to be absolute: `%.300s`", path);
  else if (!file || !file->path)
    status = ps_fail(run, ASSAY_E_INPUT, "type.mismatch", "file", "expected a file");
  else if ((number = replace_file(run, file->path, path, assay_bool(run, 2))))
    status = number == EEXIST
                 ? ps_fail(run, ASSAY_E_INPUT, "file.exists", "path", "`%.300s` exists; `overwrite: true` replaces it", path)
                 : file_fail(run, "io.write", "path", path, number);
  else
    status = assay_set_string(run, 0, path);
  free(path);
  return status;
}
