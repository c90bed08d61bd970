#include "csv_parse.h"
#include <string.h>

static csv_field *add_field(csv_fields *fields) {
  if (fields->count == fields->capacity) {
    size_t capacity = fields->capacity ? fields->capacity * 2 : 4096;
    csv_field *items = realloc(fields->items, capacity * sizeof *items);
    if (!items) return NULL;
    fields->items = items;
    fields->capacity = capacity;
  }
  csv_field *field = &fields->items[fields->count++];
  memset(field, 0, sizeof *field);
  return field;
}

/* Where the scanner is. */
typedef struct scanner {
  const assay_run *run;
  const char *text;
  size_t size, at;
  int64_t line;
  char delimiter;
} scanner;

static int at_line_end(const scanner *s) {
  return s->at == s->size || s->text[s->at] == '\n' ||
         (s->text[s->at] == '\r' && s->at + 1 < s->size && s->text[s->at + 1] == '\n') ||
         (s->text[s->at] == '\r' && s->at + 1 == s->size);
}

static void skip_line_end(scanner *s) {
  if (s->at < s->size && s->text[s->at] == '\r') s->at++;
  if (s->at < s->size && s->text[s->at] == '\n') s->at++;
  s->line++;
}

/* After the opening quote; leaves the scanner behind the closing one. */
static assay_status scan_quoted(scanner *s, csv_field *field) {
  int64_t opened = s->line;
  size_t start = s->at;
  for (;;) {
    const char *quote = memchr(s->text + s->at, '"', s->size - s->at);
    if (!quote)
      return ps_fail(s->run, ASSAY_E_INPUT, "csv.syntax", "path", "line %lld: a quote opens here and never closes",
                     (long long)opened);
    size_t end = (size_t)(quote - s->text);
    for (size_t i = s->at; i < end; i++) s->line += s->text[i] == '\n';
    s->at = end + 1;
    if (s->at < s->size && s->text[s->at] == '"') {
      field->doubled = 1;
      s->at++;
      continue;
    }
    if (end - start > UINT32_MAX)
      return ps_fail(s->run, ASSAY_E_INPUT, "csv.syntax", "path", "line %lld: a field of more than 4 GiB",
                     (long long)opened);
    field->start = start;
    field->length = (uint32_t)(end - start);
    field->quoted = 1;
    return ASSAY_OK;
  }
}

static assay_status scan_plain(scanner *s, csv_field *field) {
  size_t start = s->at;
  while (!at_line_end(s) && s->text[s->at] != s->delimiter) {
    if (s->text[s->at] == '"')
      return ps_fail(s->run, ASSAY_E_INPUT, "csv.syntax", "path",
                     "line %lld: a quote inside a field that does not begin with one", (long long)s->line);
    s->at++;
  }
  if (s->at - start > UINT32_MAX)
    return ps_fail(s->run, ASSAY_E_INPUT, "csv.syntax", "path", "line %lld: a field of more than 4 GiB",
                   (long long)s->line);
  field->start = start;
  field->length = (uint32_t)(s->at - start);
  return ASSAY_OK;
}

/* One row; its fields are appended. */
static assay_status scan_row(scanner *s, csv_fields *out) {
  for (;;) {
    csv_field *field = add_field(out);
    if (!field) return ps_no_memory(s->run);
    assay_status status;
    if (s->at < s->size && s->text[s->at] == '"') {
      s->at++;
      if ((status = scan_quoted(s, field))) return status;
      if (!at_line_end(s) && s->text[s->at] != s->delimiter)
        return ps_fail(s->run, ASSAY_E_INPUT, "csv.syntax", "path", "line %lld: text follows a closing quote",
                       (long long)s->line);
    } else if ((status = scan_plain(s, field))) {
      return status;
    }
    if (at_line_end(s)) {
      skip_line_end(s);
      return ASSAY_OK;
    }
    s->at++; /* the delimiter */
  }
}

assay_status csv_split(const assay_run *run, const char *text, size_t size, char delimiter, csv_fields *out) {
  scanner s = {run, text, size, 0, 1, delimiter};
  size_t rows = 0;
  while (s.at < size) {
    if ((rows & 0xffff) == 0) {
      if (assay_cancelled(run)) return ASSAY_E_CANCELLED;
      run->host->progress(run, (double)s.at, (double)size, "reading");
    }
    if (at_line_end(&s) && out->width != 1) {
      skip_line_end(&s);
      continue;
    }
    int64_t line = s.line;
    size_t before = out->count;
    assay_status status = scan_row(&s, out);
    if (status) return status;
    size_t width = out->count - before;
    if (!out->width) out->width = width;
    if (width != out->width)
      return ps_fail(run, ASSAY_E_INPUT, "csv.ragged", "path", "line %lld has %zu field%s, the first line %zu",
                     (long long)line, width, width == 1 ? "" : "s", out->width);
    rows++;
  }
  if (!out->width) return ps_fail(run, ASSAY_E_INPUT, "csv.empty", "path", "the file has no lines");
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
