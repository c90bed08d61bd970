/* One attempt while it runs. */
#ifndef CHOST_CALL_H
#define CHOST_CALL_H
#include <pthread.h>

#include "encode.h"
#include "plugin.h"

/* Where a task's words about its failure are kept. */
typedef struct failure {
  int is_set;
  assay_status status;
  int32_t retryable, domain_code;
  int64_t retry_after_ms;
  char *domain, *message, *detail, *port; /* NULL or owned */
} failure;

/* `run` is what the task sees, and comes first. After the run a call rests for many others before it is used again, so that
 * a task that kept the pointer finds a run that has ended. */
typedef struct call {
  assay_run run;
  struct call *next; /* resting */
  const chost_environment *environment;
  uint64_t attempt;
  chost_plugin *plugin;
  const assay_task *task;
  instance *instance;
  arena *memory;

  pthread_mutex_t gate; /* guards active and failure; held briefly, never while foreign code runs */
  int active;
  failure failure;

  pthread_mutex_t work; /* recursive: what the run's own thread may ask for */
  encoder *outputs;     /* by port */
  uint8_t *is_set;
  assay_artifact **artifacts; /* handed out and not committed */
  size_t artifact_count;
  uint32_t secret_count;
  char **secret_names, **secret_values;
  char broken[400]; /* how the task broke the contract, or empty */
  char broken_port[128];
} call;

/* Remembers the first way in which the task broke the contract. */
assay_status call_broke(call *c, const char *port, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Makes ints floats where floats are declared; 0 when a value is of another kind than its port's type. */
int kind_fits(const assay_port *port, assay_value *value);
const char *kind_name(uint32_t kind);
int port_is_optional(const assay_port *port);

/* Appends an item without descriptors to the report, and frees its bytes. */
void report_item(const chost_environment *e, writer *item, int urgent);
/* Appends the DONE of a call that has ended, at a monotonic time. */
void report_done(call *c, assay_status status, int64_t wall, int64_t cpu, int64_t now);
/* Appends the DONE of an attempt that could not begin. */
void report_refusal(const chost_environment *e, uint64_t attempt, assay_status status, const char *message);

int64_t clock_now(clockid_t clock);
#endif
