/* Files from the web, over libcurl. */
#ifndef HTTP_H
#define HTTP_H
#include "plugin_files.h"

/* Inputs that both tasks have, in order; `fetch` has the digest between them. */
typedef struct request {
  char *url, *name;
  char **headers;    /* NULL-terminated */
  char *expected;    /* 64 digits, or NULL: any */
  char *bearer;      /* a secret, or NULL */
  int64_t max_size;
  double timeout;    /* seconds without a byte, or to connect */
} request;

/* What the server has sent in the end. */
typedef struct reply {
  long status;
  char url[2048];    /* after redirects */
  char type[200];    /* content type, or "" */
  char digest[65];
} reply;

/* Gets a body into an open file; goes on where a connection broke, if the server can. Fails the run otherwise. */
assay_status transfer(const assay_run *run, const request *r, int fd, reply *out);

/* Seconds that a Retry-After header asks for in milliseconds, or -1: digits, or a date; at most an hour. */
int64_t retry_after_ms(const char *value, int64_t now);
#endif
