/* Keeps a copy of a value that it handed over and hands that over too. */
#define FAULT "released_twice"
#define OUTPUTS ASSAY_OUTPUT("y", "bytes", "bytes"), ASSAY_OUTPUT("z", "bytes", "the same")
#include "assay_task.h"
#include <stdlib.h>

static void release(assay_value *self) {
  static const void *released;
  if (released == self->data) abort();
  released = self->data;
  self->release = NULL;
}

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  assay_value v = assay_nothing(), copy;
  v.kind = ASSAY_BYTES;
  v.count = 10;
  v.data = calloc(1, 10);
  v.release = release;
  copy = v;
  run->host->output(run, 0, &v);
  return run->host->output(run, 1, &copy);
}

#include "one_task.h"
