/* std.table: the declarations. */
#include "frame.h"
#include "plugin_declare.h"

static const assay_port
    in_table = PORT("table", "table", "any table of bool, int, float and string columns"),
    out_table = PORT("table", "table", "the resulting table"),
    seed = GIVEN("seed", "int", "42", "the same seed divides the same rows in the same way"),
    stratify = MAYBE("stratify", "string?", "a column whose classes come in the same shares in each part"),
    delimiter = GIVEN("delimiter", "string", "\",\"", "one character between fields"),

    read_path = PORT("path", "file<csv>", "UTF-8 text, RFC 4180: fields in quotes may hold delimiters and line ends"),
    read_header = GIVEN("header", "bool", "true", "the first line names the columns"),
    read_missing = GIVEN("missing", "list<string>", "[\"NA\", \"N/A\", \"null\"]",
                         "words for a missing value; an empty field without quotes always is one"),
    read_types = MAYBE("types",
                       "list<{column: string, type: enum(\"bool\", \"int\", \"float\", \"string\", \"bool?\", \"int?\", "
                       "\"float?\", \"string?\")}>?",
                       "columns that have to be of a type; with `?` values may be missing; of the others it is found out"),

    write_name = GIVEN("name", "string", "\"table.csv\"", "the file's name"),
    write_file = PORT("file", "file<csv>", "one line of names, then the rows; floats read back as the same numbers"),

    split_test = GIVEN("test", "float(0..1)", "0.2", "share of the rows that goes to `test`"),
    split_train_out = PORT("train", "table", "the other rows, in their order"),
    split_test_out = PORT("test", "table", "the test rows, in their order"),

    fold_k = GIVEN("k", "int(2..)", "5", "how many folds"),
    fold_out = PORT("folds", "list<{train: table, test: table}>", "each row is in exactly one `test`"),

    select_columns_in = PORT("columns", "list<string>", "names of columns, in the wanted order"),
    drop_columns_in = PORT("columns", "list<string>", "names of columns to leave out"),

    tensor_columns = MAYBE("columns", "list<string>?", "the columns to use; all when not given"),
    tensor_drop = MAYBE("drop", "list<string>?", "columns to leave out"),
    tensor_target = PORT("target", "string", "the column to learn; it is no feature"),
    tensor_positive = MAYBE("positive", "string?", "the word that counts as 1 when the target holds strings"),
    tensor_missing = GIVEN("missing", "enum(\"fail\", \"nan\")", "\"fail\"", "what a missing feature becomes"),
    tensor_features_out = PORT("features", "tensor<f64>[n, d]", "one row per row; bool is 0 or 1"),
    tensor_target_out = PORT("target", "tensor<f64>[n]", "the target; NaN where it is missing"),
    tensor_names_out = PORT("names", "list<string>", "the features' names, in order"),

    column_name_in = PORT("name", "string", "the column"),
    column_drop = GIVEN("drop_missing", "bool", "false", "leave missing values out, rather than fail"),
    column_out = PORT("values", "list<float>", "in the order of the rows; bool is 0 or 1"),
    words_out = PORT("values", "list<string?>", "in the order of the rows"),
    tensor_in = PORT("values", "list<float>", "any numbers"),
    tensor_out = PORT("tensor", "tensor<f64>[n]", "the same numbers"),

    sort_by = PORT("by", "list<string>", "columns; the first counts most"),
    sort_down = GIVEN("descending", "bool", "false", "the largest first; missing values stay last"),
    filter_column = PORT("column", "string", "the column to look at"),
    filter_op = GIVEN("op", "enum(\"==\", \"!=\", \"<\", \"<=\", \">\", \">=\", \"missing\", \"present\")", "\"==\"",
                      "what has to hold; of a missing value nothing but `missing` does"),
    filter_value = MAYBE("value", "any?", "what it is compared to: a number, text or bool, as the column"),
    group_by = PORT("by", "list<string>", "rows with the same values in these columns are a group"),
    group_of = MAYBE("of", "string?", "the column whose sum, mean, min and max are found"),
    group_out = PORT("table", "table", "one row for each group, in order: the columns `by`, count, sum, mean, min, max"),
    join_left = PORT("left", "table", "its rows come in their order"),
    join_right = PORT("right", "table", "its columns come after those of the left; a name that is there gets `_right`"),
    join_on = PORT("on", "list<string>", "columns that both have and whose values have to be the same"),
    join_kind = GIVEN("kind", "enum(\"inner\", \"left\")", "\"inner\"", "left: also rows of the left without a partner"),

    describe_out = PORT("summary", "table", "name, type, missing, mean, std (n - 1), min and max of each column");

TASK(read_task, "std.table.read_csv", "Read CSV", "acquisition", REPEATABLE,
     "Reads a CSV file. A column is int, float, bool or string, whichever is the narrowest that fits all its values, "
     "unless its type is declared. What is wrong is named by file:line:column. Fails with csv.syntax, csv.ragged, "
     "csv.header, csv.encoding, csv.empty, csv.type, table.column or io.read.\n\n"
     "assay> use std.file\n"
     "assay> f = file.write_text(text: \"team,name,age\\na,Ada,36\\nb,Bo,12\\na,Cy,\\n\")\n"
     "assay> raw = table.read_csv(path: f.file)\n"
     "assay> table.describe(table: raw.table)\n"
     "summary:\n| name  type    missing  mean  std      min   max\n| team  string  0        null  null     null  null\n| name  string  0        null  null     null  null\n| age   int     1        24.0  16.9706  12.0  36.0\n\n"
     "assay> use std.file\n"
     "assay> f = file.write_text(text: \"id,age\\n007,36\\n008,?\\n\")\n"
     "assay> table.read_csv(path: f.file, missing: [\"?\"], types: [{column: \"id\", type: \"string\"}, {column: \"age\", type: \"float?\"}])\n"
     "table:\n| id   age\n| 007  36.0\n| 008  null\n\n"
     "assay> use std.file\n"
     "assay> f = file.write_text(text: \"id,age\\n007,old\\n\")\n"
     "assay> table.read_csv(path: f.file, types: [{column: \"age\", type: \"int\"}])\n"
     "fails: csv.type",
     read_csv, (&read_path, &read_header, &delimiter, &read_missing, &read_types), (&out_table));
TASK(write_task, "std.table.write_csv", "Write CSV", "deployment", REPEATABLE, "Writes a table as a CSV file.\n\n"
     "assay> use std.file\n"
     "assay> f = file.write_text(text: \"team,name,age\\na,Ada,36\\nb,Bo,12\\na,Cy,\\n\")\n"
     "assay> raw = table.read_csv(path: f.file)\n"
     "assay> table.write_csv(table: raw.table, delimiter: \";\")\n"
     "file:\n| team;name;age\n| a;Ada;36\n| b;Bo;12\n| a;Cy;", write_csv,
     (&in_table, &write_name, &delimiter), (&write_file));
TASK(split_task, "std.table.split", "Split", "preparation", REPEATABLE,
     "Divides the rows at random into training and test rows. Warns of test rows that have the same values as training "
     "rows.\n\n"
     "assay> use std.file\n"
     "assay> f = file.write_text(text: \"team,name,age\\na,Ada,36\\nb,Bo,12\\na,Cy,\\n\")\n"
     "assay> raw = table.read_csv(path: f.file)\n"
     "assay> table.split(table: raw.table, test: 0.34)\n"
     "test:\n| …", split_rows,
     (&in_table, &split_test, &seed, &stratify), (&split_train_out, &split_test_out));
TASK(kfold_task, "std.table.kfold", "K folds", "validation", REPEATABLE,
     "Divides the rows at random into folds for cross-validation. Warns of rows with the same values in several "
     "folds.\n\n"
     "assay> use std.file\n"
     "assay> f = file.write_text(text: \"team,name,age\\na,Ada,36\\nb,Bo,12\\na,Cy,\\n\")\n"
     "assay> raw = table.read_csv(path: f.file)\n"
     "assay> table.kfold(table: raw.table, k: 3)\n"
     "folds = [{train: …", kfold, (&in_table, &fold_k, &seed, &stratify),
     (&fold_out));
TASK(select_task, "std.table.select", "Select columns", "preparation", REPEATABLE,
     "Keeps the named columns, in the given order.\n\n"
     "assay> use std.file\n"
     "assay> f = file.write_text(text: \"team,name,age\\na,Ada,36\\nb,Bo,12\\na,Cy,\\n\")\n"
     "assay> raw = table.read_csv(path: f.file)\n"
     "assay> table.select(table: raw.table, columns: [\"age\", \"name\"])\n"
     "table:\n| age   name\n| 36    Ada\n| 12    Bo\n| null  Cy", select_columns, (&in_table, &select_columns_in), (&out_table));
TASK(drop_task, "std.table.drop", "Drop columns", "preparation", REPEATABLE, "Leaves the named columns out.\n\n"
     "assay> use std.file\n"
     "assay> f = file.write_text(text: \"team,name,age\\na,Ada,36\\nb,Bo,12\\na,Cy,\\n\")\n"
     "assay> raw = table.read_csv(path: f.file)\n"
     "assay> table.drop(table: raw.table, columns: [\"age\", \"name\"])\n"
     "table:\n| team\n| a\n| b\n| a",
     drop_columns, (&in_table, &drop_columns_in), (&out_table));
TASK(tensor_task, "std.table.to_tensor", "Table to tensor", "preparation", REPEATABLE,
     "Makes a matrix of the numeric columns and a vector of the target.\n\n"
     "assay> use std.file\n"
     "assay> f = file.write_text(text: \"team,name,age\\na,Ada,36\\nb,Bo,12\\na,Cy,\\n\")\n"
     "assay> raw = table.read_csv(path: f.file)\n"
     "assay> table.to_tensor(table: raw.table, target: \"team\", positive: \"a\", drop: [\"name\"], missing: \"nan\")\n"
     "features = [[36.0], [12.0], [\"nan\"]]\n"
     "target = [1.0, 0.0, 1.0]\n"
     "names = [\"age\"]", to_tensor,
     (&in_table, &tensor_target, &tensor_columns, &tensor_drop, &tensor_positive, &tensor_missing),
     (&tensor_features_out, &tensor_target_out, &tensor_names_out));
TASK(matrix_task, "std.table.matrix", "Table to matrix", "preparation", REPEATABLE, "Makes a matrix of numeric columns.\n\n"
     "assay> use std.file\n"
     "assay> f = file.write_text(text: \"team,name,age\\na,Ada,36\\nb,Bo,12\\na,Cy,\\n\")\n"
     "assay> raw = table.read_csv(path: f.file)\n"
     "assay> table.matrix(table: raw.table, columns: [\"age\"], missing: \"nan\")\n"
     "features = [[36.0], [12.0], [\"nan\"]]",
     matrix, (&in_table, &tensor_columns, &tensor_drop, &tensor_missing), (&tensor_features_out, &tensor_names_out));
TASK(column_task, "std.table.column", "Column", "preparation", REPEATABLE,
     "The numbers of a column. Fails with table.column, table.type, table.null.\n\n"
     "assay> use std.file\n"
     "assay> f = file.write_text(text: \"team,name,age\\na,Ada,36\\nb,Bo,12\\na,Cy,\\n\")\n"
     "assay> raw = table.read_csv(path: f.file)\n"
     "assay> table.column(table: raw.table, name: \"age\", drop_missing: true)\n"
     "values = [36.0, 12.0]",
     column_values, (&in_table, &column_name_in, &column_drop), (&column_out));
TASK(words_task, "std.table.words", "Words", "preparation", REPEATABLE,
     "The texts of a column.\n\n"
     "assay> use std.file\n"
     "assay> f = file.write_text(text: \"team,name,age\\na,Ada,36\\nb,Bo,12\\na,Cy,\\n\")\n"
     "assay> raw = table.read_csv(path: f.file)\n"
     "assay> table.words(table: raw.table, name: \"name\")\n"
     "values = [\"Ada\", \"Bo\", \"Cy\"]",
     column_words, (&in_table, &column_name_in), (&words_out));
TASK(make_tensor_task, "std.table.tensor", "Tensor", "preparation", REPEATABLE,
     "A tensor of some numbers.\n\n"
     "assay> table.tensor(values: [1.0, 0.5])\n"
     "tensor = [1.0, 0.5]",
     make_tensor, (&tensor_in), (&tensor_out));
TASK(sort_task, "std.table.sort", "Sort", "preparation", REPEATABLE,
     "The rows in the order of some columns; rows that are equal there stay in theirs. Texts by their bytes.\n\n"
     "assay> use std.file\n"
     "assay> f = file.write_text(text: \"team,name,age\\na,Ada,36\\nb,Bo,12\\na,Cy,\\n\")\n"
     "assay> raw = table.read_csv(path: f.file)\n"
     "assay> table.sort(table: raw.table, by: [\"age\"])\n"
     "table:\n| team  name  age\n| b     Bo    12\n| a     Ada   36\n| a     Cy    null",
     sort_rows, (&in_table, &sort_by, &sort_down), (&out_table));
TASK(filter_task, "std.table.filter", "Filter", "preparation", REPEATABLE,
     "The rows in which a comparison holds.\n\n"
     "assay> use std.file\n"
     "assay> f = file.write_text(text: \"team,name,age\\na,Ada,36\\nb,Bo,12\\na,Cy,\\n\")\n"
     "assay> raw = table.read_csv(path: f.file)\n"
     "assay> table.filter(table: raw.table, column: \"age\", op: \">\", value: 20)\n"
     "table:\n| team  name  age\n| a     Ada   36",
     filter_rows, (&in_table, &filter_column, &filter_op, &filter_value), (&out_table));
TASK(group_task, "std.table.group", "Group", "preparation", REPEATABLE,
     "Counts rows by the values of some columns, and sums up another one.\n\n"
     "assay> use std.file\n"
     "assay> f = file.write_text(text: \"team,name,age\\na,Ada,36\\nb,Bo,12\\na,Cy,\\n\")\n"
     "assay> raw = table.read_csv(path: f.file)\n"
     "assay> table.group(table: raw.table, by: [\"team\"], of: \"age\")\n"
     "table:\n| team  count  sum   mean  min   max\n| a     2      36.0  36.0  36.0  36.0\n| b     1      12.0  12.0  12.0  12.0",
     group_table, (&in_table, &group_by, &group_of), (&group_out));
TASK(join_task, "std.table.join", "Join", "preparation", REPEATABLE,
     "Puts rows of two tables together whose values in some columns are the same. A missing value has no partner.\n\n"
     "assay> use std.file\n"
     "assay> f = file.write_text(text: \"team,name,age\\na,Ada,36\\nb,Bo,12\\na,Cy,\\n\")\n"
     "assay> raw = table.read_csv(path: f.file)\n"
     "assay> table.join(left: raw.table, right: raw.table, on: [\"age\"])\n"
     "table:\n| team  name  age  team_right  name_right\n| a     Ada   36   a           Ada\n| b     Bo    12   b           Bo",
     join_tables, (&join_left, &join_right, &join_on, &join_kind), (&out_table));
TASK(describe_task, "std.table.describe", "Describe", "validation", REPEATABLE, "Summarises each column.\n\n"
     "assay> use std.file\n"
     "assay> f = file.write_text(text: \"team,name,age\\na,Ada,36\\nb,Bo,12\\na,Cy,\\n\")\n"
     "assay> raw = table.read_csv(path: f.file)\n"
     "assay> table.describe(table: raw.table)\n"
     "summary:\n| name  type    missing  mean  …", describe,
     (&in_table), (&describe_out));

static const assay_task *const tasks[] = {&read_task, &write_task,  &split_task,  &kfold_task,
                                          &select_task, &drop_task, &tensor_task, &matrix_task, &describe_task,
                                          &column_task, &words_task, &make_tensor_task, &sort_task,
                                          &filter_task, &group_task, &join_task};
PLUGIN("std.table", "Tables: CSV files, parts, columns, tensors.", tasks);
