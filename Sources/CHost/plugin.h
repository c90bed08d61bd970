#ifndef CHOST_PLUGIN_H
#define CHOST_PLUGIN_H
#include "assay.h"
#include "bytes.h"
#include "chost.h"

#define CHOST_MAX_TASKS 10000
#define CHOST_MAX_PORTS 4096
#define CHOST_MAX_SECRETS 256
#define CHOST_INSTANCES 64

/* A growing list of owned texts. */
typedef struct names {
  char **items;
  size_t count;
} names;

/* A created instance: one per task and configuration. */
typedef struct instance {
  const assay_task *task;
  uint8_t *config; /* wire bytes */
  size_t config_size;
  void *state;
  uint64_t used; /* for eviction: the oldest goes first */
} instance;

struct chost_plugin {
  const assay_plugin *plugin;
  writer description;
  instance instances[CHOST_INSTANCES];
  uint64_t clock;
  int is_ready; /* init() succeeded */
  const names *libraries; /* absolute paths of what loading brought in, the plugin itself first */
};

/* The host table for functions that need no run; never NULL. */
const assay_host *chost_host(void);

void destroy_instances(chost_plugin *p);
const char *chost_text(const char *text); /* "" for NULL */
int describe_plugin(chost_plugin *p); /* 0: out of memory */
#endif
