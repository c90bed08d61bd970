/* The tables that a plugin presents, as the host reads them. The bytes choose sizes, counts, texts and which pointers are
 * NULL; a pointer that is there points at what it should, because nobody could check another. What is accepted is described,
 * and the description must be JSON.
 *
 * ASSAY_FUZZ_PLUGIN: Tests/Fuzz/C/presents.c, built. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assay.h"
#include "chost.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static const char *path;
static assay_plugin *presented; /* what the plugin's entry returns */

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  (void)count, (void)arguments;
  path = getenv("ASSAY_FUZZ_PLUGIN");
  void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
  presented = library ? dlsym(library, "fuzz_presented") : NULL;
  if (presented) return 0;
  fputs("ASSAY_FUZZ_PLUGIN names no build of presents.c\n", stderr);
  exit(2);
}

/* ---- Taking things from the bytes; all zeros at their end ---- */

typedef struct input {
  const uint8_t *at, *end;
} input;

static uint8_t byte(input *in) { return in->at < in->end ? *in->at++ : 0; }

/* Everything that was made for one input. */
static void *made[20000];
static size_t made_count;
static void *make(size_t size) {
  void *it = calloc(1, size ? size : 1);
  if (!it || made_count == sizeof made / sizeof *made) abort();
  return made[made_count++] = it;
}

/* NULL, or a text in memory of exactly its length: one of a few that are right, or what the bytes say. */
static const char *text(input *in) {
  static const char *const known[] = {"",      "int",        "fuzz.plugin",           "1.0.0", "x", "y", "fuzz.task",
                                      "fuzz.other", "{a: int, b: float = 1}", "file<csv>", "tensor<f32>[n, 3]", "null"};
  uint8_t kind = byte(in);
  if (kind == 0) return NULL;
  if (kind < 1 + sizeof known / sizeof *known) {
    const char *right = known[kind - 1];
    return memcpy(make(strlen(right) + 1), right, strlen(right) + 1);
  }
  size_t n = kind & 31;
  char *copy = make(n + 1);
  for (size_t i = 0; i < n; i++) copy[i] = (char)byte(in);
  return copy;
}

/* A size in the shape of `whole`: mostly the whole, sometimes less. */
static uint32_t size(input *in, size_t whole) {
  uint8_t kind = byte(in);
  if (kind == 1) return byte(in) % (uint32_t)(whole + 1);
  return kind == 2 ? UINT32_MAX : (uint32_t)whole;
}

/* How many things are really there; *claim may be more than the host accepts. */
static uint32_t amount(input *in, uint64_t *claim, uint32_t limit) {
  uint8_t kind = byte(in);
  *claim = kind == 255 ? UINT64_MAX : kind == 254 ? (uint64_t)limit + 1 : kind & 7;
  return (uint32_t)(kind >= 254 ? 0 : kind & 7);
}

static assay_status run(void *instance, const assay_run *r) {
  (void)instance, (void)r;
  return ASSAY_OK;
}

static const assay_port *const *ports(input *in, uint32_t *count) {
  uint64_t claim;
  uint32_t n = amount(in, &claim, 4096);
  *count = (uint32_t)claim;
  const assay_port **list = make(n * sizeof *list);
  for (uint32_t i = 0; i < n; i++) {
    if (byte(in) == 1) continue; /* NULL */
    uint32_t known = size(in, sizeof(assay_port));
    /* Memory as large as the struct claims: reading behind the claim is seen. */
    assay_port whole = {known, byte(in), text(in), text(in), text(in), text(in), text(in), text(in)};
    assay_port *port = make(known < sizeof whole ? (known < 4 ? 4 : known) : sizeof whole);
    memcpy(port, &whole, known < sizeof whole ? (known < 4 ? 4 : known) : sizeof whole);
    list[i] = port;
  }
  return byte(in) == 1 ? NULL : list;
}

static const assay_task *task(input *in) {
  if (byte(in) == 1) return NULL;
  uint32_t known = size(in, sizeof(assay_task));
  assay_task whole;
  memset(&whole, 0, sizeof whole);
  whole.struct_size = known;
  whole.flags = byte(in);
  whole.threads = byte(in) % 6;
  whole.id = text(in), whole.version = text(in), whole.title = text(in), whole.doc = text(in), whole.phase = text(in);
  whole.inputs = ports(in, &whole.n_inputs);
  whole.outputs = ports(in, &whole.n_outputs);
  whole.config_type = text(in);
  uint8_t secrets = byte(in) & 15;
  if (secrets) {
    const char **list = make((size_t)(secrets + 1) * sizeof *list);
    for (uint8_t i = 0; i < secrets; i++) list[i] = text(in);
    whole.secrets = list;
  }
  uint8_t raw[8];
  for (int i = 0; i < 8; i++) raw[i] = byte(in);
  memcpy(&whole.cpu, raw, 8);
  for (int i = 0; i < 8; i++) raw[i] = byte(in);
  memcpy(&whole.memory_bytes, raw, 8);
  whole.device = text(in);
  whole.run = byte(in) == 1 ? NULL : run;
  size_t real = known < sizeof whole ? (known < 4 ? 4 : known) : sizeof whole;
  return memcpy(make(real), &whole, real);
}

static const assay_task *const *tasks(input *in, uint64_t *claim) {
  uint32_t n = amount(in, claim, 10000);
  const assay_task **list = make(n * sizeof *list);
  for (uint32_t i = 0; i < n; i++) list[i] = task(in);
  return byte(in) == 1 ? NULL : list;
}

static assay_status begin(const assay_host *host) {
  (void)host;
  return ASSAY_OK;
}

/* ---- JSON, strictly ---- */

/* What follows a value at `at`; NULL where there is none. */
static const char *after(const char *at);

static const char *blank(const char *at) { return at + strspn(at, " \n"); }

static const char *after_string(const char *at) {
  for (at++; *at != '"'; at++) {
    if ((unsigned char)*at < 0x20) return NULL;
    if (*at == '\\' && !strchr("\"\\/bfnrtu", *++at)) return NULL;
  }
  return at + 1;
}

static const char *after_list(const char *at, char end) {
  for (at = blank(at + 1); *at != end; at = blank(at)) {
    if (end == '}') {
      if (*at != '"' || !(at = after_string(at)) || *at++ != ':') return NULL;
    }
    if (!(at = after(at))) return NULL;
    at = blank(at);
    if (*at == ',') at++;
    else if (*at != end) return NULL;
  }
  return at + 1;
}

static const char *after(const char *at) {
  static const char *const words[] = {"true", "false", "null"};
  at = blank(at);
  if (*at == '"') return after_string(at);
  if (*at == '{') return after_list(at, '}');
  if (*at == '[') return after_list(at, ']');
  for (int i = 0; i < 3; i++)
    if (strncmp(at, words[i], strlen(words[i])) == 0) return at + strlen(words[i]);
  char *end;
  if (*at != '-' && (*at < '0' || *at > '9')) return NULL; /* nor `nan` nor `inf` */
  strtod(at, &end);
  return end > at && end[-1] != 'f' ? end : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  input in = {bytes, bytes + count};
  memset(presented, 0, sizeof *presented);
  presented->struct_size = size(&in, sizeof *presented);
  uint8_t generation = byte(&in);
  presented->generation = generation ? generation : ASSAY_GENERATION;
  presented->revision = byte(&in);
  presented->requires_revision = byte(&in);
  presented->id = text(&in), presented->version = text(&in), presented->license = text(&in), presented->doc = text(&in);
  presented->tasks = tasks(&in, &presented->n_tasks);
  presented->init = byte(&in) == 1 ? begin : NULL;
  char *error = NULL;
  chost_plugin *plugin = chost_open(path, NULL, NULL, &error);
  if (plugin) {
    const char *document = chost_describe(plugin), *end = after(document);
    if (document[0] != '{' || !end || *end) {
      fprintf(stderr, "broken promise: not JSON: %s\n", document);
      abort();
    }
    chost_close(plugin);
  } else if (!error) {
    abort(); /* out of memory */
  }
  free(error);
  while (made_count) free(made[--made_count]);
  return 0;
}
