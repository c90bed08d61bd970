/* Tasks on the columns of a table: select, drop, to_tensor, describe. */
#include "frame.h"
#include <math.h>
#include <string.h>

static int names(const assay_value *list, const char *name) {
  if (list->kind != ASSAY_LIST) return 0;
  const assay_value *items = list->data;
  for (uint64_t i = 0; i < list->count; i++)
    if (items[i].kind == ASSAY_STRING && items[i].count == strlen(name) && !memcmp(items[i].data, name, items[i].count))
      return 1;
  return 0;
}

/* All columns named in the list have to exist. */
static assay_status check_names(const assay_run *run, const frame *f, const assay_value *list, const char *port) {
  if (list->kind != ASSAY_LIST) return ASSAY_OK;
  const assay_value *items = list->data;
  for (uint64_t i = 0; i < list->count; i++)
    if (items[i].kind != ASSAY_STRING || !frame_find(f, items[i].data, (size_t)items[i].count))
      return ps_fail(run, ASSAY_E_INPUT, "table.column", port, "there is no column `%.*s`",
                     items[i].kind == ASSAY_STRING ? (int)items[i].count : 0, (const char *)items[i].data);
  return ASSAY_OK;
}

/* The columns in the list in its order or, with `keep` 0, all others. The result borrows; free its array only. */
static assay_status choose(const assay_run *run, const frame *f, const assay_value *list, int keep, const char *port,
                           frame *out) {
  memset(out, 0, sizeof *out);
  assay_status status = check_names(run, f, list, port);
  if (status) return status;
  int named = list->kind == ASSAY_LIST;
  uint64_t most = named && keep ? list->count : (uint64_t)f->count;
  out->rows = f->rows;
  out->columns = calloc((size_t)most + 1, sizeof *out->columns);
  if (!out->columns) return ps_no_memory(run);
  if (named && keep) {
    const assay_value *items = list->data;
    for (uint64_t i = 0; i < list->count; i++) {
      if (frame_find(out, items[i].data, (size_t)items[i].count)) continue; /* named twice */
      out->columns[out->count++] = frame_find(f, items[i].data, (size_t)items[i].count);
    }
  } else {
    for (int64_t i = 0; i < f->count; i++)
      if (!named || !names(list, f->columns[i]->name)) out->columns[out->count++] = f->columns[i];
  }
  return ASSAY_OK;
}

static assay_status chosen(const assay_run *run, int keep) {
  frame table, part = {0};
  assay_status status = frame_read(run, 0, &table);
  if (status) return status;
  assay_value value;
  status = choose(run, &table, ps_input(run, 1), keep, "columns", &part);
  if (!status) status = frame_value(run, &part, &value);
  if (!status) status = run->host->output(run, 0, &value);
  free(part.columns);
  frame_free(&table);
  return status;
}

assay_status select_columns(void *instance, const assay_run *run) {
  (void)instance;
  return chosen(run, 1);
}

assay_status drop_columns(void *instance, const assay_run *run) {
  (void)instance;
  return chosen(run, 0);
}

/* ---- to_tensor ------------------------------------------------------------------------------------------------- */

/* Column `j` of a matrix of `width` columns. `positive`: the word that counts as 1 in a column of strings. */
static assay_status fill(const assay_run *run, const column *c, double *out, int64_t j, int64_t width, int allow_missing,
                         const assay_value *positive, const char *port) {
  int64_t length;
  if (c->kind == COLUMN_STRING && positive->kind != ASSAY_STRING)
    return ps_fail(run, ASSAY_E_INPUT, "table.type", port, "column `%s` holds strings, a tensor needs numbers%s", c->name,
                   strcmp(port, "target") ? "" : ": say which one is 1 with `positive`");
  for (int64_t i = 0; i < c->rows; i++) {
    double value = NAN;
    if (column_is_missing(c, i)) {
      if (!allow_missing)
        return ps_fail(run, ASSAY_E_INPUT, "table.null", port, "column `%s` has no value in row %lld", c->name,
                       (long long)i + 1);
    } else if (c->kind == COLUMN_STRING) {
      const char *text = column_text(c, i, &length);
      value = (uint64_t)length == positive->count && !memcmp(text, positive->data, positive->count);
    } else {
      value = column_number(c, i);
    }
    out[i * width + j] = value;
  }
  return ASSAY_OK;
}

static assay_status output_names(const assay_run *run, const frame *part, uint32_t port) {
  assay_value *items = calloc((size_t)part->count + 1, sizeof *items), list;
  if (!items) return ps_no_memory(run);
  assay_status status = ASSAY_OK;
  int64_t made = 0;
  for (; !status && made < part->count; made++) status = ps_new_string(run, part->columns[made]->name, &items[made]);
  if (status) while (made--) assay_drop(&items[made]);
  else status = ps_new_group(run, items, NULL, (uint64_t)part->count, &list);
  free(items);
  return status ? status : run->host->output(run, port, &list);
}

static assay_status output_target(const assay_run *run, const column *target) {
  assay_value value;
  double *data;
  assay_status status = ps_new_tensor(run, 1, &target->rows, &value, &data);
  if (status) return status;
  if ((status = fill(run, target, data, 0, 1, 0, ps_input(run, 4), "target"))) {
    assay_drop(&value);
    return status;
  }
  return run->host->output(run, 1, &value);
}

static assay_status output_features(const assay_run *run, const frame *part, int allow_missing) {
  static const assay_value none;
  int64_t shape[2] = {part->rows, part->count};
  assay_value value;
  double *data;
  assay_status status = ps_new_tensor(run, 2, shape, &value, &data);
  if (status) return status;
  for (int64_t j = 0; !status && j < part->count; j++)
    status = fill(run, part->columns[j], data, j, part->count, allow_missing, &none, "table");
  if (status) {
    assay_drop(&value);
    return status;
  }
  return run->host->output(run, 0, &value);
}

/* The columns to use as features: those in `columns` (all when not given) without those in `drop` and the target. */
static assay_status choose_features(const assay_run *run, const frame *table, uint32_t columns_port, const column *target,
                                    frame *out) {
  frame part = {0};
  assay_status status = choose(run, table, ps_input(run, columns_port), 1, "columns", &part);
  if (!status) status = choose(run, &part, ps_input(run, columns_port + 1), 0, "drop", out);
  free(part.columns);
  if (status) return status;
  int64_t count = 0;
  for (int64_t i = 0; i < out->count; i++)
    if (out->columns[i] != target) out->columns[count++] = out->columns[i];
  out->count = count;
  return ASSAY_OK;
}

static int allows_missing(const assay_value *word) { return word->kind == ASSAY_STRING && word->count == 3; /* "nan" */ }

assay_status matrix(void *instance, const assay_run *run) {
  (void)instance;
  frame table, part = {0};
  assay_status status = frame_read(run, 0, &table);
  if (status) return status;
  status = choose_features(run, &table, 1, NULL, &part);
  if (!status) status = output_features(run, &part, allows_missing(ps_input(run, 3)));
  if (!status) status = output_names(run, &part, 1);
  free(part.columns);
  frame_free(&table);
  return status;
}

assay_status to_tensor(void *instance, const assay_run *run) {
  (void)instance;
  frame table, part = {0};
  assay_status status = frame_read(run, 0, &table);
  if (status) return status;
  const assay_value *name = ps_input(run, 1);
  const column *target = name->kind == ASSAY_STRING ? frame_find(&table, name->data, (size_t)name->count) : NULL;
  if (!target)
    status = ps_fail(run, ASSAY_E_INPUT, "table.column", "target", "there is no column `%.*s`",
                     name->kind == ASSAY_STRING ? (int)name->count : 0, (const char *)name->data);
  if (!status) status = choose_features(run, &table, 2, target, &part);
  if (!status) status = output_features(run, &part, allows_missing(ps_input(run, 5)));
  if (!status) status = output_target(run, target);
  if (!status) status = output_names(run, &part, 2);
  free(part.columns);
  frame_free(&table);
  return status;
}

/* ---- describe -------------------------------------------------------------------------------------------------- */

typedef struct summary { double mean, deviation, least, most; int64_t seen; } summary;

static summary summarise(const column *c) {
  summary s = {0, 0, INFINITY, -INFINITY, 0};
  double squares = 0;
  for (int64_t i = 0; i < c->rows; i++) {
    if (column_is_missing(c, i)) continue;
    double value = column_number(c, i), delta = value - s.mean;
    s.mean += delta / (double)++s.seen;
    squares += delta * (value - s.mean);
    s.least = value < s.least ? value : s.least;
    s.most = value > s.most ? value : s.most;
  }
  s.deviation = s.seen > 1 ? sqrt(squares / (double)(s.seen - 1)) : NAN;
  return s;
}

static int set_text(column *c, int64_t row, const char *text) {
  size_t length = strlen(text);
  memcpy(c->text + c->ints[row], text, length);
  c->ints[row + 1] = c->ints[row] + (int64_t)length;
  return 1;
}

static int set_number(column *c, int64_t row, double value, int present) {
  c->floats[row] = present ? value : 0;
  return present || column_set_missing(c, row);
}

assay_status describe(void *instance, const assay_run *run) {
  (void)instance;
  static const char *const titles[] = {"name", "type", "missing", "mean", "std", "min", "max"};
  static const column_kind kinds[] = {COLUMN_STRING, COLUMN_STRING, COLUMN_INT, COLUMN_FLOAT,
                                      COLUMN_FLOAT,  COLUMN_FLOAT,  COLUMN_FLOAT};
  frame table;
  assay_status status = frame_read(run, 0, &table);
  if (status) return status;
  column *out[7] = {0};
  int64_t bytes = 0;
  for (int64_t i = 0; i < table.count; i++) bytes += (int64_t)strlen(table.columns[i]->name) + 8;
  int ok = 1;
  for (int i = 0; i < 7; i++) ok = ok && (out[i] = column_new(titles[i], kinds[i], table.count, bytes));
  for (int64_t i = 0; ok && i < table.count; i++) {
    const column *c = table.columns[i];
    summary s = {0};
    if (c->kind != COLUMN_STRING) s = summarise(c);
    ok = set_text(out[0], i, c->name) && set_text(out[1], i, column_kind_names[c->kind]);
    out[2]->ints[i] = c->missing;
    ok = ok && set_number(out[3], i, s.mean, s.seen > 0) && set_number(out[4], i, s.deviation, s.seen > 1) &&
         set_number(out[5], i, s.least, s.seen > 0) && set_number(out[6], i, s.most, s.seen > 0);
  }
  assay_value value;
  frame result = {table.count, 7, out};
  status = ok ? frame_value(run, &result, &value) : ps_no_memory(run);
  if (!status) status = run->host->output(run, 0, &value);
  for (int i = 0; i < 7; i++) column_release(out[i]);
  frame_free(&table);
  return status;
}
