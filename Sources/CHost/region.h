/* Mapped memory that other processes can map too: inputs that came as descriptors, buffers that tasks fill. */
#ifndef CHOST_REGION_H
#define CHOST_REGION_H
#include <stddef.h>
#include <stdint.h>

/* Counted: the run holds a reference, and so does whatever a task was given that lies inside. */
typedef struct region {
  _Atomic int references;
  uint8_t *base;
  size_t size;
  int descriptor; /* owned */
  int writable;   /* a task may still fill it */
} region;

/* Maps a descriptor read-only (the region takes a duplicate of it); NULL on failure. */
region *region_map(int descriptor);
/* A new writable memory file; NULL on failure. */
region *region_make(uint64_t size);
void region_retain(region *r);
void region_release(region *r);
/* Ends writing: the memory stays readable where it is, the file can no longer change. 0 or -1. */
int region_freeze(region *r);
#endif
