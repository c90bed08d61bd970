/* Hosts task plugins: loads them, describes them and runs their tasks. One implementation for the engine's inline host
 * and for the worker process; both talk to it in the bytes of docs/wire.md.
 *
 * Threads: a plugin is used by one thread at a time; different plugins may be used at once. */
#ifndef CHOST_H
#define CHOST_H
#include <stddef.h>
#include <stdint.h>

#define CHOST_INLINE_LIMIT 65536 /* larger contents travel as descriptors */
#define CHOST_MAX_DESCRIPTORS 250

typedef struct chost_plugin chost_plugin;

/* Loads a plugin, negotiates, checks its descriptors and calls its init(). `source` and `options` are for language
 * bridges and may be NULL; their texts are kept by the plugin as long as it likes, and must stay valid. Returns NULL on
 * failure with a message in *error, which the caller frees (NULL: out of memory). Runs foreign code. Any thread. */
chost_plugin *chost_open(const char *path, const char *source, const char *const *options, char **error);

/* The describe document (docs/wire.md), valid as long as the plugin. */
const char *chost_describe(const chost_plugin *plugin);

/* Calls destroy() for all instances and deinit(). The shared object stays loaded for ever. */
void chost_close(chost_plugin *plugin);

/* Items of a REPORT packet, gathered. Descriptors are owned by the report. */
typedef struct chost_report {
  uint8_t *bytes;
  size_t count, capacity;
  uint32_t items;
  uint32_t descriptor_count;
  int descriptors[CHOST_MAX_DESCRIPTORS];
  int failed; /* 1: out of memory, something was lost */
} chost_report;

/* Empties a report and closes its descriptors; the memory is kept. */
void chost_report_clear(chost_report *report);
void chost_report_free(chost_report *report);

/* What a run needs from its process. */
typedef struct chost_environment {
  void *context;
  /* Where items are appended; guarded by lock/unlock, which may be NULL when only one thread ever runs tasks. */
  chost_report *report;
  void (*lock)(void *context);
  void (*unlock)(void *context);
  /* Called with the lock held after an item was appended; urgent: should be sent now. May send and clear the report. */
  void (*appended)(void *context, int urgent);
  /* Called from any thread of the task, without the lock; must not call back into the run. */
  void (*progress)(void *context, double done, double total, const char *what);
  /* The cancel word of a slot, for assay_run.cancel; never NULL. */
  const volatile int32_t *(*cancel_word)(void *context, uint32_t slot);
  /* The attempt begins and ends; `cancel` may be called from any thread in between (see chost_cancel). */
  void (*begin)(void *context, uint64_t attempt, uint32_t slot, void *run);
  void (*end)(void *context, uint64_t attempt);
  /* 1: nothing else runs in this process, and a task's CPU time is that of all threads. */
  int owns_process;
} chost_environment;

/* Runs one invocation (docs/wire.md) and appends its DONE to the report. `descriptors` are borrowed: what is needed is
 * mapped. *used tells how many bytes the invocation took. Returns 0, or -1 when the bytes are malformed (nothing was
 * appended then). Whatever else is wrong (no memory, no such task, a task that breaks its contract) is told by the DONE.
 * One thread at a time for a plugin. */
int chost_run(chost_plugin *const *plugins, uint32_t plugin_count, const uint8_t *bytes, size_t size, size_t *used,
              const int *descriptors, uint32_t descriptor_count, const chost_environment *environment);

/* Calls the task's cancel() for a run between begin() and end(). Any thread. */
void chost_cancel(void *run);

#endif
