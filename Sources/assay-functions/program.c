#include "program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reading stops at the first surprise: the engine wrote the text, so that there is nothing to explain to a person. */
typedef struct reader {
  char *words[512];
  size_t count;
  jmp_buf surprise;
  const char *what;
} reader;

static _Noreturn void fail(reader *r, const char *what) {
  r->what = what;
  longjmp(r->surprise, 1);
}

/* Memory for one more item at the end of an array. */
static void *grown(reader *r, void *array, uint32_t *count, size_t size) {
  if (*count >= 65536) fail(r, "too many of one kind");
  char *bigger = realloc(array, (*count + 1) * size);
  if (!bigger) fail(r, "out of memory");
  memset(bigger + *count * size, 0, size);
  ++*count;
  return bigger;
}

static int digit(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Puts the bytes of %XX back, in place. */
static char *unescape(char *text) {
  char *to = text;
  for (const char *from = text; *from; to++) {
    if (*from == '%' && digit(from[1]) >= 0 && digit(from[2]) >= 0) {
      *to = (char)(digit(from[1]) << 4 | digit(from[2]));
      from += 3;
    } else {
      *to = *from++;
    }
  }
  *to = 0;
  return text;
}

/* The n-th word `key=…` of the line, from 0, as it is written; NULL: none. */
static char *nth(reader *r, const char *key, size_t n) {
  size_t length = strlen(key);
  for (size_t i = 1; i < r->count; i++)
    if (strncmp(r->words[i], key, length) == 0 && r->words[i][length] == '=' && n-- == 0) return r->words[i] + length + 1;
  return NULL;
}

static const char *text(reader *r, const char *key) {
  char *word = nth(r, key, 0);
  return word ? unescape(word) : NULL;
}

static const char *required(reader *r, const char *key) {
  const char *found = text(r, key);
  if (!found) fail(r, key);
  return found;
}

static int64_t number(reader *r, const char *key, int64_t otherwise) {
  const char *word = nth(r, key, 0);
  char *end;
  if (!word) return otherwise;
  int64_t value = strtoll(word, &end, 10);
  if (*end || end == word) fail(r, key);
  return value;
}

static scalar scalar_of(reader *r, const char *word) {
  static const char *const names[] = {"v",   "i8",  "u8",  "i16", "u16", "i32", "u32", "i64",
                                      "u64", "f32", "f64", "b8",  "c8",  "b32", "ptr"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(names[i], word) == 0) return (scalar)i;
  fail(r, "an unknown type");
}

static type type_of(reader *r, program *p, const char *word) {
  type t = {T_STRUCT, 0};
  if (!word) fail(r, "no type");
  if (*word != 'S') {
    t.scalar = scalar_of(r, word);
    return t;
  }
  t.structure = (uint32_t)strtoul(word + 1, NULL, 10);
  if (t.structure >= p->structure_count) fail(r, "an unknown structure");
  return t;
}

static code code_of(reader *r, char *word, uint32_t parameters) {
  code c = {NULL, 0};
  char *rest = NULL;
  for (char *item = word && *word ? strtok_r(word, ",", &rest) : NULL; item; item = strtok_r(NULL, ",", &rest)) {
    op o = {'n', 0, 0};
    char *end = item;
    if (strchr("pld", *item)) {
      o.kind = *item;
      o.a = strtoll(item + 1, &end, 10);
      if (*item == 'd' && *end == '.') o.b = (uint32_t)strtoul(end + 1, &end, 10);
      if (o.a < 0 || o.a >= parameters || o.b >= MAX_RANK || *end) fail(r, "an expression");
    } else if (digit(item[*item == '-']) >= 0 && digit(item[*item == '-']) < 10) {
      o.a = strtoll(item, &end, 10);
      if (*end) fail(r, "an expression");
    } else {
      static const char *const words[] = {"+", "-", "*", "/", "%", "min", "max", "==", "!=", "<", "<=", ">", ">="};
      size_t i = 0;
      while (i < sizeof words / sizeof *words && strcmp(words[i], item) != 0) i++;
      if (i == sizeof words / sizeof *words) fail(r, "an expression");
      o.kind = "+-*/%mM=!<[>]"[i];
    }
    c.ops = grown(r, c.ops, &c.count, sizeof *c.ops);
    c.ops[c.count - 1] = o;
  }
  return c;
}

static void read_shape(reader *r, parameter *a, uint32_t parameters) {
  a->element = scalar_of(r, required(r, "element"));
  a->look = *required(r, "look");
  a->is_column_major = number(r, "column", 0) != 0;
  for (char *dim; (dim = nth(r, "dim", a->rank)); a->rank++) {
    if (a->rank == MAX_RANK) fail(r, "dimensions");
    a->shape[a->rank] = code_of(r, dim, parameters);
  }
}

static kind kind_of(reader *r) {
  static const char *const names[] = {"scalar", "null", "struct", "text", "array", "callback"};
  const char *word = required(r, "kind");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(names[i], word) == 0) return (kind)i;
  fail(r, "an unknown kind");
}

static void read_callback(reader *r, parameter *a) {
  const char *does = required(r, "does");
  a->does = strcmp(does, "log") == 0 ? C_LOG : strcmp(does, "compare") == 0 ? C_COMPARE : C_FORMULA;
  if (a->does == C_COMPARE) a->element = scalar_of(r, required(r, "of"));
  a->descending = number(r, "descending", 0) != 0;
  for (char *name; (name = nth(r, "arg", a->name_count)); a->name_count++) {
    if (a->name_count == MAX_RANK) fail(r, "names of a formula");
    a->names[a->name_count] = name;
  }
}

/* All parameters of one function are counted before their lines are read: expressions may name later ones. */
static void read_parameter(reader *r, program *p, function *f) {
  f->parameters = grown(r, f->parameters, &f->count, sizeof *f->parameters);
  if (f->count > MAX_PARAMETERS) fail(r, "parameters");
  parameter *a = &f->parameters[f->count - 1];
  int64_t direction = number(r, "dir", 1);
  a->name = required(r, "name");
  a->kind = kind_of(r);
  a->type = type_of(r, p, nth(r, "type", 0));
  a->is_in = (direction & 1) != 0;
  a->is_out = (direction & 2) != 0;
  a->by_reference = number(r, "ref", 0) != 0;
  a->is_const = number(r, "const", 0) != 0;
  a->input = (int)number(r, "in", -1);
  a->output = (int)number(r, "out", -1);
  a->value = code_of(r, nth(r, "value", 0), MAX_PARAMETERS);
  a->text = text(r, "text");
  const char *fixed = text(r, "float");
  a->has_number = fixed != NULL;
  a->number = fixed ? strtod(fixed, NULL) : 0;
  if (a->kind == K_ARRAY) read_shape(r, a, MAX_PARAMETERS);
  if (a->kind == K_TEXT) a->shape[0] = code_of(r, nth(r, "len", 0), MAX_PARAMETERS);
  if (a->kind == K_CALLBACK) read_callback(r, a);
  a->used = code_of(r, nth(r, "used", 0), MAX_PARAMETERS);
  if (a->input >= (int)f->task.n_inputs || a->output >= (int)f->task.n_outputs) fail(r, "ports");
}

static void read_signature(reader *r, program *p, function *f) {
  if (!f->count) fail(r, "a signature of nothing");
  parameter *a = &f->parameters[f->count - 1];
  a->result = type_of(r, p, nth(r, "result", 0));
  for (char *word; (word = nth(r, "p", a->signature_count)); a->signature_count++) {
    if (a->signature_count == MAX_RANK) fail(r, "parameters of a callback");
    a->signature[a->signature_count] = type_of(r, p, word);
  }
}

static void read_result(reader *r, program *p, function *f) {
  f->has_result = 1;
  f->result.kind = kind_of(r);
  f->result.type = type_of(r, p, nth(r, "type", 0));
  f->result_is_pointer = number(r, "ptr", 0) != 0;
  f->result_output = (int)number(r, "out", -1);
  f->free_name = text(r, "free");
  if (f->result.kind == K_ARRAY) read_shape(r, &f->result, MAX_PARAMETERS);
  if (f->result_output >= (int)f->task.n_outputs) fail(r, "the output of a result");
}

static void read_judgement(reader *r, function *f) {
  f->judgements = grown(r, f->judgements, &f->judgement_count, sizeof *f->judgements);
  judgement *j = &f->judgements[f->judgement_count - 1];
  j->on = (int)number(r, "on", -1);
  snprintf(j->op, sizeof j->op, "%s", required(r, "op"));
  j->value = number(r, "value", 0);
  j->message = text(r, "message");
  j->asks = text(r, "asks");
  j->takes_value = number(r, "takes", 0) != 0;
  if (j->on >= (int)f->count) fail(r, "a status of nothing");
}

static void read_outcome(reader *r, function *f) {
  if (!f->judgement_count) fail(r, "a code of nothing");
  judgement *j = &f->judgements[f->judgement_count - 1];
  j->outcomes = grown(r, j->outcomes, &j->count, sizeof *j->outcomes);
  outcome *o = &j->outcomes[j->count - 1];
  const char *word = required(r, "kind");
  o->code = number(r, "value", 0);
  o->message = required(r, "message");
  o->status = strcmp(word, "transient") == 0 ? ASSAY_E_TRANSIENT
              : strcmp(word, "input") == 0   ? ASSAY_E_INPUT
              : strcmp(word, "resource") == 0 ? ASSAY_E_RESOURCE
                                              : ASSAY_E_FAILED;
}

static void read_port(reader *r, const assay_port *const **ports, uint32_t *count) {
  assay_port *port = calloc(1, sizeof *port);
  if (!port) fail(r, "out of memory");
  port->struct_size = sizeof *port;
  port->name = required(r, "name");
  port->type = required(r, "type");
  port->flags = number(r, "optional", 0) ? ASSAY_PORT_OPTIONAL : 0;
  const assay_port **list = grown(r, (void *)(uintptr_t)*ports, count, sizeof *list);
  list[*count - 1] = port;
  *ports = list;
}

static assay_status ASSAY_CALL create(const assay_host *host, const assay_task *task, const assay_value *config,
                                      void **instance) {
  (void)host;
  (void)config;
  *instance = (void *)(uintptr_t)task;
  return ASSAY_OK;
}

static void read_function(reader *r, program *p) {
  p->functions = grown(r, p->functions, &p->function_count, sizeof *p->functions);
  function *f = &p->functions[p->function_count - 1];
  assay_task *t = &f->task;
  t->struct_size = sizeof *t;
  t->id = required(r, "id");
  t->version = required(r, "version");
  t->flags = (uint32_t)number(r, "flags", 0);
  t->threads = (uint32_t)number(r, "threads", 0);
  t->create = create;
  t->run = run_function;
  f->library = (uint32_t)number(r, "library", 0);
  f->symbol = required(r, "symbol");
  f->is_fortran = number(r, "fortran", 0) != 0;
  f->errno_use = (int)number(r, "errno", 0);
  f->fixed = (int)number(r, "fixed", -1);
  f->result_output = -1;
  if (f->library >= p->library_count) fail(r, "a library that is not there");
}

static void read_line(reader *r, program *p, const char **place) {
  const char *first = r->words[0];
  function *f = p->function_count ? &p->functions[p->function_count - 1] : NULL;
  if (strcmp(first, "describe") == 0 && r->count == 2) {
    p->head = unescape(r->words[1]);
  } else if (strcmp(first, "tasks") == 0 && r->count == 2) {
    p->tasks = unescape(r->words[1]);
  } else if (strcmp(first, "plugin") == 0) {
    p->id = required(r, "id");
    p->version = required(r, "version");
  } else if (strcmp(first, "library") == 0) {
    p->libraries = grown(r, p->libraries, &p->library_count, sizeof *p->libraries);
    p->libraries[p->library_count - 1].path = required(r, "so");
  } else if (strcmp(first, "struct") == 0) {
    p->structures = grown(r, p->structures, &p->structure_count, sizeof *p->structures);
  } else if (strcmp(first, "field") == 0 && p->structure_count) {
    structure *s = &p->structures[p->structure_count - 1];
    type t = type_of(r, p, nth(r, "type", 0));
    if (t.scalar == T_STRUCT && t.structure == p->structure_count - 1) fail(r, "a structure inside itself");
    s->fields = grown(r, s->fields, &s->count, sizeof *s->fields);
    s->fields[s->count - 1].name = required(r, "name");
    s->fields[s->count - 1].type = t;
  } else if (strcmp(first, "function") == 0) {
    read_function(r, p);
  } else if (strcmp(first, "@") == 0 && r->count == 2) {
    *place = unescape(r->words[1]);
    if (f) f->place = *place;
    else if (p->library_count) p->libraries[p->library_count - 1].place = *place;
  } else if (!f) {
    fail(r, first);
  } else if (strcmp(first, "input") == 0) {
    read_port(r, &f->task.inputs, &f->task.n_inputs);
  } else if (strcmp(first, "output") == 0) {
    read_port(r, &f->task.outputs, &f->task.n_outputs);
  } else if (strcmp(first, "arg") == 0) {
    read_parameter(r, p, f);
  } else if (strcmp(first, "signature") == 0) {
    read_signature(r, p, f);
  } else if (strcmp(first, "result") == 0) {
    read_result(r, p, f);
  } else if (strcmp(first, "status") == 0) {
    read_judgement(r, f);
  } else if (strcmp(first, "code") == 0) {
    read_outcome(r, f);
  } else if (strcmp(first, "require") == 0) {
    f->requirements = grown(r, f->requirements, &f->requirement_count, sizeof *f->requirements);
    f->requirements[f->requirement_count - 1].code = code_of(r, nth(r, "code", 0), MAX_PARAMETERS);
    f->requirements[f->requirement_count - 1].text = required(r, "text");
  } else {
    fail(r, first);
  }
}

program *program_read(char *text, char *problem, size_t size) {
  static reader r; /* loading is for one thread at a time; too large for a stack */
  program *p = calloc(1, sizeof *p);
  char *rest = NULL;
  const char *volatile place = "";
  if (!p || setjmp(r.surprise)) {
    snprintf(problem, size, "the lowered manifest is not understood: %s", p ? r.what : "out of memory");
    return NULL;
  }
  for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    char *inside = NULL;
    const char *now = place;
    r.count = 0;
    for (char *word = strtok_r(line, " ", &inside); word; word = strtok_r(NULL, " ", &inside)) {
      if (r.count == sizeof r.words / sizeof *r.words) fail(&r, "a line of too many words");
      r.words[r.count++] = word;
    }
    if (!r.count) continue;
    if (strcmp(r.words[0], "functions") == 0) {
      if (r.count != 2 || strcmp(r.words[1], "1") != 0) fail(&r, "another version");
      continue;
    }
    read_line(&r, p, &now);
    place = now;
  }
  if (!p->id || !p->head || !p->tasks) fail(&r, "it is not complete");
  /* Expressions were read before all parameters of their function were known. */
  for (uint32_t i = 0; i < p->function_count; i++)
    if (p->functions[i].fixed > (int)p->functions[i].count) fail(&r, "fixed parameters");
  return p;
}
