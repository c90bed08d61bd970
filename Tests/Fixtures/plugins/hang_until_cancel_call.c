/* Never looks at the flag; ends when its cancel() is called. */
#define FAULT "hang_until_cancel_call"
#define _GNU_SOURCE
#define CANCEL cancel
#include "assay_task.h"
#include <stdatomic.h>
#include <unistd.h>

static atomic_int stopped;
static void cancel(void *instance, const assay_run *run) {
  (void)instance;
  (void)run;
  atomic_store(&stopped, 1);
}

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  atomic_store(&stopped, 0);
  run->host->progress(run, 0, 0, "waiting");
  while (!atomic_load(&stopped)) usleep(1000);
  return ASSAY_E_CANCELLED;
}

#include "one_task.h"
