/* SHA-256 (FIPS 180-4), with SHA-NI where the processor has it. Reentrant; no allocation. */
#ifndef CDIGEST_H
#define CDIGEST_H
#include <stddef.h>
#include <stdint.h>

typedef struct cdigest_sha256 {
  uint32_t state[8];
  uint64_t length;   /* bytes taken so far */
  uint8_t block[64]; /* the unfinished block: length % 64 bytes */
  uint8_t portable;  /* 1, set after init: do without SHA-NI, so that tests can compare both */
} cdigest_sha256;

void cdigest_sha256_init(cdigest_sha256 *digest);
void cdigest_sha256_update(cdigest_sha256 *digest, const void *data, size_t count);
/* Writes 32 bytes; the state is then used up. */
void cdigest_sha256_final(cdigest_sha256 *digest, uint8_t out[32]);
/* 1 if this processor has SHA-NI. */
int cdigest_has_sha_ni(void);
#endif
