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

    describe_out = PORT("summary", "table", "name, type, missing, mean, std (n - 1), min and max of each column");

TASK(read_task, "std.table.read_csv", "Read CSV", "acquisition", REPEATABLE,
     "Reads a CSV file. A column is int, float, bool or string, whichever is the narrowest that fits all its values. "
     "Fails with csv.syntax, csv.ragged, csv.header, csv.encoding, csv.empty or io.read.",
     read_csv, (&read_path, &read_header, &delimiter, &read_missing), (&out_table));
TASK(write_task, "std.table.write_csv", "Write CSV", "deployment", REPEATABLE, "Writes a table as a CSV file.", write_csv,
     (&in_table, &write_name, &delimiter), (&write_file));
TASK(split_task, "std.table.split", "Split", "preparation", REPEATABLE,
     "Divides the rows at random into training and test rows.", split_rows,
     (&in_table, &split_test, &seed, &stratify), (&split_train_out, &split_test_out));
TASK(kfold_task, "std.table.kfold", "K folds", "validation", REPEATABLE,
     "Divides the rows at random into folds for cross-validation.", kfold, (&in_table, &fold_k, &seed, &stratify),
     (&fold_out));
TASK(select_task, "std.table.select", "Select columns", "preparation", REPEATABLE,
     "Keeps the named columns, in the given order.", select_columns, (&in_table, &select_columns_in), (&out_table));
TASK(drop_task, "std.table.drop", "Drop columns", "preparation", REPEATABLE, "Leaves the named columns out.",
     drop_columns, (&in_table, &drop_columns_in), (&out_table));
TASK(tensor_task, "std.table.to_tensor", "Table to tensor", "preparation", REPEATABLE,
     "Makes a matrix of the numeric columns and a vector of the target.", to_tensor,
     (&in_table, &tensor_target, &tensor_columns, &tensor_drop, &tensor_positive, &tensor_missing),
     (&tensor_features_out, &tensor_target_out, &tensor_names_out));
TASK(matrix_task, "std.table.matrix", "Table to matrix", "preparation", REPEATABLE, "Makes a matrix of numeric columns.",
     matrix, (&in_table, &tensor_columns, &tensor_drop, &tensor_missing), (&tensor_features_out, &tensor_names_out));
TASK(describe_task, "std.table.describe", "Describe", "validation", REPEATABLE, "Summarises each column.", describe,
     (&in_table), (&describe_out));

static const assay_task *const tasks[] = {&read_task, &write_task,  &split_task,  &kfold_task,
                                          &select_task, &drop_task, &tensor_task, &matrix_task, &describe_task};
PLUGIN("std.table", "Tables: CSV files, parts, columns, tensors.", tasks);
