#include "guard.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, KNOWN = 64, BYTE = 0xA5 };

/* | known bytes ... | data | at most 15 known bytes || guard page | */
int block_make(block *b, const char *name, size_t size, size_t align) {
  size_t slack = (align - size % align) % align;
  if (size > SIZE_MAX / 4) return 0;
  size_t used = (KNOWN + align + size + slack + PAGE - 1) / PAGE * PAGE;
  memset(b, 0, sizeof *b);
  char *map = mmap(NULL, used + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map == MAP_FAILED) return 0;
  if (mprotect(map + used, PAGE, PROT_NONE) != 0) {
    munmap(map, used + PAGE);
    return 0;
  }
  *b = (block){map, used + PAGE, map + used - slack - size, size, name};
  memset(b->data - KNOWN, BYTE, KNOWN);
  memset(b->data + size, BYTE, slack);
  return 1;
}

void block_free(block *b) {
  if (b->map) munmap(b->map, b->mapped);
  b->map = NULL;
}

int block_damage(const block *b) {
  const char *end = b->map + b->mapped - PAGE;
  for (const char *c = b->data - KNOWN; c < b->data; c++)
    if ((unsigned char)*c != BYTE) return -1;
  for (const char *c = b->data + b->size; c < end; c++)
    if ((unsigned char)*c != BYTE) return 1;
  return 0;
}

/* ---- faults ---- */

static struct {
  const char *volatile task;
  const block *volatile blocks;
  volatile size_t count;
} call;

void guard_call(const char *task, const block *blocks, size_t count) {
  call.blocks = blocks;
  call.count = count;
  call.task = task;
}

/* Runs in a signal handler: nothing but writing. */
static void fault(int signal, siginfo_t *info, void *context) {
  char line[400];
  const char *task = call.task;
  char *at = info->si_addr;
  int n = 0;
  (void)context;
  for (size_t i = 0; task && i < call.count; i++) {
    const block *b = &call.blocks[i];
    if (b->map && at >= b->map + b->mapped - PAGE && at < b->map + b->mapped)
      n = snprintf(line, sizeof line,
                   "%.120s went beyond the end of `%.80s` (%zu bytes), at byte %td: is its declared length right?\n", task,
                   b->name, b->size, at - b->data);
  }
  if (task && !n)
    n = snprintf(line, sizeof line,
                 "%.120s used the address 0x%zx, which is not its own: is its declaration right? "
                 "`assay plugin check --functions` compares it with the header or debug information\n",
                 task, (size_t)(uintptr_t)at);
  if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0) n = 0;
  struct sigaction plain = {.sa_handler = SIG_DFL};
  sigaction(signal, &plain, NULL); /* and the same instruction ends the process */
}

void guard_faults(void) {
  static char stack[32768];
  static int done;
  stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction action = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  if (done) return;
  done = 1;
  sigaltstack(&alternative, NULL);
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
}
