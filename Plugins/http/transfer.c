#include "http.h"
#include "assay_task.h"
#include "cdigest.h"
#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

/* How often a broken connection is taken up again, as long as each brings something. */
#define MAXIMUM_RESUMES 8

typedef struct download {
  const assay_run *run;
  const request *request;
  CURL *curl;
  int fd;
  cdigest_sha256 sha256;
  int64_t had;       /* bytes in the file */
  int64_t offset;    /* what this request asked to go on from */
  int64_t from;      /* what the server goes on from; -1: it sends everything */
  long status;       /* of the response whose headers came last */
  char etag[256], retry_after[128];
  int error;         /* errno of writing */
  int is_too_large, is_elsewhere, has_begun;
} download;

int64_t retry_after_ms(const char *value, int64_t now) {
  char *end;
  if (!*value) return -1;
  errno = 0;
  long long seconds = strtoll(value, &end, 10);
  if (end == value || *end || errno) {
    time_t at = curl_getdate(value, NULL);
    if (at < 0) return -1;
    seconds = (long long)at - now;
  }
  if (seconds < 0) seconds = 0;
  return (seconds > 3600 ? 3600 : seconds) * 1000;
}

/* The value of a header line when it has that name, without space around. */
static int header_value(const char *line, size_t size, const char *name, char *out, size_t room) {
  size_t n = strlen(name);
  if (size <= n || strncasecmp(line, name, n) || line[n] != ':') return 0;
  const char *from = line + n + 1, *end = line + size;
  while (from < end && (*from == ' ' || *from == '\t')) from++;
  while (end > from && (unsigned char)end[-1] <= ' ') end--;
  if ((size_t)(end - from) >= room) return 0;
  memcpy(out, from, (size_t)(end - from));
  out[end - from] = 0;
  return 1;
}

static size_t take_header(char *line, size_t size, size_t count, void *context) {
  download *d = context;
  size *= count;
  char value[256];
  if (size > 5 && strncmp(line, "HTTP/", 5) == 0) { /* of a redirect, or the last one */
    d->from = -1;
    d->retry_after[0] = 0;
    if (!d->had) d->etag[0] = 0;
  }
  if (header_value(line, size, "etag", value, sizeof value) && strncmp(value, "W/", 2) && !d->had) strcpy(d->etag, value);
  if (header_value(line, size, "content-range", value, sizeof value)) {
    long long start;
    if (sscanf(value, "bytes %lld-", &start) == 1) d->from = start;
  }
  if (header_value(line, size, "retry-after", value, sizeof value) && strlen(value) < sizeof d->retry_after)
    strcpy(d->retry_after, value);
  return size;
}

static void start_over(download *d) {
  d->had = 0;
  cdigest_sha256_init(&d->sha256);
  if (ftruncate(d->fd, 0) || lseek(d->fd, 0, SEEK_SET)) d->error = errno;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
  download *d = context;
  size *= count;
  if (!d->has_begun) {
    d->has_begun = 1;
    curl_easy_getinfo(d->curl, CURLINFO_RESPONSE_CODE, &d->status);
    if (d->status >= 200 && d->status < 300 && d->offset > 0) {
      if (d->status != 206) start_over(d);
      else if (d->from != d->offset) d->is_elsewhere = 1;
    }
  }
  if (d->status < 200 || d->status >= 300) return size; /* the page that says what is wrong */
  if (d->error || d->is_elsewhere) return 0;
  if ((int64_t)size > d->request->max_size - d->had) {
    d->is_too_large = 1;
    return 0;
  }
  if ((d->error = file_write(d->fd, bytes, size))) return 0;
  cdigest_sha256_update(&d->sha256, bytes, size);
  d->had += (int64_t)size;
  return size;
}

static int take_progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up) {
  download *d = context;
  (void)up_total;
  (void)up;
  (void)now;
  if (d->had) d->run->host->progress(d->run, (double)d->had, total ? (double)(total + d->offset) : 0, "bytes");
  return assay_cancelled(d->run);
}

static assay_status fail(const assay_run *run, assay_status status, const char *code, int number, int64_t wait,
                         const char *message) {
  assay_error e = {.struct_size = sizeof e, .status = status, .retryable = -1, .domain_code = number,
                   .retry_after_ms = wait, .domain = code, .message = message};
  return run->host->fail(run, &e);
}

/* A status that is no success: some mean that another attempt makes sense. */
static assay_status refused(download *d) {
  static const long temporary[] = {408, 425, 429, 500, 502, 503, 504};
  char message[512];
  int again = 0;
  for (size_t i = 0; i < sizeof temporary / sizeof *temporary; i++) again |= temporary[i] == d->status;
  snprintf(message, sizeof message, "the server answered %ld for %.400s", d->status, d->request->url);
  int64_t wait = again ? retry_after_ms(d->retry_after, (int64_t)time(NULL)) : -1;
  return fail(d->run, again ? ASSAY_E_TRANSIENT : ASSAY_E_INPUT, again ? "http.unavailable" : "http.status",
              (int)d->status, wait, message);
}

/* What went wrong between here and there. */
static assay_status broken(download *d, CURLcode code, const char *words) {
  char message[800];
  const char *name = "http.connection";
  assay_status status = ASSAY_E_TRANSIENT;
  if (assay_cancelled(d->run)) return ASSAY_E_CANCELLED;
  if (d->error) return file_fail(d->run, "io.write", NULL, "the new file", d->error);
  if (d->is_too_large) {
    snprintf(message, sizeof message, "%.400s has more than %lld bytes", d->request->url, (long long)d->request->max_size);
    return fail(d->run, ASSAY_E_INPUT, "http.limit", 0, -1, message);
  }
  if (strstr(words, "HTTP/0.9")) code = CURLE_WEIRD_SERVER_REPLY; /* libcurl takes nonsense for that protocol */
  switch (code) {
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_URL_MALFORMAT: name = "http.url", status = ASSAY_E_INPUT; break;
  case CURLE_TOO_MANY_REDIRECTS: name = "http.redirects", status = ASSAY_E_INPUT; break;
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE: name = "http.tls", status = ASSAY_E_FAILED; break;
  case CURLE_OPERATION_TIMEDOUT: name = "http.timeout"; break;
  case CURLE_PARTIAL_FILE: name = "http.truncated"; break;
  default: break;
  }
  snprintf(message, sizeof message, "cannot get %.400s: %.300s", d->request->url, *words ? words : curl_easy_strerror(code));
  return fail(d->run, status, name, (int)code, -1, message);
}

static int can_resume(const download *d, CURLcode code, int64_t before) {
  int is_broken = code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR || code == CURLE_OPERATION_TIMEDOUT ||
                  code == CURLE_GOT_NOTHING || code == CURLE_HTTP2_STREAM;
  /* Only what is certainly the same file is put together from parts: by its digest or its strong tag. */
  return is_broken && d->had > before && !d->error && (d->request->expected || d->etag[0]) && !assay_cancelled(d->run);
}

static struct curl_slist *make_headers(const download *d) {
  char line[4096];
  struct curl_slist *list = NULL;
  for (char **at = d->request->headers; at && *at; at++) list = curl_slist_append(list, *at);
  if (d->request->bearer) {
    snprintf(line, sizeof line, "Authorization: Bearer %s", d->request->bearer);
    list = curl_slist_append(list, line);
    memset(line, 0, sizeof line);
  }
  if (d->had > 0 && d->etag[0]) {
    snprintf(line, sizeof line, "If-Range: %s", d->etag);
    list = curl_slist_append(list, line);
  }
  return list;
}

static CURLcode request_once(download *d, char *words) {
  CURL *c = d->curl;
  struct curl_slist *headers = make_headers(d);
  char range[40];
  d->offset = d->had;
  d->from = -1;
  d->has_begun = d->is_elsewhere = 0;
  d->status = 0;
  snprintf(range, sizeof range, "%lld-", (long long)d->had);
  curl_easy_setopt(c, CURLOPT_RANGE, d->had ? range : NULL);
  curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
  CURLcode code = curl_easy_perform(c);
  curl_easy_setopt(c, CURLOPT_HTTPHEADER, NULL);
  curl_slist_free_all(headers);
  curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &d->status);
  /* An empty body: nobody has looked yet at what it means. */
  if (code == CURLE_OK && !d->has_begun && d->offset > 0 && d->status == 200) start_over(d);
  if (d->is_elsewhere) snprintf(words, CURL_ERROR_SIZE, "the server went on from another place than asked for");
  return code;
}

static void set_options(download *d, char *words) {
  CURL *c = d->curl;
  const request *r = d->request;
  long seconds = r->timeout < 1 ? 1 : (long)r->timeout;
  curl_easy_setopt(c, CURLOPT_URL, r->url);
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, words);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(c, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
  curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
  curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(c, CURLOPT_MAXREDIRS, 10L);
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, seconds);
  curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, seconds);
  curl_easy_setopt(c, CURLOPT_USERAGENT, "assay/0.1");
  curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(c, CURLOPT_HEADERDATA, d);
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, d);
  curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, take_progress);
  curl_easy_setopt(c, CURLOPT_XFERINFODATA, d);
}

static assay_status conclude(download *d, reply *out) {
  char message[512], *text = NULL;
  uint8_t digest[32];
  cdigest_sha256_final(&d->sha256, digest);
  ps_hex(digest, sizeof digest, out->digest);
  out->status = d->status;
  curl_easy_getinfo(d->curl, CURLINFO_EFFECTIVE_URL, &text);
  snprintf(out->url, sizeof out->url, "%s", text ? text : d->request->url);
  text = NULL;
  curl_easy_getinfo(d->curl, CURLINFO_CONTENT_TYPE, &text);
  snprintf(out->type, sizeof out->type, "%s", text ? text : "");
  if (!d->request->expected || strcasecmp(out->digest, d->request->expected) == 0) return ASSAY_OK;
  snprintf(message, sizeof message, "%.300s has the SHA-256 digest %s, not %s", d->request->url, out->digest,
           d->request->expected);
  return fail(d->run, ASSAY_E_FAILED, "digest.mismatch", 0, -1, message);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void prepare(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

assay_status transfer(const assay_run *run, const request *r, int fd, reply *out) {
  pthread_once(&once, prepare);
  char words[CURL_ERROR_SIZE] = "";
  download d = {.run = run, .request = r, .fd = fd, .curl = curl_easy_init()};
  if (!d.curl) return ps_no_memory(run);
  cdigest_sha256_init(&d.sha256);
  set_options(&d, words);
  CURLcode code;
  int resumes = 0;
  for (;;) {
    int64_t before = d.had;
    words[0] = 0;
    code = request_once(&d, words);
    if (code == CURLE_OK || resumes++ == MAXIMUM_RESUMES || !can_resume(&d, code, before)) break;
    assay_logf(run, ASSAY_LOG_WARNING, "the connection broke after %lld bytes: it goes on from there", (long long)d.had);
  }
  assay_status status;
  if (code != CURLE_OK) status = broken(&d, code, words);
  else if (d.status < 200 || d.status >= 300) status = refused(&d);
  else status = conclude(&d, out);
  curl_easy_cleanup(d.curl);
  return status;
}
