#include "csv_parse.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct mapped {
  const char *text;
  size_t size;
  void *map;
} mapped;

static assay_status map_file(const assay_run *run, const char *path, mapped *out) {
  memset(out, 0, sizeof *out);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  struct stat info;
  if (fd < 0 || fstat(fd, &info)) {
    int number = errno;
    if (fd >= 0) close(fd);
    return ps_fail(run, ASSAY_E_INPUT, "io.read", "path", "cannot read `%s`: %s", path, strerror(number));
  }
  out->text = "";
  if (info.st_size) {
    out->map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (out->map == MAP_FAILED) {
      int number = errno;
      out->map = NULL;
      close(fd);
      return ps_fail(run, ASSAY_E_INPUT, "io.read", "path", "cannot read `%s`: %s", path, strerror(number));
    }
    out->text = out->map;
    out->size = (size_t)info.st_size;
  }
  close(fd);
  return ASSAY_OK;
}

/* The name of a column: the header's field, or `column_N` where there is none. */
static char *column_name(const char *text, const csv_fields *fields, size_t index, int header) {
  const csv_field *field = &fields->items[index];
  if (!header || !field->length) {
    char *name = malloc(32);
    if (name) snprintf(name, 32, "column_%zu", index + 1);
    return name;
  }
  char *name = malloc((size_t)field->length + 1);
  if (name) name[csv_unquote(text, field, name)] = 0;
  return name;
}

static assay_status make_frame(const assay_run *run, const char *text, const csv_fields *fields, int header, frame *out) {
  out->columns = calloc(fields->width + 1, sizeof *out->columns);
  if (!out->columns) return ps_no_memory(run);
  out->rows = (int64_t)(fields->count / fields->width) - header;
  for (size_t i = 0; i < fields->width; i++) {
    char *name = column_name(text, fields, i, header);
    if (!name) return ps_no_memory(run);
    assay_status status = ASSAY_OK;
    if (frame_find(out, name, strlen(name)))
      status = ps_fail(run, ASSAY_E_INPUT, "csv.header", "path", "line 1: the column `%s` comes twice", name);
    if (!status)
      status = csv_column(run, text, fields, i, (size_t)header, name, ps_input(run, 3), &out->columns[i]);
    free(name);
    if (status) return status;
    out->count++;
  }
  return ASSAY_OK;
}

assay_status read_csv(void *instance, const assay_run *run) {
  (void)instance;
  const assay_value *file = ps_input(run, 0), *delimiter = ps_input(run, 2);
  const assay_artifact *artifact = file->kind == ASSAY_FILE ? file->data : NULL;
  if (!artifact || !artifact->path) return ps_fail(run, ASSAY_E_INPUT, "type.mismatch", "path", "expected a file");
  char separator = ',';
  if (delimiter->kind == ASSAY_STRING) {
    if (delimiter->count != 1 || strchr("\"\r\n", *(const char *)delimiter->data))
      return ps_fail(run, ASSAY_E_INPUT, "csv.delimiter", "delimiter", "the delimiter is one character, not a quote");
    separator = *(const char *)delimiter->data;
  }
  mapped input;
  assay_status status = map_file(run, artifact->path, &input);
  if (status) return status;
  csv_fields fields = {0};
  frame table = {0};
  size_t bad = ps_first_bad_byte(input.text, input.size);
  if (bad < input.size) {
    long long line = 1;
    for (size_t i = 0; i < bad; i++) line += input.text[i] == '\n';
    status = ps_fail(run, ASSAY_E_INPUT, "csv.encoding", "path", "line %lld: byte 0x%02x is not UTF-8 text", line,
                     (unsigned char)input.text[bad]);
    goto end;
  }
  const char *text = input.text;
  size_t size = input.size;
  if (size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) text += 3, size -= 3; /* byte-order mark */
  if ((status = csv_split(run, text, size, separator, &fields))) goto end;
  if ((status = make_frame(run, text, &fields, ps_bool(ps_input(run, 1), 1), &table))) goto end;
  assay_value value;
  if ((status = frame_value(run, &table, &value))) goto end;
  status = run->host->output(run, 0, &value);
end:
  free(fields.items);
  frame_free(&table);
  if (input.map) munmap(input.map, input.size);
  return status;
}
