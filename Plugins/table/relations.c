/* Tasks on rows by their values: sort, filter, group, join. A missing value comes after all others and equals none. */
#include "frame.h"
#include "assay_task.h"
#include <math.h>
#include <string.h>

/* Some columns of a table, in the order in which they count. */
typedef struct keys {
  column **columns;
  int64_t count;
  int descending;
} keys;

static assay_status find_keys(const assay_run *run, const frame *f, const assay_value *list, const char *port, keys *out) {
  const assay_value *item;
  memset(out, 0, sizeof *out);
  if (!list || !list->count) return ps_fail(run, ASSAY_E_INPUT, "table.column", port, "no column is named");
  out->columns = calloc((size_t)list->count, sizeof *out->columns);
  if (!out->columns) return ps_no_memory(run);
  for (uint64_t i = 0; (item = assay_item(list, i)); i++) {
    column *c = item->kind == ASSAY_STRING ? frame_find(f, item->data, (size_t)item->count) : NULL;
    if (!c)
      return ps_fail(run, ASSAY_E_INPUT, "table.column", port, "there is no column `%.*s`", (int)item->count,
                     (const char *)item->data);
    out->columns[out->count++] = c;
  }
  return ASSAY_OK;
}

/* By values alone; of columns of the same kind, or both numbers. */
static int compare_cells(const column *a, int64_t x, const column *b, int64_t y) {
  int64_t lx, ly;
  if (a->kind == COLUMN_STRING) {
    const char *tx = column_text(a, x, &lx), *ty = column_text(b, y, &ly);
    int order = memcmp(tx, ty, (size_t)(lx < ly ? lx : ly));
    return order ? order : (lx > ly) - (lx < ly);
  }
  if (a->kind == COLUMN_INT && b->kind == COLUMN_INT) return (a->ints[x] > b->ints[y]) - (a->ints[x] < b->ints[y]);
  double dx = column_number(a, x), dy = column_number(b, y);
  if (isnan(dx) || isnan(dy)) return isnan(dx) - isnan(dy);
  return (dx > dy) - (dx < dy);
}

static int compare_rows(const keys *a, int64_t x, const keys *b, int64_t y) {
  for (int64_t i = 0; i < a->count; i++) {
    int mx = column_is_missing(a->columns[i], x), my = column_is_missing(b->columns[i], y);
    if (mx != my) return mx - my;
    int order = mx ? 0 : compare_cells(a->columns[i], x, b->columns[i], y);
    if (order) return a->descending ? -order : order;
  }
  return 0;
}

static int by_keys(const void *a, const void *b, void *context) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  int order = compare_rows(context, x, context, y);
  return order ? order : (x > y) - (x < y);
}

/* All rows in the order of the keys, those that are equal in their own. NULL: no memory. */
static int64_t *sorted_rows(const keys *by, int64_t count) {
  int64_t *rows = malloc((size_t)(count + 1) * sizeof *rows);
  if (!rows) return NULL;
  for (int64_t i = 0; i < count; i++) rows[i] = i;
  qsort_r(rows, (size_t)count, sizeof *rows, by_keys, (void *)(uintptr_t)by);
  return rows;
}

assay_status sort_rows(void *instance, const assay_run *run) {
  (void)instance;
  frame table;
  keys by = {0};
  int64_t *rows = NULL;
  assay_value value;
  assay_status status = frame_read(run, 0, &table);
  if (status) return status;
  status = find_keys(run, &table, assay_input(run, 1), "by", &by);
  by.descending = assay_bool(run, 2);
  if (!status && !(rows = sorted_rows(&by, table.rows))) status = ps_no_memory(run);
  if (!status) status = frame_take(run, &table, rows, table.rows, &value);
  if (!status) status = run->host->output(run, 0, &value);
  free(rows);
  free(by.columns);
  frame_free(&table);
  return status;
}

/* ---- filter --------------------------------------------------------------------------------------------------- */

/* A column of one row with the value to compare to; NULL when it is of another kind than the column. */
static column *constant(const column *like, const assay_value *value) {
  uint64_t length;
  const char *text = assay_value_text(value, &length);
  int is_number = value->kind == ASSAY_I64 || value->kind == ASSAY_F64;
  column_kind kind = value->kind == ASSAY_STRING ? COLUMN_STRING
                     : value->kind == ASSAY_BOOL ? COLUMN_BOOL
                     : value->kind == ASSAY_I64  ? COLUMN_INT
                                                 : COLUMN_FLOAT;
  if (like->kind == COLUMN_INT || like->kind == COLUMN_FLOAT ? !is_number : like->kind != kind || is_number) return NULL;
  column *c = column_new("value", kind, 1, (int64_t)length);
  if (!c) return NULL;
  if (kind == COLUMN_STRING) {
    memcpy(c->text, text, (size_t)length);
    c->ints[1] = (int64_t)length;
  } else if (kind == COLUMN_BOOL) {
    c->bits[0] = value->i64 != 0;
  } else if (kind == COLUMN_INT) {
    c->ints[0] = value->i64;
  } else {
    c->floats[0] = value->f64;
  }
  return c;
}

/* `==`, `!=`, `<`, `<=`, `>`, `>=`. */
static int holds(const char *op, int order) {
  if (op[0] == '<') return order < 0 || (op[1] == '=' && order == 0);
  if (op[0] == '>') return order > 0 || (op[1] == '=' && order == 0);
  return (order == 0) == (op[0] == '=');
}

assay_status filter_rows(void *instance, const assay_run *run) {
  (void)instance;
  frame table;
  uint64_t length;
  const char *name = assay_text(run, 1, &length);
  char *op = ps_string(ps_input(run, 2));
  assay_value value;
  assay_status status = op ? frame_read(run, 0, &table) : ps_no_memory(run);
  if (status) return free(op), status;
  column *c = frame_find(&table, name, (size_t)length), *to = NULL;
  int about_missing = op[0] == 'm' || op[0] == 'p';
  int64_t *rows = malloc((size_t)(table.rows + 1) * sizeof *rows), count = 0;
  if (!rows) status = ps_no_memory(run);
  else if (!c)
    status = ps_fail(run, ASSAY_E_INPUT, "table.column", "column", "there is no column `%.*s`", (int)length, name);
  else if (!about_missing && !(to = constant(c, ps_input(run, 3))))
    status = ps_fail(run, ASSAY_E_INPUT, "table.type", "value", "column `%s` holds %s: the value has to be one, too", c->name,
                     column_kind_names[c->kind]);
  for (int64_t row = 0; !status && row < table.rows; row++) {
    int missing = column_is_missing(c, row);
    if (about_missing ? missing == (op[0] == 'm') : !missing && holds(op, compare_cells(c, row, to, 0))) rows[count++] = row;
  }
  if (!status) status = frame_take(run, &table, rows, count, &value);
  if (!status) status = run->host->output(run, 0, &value);
  column_release(to);
  free(rows);
  free(op);
  frame_free(&table);
  return status;
}

/* ---- group ---------------------------------------------------------------------------------------------------- */

static const char *const figures[] = {"count", "sum", "mean", "min", "max"};

/* The figures of rows start ..< end of a column. */
static int summarise_group(const column *of, const int64_t *rows, int64_t start, int64_t end, column *const *out, int64_t at) {
  double sum = 0, least = INFINITY, most = -INFINITY;
  int64_t seen = 0;
  out[0]->ints[at] = end - start;
  if (!of) return 1;
  for (int64_t i = start; i < end; i++) {
    if (column_is_missing(of, rows[i])) continue;
    double value = column_number(of, rows[i]);
    sum += value;
    least = value < least ? value : least;
    most = value > most ? value : most;
    seen++;
  }
  const double values[] = {sum, sum / (double)seen, least, most};
  for (int i = 0; i < 4; i++) {
    out[i + 1]->floats[at] = seen ? values[i] : 0;
    if (!seen && !column_set_missing(out[i + 1], at)) return 0;
  }
  return 1;
}

static assay_status make_groups(const assay_run *run, const frame *table, const keys *by, const column *of) {
  int64_t *rows = sorted_rows(by, table->rows), *ends = malloc((size_t)(table->rows + 1) * sizeof *ends), count = 0;
  int64_t *firsts = malloc((size_t)(table->rows + 1) * sizeof *firsts), extra = of ? 5 : 1;
  column **columns = calloc((size_t)by->count + 5, sizeof *columns);
  int ok = rows && ends && firsts && columns;
  for (int64_t i = 0; ok && i < table->rows; i++) {
    if (i + 1 < table->rows && compare_rows(by, rows[i], by, rows[i + 1]) == 0) continue;
    firsts[count] = rows[count ? ends[count - 1] : 0];
    ends[count++] = i + 1;
  }
  for (int64_t i = 0; ok && i < by->count; i++) ok = (columns[i] = column_take(by->columns[i], firsts, count)) != NULL;
  for (int64_t i = 0; ok && i < extra; i++)
    ok = (columns[by->count + i] = column_new(figures[i], i ? COLUMN_FLOAT : COLUMN_INT, count, 0)) != NULL;
  for (int64_t i = 0; ok && i < count; i++)
    ok = summarise_group(of, rows, i ? ends[i - 1] : 0, ends[i], columns + by->count, i);
  frame result = {count, by->count + extra, columns};
  assay_value value;
  assay_status status = ok ? frame_value(run, &result, &value) : ps_no_memory(run);
  if (!status) status = run->host->output(run, 0, &value);
  for (int64_t i = 0; columns && i < by->count + extra; i++) column_release(columns[i]);
  free(columns);
  free(firsts);
  free(ends);
  free(rows);
  return status;
}

assay_status group_table(void *instance, const assay_run *run) {
  (void)instance;
  frame table;
  keys by = {0};
  assay_status status = frame_read(run, 0, &table);
  if (status) return status;
  const assay_value *name = ps_input(run, 2);
  column *of = name->kind == ASSAY_STRING ? frame_find(&table, name->data, (size_t)name->count) : NULL;
  status = find_keys(run, &table, assay_input(run, 1), "by", &by);
  if (!status && name->kind == ASSAY_STRING && !of)
    status = ps_fail(run, ASSAY_E_INPUT, "table.column", "of", "there is no column `%.*s`", (int)name->count, (const char *)name->data);
  if (!status && of && of->kind == COLUMN_STRING)
    status = ps_fail(run, ASSAY_E_INPUT, "table.type", "of", "column `%s` holds strings", of->name);
  for (int64_t i = 0; !status && i < by.count; i++)
    for (int j = 0; j < (of ? 5 : 1); j++)
      if (strcmp(by.columns[i]->name, figures[j]) == 0)
        status = ps_fail(run, ASSAY_E_INPUT, "table.names", "by", "a column named `%s` would come twice", figures[j]);
  if (!status) status = make_groups(run, &table, &by, of);
  free(by.columns);
  frame_free(&table);
  return status;
}

/* ---- join ----------------------------------------------------------------------------------------------------- */

/* Pairs of rows; -1 on the right where a left row has no partner. */
typedef struct pairs {
  int64_t *left, *right, count, room;
} pairs;

static int add_pair(pairs *p, int64_t left, int64_t right) {
  if (p->count == p->room) {
    int64_t room = p->room ? 2 * p->room : 1024;
    int64_t *a = realloc(p->left, (size_t)room * sizeof *a), *b = a ? realloc(p->right, (size_t)room * sizeof *b) : NULL;
    if (a) p->left = a;
    if (b) p->right = b;
    if (!a || !b) return 0;
    p->room = room;
  }
  p->left[p->count] = left;
  p->right[p->count++] = right;
  return 1;
}

static int has_missing(const keys *k, int64_t row) {
  for (int64_t i = 0; i < k->count; i++)
    if (column_is_missing(k->columns[i], row)) return 1;
  return 0;
}

/* For each left row its partners: a binary search in the right rows, which are in the order of the keys. */
static assay_status match(const assay_run *run, const frame *a, const keys *ka, const frame *b, const keys *kb,
                          int keeps_left, pairs *out) {
  int64_t *rows = sorted_rows(kb, b->rows);
  int ok = rows != NULL;
  for (int64_t i = 0; ok && i < a->rows; i++) {
    if (!(i & 0xfff) && assay_cancelled(run)) return free(rows), ASSAY_E_CANCELLED;
    int64_t low = 0, high = b->rows, before = out->count;
    while (low < high) {
      int64_t middle = low + (high - low) / 2;
      if (compare_rows(ka, i, kb, rows[middle]) > 0) low = middle + 1;
      else high = middle;
    }
    if (!has_missing(ka, i))
      for (; ok && low < b->rows && compare_rows(ka, i, kb, rows[low]) == 0; low++) ok = add_pair(out, i, rows[low]);
    if (ok && keeps_left && out->count == before) ok = add_pair(out, i, -1);
  }
  free(rows);
  return ok ? ASSAY_OK : ps_no_memory(run);
}

/* The columns of the right table that are no keys; a name that the left one has too gets `_right`. */
static assay_status add_right(const assay_run *run, const frame *b, const keys *kb, const pairs *p, frame *out) {
  for (int64_t i = 0; i < b->count; i++) {
    int is_key = 0;
    for (int64_t j = 0; j < kb->count; j++) is_key |= kb->columns[j] == b->columns[i];
    if (is_key) continue;
    column *c = column_take(b->columns[i], p->right, p->count);
    if (!c) return ps_no_memory(run);
    out->columns[out->count] = c;
    if (frame_find(out, c->name, strlen(c->name))) {
      size_t size = strlen(c->name) + 8;
      char *name = malloc(size);
      if (name) {
        strcpy(name, c->name);
        strcat(name, "_right");
        free(c->name);
        c->name = name;
      }
      if (!name || frame_find(out, name, strlen(name))) {
        column_release(c);
        return name ? ps_fail(run, ASSAY_E_INPUT, "table.names", "right", "a column would come twice") : ps_no_memory(run);
      }
    }
    out->count++;
  }
  return ASSAY_OK;
}

static assay_status join_frames(const assay_run *run, const frame *a, const keys *ka, const frame *b, const keys *kb) {
  uint64_t length;
  int keeps_left = *assay_text(run, 3, &length) == 'l';
  pairs p = {0};
  frame out = {0, 0, calloc((size_t)(a->count + b->count) + 1, sizeof(column *))};
  assay_status status = out.columns ? match(run, a, ka, b, kb, keeps_left, &p) : ps_no_memory(run);
  out.rows = p.count;
  for (int64_t i = 0; !status && i < a->count; i++) {
    column *c = column_take(a->columns[i], p.left, p.count);
    if (c) out.columns[out.count++] = c;
    else status = ps_no_memory(run);
  }
  if (!status) status = add_right(run, b, kb, &p, &out);
  assay_value value;
  if (!status) status = frame_value(run, &out, &value);
  if (!status) status = run->host->output(run, 0, &value);
  frame_free(&out);
  free(p.left);
  free(p.right);
  return status;
}

assay_status join_tables(void *instance, const assay_run *run) {
  (void)instance;
  frame a = {0}, b = {0};
  keys ka = {0}, kb = {0};
  assay_status status = frame_read(run, 0, &a);
  if (status) return status;
  if (!(status = frame_read(run, 1, &b))) {
    status = find_keys(run, &a, assay_input(run, 2), "on", &ka);
    if (!status) status = find_keys(run, &b, assay_input(run, 2), "on", &kb);
    for (int64_t i = 0; !status && i < ka.count; i++) {
      int left = ka.columns[i]->kind == COLUMN_STRING, right = kb.columns[i]->kind == COLUMN_STRING;
      if (left != right)
        status = ps_fail(run, ASSAY_E_INPUT, "table.type", "on", "column `%s` holds %s on the left and %s on the right",
                         ka.columns[i]->name, column_kind_names[ka.columns[i]->kind], column_kind_names[kb.columns[i]->kind]);
    }
    if (!status) status = join_frames(run, &a, &ka, &b, &kb);
    frame_free(&b);
  }
  free(ka.columns);
  free(kb.columns);
  frame_free(&a);
  return status;
}
