/* Memory that a foreign function may write: each block ends where an unreadable page begins, and lies behind a stretch of
 * known bytes, so that what is written outside is found at once or after the call. */
#ifndef ASSAY_FUNCTIONS_GUARD_H
#define ASSAY_FUNCTIONS_GUARD_H
#include <stddef.h>

typedef struct block {
  char *map;
  size_t mapped;
  char *data;
  size_t size;
  const char *name; /* of the parameter */
} block;

/* `size` zeroed bytes, aligned to `align` (a power of two, at most 16). 0: no memory. */
int block_make(block *b, const char *name, size_t size, size_t align);
void block_free(block *b);

/* 0, or what was overwritten: -1 before the block, 1 behind it. */
int block_damage(const block *b);

/* Says on standard error what a function did when it dies of a bad address; once per process. */
void guard_faults(void);
/* The call under way: `task` NULL when it is over. The blocks are looked at when a fault happens. */
void guard_call(const char *task, const block *blocks, size_t count);
#endif
