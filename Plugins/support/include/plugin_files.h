/* What the C plugins of this directory share about files: mapping, copying, safe names. */
#ifndef PLUGIN_FILES_H
#define PLUGIN_FILES_H
#include "plugin_support.h"

/* An input file in memory, read-only. */
typedef struct contents {
  const char *bytes;
  size_t size;
  void *map; /* NULL: empty */
} contents;
/* Maps an input; fails with io.read and a message that names the port. */
assay_status file_map(const assay_run *run, const assay_value *value, const char *port, contents *out);
void file_unmap(contents *c);

/* Why a call failed, as a failure `io.read` or `io.write` of the path. */
assay_status file_fail(const assay_run *run, const char *code, const char *port, const char *path, int number);
/* A text input that is to be a name or path; one with a NUL fails the run. *out is to be freed. */
assay_status file_text(const assay_run *run, uint32_t port, const char *name, char **out);
/* Writes all bytes; 0 or an errno. */
int file_write(int fd, const void *bytes, size_t size);
/* Copies the rest of one descriptor to another, in the kernel where it can; 0, an errno, or ECANCELED. */
int file_copy(const assay_run *run, int from, int to);
/* Copies a file to a path that does not exist yet; missing folders of `to` are made. 0 or an errno. */
int file_copy_path(const assay_run *run, const char *from, const char *to);
/* Whether a name stays inside its folder: relative, without `..`, `.`, empty parts or control characters. */
int file_is_inside(const char *path);
/* Makes the folders in front of the last part of a path. 0 or an errno. */
int file_make_parents(char *path);
/* a/b, or NULL when there is no memory. Free it. */
char *file_path(const char *folder, const char *name);
/* Makes a file of the attempt's private folder a value that owns its description. `path` is copied. */
assay_status file_value(const assay_run *run, const char *path, assay_value *out);
#endif
