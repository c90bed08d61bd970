/* Recurses without end. */
#define FAULT "stack_overflow"
#include "assay_task.h"

static int64_t deeper(int64_t x) {
  volatile char room[4096];
  room[x & 4095] = (char)x;
  return (x < 0 ? 0 : deeper(x + 1)) + room[x & 4095];
}

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_int(run, 0, deeper(assay_int(run, 0)));
}

#include "one_task.h"
