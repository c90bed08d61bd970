/* Rows that are in two parts of a divided table: what was measured on the one is known from the other. */
#include "frame.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Rows with the same values have one slot: the first of them, and the first in another part than that, or -1. */
typedef struct slot {
  uint64_t digest;
  int64_t first, other;
} slot;

static uint64_t mix(uint64_t digest, uint64_t word) {
  digest = (digest ^ word) * 0x9E3779B97F4A7C15u;
  return digest ^ (digest >> 29);
}

static uint64_t mix_text(uint64_t digest, const char *text, int64_t length) {
  digest = mix(digest, (uint64_t)length);
  for (; length > 0; text += 8, length -= 8) {
    uint64_t word = 0;
    memcpy(&word, text, length < 8 ? (size_t)length : 8);
    digest = mix(digest, word);
  }
  return digest;
}

/* Adds a column to the digests of all rows. */
static void digest_column(const column *c, uint64_t *digests) {
  int64_t length;
  for (int64_t row = 0; row < c->rows; row++) {
    if (column_is_missing(c, row)) {
      digests[row] = mix(digests[row], 0x6D697373696E67u);
    } else if (c->kind == COLUMN_STRING) {
      const char *text = column_text(c, row, &length);
      digests[row] = mix_text(digests[row], text, length);
    } else if (c->kind == COLUMN_INT) {
      digests[row] = mix(digests[row], (uint64_t)c->ints[row]);
    } else {
      double number = column_number(c, row) + 0.0; /* -0 is 0 */
      uint64_t word;
      memcpy(&word, &number, sizeof word);
      digests[row] = mix(digests[row], word);
    }
  }
}

static slot *find(slot *slots, uint64_t mask, uint64_t digest) {
  uint64_t at = (digest ^ (digest >> 32)) & mask;
  while (slots[at].first >= 0 && slots[at].digest != digest) at = (at + 1) & mask;
  return &slots[at];
}

/* Rows of part `wanted` (-1: of all) that are also in another part; *example and *twin are the first pair. */
static int64_t count_shared(const frame *f, const uint64_t *digests, const int32_t *part, int32_t wanted, slot *slots,
                            uint64_t mask, int64_t *example, int64_t *twin) {
  for (int64_t row = 0; row < f->rows; row++) {
    slot *s = find(slots, mask, digests[row]);
    if (s->first < 0) {
      s->digest = digests[row];
      s->first = row;
    } else if (s->other < 0 && part[s->first] != part[row]) {
      s->other = row;
    }
  }
  int64_t shared = 0;
  for (int64_t row = 0; row < f->rows; row++) {
    slot *s = find(slots, mask, digests[row]);
    if ((wanted >= 0 && part[row] != wanted) || s->other < 0) continue;
    if (!shared++) {
      *example = row;
      *twin = part[s->first] != part[row] ? s->first : s->other;
    }
  }
  return shared;
}

void warn_of_overlap(const assay_run *run, const frame *f, const int32_t *part, int32_t wanted) {
  /* In one column values come twice without being the same case. */
  if (f->count < 2 || f->rows < 2) return;
  uint64_t size = 16;
  while (size < (uint64_t)f->rows * 2) size *= 2;
  uint64_t *digests = calloc((size_t)f->rows, sizeof *digests);
  slot *slots = malloc((size_t)size * sizeof *slots);
  if (digests && slots) {
    int64_t rows = 0, example = 0, twin = 0;
    for (uint64_t i = 0; i < size; i++) slots[i].first = slots[i].other = -1;
    for (int64_t i = 0; i < f->count; i++) digest_column(f->columns[i], digests);
    for (int64_t i = 0; i < f->rows; i++) rows += wanted < 0 || part[i] == wanted;
    int64_t shared = count_shared(f, digests, part, wanted, slots, size - 1, &example, &twin);
    char text[256];
    int length = snprintf(
        text, sizeof text,
        "leakage: %" PRId64 " of %" PRId64 " %srows are also among %s (row %" PRId64 " of the table is the same as row %" PRId64
        "): what is measured there is too good",
        shared, rows, wanted < 0 ? "" : "test ", wanted < 0 ? "those of other folds" : "the training rows", example + 1,
        twin + 1);
    if (shared && length > 0) run->host->run_log(run, ASSAY_LOG_WARNING, text, (uint64_t)length);
  }
  free(digests);
  free(slots);
}
