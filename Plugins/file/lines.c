#include "assay_task.h"
#include "cdigest.h"
#include "file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

assay_status count_lines(void *instance, const assay_run *run) {
  (void)instance;
  contents file;
  assay_status status = file_map(run, ps_input(run, 0), "file", &file);
  if (status) return status;
  int64_t lines = 0;
  for (const char *at = file.bytes, *end = at + file.size; at < end; lines++) {
    if (!(lines & 0xffff) && assay_cancelled(run)) {
      file_unmap(&file);
      return ASSAY_E_CANCELLED;
    }
    const char *next = memchr(at, '\n', (size_t)(end - at));
    at = next ? next + 1 : end;
  }
  status = assay_set_int(run, 0, lines);
  if (!status) status = assay_set_int(run, 1, (int64_t)file.size);
  file_unmap(&file);
  return status;
}

/* The end of the part that begins at `at`: after `lines` lines. */
static const char *part_end(const char *at, const char *end, int64_t lines) {
  for (; lines > 0 && at < end; lines--) {
    const char *next = memchr(at, '\n', (size_t)(end - at));
    at = next ? next + 1 : end;
  }
  return at;
}

/* Writes part `number`, with the header in front, and makes it a value. */
static assay_status write_part(const assay_run *run, size_t number, contents header, const char *at, const char *end,
                               assay_value *out) {
  char name[32];
  snprintf(name, sizeof name, "part-%06zu", number + 1);
  char *path = file_path(run->temp_dir, name);
  if (!path) return ps_no_memory(run);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  int error = fd < 0 ? errno : 0;
  if (!error && number) error = file_write(fd, header.bytes, header.size);
  if (!error) error = file_write(fd, at, (size_t)(end - at));
  if (fd >= 0 && close(fd) && !error) error = errno;
  assay_status status = error ? file_fail(run, "io.write", NULL, path, error) : file_value(run, path, out);
  free(path);
  return status;
}

#define MAXIMUM_PARTS ((int64_t)10000)

assay_status split_file(void *instance, const assay_run *run) {
  (void)instance;
  contents file;
  assay_status status = file_map(run, ps_input(run, 0), "file", &file);
  if (status) return status;
  int64_t lines = assay_int(run, 1);
  const char *at = file.bytes, *end = at + file.size;
  contents header = {at, 0, NULL};
  if (assay_bool(run, 2)) header.size = (size_t)(part_end(at, end, 1) - at);
  assay_value *parts = calloc(MAXIMUM_PARTS, sizeof *parts);
  if (!parts) status = ps_no_memory(run);
  size_t count = 0;
  const char *last = lines > (int64_t)file.size ? end : part_end(at + header.size, end, lines * MAXIMUM_PARTS);
  if (!status && last < end)
    status = ps_fail(run, ASSAY_E_INPUT, "file.parts", "lines", "that would be more than %lld parts", (long long)MAXIMUM_PARTS);
  while (!status && (at < end || !count)) {
    if (assay_cancelled(run)) status = ASSAY_E_CANCELLED;
    const char *from = count ? at : at + header.size, *next = part_end(from, end, lines);
    if (!status) status = write_part(run, count, header, at, next, &parts[count]);
    if (!status) count++;
    at = next;
  }
  assay_value list;
  if (status)
    for (size_t i = 0; i < count; i++) assay_drop(&parts[i]);
  else if (!(status = ps_new_group(run, parts, NULL, count, &list)))
    status = run->host->output(run, 0, &list);
  free(parts);
  file_unmap(&file);
  return status;
}

/* Appends the whole file, or without its first line. 1: also a line end that it lacks. */
static assay_status append(const assay_run *run, const assay_value *value, int fd, int skip, int wants_end) {
  contents file;
  assay_status status = file_map(run, value, "files", &file);
  if (status) return status;
  const char *at = file.bytes, *end = at + file.size;
  if (skip) at = part_end(at, end, 1);
  int error = file_write(fd, at, (size_t)(end - at));
  if (!error && wants_end && at < end && end[-1] != '\n') error = file_write(fd, "\n", 1);
  file_unmap(&file);
  return error ? file_fail(run, "io.write", NULL, "the joined file", error) : ASSAY_OK;
}

assay_status join_files(void *instance, const assay_run *run) {
  (void)instance;
  const assay_value *files = assay_input(run, 0), *file;
  char *name = ps_string(ps_input(run, 1));
  int header = assay_bool(run, 2);
  assay_artifact *joined;
  assay_status status = name ? run->host->artifact(run, 0, name, &joined) : ps_no_memory(run);
  free(name);
  for (uint64_t i = 0; !status && (file = assay_item(files, i)); i++) {
    if (assay_cancelled(run)) return ASSAY_E_CANCELLED;
    status = append(run, file, (int)joined->fd, header && i, i + 1 < files->count);
  }
  return status ? status : run->host->commit(run, joined);
}

assay_status hash(void *instance, const assay_run *run) {
  (void)instance;
  contents file;
  assay_status status = file_map(run, ps_input(run, 0), "file", &file);
  if (status) return status;
  char digest[65];
  uint8_t bytes[32];
  cdigest_sha256 sha256;
  cdigest_sha256_init(&sha256);
  cdigest_sha256_update(&sha256, file.bytes, file.size);
  cdigest_sha256_final(&sha256, bytes);
  ps_hex(bytes, sizeof bytes, digest);
  file_unmap(&file);
  char *expected = ps_string(ps_input(run, 1));
  if (expected) {
    const char *digits = strncmp(expected, "sha256:", 7) == 0 ? expected + 7 : expected;
    if (!ps_is_sha256(digits))
      status = ps_fail(run, ASSAY_E_INPUT, "digest.form", "expect", "a SHA-256 digest has 64 hexadecimal digits");
    else if (strcasecmp(digits, digest))
      status = ps_fail(run, ASSAY_E_INPUT, "digest.mismatch", "file", "the file has the digest %s, not %s", digest, digits);
    free(expected);
  }
  if (!status) status = assay_set_string(run, 0, digest);
  if (!status) status = assay_set_int(run, 1, (int64_t)file.size);
  return status;
}
