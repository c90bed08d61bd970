#include "assay_task.h"
#include "file.h"
#include <errno.h>
#include <fnmatch.h>
#include <fts.h>
#include <stdio.h>
#include <sys/stat.h>

/* A file below the folder. */
typedef struct entry {
  char *path; /* relative */
  int64_t size;
} entry;

typedef struct entries {
  entry *items;
  size_t count, room;
} entries;

static void free_entries(entries *e) {
  for (size_t i = 0; i < e->count; i++) free(e->items[i].path);
  free(e->items);
}

static int by_path(const void *a, const void *b) { return strcmp(((const entry *)a)->path, ((const entry *)b)->path); }

/* `*` and `?` stay within a part, `**` stands for any number of whole parts. Patterns have few parts. */
static int matches(const char *pattern, const char *path) {
  if (!*pattern) return !*path;
  const char *end = strchr(pattern, '/'), *rest = end ? end + 1 : "";
  size_t n = end ? (size_t)(end - pattern) : strlen(pattern);
  if (n == 2 && pattern[0] == '*' && pattern[1] == '*') {
    if (!*rest) return 1;
    for (const char *at = path; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL)
      if (matches(rest, at)) return 1;
    return 0;
  }
  const char *slash = strchr(path, '/');
  size_t m = slash ? (size_t)(slash - path) : strlen(path);
  char part[256], name[256];
  if (n >= sizeof part || m >= sizeof name || !m) return 0;
  memcpy(part, pattern, n);
  memcpy(name, path, m);
  part[n] = name[m] = 0;
  if (fnmatch(part, name, FNM_PERIOD)) return 0;
  if (!end || !slash) return !end && !slash;
  return matches(rest, slash + 1);
}

/* Each `**` multiplies the work. */
static int is_reasonable(const char *pattern) {
  int deep = 0;
  for (const char *at = pattern; (at = strstr(at, "**")); at += 2) deep++;
  return deep <= 4 && strlen(pattern) < 1024;
}

static assay_status add(const assay_run *run, entries *all, const char *path, int64_t size) {
  if (all->count == all->room) {
    size_t room = all->room ? 2 * all->room : 64;
    entry *items = realloc(all->items, room * sizeof *items);
    if (!items) return ps_no_memory(run);
    all->items = items;
    all->room = room;
  }
  if (!(all->items[all->count].path = strdup(path))) return ps_no_memory(run);
  all->items[all->count++].size = size;
  return ASSAY_OK;
}

/* The files of input 0 that match input 1, by path. */
static assay_status walk(const assay_run *run, entries *all) {
  const assay_artifact *folder = assay_file(run, 0);
  char *pattern = ps_string(ps_input(run, 1));
  assay_status status = ASSAY_OK;
  if (!pattern || !folder || !folder->path) status = ps_no_memory(run);
  else if (!is_reasonable(pattern))
    status = ps_fail(run, ASSAY_E_INPUT, "file.pattern", "pattern", "a pattern has at most four `**`");
  if (status) {
    free(pattern);
    return status;
  }
  size_t skip = strlen(folder->path) + 1;
  char *roots[] = {(char *)(uintptr_t)folder->path, NULL};
  FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
  if (!tree) status = file_fail(run, "io.read", "dir", folder->path, errno);
  for (FTSENT *at; !status && (at = fts_read(tree));) {
    if (assay_cancelled(run)) status = ASSAY_E_CANCELLED;
    else if (at->fts_info == FTS_DNR || at->fts_info == FTS_ERR || at->fts_info == FTS_NS)
      status = file_fail(run, "io.read", "dir", at->fts_path, at->fts_errno);
    else if (at->fts_info == FTS_F && matches(pattern, at->fts_path + skip))
      status = add(run, all, at->fts_path + skip, at->fts_statp->st_size);
  }
  if (tree) fts_close(tree);
  free(pattern);
  if (all->count) qsort(all->items, all->count, sizeof *all->items, by_path);
  return status;
}

/* {path, size} or {path, file}. */
static assay_status describe(const assay_run *run, const entry *e, int with_file, assay_value *out) {
  static const char *const sized[] = {"path", "size"}, *const filed[] = {"path", "file"};
  assay_value fields[2];
  memset(fields, 0, sizeof fields);
  assay_status status = ps_new_string(run, e->path, &fields[0]);
  if (status) return status;
  if (with_file) {
    const assay_artifact *folder = assay_file(run, 0);
    char *from = file_path(folder->path, e->path), *inside = file_path("found", e->path);
    char *to = inside ? file_path(run->temp_dir, inside) : NULL;
    int number = from && to ? file_copy_path(run, from, to) : ENOMEM;
    status = number ? file_fail(run, "io.read", "dir", e->path, number) : file_value(run, to, &fields[1]);
    free(from);
    free(inside);
    free(to);
  } else {
    fields[1].kind = ASSAY_I64;
    fields[1].i64 = e->size;
  }
  if (!status) return ps_new_group(run, fields, with_file ? filed : sized, 2, out);
  assay_drop(&fields[0]);
  return status;
}

static assay_status give(const assay_run *run, int with_files) {
  entries all = {0};
  assay_status status = walk(run, &all);
  size_t count = 0;
  assay_value *values = calloc(all.count + 1, sizeof *values), list;
  if (!status && !values) status = ps_no_memory(run);
  while (!status && count < all.count) {
    status = describe(run, &all.items[count], with_files, &values[count]);
    if (!status) count++;
  }
  if (!status && !(status = ps_new_group(run, values, NULL, count, &list))) status = run->host->output(run, 0, &list);
  else for (size_t i = 0; values && i < count; i++) assay_drop(&values[i]);
  free(values);
  free_entries(&all);
  return status;
}

assay_status list_folder(void *instance, const assay_run *run) {
  (void)instance;
  return give(run, 0);
}

assay_status find_files(void *instance, const assay_run *run) {
  (void)instance;
  return give(run, 1);
}

assay_status take_file(void *instance, const assay_run *run) {
  (void)instance;
  const assay_artifact *folder = assay_file(run, 0);
  char *name, *from = NULL;
  assay_status status = file_text(run, 1, "path", &name);
  struct stat info;
  if (status) return free(name), status;
  if (!folder || !folder->path) status = ps_no_memory(run);
  else if (!file_is_inside(name))
    status = ps_fail(run, ASSAY_E_INPUT, "file.name", "path", "`%.200s` is not a path inside the directory", name);
  else if (!(from = file_path(folder->path, name)))
    status = ps_no_memory(run);
  else if (lstat(from, &info) || !S_ISREG(info.st_mode))
    status = ps_fail(run, ASSAY_E_INPUT, "file.missing", "path", "the directory has no file `%.200s`", name);
  const char *slash = strrchr(name, '/');
  char *to = status ? NULL : file_path(run->temp_dir, slash ? slash + 1 : name);
  if (!status && !to) status = ps_no_memory(run);
  if (!status) {
    int number = file_copy_path(run, from, to);
    assay_value value;
    status = number ? file_fail(run, "io.read", "dir", name, number) : file_value(run, to, &value);
    if (!status) status = run->host->output(run, 0, &value);
  }
  free(to);
  free(from);
  free(name);
  return status;
}

static assay_status gather_one(const assay_run *run, const assay_value *item, const char *folder) {
  const assay_value *file = assay_field(item, "file");
  const assay_artifact *artifact = file && file->kind == ASSAY_FILE ? file->data : NULL;
  const assay_value *given = assay_field(item, "name");
  char *name = given ? ps_string(given) : NULL, *to = NULL;
  assay_status status = ASSAY_OK;
  if (!name || !artifact || !artifact->path || strlen(name) != given->count || !file_is_inside(name))
    status = ps_fail(run, ASSAY_E_INPUT, "file.name", "files", "`%.200s` is not a path inside a directory", name ? name : "");
  else if (!(to = file_path(folder, name)))
    status = ps_no_memory(run);
  else {
    int number = file_copy_path(run, artifact->path, to);
    if (number == EEXIST || number == ENOTDIR)
      status = ps_fail(run, ASSAY_E_INPUT, "file.exists", "files", "the name `%.200s` comes twice", name);
    else if (number)
      status = file_fail(run, "io.write", NULL, name, number);
  }
  free(to);
  free(name);
  return status;
}

assay_status gather(void *instance, const assay_run *run) {
  (void)instance;
  const assay_value *files = assay_input(run, 0), *item;
  assay_artifact *folder;
  assay_status status = run->host->artifact(run, 0, "files", &folder);
  for (uint64_t i = 0; !status && (item = assay_item(files, i)); i++) {
    if (assay_cancelled(run)) return ASSAY_E_CANCELLED;
    status = gather_one(run, item, folder->path);
  }
  return status ? status : run->host->commit(run, folder);
}
