#include "csv_parse.h"
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* How much of the file behind the reader may stay in memory. */
#define WINDOW ((size_t)4 << 20)

void csv_open(csv_reader *r, const assay_run *run, const char *path, const char *text, size_t size, char delimiter) {
  memset(r, 0, sizeof *r);
  r->run = run;
  r->path = path;
  r->text = text;
  r->size = size;
  r->delimiter = delimiter;
  csv_rewind(r);
}

void csv_rewind(csv_reader *r) {
  r->at = r->size >= 3 && !memcmp(r->text, "\xef\xbb\xbf", 3) ? 3 : 0; /* byte-order mark */
  r->dropped = 0;
  r->line = 1;
  r->line_start = r->at;
}

void csv_close(csv_reader *r) {
  free(r->fields);
  r->fields = NULL;
}

/* ---- places ---- */

static assay_status fail_at(const csv_reader *r, const char *code, int64_t line, size_t start, size_t at,
                            const char *format, va_list arguments) {
  char message[512];
  int64_t column = 1;
  for (size_t i = start; i < at && i < r->size; i++) column += (r->text[i] & 0xc0) != 0x80;
  vsnprintf(message, sizeof message, format, arguments);
  return ps_fail(r->run, ASSAY_E_INPUT, code, "path", "%s:%lld:%lld: %s", r->path, (long long)line, (long long)column,
                 message);
}

assay_status csv_fail(const csv_reader *r, const char *code, int64_t line, size_t at, const char *format, ...) {
  size_t start = at < r->size ? at : r->size;
  size_t first = r->size >= 3 && !memcmp(r->text, "\xef\xbb\xbf", 3) ? 3 : 0;
  while (start > first && r->text[start - 1] != '\n') start--;
  va_list arguments;
  va_start(arguments, format);
  assay_status status = fail_at(r, code, line, start, at, format, arguments);
  va_end(arguments);
  return status;
}

assay_status csv_fail_field(const csv_reader *r, const char *code, const csv_field *field, const char *format, ...) {
  /* Fields in quotes may have lines of their own in front of this one. */
  size_t begin = r->fields[0].start - r->fields[0].quoted, at = field->start - field->quoted, start = begin;
  int64_t line = r->row;
  for (size_t i = begin; i < at; i++)
    if (r->text[i] == '\n') line++, start = i + 1;
  va_list arguments;
  va_start(arguments, format);
  assay_status status = fail_at(r, code, line, start, at, format, arguments);
  va_end(arguments);
  return status;
}

assay_status csv_changed(const csv_reader *r) {
  return ps_fail(r->run, ASSAY_E_INPUT, "io.read", "path", "%s changed while it was read", r->path);
}

/* ---- rows ---- */

static csv_field *add_field(csv_reader *r) {
  if (r->count == r->capacity) {
    size_t capacity = r->capacity ? r->capacity * 2 : 64;
    csv_field *fields = realloc(r->fields, capacity * sizeof *fields);
    if (!fields) return NULL;
    r->fields = fields;
    r->capacity = capacity;
  }
  csv_field *field = &r->fields[r->count++];
  memset(field, 0, sizeof *field);
  return field;
}

static int at_line_end(const csv_reader *r) {
  return r->at == r->size || r->text[r->at] == '\n' ||
         (r->text[r->at] == '\r' && (r->at + 1 == r->size || r->text[r->at + 1] == '\n'));
}

static void skip_line_end(csv_reader *r) {
  if (r->at < r->size && r->text[r->at] == '\r') r->at++;
  if (r->at < r->size && r->text[r->at] == '\n') r->at++;
  r->line++;
  r->line_start = r->at;
}

static assay_status set_field(const csv_reader *r, csv_field *field, size_t start, size_t end, int64_t line) {
  if (end - start > UINT32_MAX) return csv_fail(r, "csv.syntax", line, start, "a field of more than 4 GiB");
  field->start = start;
  field->length = (uint32_t)(end - start);
  return ASSAY_OK;
}

/* After the opening quote; leaves the reader behind the closing one. */
static assay_status scan_quoted(csv_reader *r, csv_field *field) {
  int64_t opened = r->line;
  size_t start = r->at;
  for (;;) {
    const char *quote = memchr(r->text + r->at, '"', r->size - r->at);
    if (!quote) return csv_fail(r, "csv.syntax", opened, start - 1, "a quote opens here and never closes");
    size_t end = (size_t)(quote - r->text);
    for (size_t i = r->at; i < end; i++)
      if (r->text[i] == '\n') r->line++, r->line_start = i + 1;
    r->at = end + 1;
    if (r->at < r->size && r->text[r->at] == '"') {
      field->doubled = 1;
      r->at++;
      continue;
    }
    field->quoted = 1;
    return set_field(r, field, start, end, opened);
  }
}

static assay_status scan_plain(csv_reader *r, csv_field *field) {
  size_t start = r->at;
  while (!at_line_end(r) && r->text[r->at] != r->delimiter) {
    if (r->text[r->at] == '"')
      return csv_fail(r, "csv.syntax", r->line, r->at, "a quote inside a field that does not begin with one");
    r->at++;
  }
  return set_field(r, field, start, r->at, r->line);
}

/* The fields of one row, up to its end. */
static assay_status scan_row(csv_reader *r) {
  for (;;) {
    csv_field *field = add_field(r);
    if (!field) return ps_no_memory(r->run);
    assay_status status;
    if (r->at < r->size && r->text[r->at] == '"') {
      r->at++;
      if ((status = scan_quoted(r, field))) return status;
      if (!at_line_end(r) && r->text[r->at] != r->delimiter)
        return csv_fail(r, "csv.syntax", r->line, r->at, "text follows a closing quote");
    } else if ((status = scan_plain(r, field))) {
      return status;
    }
    if (at_line_end(r)) return ASSAY_OK;
    r->at++; /* the delimiter */
  }
}

/* Tells how far it is, and gives back what was read. */
static assay_status look_around(csv_reader *r) {
  if (assay_cancelled(r->run)) return ASSAY_E_CANCELLED;
  r->run->host->progress(r->run, (double)r->at, (double)r->size, "reading");
  size_t behind = r->at & ~(WINDOW - 1);
  if (behind > r->dropped) madvise((void *)(r->text + r->dropped), behind - r->dropped, MADV_DONTNEED);
  r->dropped = behind;
  return ASSAY_OK;
}

assay_status csv_next(csv_reader *r, int *done) {
  assay_status status;
  *done = 0;
  if (r->at - r->dropped >= WINDOW && (status = look_around(r))) return status;
  while (r->at < r->size && at_line_end(r) && r->width != 1) skip_line_end(r);
  if (r->at >= r->size) {
    *done = 1;
    if (!r->width) return ps_fail(r->run, ASSAY_E_INPUT, "csv.empty", "path", "%s: the file has no lines", r->path);
    return ASSAY_OK;
  }
  size_t start = r->at;
  r->count = 0;
  r->row = r->line;
  status = scan_row(r);
  size_t bad = start + ps_first_bad_byte(r->text + start, r->at - start);
  if (bad < r->at) {
    int64_t line = r->row;
    for (size_t i = start; i < bad; i++) line += r->text[i] == '\n';
    return csv_fail(r, "csv.encoding", line, bad, "byte 0x%02x is not UTF-8 text", (unsigned char)r->text[bad]);
  }
  if (status) return status;
  if (!r->width) r->width = r->count;
  if (r->count != r->width)
    return csv_fail(r, "csv.ragged", r->row, start, "%zu field%s, the first line has %zu", r->count,
                    r->count == 1 ? "" : "s", r->width);
  skip_line_end(r);
  return ASSAY_OK;
}

size_t csv_unquote(const char *text, const csv_field *field, char *target) {
  const char *from = text + field->start;
  if (!field->doubled) {
    memcpy(target, from, field->length);
    return field->length;
  }
  size_t count = 0;
  for (uint32_t i = 0; i < field->length; i++) {
    target[count++] = from[i];
    if (from[i] == '"') i++;
  }
  return count;
}
