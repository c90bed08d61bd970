/* Tasks that divide the rows of a table: split and kfold. Parts keep the order of the rows. */
#include "frame.h"
#include <math.h>
#include <string.h>

static int compare_int64(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* Orders rows by their class so that equal values are neighbours; ties by row. */
static int compare_class(const void *a, const void *b, const column *c) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b, lx, ly;
  int mx = column_is_missing(c, x), my = column_is_missing(c, y);
  if (mx != my) return mx - my;
  int order = 0;
  if (!mx && c->kind == COLUMN_STRING) {
    const char *tx = column_text(c, x, &lx), *ty = column_text(c, y, &ly);
    order = memcmp(tx, ty, (size_t)(lx < ly ? lx : ly));
    if (!order) order = (lx > ly) - (lx < ly);
  } else if (!mx && c->kind == COLUMN_INT) {
    order = (c->ints[x] > c->ints[y]) - (c->ints[x] < c->ints[y]);
  } else if (!mx) {
    double dx = column_number(c, x), dy = column_number(c, y);
    order = (dx > dy) - (dx < dy);
  }
  return order;
}
static int compare_class_then_row(const void *a, const void *b, void *by) {
  int order = compare_class(a, b, by);
  return order ? order : compare_int64(a, b);
}

/* The rows grouped by class (one group when there is no column), each group in random order. `*groups` are the group
 * ends. Both are freed by the caller. */
static assay_status group_rows(const assay_run *run, const frame *f, uint32_t seed_port, uint32_t stratify_port,
                               int64_t **rows_out, int64_t **ends_out, int64_t *group_count) {
  int64_t *rows = malloc((size_t)(f->rows + 1) * sizeof *rows), *ends = malloc((size_t)(f->rows + 1) * sizeof *ends);
  *rows_out = rows;
  *ends_out = ends;
  if (!rows || !ends) return ps_no_memory(run);
  for (int64_t i = 0; i < f->rows; i++) rows[i] = i;
  *group_count = 0;
  const assay_value *stratify = ps_input(run, stratify_port);
  if (stratify->kind == ASSAY_STRING) {
    column *by = frame_find(f, stratify->data, (size_t)stratify->count);
    if (!by)
      return ps_fail(run, ASSAY_E_INPUT, "table.column", "stratify", "there is no column `%.*s`", (int)stratify->count,
                     (const char *)stratify->data);
    qsort_r(rows, (size_t)f->rows, sizeof *rows, compare_class_then_row, by);
    for (int64_t i = 1; i < f->rows; i++)
      if (compare_class(&rows[i - 1], &rows[i], by)) ends[(*group_count)++] = i;
  }
  if (f->rows) ends[(*group_count)++] = f->rows;
  ps_random random = ps_seed(ps_int(ps_input(run, seed_port), 42));
  for (int64_t g = 0, start = 0; g < *group_count; start = ends[g++]) ps_shuffle(&random, rows + start, ends[g] - start);
  return ASSAY_OK;
}

/* Rows of part `wanted` (in order) or, with `negate`, of all other parts. */
static int64_t collect(const int32_t *part, int64_t rows, int32_t wanted, int negate, int64_t *out) {
  int64_t count = 0;
  for (int64_t i = 0; i < rows; i++)
    if ((part[i] == wanted) != negate) out[count++] = i;
  return count;
}

/* Train and test for part `wanted` as two values. */
static assay_status make_pair(const assay_run *run, const frame *f, const int32_t *part, int32_t wanted,
                              assay_value pair[2]) {
  int64_t *indices = malloc((size_t)(f->rows + 1) * sizeof *indices);
  if (!indices) return ps_no_memory(run);
  assay_status status = frame_take(run, f, indices, collect(part, f->rows, wanted, 1, indices), &pair[0]);
  if (!status && (status = frame_take(run, f, indices, collect(part, f->rows, wanted, 0, indices), &pair[1])))
    assay_drop(&pair[0]);
  free(indices);
  return status;
}

assay_status split_rows(void *instance, const assay_run *run) {
  (void)instance;
  frame table;
  assay_status status = frame_read(run, 0, &table);
  if (status) return status;
  int64_t *rows = NULL, *ends = NULL, groups = 0;
  int32_t *part = calloc((size_t)table.rows + 1, sizeof *part);
  double share = ps_float(ps_input(run, 1), 0.2);
  if (!part) status = ps_no_memory(run);
  else if (!(share >= 0 && share <= 1))
    status = ps_fail(run, ASSAY_E_INPUT, "table.share", "test", "the share of test rows is %g, not within 0 and 1", share);
  if (!status) status = group_rows(run, &table, 2, 3, &rows, &ends, &groups);
  if (status) goto end;
  /* Cumulated rounding: each class gets its share to within one row, and all together exactly the share. */
  int64_t taken = 0;
  for (int64_t g = 0, start = 0; g < groups; start = ends[g++]) {
    int64_t due = (int64_t)floor((double)ends[g] * share + 0.5) - taken, size = ends[g] - start;
    due = due < 0 ? 0 : due > size ? size : due;
    for (int64_t i = 0; i < due; i++) part[rows[start + i]] = 1;
    taken += due;
  }
  warn_of_overlap(run, &table, part, 1);
  assay_value pair[2];
  if ((status = make_pair(run, &table, part, 1, pair))) goto end;
  if ((status = run->host->output(run, 0, &pair[0]))) assay_drop(&pair[1]);
  else status = run->host->output(run, 1, &pair[1]);
end:
  free(rows);
  free(ends);
  free(part);
  frame_free(&table);
  return status;
}

static assay_status make_folds(const assay_run *run, const frame *f, const int32_t *part, int64_t k, assay_value *out) {
  static const char *const names[] = {"train", "test"};
  assay_value *folds = calloc((size_t)k, sizeof *folds), pair[2];
  if (!folds) return ps_no_memory(run);
  assay_status status = ASSAY_OK;
  int64_t made = 0;
  for (; made < k; made++) {
    run->host->progress(run, (double)made, (double)k, "folds");
    if (assay_cancelled(run)) status = ASSAY_E_CANCELLED;
    if (!status) status = make_pair(run, f, part, (int32_t)made, pair);
    if (!status) status = ps_new_group(run, pair, names, 2, &folds[made]);
    if (status) break;
  }
  if (status)
    for (int64_t i = 0; i < made; i++) assay_drop(&folds[i]);
  else
    status = ps_new_group(run, folds, NULL, (uint64_t)k, out);
  free(folds);
  return status;
}

assay_status kfold(void *instance, const assay_run *run) {
  (void)instance;
  frame table;
  assay_status status = frame_read(run, 0, &table);
  if (status) return status;
  int64_t *rows = NULL, *ends = NULL, groups = 0, k = ps_int(ps_input(run, 1), 5);
  int32_t *part = calloc((size_t)table.rows + 1, sizeof *part);
  if (!part) status = ps_no_memory(run);
  else if (k < 2 || k > table.rows || k > INT32_MAX)
    status = ps_fail(run, ASSAY_E_INPUT, "table.folds", "k", "%lld folds of %lld rows are not possible", (long long)k,
                     (long long)table.rows);
  if (!status) status = group_rows(run, &table, 2, 3, &rows, &ends, &groups);
  if (status) goto end;
  for (int64_t i = 0; i < table.rows; i++) part[rows[i]] = (int32_t)(i % k);
  warn_of_overlap(run, &table, part, -1);
  assay_value value;
  if ((status = make_folds(run, &table, part, k, &value))) goto end;
  status = run->host->output(run, 0, &value);
end:
  free(rows);
  free(ends);
  free(part);
  frame_free(&table);
  return status;
}
