#include "stage.h"
#include "assay_task.h"
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <sys/stat.h>

char **stage_texts(const assay_value *list, size_t extra) {
  size_t count = list && list->kind == ASSAY_LIST ? (size_t)list->count : 0;
  char **texts = calloc(count + extra + 1, sizeof *texts);
  for (size_t i = 0; texts && i < count; i++) {
    const assay_value *item = assay_item(list, i);
    texts[i] = ps_string(item);
    if (texts[i] && strlen(texts[i]) == item->count) continue;
    stage_free_texts(texts);
    return NULL;
  }
  return texts;
}

void stage_free_texts(char **texts) {
  for (char **at = texts; at && *at; at++) free(*at);
  free(texts);
}

static assay_status put(const assay_run *run, const char *from, const char *folder, const char *name, int executable) {
  char *to = file_path(folder, name);
  if (!to) return ps_no_memory(run);
  int number = file_copy_path(run, from, to);
  if (!number && executable && chmod(to, 0755)) number = errno;
  assay_status status = ASSAY_OK;
  if (number == EEXIST || number == ENOTDIR)
    status = ps_fail(run, ASSAY_E_INPUT, "file.exists", "files", "the name `%.200s` comes twice", name);
  else if (number) status = file_fail(run, "io.write", NULL, name, number);
  free(to);
  return status;
}

static assay_status put_folder(const assay_run *run, const char *from, const char *folder) {
  char *roots[] = {(char *)(uintptr_t)from, NULL};
  FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
  if (!tree) return file_fail(run, "io.read", "dir", from, errno);
  size_t skip = strlen(from) + 1;
  assay_status status = ASSAY_OK;
  for (FTSENT *at; !status && (at = fts_read(tree));) {
    if (at->fts_info == FTS_F) {
      status = put(run, at->fts_path, folder, at->fts_path + skip, (at->fts_statp->st_mode & 0100) != 0);
    } else if (at->fts_info == FTS_D && at->fts_level > 0) {
      char *to = file_path(folder, at->fts_path + skip);
      if (!to || (mkdir(to, 0755) && errno != EEXIST)) status = file_fail(run, "io.write", NULL, at->fts_path, errno);
      free(to);
    }
  }
  fts_close(tree);
  return status;
}

static assay_status put_named(const assay_run *run, const assay_value *item, const char *folder) {
  const assay_value *file = assay_field(item, "file"), *given = assay_field(item, "name");
  const assay_artifact *artifact = file && file->kind == ASSAY_FILE ? file->data : NULL;
  char *name = given ? ps_string(given) : NULL;
  assay_status status;
  if (!name || !artifact || !artifact->path || strlen(name) != given->count || !file_is_inside(name))
    status = ps_fail(run, ASSAY_E_INPUT, "file.name", "files", "`%.200s` is not a path inside a folder", name ? name : "");
  else
    status = put(run, artifact->path, folder, name, 0);
  free(name);
  return status;
}

assay_status stage_in(const assay_run *run) {
  assay_status status = ASSAY_OK;
  const assay_artifact *dir = assay_file(run, DIRECTORY);
  if (dir && dir->path) status = put_folder(run, dir->path, run->temp_dir);
  const assay_value *item;
  for (uint64_t i = 0; !status && (item = assay_item(assay_input(run, FILES), i)); i++)
    status = put_named(run, item, run->temp_dir);
  return status;
}

/* A declared path that the command has made: a file, or a directory. */
static assay_status made(const assay_run *run, const char *folder, const char *name, int is_dir, const char *port,
                         assay_value *out) {
  if (!file_is_inside(name))
    return ps_fail(run, ASSAY_E_INPUT, "file.name", port, "`%.200s` is not a path inside a folder", name);
  char *path = file_path(folder, name);
  if (!path) return ps_no_memory(run);
  struct stat info;
  assay_status status = ASSAY_OK;
  if (lstat(path, &info) || !(is_dir ? S_ISDIR(info.st_mode) : S_ISREG(info.st_mode)))
    status = ps_fail(run, ASSAY_E_FAILED, "shell.output", port, "the command has not made the %s `%.200s`",
                     is_dir ? "directory" : "file", name);
  if (!status) status = file_value(run, path, out);
  if (!status && is_dir) {
    out->kind = ASSAY_DIR;
    ((assay_artifact *)(uintptr_t)out->data)->is_dir = 1;
  }
  free(path);
  return status;
}

static assay_status give_files(const assay_run *run, const char *folder) {
  char **names = stage_texts(assay_input(run, OUTPUTS), 0);
  size_t count = 0;
  while (names && names[count]) count++;
  assay_value *values = calloc(count + 1, sizeof *values), list;
  assay_status status = names && values ? ASSAY_OK : ps_no_memory(run);
  size_t done = 0;
  while (!status && done < count) {
    status = made(run, folder, names[done], 0, "outputs", &values[done]);
    if (!status) done++;
  }
  if (status)
    for (size_t i = 0; i < done; i++) assay_drop(&values[i]);
  else if (!(status = ps_new_group(run, values, NULL, count, &list)))
    status = run->host->output(run, OUT_FILES, &list);
  free(values);
  stage_free_texts(names);
  return status;
}

assay_status stage_out(const assay_run *run) {
  const char *folder = run->temp_dir;
  assay_status status = give_files(run, folder);
  char *name = ps_string(ps_input(run, FOLDER));
  if (!status && name) {
    assay_value value;
    status = made(run, folder, name, 1, "folder", &value);
    if (!status) status = run->host->output(run, OUT_DIR, &value);
  }
  free(name);
  return status;
}
