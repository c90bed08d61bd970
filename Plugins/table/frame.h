/* A table in the memory of this plugin: named columns of four kinds. */
#ifndef FRAME_H
#define FRAME_H
#include "plugin_support.h"

typedef enum column_kind { COLUMN_BOOL, COLUMN_INT, COLUMN_FLOAT, COLUMN_STRING } column_kind;
extern const char *const column_kind_names[]; /* "bool", "int", "float", "string" */

/* Immutable once it is part of a frame; shared by counting references. Every buffer has room for at least one item. */
typedef struct column {
  int references;
  char *name;
  column_kind kind;
  int64_t rows, missing;
  uint8_t *valid; /* bit per row, NULL when nothing is missing */
  uint8_t *bits;  /* bool */
  int64_t *ints;  /* int; string: rows + 1 offsets into text */
  double *floats;
  char *text;
} column;

/* A column with room for `rows`; for strings, `text_bytes` of text. All zero, nothing missing. NULL: no memory. */
column *column_new(const char *name, column_kind kind, int64_t rows, int64_t text_bytes);
column *column_share(column *c);
void column_release(column *c);
/* Marks a row as missing; 0 when there is no memory. */
int column_set_missing(column *c, int64_t row);
int column_is_missing(const column *c, int64_t row);
/* The value as a number: bool 0 or 1. Not for strings. */
double column_number(const column *c, int64_t row);
const char *column_text(const column *c, int64_t row, int64_t *length);
/* The rows at `indices`, in that order; -1 gives a missing value. NULL: no memory. */
column *column_take(const column *c, const int64_t *indices, int64_t count);

typedef struct frame {
  int64_t rows, count;
  column **columns;
} frame;

/* Reads an input table; fails with a message that names the port. */
assay_status frame_read(const assay_run *run, uint32_t port, frame *out);
void frame_free(frame *f);
column *frame_find(const frame *f, const char *name, size_t length);
/* An output of shared columns. Takes a reference to each; the frame stays the caller's. */
assay_status frame_value(const assay_run *run, const frame *f, assay_value *out);
/* The rows at `indices` as a value. */
assay_status frame_take(const assay_run *run, const frame *f, const int64_t *indices, int64_t count, assay_value *out);

/* Warns when rows of part `wanted` (-1: of any) have the same values as rows of another part. A check that has no memory is
 * left out. */
void warn_of_overlap(const assay_run *run, const frame *f, const int32_t *part, int32_t wanted);

/* The tasks, one file each kind. */
assay_status read_csv(void *instance, const assay_run *run);
assay_status write_csv(void *instance, const assay_run *run);
assay_status split_rows(void *instance, const assay_run *run);
assay_status kfold(void *instance, const assay_run *run);
assay_status select_columns(void *instance, const assay_run *run);
assay_status drop_columns(void *instance, const assay_run *run);
assay_status matrix(void *instance, const assay_run *run);
assay_status to_tensor(void *instance, const assay_run *run);
assay_status column_values(void *instance, const assay_run *run);
assay_status column_words(void *instance, const assay_run *run);
assay_status make_tensor(void *instance, const assay_run *run);
assay_status sort_rows(void *instance, const assay_run *run);
assay_status filter_rows(void *instance, const assay_run *run);
assay_status group_table(void *instance, const assay_run *run);
assay_status join_tables(void *instance, const assay_run *run);
assay_status describe(void *instance, const assay_run *run);
#endif
