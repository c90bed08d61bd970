/* The program that libFuzzer drives: main() is its own, the readers are Tests/FuzzTargets.
 *
 * Leaks: LeakSanitizer does not see pointers whose spare bits Swift uses, so it calls global values leaked. Here an input
 * after which more memory is in use than before runs three times more; what grows each time is a leak. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int32_t assay_fuzz_knows(void);
void assay_fuzz_one(const uint8_t *bytes, intptr_t count);
size_t __sanitizer_get_current_allocated_bytes(void);
int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  (void)count, (void)arguments;
  if (assay_fuzz_knows()) return 0;
  fputs("assay-fuzz: ASSAY_FUZZ_TARGET names no target\n", stderr);
  exit(2);
}

/* Bytes in use after an input that were not before. */
static int64_t growth(const uint8_t *bytes, size_t count) {
  size_t before = __sanitizer_get_current_allocated_bytes();
  assay_fuzz_one(bytes, (intptr_t)count);
  return (int64_t)__sanitizer_get_current_allocated_bytes() - (int64_t)before;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  int64_t grown = 0;
  for (int time = 0; time < 4; time++)
    if ((grown = growth(bytes, count)) <= 0) return 0;
  fprintf(stderr, "broken promise: leaks %lld bytes each time\n", (long long)grown);
  abort();
}
