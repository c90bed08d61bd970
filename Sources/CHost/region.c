#include "region.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static region *wrap(int descriptor, size_t size, int protection, int sharing, int writable) {
  region *r = calloc(1, sizeof *r);
  if (!r) {
    close(descriptor);
    return NULL;
  }
  r->references = 1;
  r->size = size;
  r->descriptor = descriptor;
  r->writable = writable;
  if (size) {
    void *base = mmap(NULL, size, protection, sharing, descriptor, 0);
    if (base == MAP_FAILED) {
      close(descriptor);
      free(r);
      return NULL;
    }
    r->base = base;
  }
  return r;
}

region *region_map(int descriptor) {
  struct stat info;
  if (fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size < 0) return NULL;
  int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
  if (copy < 0) return NULL;
  /* Private: a file that is sealed against writing cannot be mapped shared on older kernels, not even for reading. */
  return wrap(copy, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, 0);
}

region *region_make(uint64_t size) {
  if (size > (uint64_t)1 << 46) return NULL;
  int descriptor = memfd_create("assay-buffer", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor < 0) return NULL;
  if (ftruncate(descriptor, (off_t)size) != 0) {
    close(descriptor);
    return NULL;
  }
  return wrap(descriptor, size, PROT_READ | PROT_WRITE, MAP_SHARED, 1);
}

void region_retain(region *r) { atomic_fetch_add(&r->references, 1); }

void region_release(region *r) {
  if (atomic_fetch_sub(&r->references, 1) != 1) return;
  if (r->base) munmap(r->base, r->size);
  close(r->descriptor);
  free(r);
}

int region_freeze(region *r) {
  if (!r->writable) return 0;
  r->writable = 0;
  /* A seal against writing needs all shared writable mappings gone. The task may still have its memory (a Python array
   * lives as long as somebody refers to it): the same pages stay at the same place, and a late write makes a copy that
   * nobody else sees. */
  if (r->base && mmap(r->base, r->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, r->descriptor, 0) ==
                     MAP_FAILED)
    return -1;
  return fcntl(r->descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
}
