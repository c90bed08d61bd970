/* One call under way: where each argument lies, and how values get there and back. */
#ifndef ASSAY_FUNCTIONS_FRAME_H
#define ASSAY_FUNCTIONS_FRAME_H
#include "assay_task.h"
#include "formula.h"
#include "guard.h"
#include "program.h"

typedef struct cell {
  uint64_t storage[2]; /* a scalar by value, or the pointer that is passed */
  void *pointer;       /* the object itself: in its block, or in an input */
  int64_t integer;     /* of an integer input */
  uint64_t length;     /* elements of an array, bytes of a text */
  int64_t shape[MAX_RANK];
  uint32_t rank;
  int is_absent;
} cell;

typedef struct closure {
  ffi_closure *closure;
  const parameter *parameter;
  const assay_run *run;
  formula formula;
} closure;

typedef struct scratch {
  struct scratch *next;
  max_align_t data[];
} scratch;

typedef struct frame {
  const function *f;
  const assay_run *run;
  cell cells[MAX_PARAMETERS];
  block blocks[MAX_PARAMETERS];
  closure *closures[MAX_PARAMETERS];
  void *arguments[2 * MAX_PARAMETERS];
  uint64_t hidden[MAX_PARAMETERS];
  block result;
  int error;           /* errno after the call */
  scratch *scratches;
} frame;

/* Memory until the end of the call; NULL: none (the run has failed then). */
void *frame_memory(frame *fr, size_t size);

/* The number that an expression gives; fails the run when there is none. After the call outputs have values. */
assay_status frame_number(frame *fr, const code *c, int after, const char *what, int64_t *out);

/* Puts inputs and room for outputs where the function looks for them. */
assay_status frame_fill(frame *fr);
/* Takes outputs. */
assay_status frame_empty(frame *fr);

/* Numbers in memory. 0: it does not fit. */
int store_integer(scalar s, int64_t value, void *to);
int load_integer(scalar s, const void *from, int64_t *value);
double load_float(scalar s, const void *from);
/* Between row-major and column-major order. */
void reorder(char *to, const char *from, const int64_t *shape, uint32_t rank, size_t size, int to_column);

assay_status callback_make(frame *fr, uint32_t index);
void callback_free(closure *c);
const char *scalar_name(scalar s);
#endif
