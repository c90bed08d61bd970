/* Tables: the field and array trees of the wire, and the Arrow C stream that tasks see. */
#ifndef CHOST_TABLE_H
#define CHOST_TABLE_H
#include "decode.h"
#include "encode.h"

/* Reads a table; out->data becomes an ArrowArrayStream that may be read once. What it gives out owns itself and may
 * outlive the run. */
void read_table(reader *r, arena *a, assay_value *out, int depth);

/* Makes *out an owned second stream over the same table, from its start. 1, or 0: out of memory. */
int retain_table(const assay_value *in, assay_value *out);

/* Reads a task's stream to its end and writes it. 1, or 0 with e->problem. Does not release the stream. */
int write_table(encoder *e, struct ArrowArrayStream *stream, int depth);
#endif
