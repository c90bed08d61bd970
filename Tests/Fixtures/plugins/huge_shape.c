/* Gives a tensor whose size does not fit any number. */
#define FAULT "huge_shape"
#define OUTPUTS ASSAY_OUTPUT("y", "tensor<f64>[a, b, c]", "numbers")
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  int64_t shape[3] = {(int64_t)1 << 40, (int64_t)1 << 40, 0};
  assay_tensor t;
  memset(&t, 0, sizeof t);
  t.data = shape;
  t.rank = 3;
  t.code = kDLFloat;
  t.bits = 64;
  t.shape = shape;
  return assay_set_tensor(run, 0, &t);
}

#include "one_task.h"
