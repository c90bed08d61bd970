/* Splits CSV text (RFC 4180) into fields, and fields into typed columns. */
#ifndef CSV_PARSE_H
#define CSV_PARSE_H
#include "frame.h"

/* A field's bytes in the text. */
typedef struct csv_field {
  uint64_t start;
  uint32_t length;
  uint8_t quoted;  /* it stood in quotes, which are not part of it */
  uint8_t doubled; /* it has doubled quotes inside */
} csv_field;

typedef struct csv_fields {
  csv_field *items; /* row after row, `width` fields each */
  size_t count, capacity;
  size_t width;
} csv_fields;

/* Splits the text. Every row has to have as many fields as the first; blank lines are left out when there are several
 * columns. Fails with `csv.syntax`, `csv.ragged` or `csv.empty` and the line number. */
assay_status csv_split(const assay_run *run, const char *text, size_t size, char delimiter, csv_fields *out);

/* Column `index` of the rows from `first_row` on, as the narrowest kind that fits all: int, float, bool, string.
 * `missing` are the words for a missing value; an empty field without quotes always is one. */
assay_status csv_column(const assay_run *run, const char *text, const csv_fields *fields, size_t index,
                        size_t first_row, const char *name, const assay_value *missing, column **out);

/* A field without its quotes; `target` has room for `length` bytes. Returns the number of bytes. */
size_t csv_unquote(const char *text, const csv_field *field, char *target);
#endif
