/* Packets of docs/wire.md over the socket to the engine. A broken packet or a lost engine ends the process. */
#ifndef WORKER_PACKETS_H
#define WORKER_PACKETS_H
#include <stddef.h>
#include <stdint.h>

#include "chost.h"

enum { HELLO = 1, LOAD = 2, RUN = 3, BYE = 4, READY = 101, LOADED = 102, REPORT = 103 };

typedef struct packet {
  uint16_t kind;
  const uint8_t *body;
  size_t count;
  int descriptors[CHOST_MAX_DESCRIPTORS + 4]; /* blob descriptors */
  uint32_t descriptor_count;
  uint8_t *owned; /* the body, when it came in a file */
} packet;

/* The socket to the engine. */
extern int engine;

/* Says why on stderr, which the engine keeps, and ends the process. */
_Noreturn void die(const char *why);

/* Sends a packet; blocks while the engine does not read. Descriptors stay the caller's. */
void packet_send(uint16_t kind, const void *body, size_t count, const int *descriptors, size_t n);
/* Waits for the next packet; 0 when the engine has gone. */
int packet_receive(packet *p);
/* Frees the body and closes the descriptors. */
void packet_free(packet *p);
#endif
