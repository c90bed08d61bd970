/* Feeds damaged invocations to the plugin host, built with AddressSanitizer and UndefinedBehaviorSanitizer together with
 * it: whatever the bytes are, nothing outside of them is read, nothing leaks, nothing undefined is done.
 *
 *   damage PLUGIN ROUNDS      PLUGIN: good.c of ../plugins, built with the same sanitizers
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "chost.h"

/* ---- Writing an invocation ---- */

static uint8_t bytes[1 << 16];
static size_t count;

static void raw(const void *data, size_t n) {
  memcpy(bytes + count, data, n);
  count += n;
}
static void u8(uint8_t x) { raw(&x, 1); }
static void u32(uint32_t x) { raw(&x, 4); }
static void u64(uint64_t x) { raw(&x, 8); }
static void text(const char *s) {
  u32((uint32_t)strlen(s));
  raw(s, strlen(s));
}
static void blob(const void *data, uint64_t n) {
  u8(0);
  u64(n);
  raw(data, n);
}
static void field(const char *format, const char *name, uint32_t children) {
  text(format);
  text(name);
  static const char metadata[] = "\1\0\0\0\1\0\0\0k\2\0\0\0vw";
  u32(sizeof metadata - 1);
  raw(metadata, sizeof metadata - 1);
  u64(2);
  u32(children);
}
static void array(uint64_t length, uint64_t nulls, uint32_t buffers) {
  u64(length);
  u64(nulls);
  u64(0);
  u32(buffers);
}
static void buffer(const void *data, uint64_t n) {
  u8(data != NULL);
  if (data) blob(data, n);
}
static void leaf(void) {
  u32(0); /* children */
  u8(0);  /* dictionary */
}

static void table(void) {
  static const int64_t ids[] = {1, 2, 3};
  static const int32_t ends[] = {0, 2, 2, 5}, items[] = {1, 2, 3, 4, 5};
  field("+s", "", 3);
  field("l", "id", 0), u8(0);
  field("u", "name", 0), u8(0);
  field("+l", "tags", 1), field("i", "item", 0), u8(0), u8(0);
  u8(0);
  u32(1); /* batches */
  array(3, 0, 1), buffer(NULL, 0), u32(3);
  array(3, 0, 2), buffer(NULL, 0), buffer(ids, sizeof ids), leaf();
  array(3, 1, 3), buffer("\5", 1), buffer(ends, sizeof ends), buffer("abcde", 5), leaf();
  array(3, 0, 2), buffer(NULL, 0), buffer(ends, sizeof ends), u32(1);
  array(5, 0, 2), buffer(NULL, 0), buffer(items, sizeof items), leaf();
  u8(0);
  u8(0);
}

/* A value by its kind on the wire. */
static void value(int kind) {
  static const double numbers[] = {1, 2, 3, 4, 5, 6};
  u8((uint8_t)kind);
  switch (kind) {
  case 1: u8(1); break;
  case 2: u64(5); break;
  case 3: raw(numbers, 8); break;
  case 4: blob("token", 5); break;
  case 5: u8(1), u32(0), u64(64), u64(70000); break; /* a slice of the descriptor */
  case 6: u32(2), value(2), value(2); break;
  case 7: u32(2), text("a"), value(2), text("b"), value(4); break;
  case 8: u8(2), u8(64), raw("\1\0", 2), u32(2), u64(2), u64(3), blob(numbers, sizeof numbers); break;
  case 9: table(); break;
  case 10: text("/etc/hostname"), u64(5), text("text/plain"), text(""); break;
  case 11: text("/etc"), u64(0), text(""), text(""); break;
  default: break;
  }
}

/* Tasks of good.c by position, with the kinds of their inputs; those that take time or memory are left out. */
static const struct sample {
  uint32_t task;
  int inputs, kinds[2], configured;
} samples[] = {{0, 1, {1}, 0},  {1, 1, {2}, 0},     {2, 1, {3}, 0},  {3, 1, {4}, 0},   {4, 1, {5}, 0},  {5, 1, {6}, 0},
               {6, 1, {7}, 0},  {7, 1, {8}, 0},     {8, 1, {9}, 0},  {9, 1, {10}, 0},  {10, 1, {11}, 0}, {11, 2, {2, 2}, 0},
               {12, 2, {8, 3}, 0}, {13, 1, {8}, 0}, {17, 1, {2}, 0}, {18, 1, {2}, 0},  {19, 1, {2}, 0}, {20, 1, {9}, 0},
               {26, 1, {4}, 0}, {33, 1, {2}, 1}};
enum { SAMPLES = sizeof samples / sizeof *samples };

static void write_sample(const struct sample *s) {
  count = 0;
  u64(7), u32(0), u32(s->task), u32(1), u32(0);
  text("workflow"), text("node"), text("run"), text("/nowhere");
  for (int i = 0; i < 4; i++) u64((uint64_t)i);
  u64(1), u64(0);
  if (s->configured)
    u8(7), u32(1), text("times"), value(2);
  else
    u8(0);
  u32((uint32_t)s->inputs);
  for (int i = 0; i < s->inputs; i++) value(s->kinds[i]);
  u8(1), blob("12345678", 8);
  u32(1), text("token"), text("hunter2");
}

/* ---- Damage ---- */

static uint64_t state = 88172645463325252u;
static uint64_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

/* Changes a few bytes behind the task's number, and sometimes the length. */
static void damage(size_t *length) {
  static const uint64_t limits[] = {0, 1, 64, 65537, UINT32_MAX, INT32_MAX, UINT64_MAX, INT64_MAX, 1ull << 63, 1ull << 40};
  for (uint64_t i = 1 + next() % 4; i > 0; i--) {
    size_t at = 24 + next() % (count - 32);
    switch (next() % 5) {
    case 0: bytes[at] = (uint8_t)next(); break;
    case 1: bytes[at] ^= (uint8_t)(1 << next() % 8); break;
    case 2: memcpy(bytes + at, &limits[next() % 10], 4); break;
    case 3: memcpy(bytes + at, &limits[next() % 10], 8); break;
    default: *length = next() % (count + 1); break;
    }
  }
}

/* ---- Running ---- */

static int32_t cancel = 1;
static const volatile int32_t *cancel_word(void *context, uint32_t slot) {
  (void)context;
  (void)slot;
  return &cancel;
}

int main(int argc, char **argv) {
  char *error = NULL;
  if (argc != 3) return 2;
  chost_plugin *plugin = chost_open(argv[1], NULL, NULL, &error);
  if (!plugin) {
    fprintf(stderr, "%s\n", error);
    return 1;
  }
  int file = memfd_create("contents", MFD_CLOEXEC);
  if (file < 0 || ftruncate(file, 100000) != 0) return 1;
  chost_report report = {0};
  chost_environment environment = {.report = &report, .cancel_word = cancel_word};
  long rounds = atol(argv[2]), malformed = 0, refused = 0;
  for (long i = -SAMPLES; i < rounds; i++) {
    write_sample(&samples[i < 0 ? (uint64_t)(i + SAMPLES) : next() % SAMPLES]);
    size_t length = count, used = 0;
    if (i >= 0) damage(&length);
    uint8_t *exact = malloc(length ? length : 1); /* so that one byte too far is seen */
    if (!exact) return 1;
    memcpy(exact, bytes, length);
    int status = chost_run(&plugin, 1, exact, length, &used, &file, 1, &environment);
    free(exact);
    if (used > length) abort();
    if (status != 0) malformed++;
    int32_t done = 0;
    if (report.items == 1) memcpy(&done, report.bytes + 9, 4);
    if (done != 0) refused++;
    if (i < 0 && (status != 0 || done != 0)) {
      fprintf(stderr, "sample %ld does not run as it is: %d, %d\n", i + SAMPLES, status, done);
      return 1;
    }
    chost_report_clear(&report);
  }
  printf("%ld rounds, %ld malformed, %ld refused\n", rounds, malformed, refused);
  chost_report_free(&report);
  chost_close(plugin);
  close(file);
  return 0;
}
