/* std.http: the declarations, and the two tasks. */
#include "assay_task.h"
#include "http.h"
#include "plugin_declare.h"
#include <stdio.h>

static assay_status http_get(void *instance, const assay_run *run);
static assay_status http_fetch(void *instance, const assay_run *run);

static const assay_port
    url = PORT("url", "string", "http:// or https://; up to ten redirects are followed"),
    sha256 = PORT("sha256", "string", "the digest that the file has to have"),
    headers = GIVEN("headers", "list<string>", "[]", "`Name: value`, sent with the request"),
    name = MAYBE("name", "string?", "the file's name; the last part of the URL without"),
    max_size = {sizeof(assay_port), 0, "max_size", "int(0..)", "a larger body is a failure", "B", "10737418240", NULL},
    stall = {sizeof(assay_port), 0, "stall", "float(1..)", "time to connect, and time without a byte, before it gives up",
             "s", "60.0", NULL},
    token = GIVEN("token", "bool", "false", "send the secret HTTP_TOKEN as `Authorization: Bearer`"),
    out_file = PORT("file", "file", "the body, as it was sent"),
    out_digest = PORT("sha256", "string", "its digest: 64 hexadecimal digits"),
    out_url = PORT("url", "string", "where it came from, after redirects"),
    out_type = PORT("type", "string", "the content type that the server claims, or empty");

#define FAILURES                                                                                                      \
  "A broken connection is taken up again where it broke, if the digest or a tag of the server proves that it is the "  \
  "same file. Worth another attempt (`retry`): http.unavailable (408, 425, 429, 500, 502, 503, 504; a Retry-After is " \
  "obeyed), http.connection, http.timeout, http.truncated. Not: http.status (other codes), http.url, http.redirects, " \
  "http.limit, http.tls."

static const char *const secrets[] = {"HTTP_TOKEN", NULL};
#define HTTP_TASK(var, id_, title_, flags_, doc_, function, ins, outs)                                                \
  static const assay_task var = {.struct_size = sizeof(assay_task), .flags = flags_, .threads = ASSAY_THREADS_FREE,   \
                                 .id = id_, .version = "1.0.0", .title = title_, .phase = "acquisition", .doc = doc_, \
                                 .inputs = PORTS ins, .n_inputs = COUNT ins, .outputs = PORTS outs,                   \
                                 .n_outputs = COUNT outs, .secrets = secrets, .run = function}

HTTP_TASK(get_task, "std.http.get", "Get", ASSAY_IDEMPOTENT | ASSAY_NETWORK,
          "Gets a file, each time: what lies behind a URL may change. When you know the digest use std.http.fetch. " FAILURES
          "\n\nassay> http.get(url: \"file:///etc/passwd\")\nfails: http.url",
          http_get, (&url, &headers, &name, &max_size, &stall, &token), (&out_file, &out_digest, &out_url, &out_type));
HTTP_TASK(fetch_task, "std.http.fetch", "Fetch", REPEATABLE | ASSAY_NETWORK,
          "Gets the file that has this digest. As only the digest decides about the result, it is got once and then "
          "reused. Fails with digest.mismatch where the server sends something else. " FAILURES
          "\n\nassay> http.fetch(url: \"http://example.org\", sha256: \"abc\")\nfails: digest.form",
          http_fetch, (&url, &sha256, &headers, &name, &max_size, &stall, &token), (&out_file));

static const assay_task *const tasks[] = {&get_task, &fetch_task};
PLUGIN("std.http", "Files from the web.", tasks);

static void free_request(request *r) {
  for (char **at = r->headers; at && *at; at++) free(*at);
  free(r->headers);
  free(r->url);
  free(r->name);
  free(r->expected);
  if (r->bearer) memset(r->bearer, 0, strlen(r->bearer));
  free(r->bearer);
}

/* No line of a request may be smuggled in. */
static int is_one_line(const char *text, uint64_t count) {
  if (strlen(text) != count) return 0;
  for (; *text; text++)
    if ((unsigned char)*text < ' ' && *text != '\t') return 0;
  return 1;
}

static assay_status read_headers(const assay_run *run, const assay_value *list, request *out) {
  const assay_value *item;
  out->headers = calloc(list->count + 1, sizeof *out->headers);
  if (!out->headers) return ps_no_memory(run);
  for (uint64_t i = 0; (item = assay_item(list, i)); i++) {
    char *text = out->headers[i] = ps_string(item);
    if (!text) return ps_no_memory(run);
    if (!is_one_line(text, item->count) || !strchr(text, ':') || *text == ':')
      return ps_fail(run, ASSAY_E_INPUT, "http.header", "headers", "`%.100s` is not `Name: value`", text);
  }
  return ASSAY_OK;
}

/* The last part of the URL's path, if it is a plain name. */
static char *name_of(const char *url) {
  size_t size = strcspn(url, "?#"), from = size;
  while (from && url[from - 1] != '/') from--;
  return size > from && from > 8 ? strndup(url + from, size - from) : strdup("download");
}

/* `first`: the port of `headers`; those after it follow in order. */
static assay_status read_request(const assay_run *run, uint32_t first, request *out) {
  const assay_value *address = ps_input(run, 0);
  out->url = ps_string(address);
  if (!out->url) return ps_no_memory(run);
  if (!is_one_line(out->url, address->count))
    return ps_fail(run, ASSAY_E_INPUT, "http.url", "url", "the URL has control characters in it");
  assay_status status = read_headers(run, ps_input(run, first), out);
  if (status) return status;
  out->name = assay_given(run, first + 1) ? ps_string(ps_input(run, first + 1)) : name_of(out->url);
  if (!out->name) return ps_no_memory(run);
  out->max_size = assay_int(run, first + 2);
  out->timeout = assay_float(run, first + 3);
  if (!assay_bool(run, first + 4)) return ASSAY_OK;
  assay_value secret;
  status = run->host->secret(run, "HTTP_TOKEN", &secret);
  if (status)
    return ps_fail(run, ASSAY_E_INPUT, "http.token", "token", "the secret HTTP_TOKEN is not set (ASSAY_SECRET_HTTP_TOKEN)");
  out->bearer = ps_string(&secret);
  if (!out->bearer || !is_one_line(out->bearer, secret.count) || secret.count > 4000)
    return ps_fail(run, ASSAY_E_INPUT, "http.token", "token", "the secret HTTP_TOKEN is no token");
  return ASSAY_OK;
}

/* Gets the file into output 0. */
static assay_status receive(const assay_run *run, const request *r, reply *answer) {
  assay_artifact *file;
  assay_status status = run->host->artifact(run, 0, r->name, &file);
  if (!status) status = transfer(run, r, (int)file->fd, answer);
  return status ? status : run->host->commit(run, file);
}

static assay_status http_get(void *instance, const assay_run *run) {
  (void)instance;
  request r = {0};
  reply *answer = calloc(1, sizeof *answer);
  assay_status status = answer ? read_request(run, 1, &r) : ps_no_memory(run);
  if (!status) status = receive(run, &r, answer);
  if (!status) status = assay_set_string(run, 1, answer->digest);
  if (!status) status = assay_set_text(run, 2, answer->url, ps_first_bad_byte(answer->url, strlen(answer->url)));
  if (!status) status = assay_set_text(run, 3, answer->type, ps_first_bad_byte(answer->type, strlen(answer->type)));
  free(answer);
  free_request(&r);
  return status;
}

static assay_status http_fetch(void *instance, const assay_run *run) {
  (void)instance;
  request r = {0};
  reply *answer = calloc(1, sizeof *answer);
  char *given = ps_string(ps_input(run, 1)), *digits = given;
  assay_status status = answer && given ? ASSAY_OK : ps_no_memory(run);
  if (digits && strncmp(digits, "sha256:", 7) == 0) digits += 7;
  if (!status && !ps_is_sha256(digits))
    status = ps_fail(run, ASSAY_E_INPUT, "digest.form", "sha256", "a SHA-256 digest has 64 hexadecimal digits");
  if (!status && !(r.expected = strdup(digits))) status = ps_no_memory(run);
  if (!status) status = read_request(run, 2, &r);
  if (!status) status = receive(run, &r, answer);
  free(given);
  free(answer);
  free_request(&r);
  return status;
}
