/* Runs until it is told to stop, then says so. */
#define FAULT "hang_until_cancelled"
#define _GNU_SOURCE
#include "assay_task.h"
#include <unistd.h>

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  run->host->progress(run, 0, 0, "waiting");
  while (!assay_cancelled(run)) usleep(1000);
  return ASSAY_E_CANCELLED;
}

#include "one_task.h"
