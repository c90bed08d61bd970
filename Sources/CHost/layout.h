/* The layouts of Arrow's formats, and what is wrong with schemas and arrays. The engine judges alike (ArrowChecks.swift). */
#ifndef CHOST_LAYOUT_H
#define CHOST_LAYOUT_H
#include "assay.h"

typedef struct arrow_layout {
  enum { ARROW_NONE, ARROW_NULL, ARROW_FIXED, ARROW_VARIABLE, ARROW_LIST, ARROW_FIXED_LIST, ARROW_STRUCT } kind;
  int64_t size; /* FIXED: bits a row; VARIABLE, LIST: bytes of an offset; FIXED_LIST: items a row */
  int buffers;
} arrow_layout;

/* ARROW_NONE: not supported (views, unions, run-end encoding, or no format at all). */
arrow_layout arrow_layout_of(const char *format);

/* Bytes of buffer i of an array that uses its first `rows` rows (offset included), -1: beyond all bounds. The contents of
 * a variable column are measured by its last offset. */
int64_t arrow_buffer_size(const arrow_layout *layout, const struct ArrowArray *array, int64_t i, int64_t rows);

/* NULL, or what is wrong; *where is then the field that is to blame. depth: of nesting so far. */
const char *arrow_schema_problem(const struct ArrowSchema *schema, int depth, const struct ArrowSchema **where);

/* NULL, or what is wrong with an array of a schema that was found good. sizes: gives the bytes of its buffers, or NULL when
 * they are not known and have to be believed. */
typedef const uint64_t *(*arrow_sizes)(const struct ArrowArray *array);
const char *arrow_array_problem(const struct ArrowSchema *schema, const struct ArrowArray *array, arrow_sizes sizes,
                                int depth, const struct ArrowSchema **where);
#endif
