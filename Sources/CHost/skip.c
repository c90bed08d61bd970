#include "decode.h"

void skip_string(reader *r) { take(r, read_u32(r)); }

void skip_blob(reader *r) {
  uint8_t where = read_u8(r);
  if (where > 1) r->bad = 1;
  if (where == 0)
    take(r, read_u64(r));
  else
    take(r, 4 + 8 + 8);
}

static void skip_field(reader *r, int depth) {
  if (depth > CHOST_MAX_DEPTH) r->bad = 1;
  for (int i = 0; i < 3; i++) skip_string(r);
  take(r, 8);
  uint32_t n = read_count(r, 25);
  for (uint32_t i = 0; i < n && !r->bad; i++) skip_field(r, depth + 1);
  if (read_u8(r) && !r->bad) skip_field(r, depth + 1);
}

static void skip_array(reader *r, int depth) {
  if (depth > CHOST_MAX_DEPTH) r->bad = 1;
  take(r, 24);
  uint32_t n = read_count(r, 1);
  for (uint32_t i = 0; i < n && !r->bad; i++)
    if (read_u8(r)) skip_blob(r);
  n = read_count(r, 33);
  for (uint32_t i = 0; i < n && !r->bad; i++) skip_array(r, depth + 1);
  if (read_u8(r) && !r->bad) skip_array(r, depth + 1);
}

void skip_value(reader *r, int depth) {
  if (depth > CHOST_MAX_DEPTH) r->bad = 1;
  uint8_t tag = read_u8(r);
  if (r->bad) return;
  switch (tag) {
  case 0: break;
  case 1: take(r, 1); break;
  case 2:
  case 3: take(r, 8); break;
  case 4:
  case 5: skip_blob(r); break;
  case 6:
  case 7: {
    uint32_t n = read_count(r, tag == 6 ? 1 : 5);
    for (uint32_t i = 0; i < n && !r->bad; i++) {
      if (tag == 7) skip_string(r);
      skip_value(r, depth + 1);
    }
    break;
  }
  case 8:
    take(r, 4);
    take(r, (uint64_t)read_u32(r) * 8);
    skip_blob(r);
    break;
  case 9: {
    skip_field(r, depth + 1);
    uint32_t n = read_count(r, 33);
    for (uint32_t i = 0; i < n && !r->bad; i++) skip_array(r, depth + 1);
    break;
  }
  case 10:
  case 11:
    skip_string(r);
    take(r, 8);
    skip_string(r);
    skip_string(r);
    break;
  default: r->bad = 1;
  }
}
