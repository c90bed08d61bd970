/* Splits CSV text (RFC 4180) into rows, and rows into typed columns. */
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

/* Reads a mapped file row by row. What lies behind is given back to the system as it goes on, so that a large file
 * costs no memory. */
typedef struct csv_reader {
  const assay_run *run;
  const char *path; /* for messages */
  const char *text; /* all of the file, a byte-order mark too */
  size_t size, at, dropped;
  int64_t line;
  size_t line_start;
  int64_t row; /* where the row that was read begins */
  char delimiter;
  size_t width; /* fields of the first row, and so of every one; 0 before it */
  size_t count, capacity;
  csv_field *fields; /* of the row that was read */
} csv_reader;

void csv_open(csv_reader *r, const assay_run *run, const char *path, const char *text, size_t size, char delimiter);
/* From the start again, with the width that is known. */
void csv_rewind(csv_reader *r);
void csv_close(csv_reader *r);
/* Reads a row; *done is 1 at the end of the file. Blank lines are left out when there are several columns. Fails with
 * `csv.syntax`, `csv.ragged`, `csv.encoding` or `csv.empty`. */
assay_status csv_next(csv_reader *r, int *done);
/* Fails with FILE:LINE:COLUMN in front; `at` is a place in the text, before which `line` began. */
assay_status csv_fail(const csv_reader *r, const char *code, int64_t line, size_t at, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Fails because the file is not what it was when it was read first. */
assay_status csv_changed(const csv_reader *r);
/* As csv_fail, for a field of the row that was read. */
assay_status csv_fail_field(const csv_reader *r, const char *code, const csv_field *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A column that is being made: first every field is looked at, then every field is put in. */
typedef struct csv_column {
  char *name;
  int declared, optional; /* its kind is given; it may have missing values */
  column_kind kind;
  int ints, floats, bools, any; /* what all values so far can be; whether there is one */
  int64_t text_bytes;
  column *column;
} csv_column;

/* `missing` are the words for a missing value; an empty field without quotes always is one. */
void csv_look(csv_column *c, const char *text, const csv_field *field, const assay_value *missing);
/* Decides the kind, the narrowest that fits all, unless it is declared: int, float, bool, string. */
assay_status csv_settle(csv_column *c, const assay_run *run, int64_t rows);
/* Fails with `csv.type` and the place where a declared kind does not fit. */
assay_status csv_put(csv_column *c, const csv_reader *r, const csv_field *field, const assay_value *missing, int64_t row);

/* A field without its quotes; `target` has room for `length` bytes. Returns the number of bytes. */
size_t csv_unquote(const char *text, const csv_field *field, char *target);
#endif
