/* Kinds of values against the text of declared types: the first word decides. The engine checks the whole type. */
#include "call.h"

static const struct {
  const char *word;
  uint32_t kind;
} words[] = {{"bool", ASSAY_BOOL},     {"int", ASSAY_I64},     {"float", ASSAY_F64},     {"string", ASSAY_STRING},
             {"enum", ASSAY_STRING},   {"bytes", ASSAY_BYTES}, {"list", ASSAY_LIST},     {"tensor", ASSAY_TENSOR},
             {"table", ASSAY_TABLE},   {"file", ASSAY_FILE},   {"dir", ASSAY_DIR}};

static int is_null_type(const char *type) {
  size_t n = strlen(type);
  while (n && type[n - 1] == ' ') n--;
  return n && type[n - 1] == '?';
}

int port_is_optional(const assay_port *port) { return (port->flags & ASSAY_PORT_OPTIONAL) || is_null_type(port->type); }

int kind_fits(const assay_port *port, assay_value *v) {
  const char *type = port->type;
  if (v->kind == ASSAY_NULL) return port_is_optional(port);
  if (type[0] == '{') return v->kind == ASSAY_RECORD;
  size_t n = strcspn(type, "<({[? ");
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strlen(words[i].word) != n || memcmp(words[i].word, type, n) != 0) continue;
    if (words[i].kind == ASSAY_F64 && v->kind == ASSAY_I64) { /* an int widens to a float */
      v->kind = ASSAY_F64;
      v->f64 = (double)v->i64;
      v->i64 = 0;
    }
    return v->kind == words[i].kind;
  }
  return v->kind <= ASSAY_DIR; /* a type of the plugin's own */
}

const char *kind_name(uint32_t kind) {
  static const char *const names[] = {"null",   "a bool",   "an int",   "a float", "a string", "bytes",
                                      "a list", "a record", "a tensor", "a table", "a file",   "a directory"};
  return kind < sizeof names / sizeof *names ? names[kind] : "an unknown kind of value";
}
