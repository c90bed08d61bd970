/* Takes and touches memory until there is no more, at most x MiB, and says how many it got. */
#define FAULT "memory_hog"
#include "assay_task.h"
#include <stdlib.h>

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  int64_t got = 0;
  for (; got < assay_int(run, 0); got++) {
    char *block = malloc(1 << 20);
    if (!block) return assay_failf(run, ASSAY_E_RESOURCE, NULL, "out of memory after %d MiB", (int)got);
    memset(block, 1, 1 << 20);
  }
  return assay_set_int(run, 0, got);
}

#include "one_task.h"
