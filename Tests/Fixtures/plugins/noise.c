/* Writes 10 MB to standard output and standard error, and does its work. */
#define FAULT "noise"
#include "assay_task.h"

static assay_status run(void *instance, const assay_run *run) {
  (void)instance;
  static char line[1000];
  memset(line, 'x', sizeof line - 1);
  line[sizeof line - 1] = '\n';
  for (int i = 0; i < 10000; i++) fwrite(line, 1, sizeof line, i % 100 ? stdout : stderr);
  printf("no newline at the end");
  return assay_set_int(run, 0, assay_int(run, 0));
}

#include "one_task.h"
