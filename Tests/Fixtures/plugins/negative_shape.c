/* Gives a tensor with a negative length. */
#define FAULT "negative_shape"
#define OUTPUTS ASSAY_OUTPUT("y", "tensor<f64>[n]", "numbers")
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  int64_t shape[1] = {-3};
  assay_tensor t;
  memset(&t, 0, sizeof t);
  t.data = shape;
  t.rank = 1;
  t.code = kDLFloat;
  t.bits = 64;
  t.shape = shape;
  return assay_set_tensor(run, 0, &t);
}

#include "one_task.h"
