#include "csv_parse.h"
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <string.h>
#include <strings.h>

static int parse_int(const char *text, size_t length, int64_t *out) {
  size_t i = 0;
  int negative = 0;
  if (length && (text[0] == '-' || text[0] == '+')) negative = text[i++] == '-';
  if (i == length || length - i > 19) return 0;
  uint64_t value = 0;
  for (; i < length; i++) {
    if (text[i] < '0' || text[i] > '9') return 0;
    value = value * 10 + (uint64_t)(text[i] - '0');
  }
  if (value > (uint64_t)INT64_MAX + (uint64_t)negative) return 0;
  *out = negative ? (int64_t)(0 - value) : (int64_t)value;
  return 1;
}

/* What strtod gives, whatever the locale of the process; the common short forms are exact without it. */
static int parse_float(const char *text, size_t length, double *out) {
  static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  size_t i = 0, digits = 0;
  int negative = 0, exponent = 0;
  uint64_t mantissa = 0;
  if (length && (text[0] == '-' || text[0] == '+')) negative = text[i++] == '-';
  for (; i < length && text[i] >= '0' && text[i] <= '9' && digits < 18; i++, digits++)
    mantissa = mantissa * 10 + (uint64_t)(text[i] - '0');
  if (i < length && text[i] == '.')
    for (i++; i < length && text[i] >= '0' && text[i] <= '9' && digits < 18; i++, digits++, exponent--)
      mantissa = mantissa * 10 + (uint64_t)(text[i] - '0');
  if (digits && i == length && mantissa <= (1ull << 53) && exponent >= -22) {
    double value = (double)mantissa / powers[-exponent];
    *out = negative ? -value : value;
    return 1;
  }
  char buffer[128], *end;
  if (!length || length >= sizeof buffer || text[0] == ' ' || text[0] == '\t') return 0;
  for (size_t j = 0; j < length; j++)
    if (text[j] == 'x' || text[j] == 'X' || text[j] == '(') return 0; /* hexadecimal, nan(...) */
  memcpy(buffer, text, length);
  buffer[length] = 0;
  static locale_t plain;
  locale_t locale = __atomic_load_n(&plain, __ATOMIC_ACQUIRE);
  if (!locale) {
    locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); /* a race makes one too many, once */
    if (!locale) return 0;
    __atomic_store_n(&plain, locale, __ATOMIC_RELEASE);
  }
  *out = strtod_l(buffer, &end, locale);
  return *end == 0 && end != buffer;
}

static int parse_bool(const char *text, size_t length, int *out) {
  if (length == 4 && !strncasecmp(text, "true", 4)) return *out = 1, 1;
  if (length == 5 && !strncasecmp(text, "false", 5)) return *out = 0, 1;
  return 0;
}

static int is_missing(const char *text, const csv_field *field, const assay_value *words) {
  if (field->quoted) return 0;
  if (!field->length) return 1;
  if (words->kind != ASSAY_LIST) return 0;
  const assay_value *items = words->data;
  for (uint64_t i = 0; i < words->count; i++)
    if (items[i].kind == ASSAY_STRING && items[i].count == field->length &&
        !memcmp(items[i].data, text + field->start, field->length))
      return 1;
  return 0;
}

/* The narrowest kind of all values; a column without any is one of strings. */
static column_kind infer(const char *text, const csv_fields *fields, size_t index, size_t first, size_t rows,
                         const assay_value *missing, int64_t *text_bytes) {
  int ints = 1, floats = 1, bools = 1, any = 0;
  *text_bytes = 0;
  for (size_t row = first; row < rows; row++) {
    const csv_field *field = &fields->items[row * fields->width + index];
    *text_bytes += field->length;
    if ((!ints && !floats && !bools) || is_missing(text, field, missing)) continue;
    const char *from = text + field->start;
    int64_t integer;
    double number;
    int flag;
    any = 1;
    ints = ints && parse_int(from, field->length, &integer);
    if (!ints) floats = floats && parse_float(from, field->length, &number);
    bools = bools && parse_bool(from, field->length, &flag);
  }
  return !any ? COLUMN_STRING : ints ? COLUMN_INT : floats ? COLUMN_FLOAT : bools ? COLUMN_BOOL : COLUMN_STRING;
}

assay_status csv_column(const assay_run *run, const char *text, const csv_fields *fields, size_t index,
                        size_t first_row, const char *name, const assay_value *missing, column **out) {
  size_t rows = fields->count / fields->width;
  int64_t bytes;
  column_kind kind = infer(text, fields, index, first_row, rows, missing, &bytes);
  column *c = column_new(name, kind, (int64_t)(rows - first_row), kind == COLUMN_STRING ? bytes : 0);
  if (!c) return ps_no_memory(run);
  for (size_t row = first_row; row < rows; row++) {
    const csv_field *field = &fields->items[row * fields->width + index];
    int64_t at = (int64_t)(row - first_row);
    const char *from = text + field->start;
    int flag = 0;
    if (kind == COLUMN_STRING) c->ints[at + 1] = c->ints[at];
    if (is_missing(text, field, missing)) {
      if (!column_set_missing(c, at)) {
        column_release(c);
        return ps_no_memory(run);
      }
      continue;
    }
    switch (kind) {
    case COLUMN_INT: parse_int(from, field->length, &c->ints[at]); break;
    case COLUMN_FLOAT: parse_float(from, field->length, &c->floats[at]); break;
    case COLUMN_BOOL:
      parse_bool(from, field->length, &flag);
      if (flag) c->bits[at >> 3] |= (uint8_t)(1u << (at & 7));
      break;
    case COLUMN_STRING: c->ints[at + 1] += (int64_t)csv_unquote(text, field, c->text + c->ints[at]); break;
    }
  }
  *out = c;
  return ASSAY_OK;
}
