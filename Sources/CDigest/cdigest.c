#include "cdigest.h"

#include <stdatomic.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

static const uint32_t round_constants[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void compress_portable(uint32_t state[8], const uint8_t *block, size_t blocks) {
  for (; blocks > 0; blocks--, block += 64) {
    uint32_t w[64], s[8];
    for (int i = 0; i < 16; i++)
      w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 |
             block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
      uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
      uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    memcpy(s, state, sizeof s);
    for (int i = 0; i < 64; i++) {
      uint32_t e1 = rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25);
      uint32_t a0 = rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22);
      uint32_t t1 = s[7] + e1 + ((s[4] & s[5]) ^ (~s[4] & s[6])) + round_constants[i] + w[i];
      uint32_t t2 = a0 + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
      s[7] = s[6]; s[6] = s[5]; s[5] = s[4]; s[4] = s[3] + t1;
      s[3] = s[2]; s[2] = s[1]; s[1] = s[0]; s[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++) state[i] += s[i];
  }
}

#if defined(__x86_64__)
/* Four rounds with the constants at `i`, from message words `w`. */
#define ROUNDS(i, w)                                                                                                   \
  do {                                                                                                                 \
    __m128i sum = _mm_add_epi32(w, _mm_loadu_si128((const __m128i *)(round_constants + (i))));                         \
    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);                                                                     \
    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));                                            \
  } while (0)
/* The next four message words, in place of the oldest. */
#define SCHEDULE(a, b, c, d)                                                                                           \
  a = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(a, b), _mm_alignr_epi8(d, c, 4)), d)

__attribute__((target("sha,sse4.1"))) static void compress_sha_ni(uint32_t state[8], const uint8_t *block,
                                                                  size_t blocks) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
  /* The instructions want the state as (a b e f) and (c d g h), highest word first. */
  __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xB1);
  __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1B);
  __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xF0);
  for (; blocks > 0; blocks--, block += 64) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i w0 = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)block), swap);
    __m128i w1 = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(block + 16)), swap);
    __m128i w2 = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(block + 32)), swap);
    __m128i w3 = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(block + 48)), swap);
    ROUNDS(0, w0); ROUNDS(4, w1); ROUNDS(8, w2); ROUNDS(12, w3);
    for (int i = 16; i < 64; i += 16) {
      SCHEDULE(w0, w1, w2, w3); ROUNDS(i, w0);
      SCHEDULE(w1, w2, w3, w0); ROUNDS(i + 4, w1);
      SCHEDULE(w2, w3, w0, w1); ROUNDS(i + 8, w2);
      SCHEDULE(w3, w0, w1, w2); ROUNDS(i + 12, w3);
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  low = _mm_shuffle_epi32(abef, 0x1B);
  high = _mm_shuffle_epi32(cdgh, 0xB1);
  _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(low, high, 0xF0));
  _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

static int detect_sha_ni(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 19 & 1) || !(c >> 9 & 1)) return 0; /* SSE4.1, SSSE3 */
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1);
}
#endif

int cdigest_has_sha_ni(void) {
#if defined(__x86_64__)
  static _Atomic int known; /* 0 not asked yet, 1 no, 2 yes; asking twice at once does no harm */
  int answer = atomic_load_explicit(&known, memory_order_relaxed);
  if (!answer) {
    answer = detect_sha_ni() ? 2 : 1;
    atomic_store_explicit(&known, answer, memory_order_relaxed);
  }
  return answer == 2;
#else
  return 0;
#endif
}

static void compress(const cdigest_sha256 *digest, uint32_t state[8], const uint8_t *block, size_t blocks) {
  if (blocks == 0) return;
#if defined(__x86_64__)
  if (!digest->portable && cdigest_has_sha_ni()) {
    compress_sha_ni(state, block, blocks);
    return;
  }
#endif
  (void)digest;
  compress_portable(state, block, blocks);
}

void cdigest_sha256_init(cdigest_sha256 *digest) {
  static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memcpy(digest->state, initial, sizeof initial);
  digest->length = 0;
  digest->portable = 0;
}

void cdigest_sha256_update(cdigest_sha256 *digest, const void *data, size_t count) {
  const uint8_t *bytes = data;
  size_t held = digest->length % 64;
  digest->length += count;
  if (held) {
    size_t take = 64 - held < count ? 64 - held : count;
    if (take) memcpy(digest->block + held, bytes, take);
    bytes += take;
    count -= take;
    if (held + take < 64) return;
    compress(digest, digest->state, digest->block, 1);
  }
  compress(digest, digest->state, bytes, count / 64);
  if (count % 64) memcpy(digest->block, bytes + count / 64 * 64, count % 64);
}

void cdigest_sha256_final(cdigest_sha256 *digest, uint8_t out[32]) {
  uint64_t bits = digest->length * 8;
  size_t held = digest->length % 64;
  digest->block[held++] = 0x80;
  if (held > 56) {
    memset(digest->block + held, 0, 64 - held);
    compress(digest, digest->state, digest->block, 1);
    held = 0;
  }
  memset(digest->block + held, 0, 56 - held);
  for (int i = 0; i < 8; i++) digest->block[56 + i] = (uint8_t)(bits >> (56 - 8 * i));
  compress(digest, digest->state, digest->block, 1);
  for (int i = 0; i < 8; i++, out += 4) {
    uint32_t word = digest->state[i];
    out[0] = (uint8_t)(word >> 24);
    out[1] = (uint8_t)(word >> 16);
    out[2] = (uint8_t)(word >> 8);
    out[3] = (uint8_t)word;
  }
}
