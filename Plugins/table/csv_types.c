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

void csv_look(csv_column *c, const char *text, const csv_field *field, const assay_value *missing) {
  c->text_bytes += field->length;
  if (c->declared || (c->any && !c->ints && !c->floats && !c->bools) || is_missing(text, field, missing)) return;
  const char *from = text + field->start;
  int64_t integer;
  double number;
  int flag;
  if (!c->any) c->any = c->ints = c->floats = c->bools = 1;
  c->ints = c->ints && parse_int(from, field->length, &integer);
  if (!c->ints) c->floats = c->floats && parse_float(from, field->length, &number);
  c->bools = c->bools && parse_bool(from, field->length, &flag);
}

assay_status csv_settle(csv_column *c, const assay_run *run, int64_t rows) {
  if (!c->declared) {
    /* A column without any value is one of strings. */
    c->kind = c->ints ? COLUMN_INT : c->floats ? COLUMN_FLOAT : c->bools ? COLUMN_BOOL : COLUMN_STRING;
    c->optional = 1;
  }
  c->column = column_new(c->name, c->kind, rows, c->kind == COLUMN_STRING ? c->text_bytes : 0);
  return c->column ? ASSAY_OK : ps_no_memory(run);
}

static assay_status wrong_type(const csv_column *c, const csv_reader *r, const csv_field *field) {
  size_t length = field->length;
  if (length > 40) /* not in the middle of a character */
    for (length = 40; length && (r->text[field->start + length] & 0xc0) == 0x80;) length--;
  return csv_fail_field(r, "csv.type", field, "column `%s` is declared `%s%s`, and `%.*s%s` is none", c->name,
                        column_kind_names[c->kind], c->optional ? "?" : "", (int)length, r->text + field->start,
                        length < field->length ? "…" : "");
}

assay_status csv_put(csv_column *c, const csv_reader *r, const csv_field *field, const assay_value *missing,
                     int64_t row) {
  column *target = c->column;
  const char *from = r->text + field->start;
  int flag = 0, fits = 1;
  if (c->kind == COLUMN_STRING) target->ints[row + 1] = target->ints[row];
  if (is_missing(r->text, field, missing)) {
    if (!c->optional)
      return csv_fail_field(r, "csv.type", field, "column `%s` is declared `%s`, and the value is missing (`%s?` allows it)",
                            c->name, column_kind_names[c->kind], column_kind_names[c->kind]);
    return column_set_missing(target, row) ? ASSAY_OK : ps_no_memory(r->run);
  }
  switch (c->kind) {
  case COLUMN_INT: fits = parse_int(from, field->length, &target->ints[row]); break;
  case COLUMN_FLOAT: fits = parse_float(from, field->length, &target->floats[row]); break;
  case COLUMN_BOOL:
    fits = parse_bool(from, field->length, &flag);
    if (flag) target->bits[row >> 3] |= (uint8_t)(1u << (row & 7));
    break;
  case COLUMN_STRING:
    if (target->ints[row] + field->length > c->text_bytes) return csv_changed(r);
    target->ints[row + 1] += (int64_t)csv_unquote(r->text, field, target->text + target->ints[row]);
    break;
  }
  return fits ? ASSAY_OK : wrong_type(c, r, field);
}
