#include "frame.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The shortest decimal form that reads back as the same number, and as a float. */
static void write_float(FILE *file, double value) {
  char text[40];
  if (isnan(value)) {
    fputs("nan", file);
    return;
  }
  for (int precision = 15; precision <= 17; precision++) {
    snprintf(text, sizeof text, "%.*g", precision, value);
    if (strtod(text, NULL) == value) break;
  }
  for (char *c = text; *c; c++)
    if (*c == ',') *c = '.'; /* a process with another locale */
  fputs(text, file);
  if (isfinite(value) && !strpbrk(text, ".e")) fputs(".0", file);
}

static void write_string(FILE *file, const char *text, size_t length, char delimiter) {
  int quote = length == 0;
  for (size_t i = 0; i < length; i++)
    quote |= text[i] == delimiter || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
  if (!quote) {
    fwrite(text, 1, length, file);
    return;
  }
  putc('"', file);
  for (size_t i = 0; i < length; i++) {
    if (text[i] == '"') putc('"', file);
    putc(text[i], file);
  }
  putc('"', file);
}

static void write_cell(FILE *file, const column *c, int64_t row, char delimiter) {
  int64_t length;
  if (column_is_missing(c, row)) return;
  switch (c->kind) {
  case COLUMN_BOOL: fputs(column_number(c, row) != 0 ? "true" : "false", file); break;
  case COLUMN_INT: fprintf(file, "%" PRId64, c->ints[row]); break;
  case COLUMN_FLOAT: write_float(file, c->floats[row]); break;
  case COLUMN_STRING: {
    const char *text = column_text(c, row, &length);
    write_string(file, text, (size_t)length, delimiter);
    break;
  }
  }
}

static int write_frame(FILE *file, const frame *f, char delimiter) {
  for (int64_t j = 0; j < f->count; j++) {
    if (j) putc(delimiter, file);
    write_string(file, f->columns[j]->name, strlen(f->columns[j]->name), delimiter);
  }
  putc('\n', file);
  for (int64_t i = 0; i < f->rows && !ferror(file); i++) {
    for (int64_t j = 0; j < f->count; j++) {
      if (j) putc(delimiter, file);
      write_cell(file, f->columns[j], i, delimiter);
    }
    putc('\n', file);
  }
  return !ferror(file);
}

assay_status write_csv(void *instance, const assay_run *run) {
  (void)instance;
  frame table;
  assay_status status = frame_read(run, 0, &table);
  if (status) return status;
  char *name = ps_string(ps_input(run, 1));
  const assay_value *delimiter = ps_input(run, 2);
  assay_artifact *artifact = NULL;
  if (delimiter->kind == ASSAY_STRING && delimiter->count != 1) {
    status = ps_fail(run, ASSAY_E_INPUT, "csv.delimiter", "delimiter", "the delimiter is one character");
    goto end;
  }
  char separator = delimiter->kind == ASSAY_STRING ? *(const char *)delimiter->data : ',';
  if ((status = run->host->artifact(run, 0, name ? name : "table.csv", &artifact))) goto end;
  FILE *file = fopen(artifact->path, "wb");
  int written = file && write_frame(file, &table, separator);
  int number = errno;
  if (file && fclose(file)) written = 0, number = errno;
  if (!written) {
    status = ps_fail(run, ASSAY_E_RESOURCE, "io.write", "file", "cannot write the file: %s", strerror(number));
    goto end;
  }
  status = run->host->commit(run, artifact); /* which makes it the output */
end:
  free(name);
  frame_free(&table);
  return status;
}
