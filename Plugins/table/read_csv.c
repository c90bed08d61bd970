#include "csv_parse.h"
#include "plugin_files.h"
#include <stdio.h>
#include <string.h>

typedef struct csv_table {
  csv_column *columns;
  size_t width;
  int64_t rows;
} csv_table;

static void free_table(csv_table *t) {
  for (size_t i = 0; i < t->width && t->columns; i++) {
    free(t->columns[i].name);
    column_release(t->columns[i].column);
  }
  free(t->columns);
}

/* The name of a column: the header's field, or `column_N` where there is none. */
static char *column_name(const csv_reader *r, size_t index, int header) {
  const csv_field *field = &r->fields[index];
  char *name = malloc(header && field->length ? (size_t)field->length + 1 : 32);
  if (!name) return NULL;
  if (header && field->length) name[csv_unquote(r->text, field, name)] = 0;
  else snprintf(name, 32, "column_%zu", index + 1);
  return name;
}

static csv_column *find(const csv_table *t, size_t count, const char *name, size_t length) {
  for (size_t i = 0; i < count; i++)
    if (strlen(t->columns[i].name) == length && !memcmp(t->columns[i].name, name, length)) return &t->columns[i];
  return NULL;
}

/* The columns, from the first row. */
static assay_status name_columns(const csv_reader *r, int header, csv_table *t) {
  t->columns = calloc(r->width, sizeof *t->columns);
  if (!t->columns) return ps_no_memory(r->run);
  t->width = r->width;
  for (size_t i = 0; i < r->width; i++) {
    char *name = t->columns[i].name = column_name(r, i, header);
    if (!name) return ps_no_memory(r->run);
    if (find(t, i, name, strlen(name)))
      return csv_fail_field(r, "csv.header", &r->fields[i], "the column `%s` comes twice", name);
  }
  return ASSAY_OK;
}

static const assay_value *member(const assay_value *record, const char *name) {
  const char *const *names = record->names;
  for (uint64_t i = 0; record->kind == ASSAY_RECORD && i < record->count; i++)
    if (!strcmp(names[i], name)) return (const assay_value *)record->data + i;
  return NULL;
}

/* `types`: a list of {column, type}. The engine has checked its type. */
static assay_status declare_columns(const csv_reader *r, const assay_value *types, csv_table *t) {
  const assay_value *items = types->data;
  for (uint64_t i = 0; types->kind == ASSAY_LIST && i < types->count; i++) {
    const assay_value *name = member(&items[i], "column"), *type = member(&items[i], "type");
    if (!name || !type || name->kind != ASSAY_STRING || type->kind != ASSAY_STRING) continue;
    csv_column *column = find(t, t->width, name->data, name->count);
    if (!column)
      return ps_fail(r->run, ASSAY_E_INPUT, "table.column", "types", "%s: there is no column `%.*s`", r->path,
                     (int)(name->count < 200 ? name->count : 200), (const char *)name->data);
    if (column->declared)
      return ps_fail(r->run, ASSAY_E_INPUT, "table.column", "types", "the type of column `%s` is declared twice",
                     column->name);
    const char *word = type->data;
    size_t length = type->count;
    column->declared = 1;
    column->optional = length && word[length - 1] == '?';
    for (int kind = 0; kind < 4; kind++)
      if (strlen(column_kind_names[kind]) == length - (size_t)column->optional &&
          !memcmp(column_kind_names[kind], word, length - (size_t)column->optional))
        column->kind = (column_kind)kind;
  }
  return ASSAY_OK;
}

/* Twice through the file: once to find names, kinds and sizes, once to fill the columns, which are then exactly as large
 * as they have to be. */
static assay_status read_table(csv_reader *r, int header, const assay_value *missing, const assay_value *types,
                               csv_table *t) {
  assay_status status;
  int done;
  int64_t row = 0;
  for (; !(status = csv_next(r, &done)) && !done; row++) {
    if (row == 0 && ((status = name_columns(r, header, t)) || (status = declare_columns(r, types, t)))) return status;
    for (size_t i = 0; row >= header && i < r->width; i++) csv_look(&t->columns[i], r->text, &r->fields[i], missing);
  }
  if (status) return status;
  t->rows = row - header;
  for (size_t i = 0; i < t->width; i++)
    if ((status = csv_settle(&t->columns[i], r->run, t->rows))) return status;
  csv_rewind(r);
  for (row = -header; !(status = csv_next(r, &done)) && !done; row++) {
    if (row == t->rows) return csv_changed(r);
    for (size_t i = 0; row >= 0 && i < r->width; i++)
      if ((status = csv_put(&t->columns[i], r, &r->fields[i], missing, row))) return status;
  }
  return status || row == t->rows ? status : csv_changed(r);
}

/* The columns as the output. */
static assay_status give(const assay_run *run, const csv_table *t) {
  frame table = {t->rows, 0, calloc(t->width + 1, sizeof *table.columns)};
  if (!table.columns) return ps_no_memory(run);
  for (size_t i = 0; i < t->width; i++) table.columns[table.count++] = column_share(t->columns[i].column);
  assay_value value;
  assay_status status = frame_value(run, &table, &value);
  frame_free(&table);
  return status ? status : run->host->output(run, 0, &value);
}

assay_status read_csv(void *instance, const assay_run *run) {
  (void)instance;
  const assay_value *delimiter = ps_input(run, 2);
  char separator = ',';
  if (delimiter->kind == ASSAY_STRING) {
    if (delimiter->count != 1 || strchr("\"\r\n", *(const char *)delimiter->data))
      return ps_fail(run, ASSAY_E_INPUT, "csv.delimiter", "delimiter", "the delimiter is one character, not a quote");
    separator = *(const char *)delimiter->data;
  }
  contents input;
  assay_status status = file_map(run, ps_input(run, 0), "path", &input);
  if (status) return status;
  const assay_artifact *artifact = ps_input(run, 0)->data;
  csv_reader reader;
  csv_table table = {0};
  csv_open(&reader, run, artifact->path, input.bytes, input.size, separator);
  status = read_table(&reader, ps_bool(ps_input(run, 1), 1), ps_input(run, 3), ps_input(run, 4), &table);
  csv_close(&reader);
  file_unmap(&input);
  if (!status) status = give(run, &table);
  free_table(&table);
  return status;
}
