/* Gives a string that is not UTF-8. */
#define FAULT "bad_utf8"
#define OUTPUTS ASSAY_OUTPUT("y", "string", "text")
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  return assay_set_text(run, 0, "\xff\xfe", 2);
}

#include "one_task.h"
