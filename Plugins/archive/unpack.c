#include "archives.h"
#include "assay_task.h"
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is left of the limits. */
typedef struct budget {
  int64_t bytes, files, found;
} budget;

static assay_status unsafe(const assay_run *run, const char *name, const char *why) {
  return ps_fail(run, ASSAY_E_INPUT, "archive.unsafe", "file", "the archive is refused: `%.200s` %s", name, why);
}

static assay_status damaged(const assay_run *run, struct archive *in) {
  const char *why = archive_error_string(in);
  return ps_fail(run, ASSAY_E_INPUT, "archive.damaged", "file", "cannot read the archive: %s", why ? why : "it ends early");
}

/* The contents of one file, as far as the budget goes: the size that the archive claims is not believed. */
static assay_status write_contents(const assay_run *run, struct archive *in, int fd, const char *name, budget *left) {
  const void *block;
  size_t size;
  la_int64_t offset, end = 0;
  for (;;) {
    if (assay_cancelled(run)) return ASSAY_E_CANCELLED;
    int result = archive_read_data_block(in, &block, &size, &offset);
    if (result == ARCHIVE_EOF) return ASSAY_OK;
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) return damaged(run, in);
    if (offset < end || offset > left->bytes + end || (int64_t)size > left->bytes - (offset - end))
      return ps_fail(run, ASSAY_E_INPUT, "archive.limit", "file", "the archive holds more than `max_size` bytes");
    left->bytes -= offset - end + (int64_t)size;
    end = offset + (la_int64_t)size;
    if (lseek(fd, offset, SEEK_SET) < 0) return file_fail(run, "io.write", NULL, name, errno);
    int number = file_write(fd, block, size);
    if (number) return file_fail(run, "io.write", NULL, name, number);
  }
}

static assay_status unpack_file(const assay_run *run, struct archive *in, const char *path, const char *name,
                                int executable, budget *left) {
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, executable ? 0755 : 0644);
  if (fd < 0 && errno == ENOTDIR) return unsafe(run, name, "lies in a file");
  if (fd < 0 && (errno == EEXIST || errno == EISDIR)) return unsafe(run, name, "comes twice");
  if (fd < 0 && errno == ENAMETOOLONG) return unsafe(run, name, "is too long");
  if (fd < 0) return file_fail(run, "io.write", NULL, name, errno);
  assay_status status = write_contents(run, in, fd, name, left);
  if (close(fd) && !status) status = file_fail(run, "io.write", NULL, name, errno);
  left->found++;
  return status;
}

static assay_status unpack_entry(const assay_run *run, struct archive *in, struct archive_entry *entry,
                                 const char *root, budget *left) {
  const char *given = archive_entry_pathname_utf8(entry);
  if (!given) given = archive_entry_pathname(entry);
  char name[4096];
  if (!given || strlen(given) >= sizeof name) return unsafe(run, given ? given : "", "is no usable name");
  while (given[0] == '.' && given[1] == '/') given += 2; /* tar c . */
  strcpy(name, given);
  size_t length = strlen(name);
  while (length && name[length - 1] == '/') name[--length] = 0;
  mode_t kind = archive_entry_filetype(entry);
  if (kind == AE_IFDIR && (!length || strcmp(name, ".") == 0)) return ASSAY_OK;
  if (ps_first_bad_byte(name, length) < length) return unsafe(run, "a name", "is not UTF-8 text");
  if (!file_is_inside(name)) return unsafe(run, name, "would lie outside the directory");
  if (archive_entry_is_encrypted(entry)) return ps_fail(run, ASSAY_E_UNSUPPORTED, "archive.encrypted", "file", "the archive is encrypted");
  if (archive_entry_hardlink(entry) || (kind != AE_IFDIR && kind != AE_IFREG)) return unsafe(run, name, "is neither a file nor a folder");
  if (left->files-- <= 0) return ps_fail(run, ASSAY_E_INPUT, "archive.limit", "file", "the archive holds more than `max_files` files");
  char *path = file_path(root, name);
  if (!path) return ps_no_memory(run);
  int number = file_make_parents(path);
  assay_status status = ASSAY_OK;
  if (number == ENOTDIR || number == EEXIST) status = unsafe(run, name, "lies in a file");
  else if (number) status = file_fail(run, "io.write", NULL, name, number);
  else if (kind == AE_IFREG)
    status = unpack_file(run, in, path, name, (archive_entry_perm(entry) & 0100) != 0, left);
  else if (mkdir(path, 0755) && errno != EEXIST)
    status = file_fail(run, "io.write", NULL, name, errno);
  free(path);
  return status;
}

static assay_status read_archive(const assay_run *run, const char *path, const char *root, budget *left) {
  struct archive *in = archive_read_new();
  if (!in) return ps_no_memory(run);
  archive_read_support_filter_all(in);
  archive_read_support_format_zip(in);
  archive_read_support_format_tar(in);
  archive_read_support_format_7zip(in);
  archive_read_support_format_cpio(in);
  assay_status status = ASSAY_OK;
  struct archive_entry *entry;
  if (archive_read_open_filename(in, path, 1 << 18) != ARCHIVE_OK) status = damaged(run, in);
  while (!status) {
    int result = archive_read_next_header(in, &entry);
    if (result == ARCHIVE_EOF) break;
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) status = damaged(run, in);
    else status = unpack_entry(run, in, entry, root, left);
  }
  archive_read_free(in);
  return status;
}

assay_status unpack(void *instance, const assay_run *run) {
  (void)instance;
  const assay_artifact *file = assay_file(run, 0);
  if (!file || !file->path) return ps_no_memory(run);
  budget left = {assay_int(run, 1), assay_int(run, 2), 0};
  assay_artifact *dir;
  assay_status status = run->host->artifact(run, 0, "unpacked", &dir);
  if (status) return status;
  /* Names are UTF-8 whatever the locale of the process. */
  locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), before = utf8 ? uselocale(utf8) : (locale_t)0;
  status = read_archive(run, file->path, dir->path, &left);
  if (utf8) uselocale(before), freelocale(utf8);
  if (!status) status = run->host->commit(run, dir);
  return status ? status : assay_set_int(run, 1, left.found);
}
