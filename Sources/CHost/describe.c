#include <math.h>
#include <stdio.h>

#include "plugin.h"

/* The describe document of docs/wire.md. */

static void text(writer *w, const char *s) { put(w, s, strlen(s)); }

static void string(writer *w, const char *s) {
  put_u8(w, '"');
  for (; s && *s; s++) {
    char escape[8];
    switch (*s) {
    case '"': text(w, "\\\""); break;
    case '\\': text(w, "\\\\"); break;
    case '\n': text(w, "\\n"); break;
    case '\t': text(w, "\\t"); break;
    default:
      if ((unsigned char)*s < 0x20) {
        snprintf(escape, sizeof escape, "\\u%04x", (unsigned char)*s);
        text(w, escape);
      } else
        put_u8(w, (uint8_t)*s);
    }
  }
  put_u8(w, '"');
}

static void member(writer *w, const char *name, const char *value) {
  string(w, name);
  text(w, ": ");
  string(w, value);
}

static void number(writer *w, const char *name, double value) {
  char digits[64];
  snprintf(digits, sizeof digits, ", \"%s\": %.17g", name, isfinite(value) && value > 0 ? value : 0);
  for (char *c = digits + 1; *c; c++) /* a plugin may have set a locale */
    if (*c == ',') *c = '.';
  text(w, digits);
}

static void ports(writer *w, const char *side, const assay_port *const *list, uint32_t n) {
  text(w, ", ");
  string(w, side);
  text(w, ": [");
  for (uint32_t i = 0; i < n; i++) {
    const assay_port *port = list[i];
    text(w, i ? ", {" : "{");
    member(w, "name", port->name);
    text(w, ", ");
    member(w, "type", port->type);
    text(w, ", ");
    member(w, "doc", ASSAY_HAS(port, assay_port, doc) ? port->doc : NULL);
    text(w, ", ");
    member(w, "unit", ASSAY_HAS(port, assay_port, unit) ? port->unit : NULL);
    if (ASSAY_HAS(port, assay_port, default_json) && port->default_json) {
      text(w, ", ");
      member(w, "default_json", port->default_json);
    }
    text(w, port->flags & ASSAY_PORT_OPTIONAL ? ", \"optional\": true}" : ", \"optional\": false}");
  }
  text(w, "]");
}

static void task(writer *w, const assay_task *t) {
  static const char *const flags[] = {"pure", "deterministic", "idempotent", "network", "reads_files", "spawns", "resumable"};
  static const char *const threads[] = {"process", "instance", "free", "affine"};
  text(w, "{");
  member(w, "id", t->id);
  text(w, ", ");
  member(w, "version", t->version);
  text(w, ", ");
  member(w, "title", t->title);
  text(w, ", ");
  member(w, "doc", t->doc);
  text(w, ", ");
  member(w, "phase", t->phase);
  text(w, ", \"flags\": [");
  int first = 1;
  for (uint32_t i = 0; i < sizeof flags / sizeof *flags; i++)
    if (t->flags >> i & 1) {
      if (!first) text(w, ", ");
      string(w, flags[i]);
      first = 0;
    }
  text(w, "], ");
  member(w, "threads", threads[t->threads]);
  ports(w, "inputs", t->inputs, t->n_inputs);
  ports(w, "outputs", t->outputs, t->n_outputs);
  if (ASSAY_HAS(t, assay_task, config_type) && t->config_type && t->config_type[0]) {
    text(w, ", ");
    member(w, "config", t->config_type);
  }
  text(w, ", \"secrets\": [");
  for (size_t i = 0; ASSAY_HAS(t, assay_task, secrets) && t->secrets && t->secrets[i] && i < 1000; i++) {
    if (i) text(w, ", ");
    string(w, t->secrets[i]);
  }
  text(w, "]");
  if (ASSAY_HAS(t, assay_task, typical_ms)) {
    number(w, "cpu", t->cpu);
    number(w, "memory_bytes", (double)t->memory_bytes);
    number(w, "disk_bytes", (double)t->disk_bytes);
    text(w, ", ");
    member(w, "device", t->device);
    number(w, "typical_ms", (double)t->typical_ms);
  }
  text(w, "}");
}

/* A language bridge describes its file itself: it knows which source files the code consists of. */
static const char *own_description(const assay_plugin *plugin) {
  if (!ASSAY_HAS(plugin, assay_plugin, get_extension) || !plugin->get_extension) return NULL;
  const char *document = plugin->get_extension("assay.describe/1");
  return document && chost_is_utf8(document, strlen(document)) ? document : NULL;
}

int describe_plugin(chost_plugin *p) {
  const assay_plugin *plugin = p->plugin;
  writer *w = &p->description;
  char numbers[64];
  const char *document = own_description(plugin);
  if (document) {
    put(w, document, strlen(document) + 1);
    return !w->failed;
  }
  text(w, "{\"schema\": \"assay.plugin/1\", ");
  member(w, "id", plugin->id);
  text(w, ", ");
  member(w, "version", plugin->version);
  text(w, ", ");
  member(w, "license", plugin->license);
  text(w, ", ");
  member(w, "doc", plugin->doc);
  snprintf(numbers, sizeof numbers, ", \"generation\": %u, \"revision\": %u", plugin->generation, plugin->revision);
  text(w, numbers);
  text(w, ", \"libraries\": [");
  for (size_t i = 0; i < p->libraries->count; i++) {
    if (i) text(w, ", ");
    string(w, p->libraries->items[i]);
  }
  text(w, "],\n \"tasks\": [");
  for (uint64_t i = 0; i < plugin->n_tasks; i++) {
    text(w, i ? ",\n  " : "\n  ");
    task(w, plugin->tasks[i]);
  }
  text(w, "]}");
  put_u8(w, 0);
  return !w->failed;
}
