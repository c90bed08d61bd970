/* Between columns and plain numbers: column, tensor. */
#include "frame.h"
#include "assay_task.h"
#include <string.h>

/* One value of a column; missing ones are null. Texts are copied. */
static assay_status cell(const assay_run *run, const column *c, int64_t row, assay_value *out) {
  memset(out, 0, sizeof *out);
  if (column_is_missing(c, row)) return ASSAY_OK;
  int64_t length;
  switch (c->kind) {
  case COLUMN_BOOL: out->kind = ASSAY_BOOL, out->i64 = column_number(c, row) != 0; return ASSAY_OK;
  case COLUMN_INT: out->kind = ASSAY_I64, out->i64 = c->ints[row]; return ASSAY_OK;
  case COLUMN_FLOAT: out->kind = ASSAY_F64, out->f64 = c->floats[row]; return ASSAY_OK;
  case COLUMN_STRING: break;
  }
  const char *text = column_text(c, row, &length);
  char *copy = strndup(text, (size_t)length);
  assay_status status = copy ? ps_new_string(run, copy, out) : ps_no_memory(run);
  free(copy);
  return status;
}

assay_status column_values(void *instance, const assay_run *run) {
  (void)instance;
  frame table;
  assay_status status = frame_read(run, 0, &table);
  if (status) return status;
  const assay_value *name = ps_input(run, 1);
  int drops = assay_bool(run, 2);
  column *c = name->kind == ASSAY_STRING ? frame_find(&table, name->data, (size_t)name->count) : NULL;
  assay_value *values = c ? calloc((size_t)c->rows + 1, sizeof *values) : NULL, list;
  int64_t count = 0;
  if (!c)
    status = ps_fail(run, ASSAY_E_INPUT, "table.column", "name", "there is no column `%.*s`",
                     name->kind == ASSAY_STRING ? (int)name->count : 0, (const char *)name->data);
  else if (c->kind == COLUMN_STRING)
    status = ps_fail(run, ASSAY_E_INPUT, "table.type", "name", "column `%s` holds strings: use std.table.words", c->name);
  else if (!values)
    status = ps_no_memory(run);
  for (int64_t row = 0; !status && row < c->rows; row++) {
    if (column_is_missing(c, row)) {
      if (!drops)
        status = ps_fail(run, ASSAY_E_INPUT, "table.null", "name", "column `%s` has no value in row %lld", c->name,
                         (long long)row + 1);
      continue;
    }
    values[count].kind = ASSAY_F64;
    values[count++].f64 = column_number(c, row);
  }
  if (!status && !(status = ps_new_group(run, values, NULL, (uint64_t)count, &list))) status = run->host->output(run, 0, &list);
  free(values);
  frame_free(&table);
  return status;
}

assay_status column_words(void *instance, const assay_run *run) {
  (void)instance;
  frame table;
  assay_status status = frame_read(run, 0, &table);
  if (status) return status;
  const assay_value *name = ps_input(run, 1);
  column *c = name->kind == ASSAY_STRING ? frame_find(&table, name->data, (size_t)name->count) : NULL;
  assay_value *values = c ? calloc((size_t)c->rows + 1, sizeof *values) : NULL, list;
  int64_t count = 0;
  if (!c)
    status = ps_fail(run, ASSAY_E_INPUT, "table.column", "name", "there is no column `%.*s`",
                     name->kind == ASSAY_STRING ? (int)name->count : 0, (const char *)name->data);
  else if (c->kind != COLUMN_STRING)
    status = ps_fail(run, ASSAY_E_INPUT, "table.type", "name", "column `%s` holds %s, not strings", c->name,
                     column_kind_names[c->kind]);
  else if (!values)
    status = ps_no_memory(run);
  while (!status && count < c->rows) {
    status = cell(run, c, count, &values[count]);
    if (!status) count++;
  }
  if (status)
    while (count) assay_drop(&values[--count]);
  else if (!(status = ps_new_group(run, values, NULL, (uint64_t)count, &list)))
    status = run->host->output(run, 0, &list);
  free(values);
  frame_free(&table);
  return status;
}

assay_status make_tensor(void *instance, const assay_run *run) {
  (void)instance;
  const assay_value *list = ps_input(run, 0), *item, value = {0};
  int64_t count = list->kind == ASSAY_LIST ? (int64_t)list->count : 0;
  assay_value tensor = value;
  double *data;
  assay_status status = ps_new_tensor(run, 1, &count, &tensor, &data);
  if (status) return status;
  for (int64_t i = 0; (item = assay_item(list, (uint64_t)i)); i++) data[i] = assay_value_float(item);
  return run->host->output(run, 0, &tensor);
}
