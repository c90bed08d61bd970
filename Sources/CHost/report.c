/* Items of a REPORT packet (docs/wire.md). */
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "call.h"

static void enter(const chost_environment *e) {
  if (e->lock) e->lock(e->context);
}
static void leave(const chost_environment *e) {
  if (e->unlock) e->unlock(e->context);
}

/* The report's bytes as a writer, and back. */
static writer open_report(const chost_report *r) {
  writer w = {r->bytes, r->count, r->capacity, r->failed};
  return w;
}
static void close_report(const chost_environment *e, const writer *w, int urgent) {
  chost_report *r = e->report;
  r->bytes = w->bytes;
  r->count = w->count;
  r->capacity = w->capacity;
  r->failed |= w->failed;
  r->items++;
  if (e->appended) e->appended(e->context, urgent);
}

void report_item(const chost_environment *e, writer *item, int urgent) {
  enter(e);
  writer w = open_report(e->report);
  w.failed |= item->failed;
  put(&w, item->bytes, item->count);
  close_report(e, &w, urgent);
  leave(e);
  free(item->bytes);
}

void chost_report_clear(chost_report *r) {
  for (uint32_t i = 0; i < r->descriptor_count; i++) close(r->descriptors[i]);
  r->count = 0;
  r->items = 0;
  r->descriptor_count = 0;
}

void chost_report_free(chost_report *r) {
  chost_report_clear(r);
  free(r->bytes);
  memset(r, 0, sizeof *r);
}

/* ---- DONE ---- */

static const char *status_name(assay_status status) {
  static const char *const names[] = {"ok",       "failed",      "transient", "input", "cancelled",
                                      "resource", "unsupported", "contract"};
  return names[-status];
}

/* Bytes. It only grows: after a short task, what was known a moment ago will do. */
static uint64_t peak_memory(int64_t wall, int64_t now) {
  enum { FRESH_NS = 1000000 };
  static _Atomic int64_t asked;
  static _Atomic uint64_t known;
  if (wall >= FRESH_NS || now - asked >= FRESH_NS) {
    struct rusage usage = {0};
    getrusage(RUSAGE_SELF, &usage);
    known = (uint64_t)usage.ru_maxrss * 1024;
    asked = now;
  }
  return known;
}

static void put_head(writer *w, uint64_t attempt, assay_status status, int64_t wall, int64_t cpu, int64_t now) {
  put_u8(w, 4);
  put_u64(w, attempt);
  put_i32(w, status);
  put_u64(w, wall > 0 ? (uint64_t)wall : 0);
  put_u64(w, cpu > 0 ? (uint64_t)cpu : 0);
  put_u64(w, peak_memory(wall, now));
}

static void put_error(writer *w, int32_t retryable, int32_t code, int64_t after, const char *domain, const char *message,
                      const char *detail, const char *port) {
  put_u8(w, 1);
  put_i32(w, retryable);
  put_i32(w, code);
  put_i64(w, after);
  put_string(w, domain);
  put_string(w, message);
  put_string(w, detail);
  put_string(w, port);
}

void report_refusal(const chost_environment *e, uint64_t attempt, assay_status status, const char *message) {
  writer w = {0};
  put_head(&w, attempt, status, 0, 0, clock_now(CLOCK_MONOTONIC));
  put_u32(&w, 0);
  put_error(&w, -1, 0, -1, status == ASSAY_E_CONTRACT ? "contract" : "memory", message, NULL, NULL);
  report_item(e, &w, 0);
}

/* Writes the outputs behind what the report already holds, with their descriptors renumbered. */
static void put_outputs(call *c, writer *w, chost_report *report) {
  put_u32(w, c->task->n_outputs);
  for (uint32_t i = 0; i < c->task->n_outputs; i++) {
    encoder *e = &c->outputs[i];
    if (!c->is_set[i]) {
      put_u8(w, 255);
      continue;
    }
    size_t start = w->count;
    put(w, e->out.bytes, e->out.count);
    if (w->failed) return;
    for (size_t k = 0; k < e->place_count; k++) {
      uint32_t number;
      memcpy(&number, w->bytes + start + e->places[k], sizeof number);
      number += report->descriptor_count;
      memcpy(w->bytes + start + e->places[k], &number, sizeof number);
    }
    for (size_t k = 0; k < e->descriptor_count; k++) report->descriptors[report->descriptor_count++] = e->descriptors[k];
    e->descriptor_count = 0; /* they are the report's now */
  }
}

static void put_failure(call *c, writer *w, assay_status status) {
  const failure *f = &c->failure;
  char message[200];
  put_u32(w, 0);
  if (c->broken[0]) return put_error(w, 0, 0, -1, "contract", c->broken, f->message, c->broken_port);
  snprintf(message, sizeof message, "it returned status %d (%s) and gave no message", status, status_name(status));
  if (!f->is_set) return put_error(w, -1, 0, -1, NULL, message, NULL, NULL);
  put_error(w, f->retryable, f->domain_code, f->retry_after_ms, f->domain, f->message && f->message[0] ? f->message : message,
            f->detail, f->port);
}

/* What the task returned, against what it did. */
static assay_status judge(call *c, assay_status status) {
  if (status > 0 || status < ASSAY_E_CONTRACT) call_broke(c, NULL, "it returned the unknown status %d", status);
  if (status == ASSAY_OK && c->failure.is_set) status = c->failure.status;
  for (uint32_t i = 0; status == ASSAY_OK && !c->broken[0] && i < c->task->n_outputs; i++) {
    const assay_port *port = c->task->outputs[i];
    if (!c->is_set[i] && !port_is_optional(port))
      call_broke(c, port->name, "it ended without setting output `%s`", port->name);
    else if (c->is_set[i] && !encoder_freeze(&c->outputs[i]))
      call_broke(c, port->name, "output `%s`: it gave %s", port->name, c->outputs[i].problem);
  }
  return c->broken[0] ? ASSAY_E_CONTRACT : status;
}

void report_done(call *c, assay_status status, int64_t wall, int64_t cpu, int64_t now) {
  const chost_environment *e = c->environment;
  status = judge(c, status);
  uint64_t descriptors = 0, bytes = 0;
  for (uint32_t i = 0; i < c->task->n_outputs; i++) {
    descriptors += c->outputs[i].descriptor_count;
    bytes += c->outputs[i].out.count;
  }
  enter(e);
  if ((e->report->descriptor_count + descriptors > CHOST_MAX_DESCRIPTORS || e->report->count + bytes > CHOST_MAX_OUTPUT) &&
      e->report->items && e->appended)
    e->appended(e->context, 1);
  if (status == ASSAY_OK && e->report->descriptor_count + descriptors > CHOST_MAX_DESCRIPTORS) {
    call_broke(c, NULL, "its outputs have more than %d large contents", CHOST_MAX_DESCRIPTORS);
    status = ASSAY_E_CONTRACT;
  }
  if (status == ASSAY_OK && bytes > CHOST_MAX_OUTPUT) {
    call_broke(c, NULL, "its outputs have more than 1 GiB of small contents");
    status = ASSAY_E_CONTRACT;
  }
  writer w = open_report(e->report);
  put_head(&w, c->attempt, status, wall, cpu, now);
  if (status == ASSAY_OK) {
    put_outputs(c, &w, e->report);
    put_u8(&w, 0);
  } else {
    put_failure(c, &w, status);
  }
  close_report(e, &w, 0);
  leave(e);
}
