#include "archives.h"
#include "assay_task.h"
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <locale.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int by_name(const FTSENT **a, const FTSENT **b) { return strcmp((*a)->fts_name, (*b)->fts_name); }

static assay_status broken(const assay_run *run, struct archive *out) {
  return ps_fail(run, ASSAY_E_FAILED, "io.write", NULL, "cannot write the archive: %s", archive_error_string(out));
}

/* Nothing that depends on the machine or the time: the same files give the same bytes. */
static assay_status choose_format(const assay_run *run, struct archive *out, const char *format) {
  int result = strcmp(format, "zip") == 0 ? archive_write_set_format_zip(out) : archive_write_set_format_pax_restricted(out);
  if (result == ARCHIVE_OK && strcmp(format, "tar.gz") == 0) {
    result = archive_write_add_filter_gzip(out);
    if (result == ARCHIVE_OK) result = archive_write_set_filter_option(out, "gzip", "timestamp", NULL);
  }
  if (result == ARCHIVE_OK && strcmp(format, "tar.xz") == 0) result = archive_write_add_filter_xz(out);
  if (result == ARCHIVE_OK && strcmp(format, "tar.zst") == 0) result = archive_write_add_filter_zstd(out);
  if (result == ARCHIVE_OK && strcmp(format, "zip") == 0)
    result = archive_write_set_format_option(out, "zip", "hdrcharset", "UTF-8");
  return result == ARCHIVE_OK ? ASSAY_OK : broken(run, out);
}

static assay_status add_contents(const assay_run *run, struct archive *out, const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return file_fail(run, "io.read", "dir", path, errno);
  static const size_t size = 1 << 18;
  char *buffer = malloc(size);
  assay_status status = buffer ? ASSAY_OK : ps_no_memory(run);
  while (!status) {
    if (assay_cancelled(run)) status = ASSAY_E_CANCELLED;
    ssize_t n = status ? 0 : read(fd, buffer, size);
    if (n == 0) break;
    if (n < 0) status = file_fail(run, "io.read", "dir", path, errno);
    else if (archive_write_data(out, buffer, (size_t)n) != n) status = broken(run, out);
  }
  free(buffer);
  close(fd);
  return status;
}

static assay_status add(const assay_run *run, struct archive *out, const FTSENT *at, const char *name) {
  struct archive_entry *entry = archive_entry_new();
  if (!entry) return ps_no_memory(run);
  int is_folder = at->fts_info == FTS_D;
  archive_entry_set_pathname_utf8(entry, name);
  archive_entry_set_filetype(entry, is_folder ? AE_IFDIR : AE_IFREG);
  archive_entry_set_perm(entry, is_folder || at->fts_statp->st_mode & 0100 ? 0755 : 0644);
  archive_entry_set_size(entry, is_folder ? 0 : at->fts_statp->st_size);
  archive_entry_set_mtime(entry, 315532800, 0); /* 1980-01-01, the first that zip knows */
  assay_status status = archive_write_header(out, entry) == ARCHIVE_OK ? ASSAY_OK : broken(run, out);
  if (!status && !is_folder) status = add_contents(run, out, at->fts_path);
  archive_entry_free(entry);
  return status;
}

static assay_status add_all(const assay_run *run, struct archive *out, const char *root) {
  char *roots[] = {(char *)(uintptr_t)root, NULL};
  FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
  if (!tree) return file_fail(run, "io.read", "dir", root, errno);
  size_t skip = strlen(root) + 1;
  assay_status status = ASSAY_OK;
  for (FTSENT *at; !status && (at = fts_read(tree));) {
    if (at->fts_level == 0 || at->fts_info == FTS_DP) continue;
    if (at->fts_info == FTS_D || at->fts_info == FTS_F) status = add(run, out, at, at->fts_path + skip);
    else if (at->fts_info == FTS_SL || at->fts_info == FTS_SLNONE)
      status = ps_fail(run, ASSAY_E_INPUT, "archive.unsafe", "dir", "`%.200s` is a link", at->fts_path + skip);
    else
      status = file_fail(run, "io.read", "dir", at->fts_path, at->fts_errno ? at->fts_errno : EINVAL);
  }
  fts_close(tree);
  return status;
}

static assay_status write_archive(const assay_run *run, const char *root, const char *format, assay_artifact *file) {
  struct archive *out = archive_write_new();
  if (!out) return ps_no_memory(run);
  assay_status status = choose_format(run, out, format);
  archive_write_set_bytes_in_last_block(out, 1);
  if (!status && archive_write_open_fd(out, (int)file->fd) != ARCHIVE_OK) status = broken(run, out);
  if (!status) status = add_all(run, out, root);
  if (!status && archive_write_close(out) != ARCHIVE_OK) status = broken(run, out);
  archive_write_free(out);
  return status;
}

assay_status pack(void *instance, const assay_run *run) {
  (void)instance;
  const assay_artifact *dir = assay_file(run, 0);
  char *format = ps_string(ps_input(run, 1)), *name = ps_string(ps_input(run, 2)), full[300];
  assay_artifact *file;
  assay_status status = dir && dir->path && format && name ? ASSAY_OK : ps_no_memory(run);
  if (!status) {
    snprintf(full, sizeof full, "%.200s.%s", name, format);
    status = run->host->artifact(run, 0, full, &file);
  }
  /* Names are UTF-8 whatever the locale of the process. */
  locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), before = utf8 ? uselocale(utf8) : (locale_t)0;
  if (!status) status = write_archive(run, dir->path, format, file);
  if (utf8) uselocale(before), freelocale(utf8);
  free(format);
  free(name);
  return status ? status : run->host->commit(run, file);
}
