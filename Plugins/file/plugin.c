/* std.file: the declarations. */
#include "file.h"
#include "plugin_declare.h"

static const assay_port
    in_file = PORT("file", "file", "any file"),
    in_dir = PORT("dir", "dir", "any directory"),
    out_file = PORT("file", "file", "the new file"),
    in_text = PORT("text", "string", "what the file holds, as UTF-8"),
    in_bytes = PORT("bytes", "bytes", "what the file holds"),
    text_name = GIVEN("name", "string", "\"text.txt\"", "the file's name, without folders"),
    bytes_name = GIVEN("name", "string", "\"data.bin\"", "the file's name, without folders"),
    out_text = PORT("text", "string", "without a byte-order mark"),
    out_bytes = PORT("bytes", "bytes", "all of it"),
    in_path = PORT("path", "string", "an absolute path outside the store"),
    overwrite = GIVEN("overwrite", "bool", "false", "replace a file that is there"),
    out_path = PORT("path", "string", "where it is now"),
    expect = MAYBE("expect", "string?", "the digest that it has to have, with or without `sha256:`"),
    out_digest = PORT("sha256", "string", "64 hexadecimal digits"),
    out_size = {sizeof(assay_port), 0, "size", "int", "how large it is", "B", NULL, NULL},
    out_lines = PORT("lines", "int", "line ends, and one more where the last line has none"),
    per_part = PORT("lines", "int(1..)", "lines of a part; the last one may have fewer"),
    with_header = GIVEN("header", "bool", "false", "the first line is repeated in each part, and does not count"),
    out_parts = PORT("parts", "list<file>", "in order; at least one"),
    in_files = PORT("files", "list<file>", "in order"),
    join_name = GIVEN("name", "string", "\"joined\"", "the new file's name"),
    join_header = GIVEN("header", "bool", "false", "of all files but the first the first line is left out"),
    in_pattern = GIVEN("pattern", "string", "\"**\"",
                       "`*` and `?` stand for characters of one name (not for a dot in front), `**` for any folders"),
    out_list = PORT("files", "list<{path: string, size: int}>", "by path, relative to the directory"),
    out_found = PORT("files", "list<{path: string, file: file}>", "by path, relative to the directory"),
    take_path = PORT("path", "string", "relative to the directory"),
    in_named = PORT("files", "list<{name: string, file: file}>", "names may have folders: `train/a.csv`"),
    out_dir = PORT("dir", "dir", "the new directory");

TASK(read_text_task, "std.file.read_text", "Read text", "acquisition", REPEATABLE,
     "The contents of a file as text. Fails with file.encoding where it is not UTF-8, file.large over 256 MiB.\n\n"
     "assay> note = file.write_text(text: \"to be\\nor not\")\n"
     "assay> file.read_text(file: note.file)\n"
     "text = \"to be\\nor not\"",
     read_text, (&in_file), (&out_text));
TASK(write_text_task, "std.file.write_text", "Write text", "preparation", REPEATABLE,
     "A new file that holds a text.\n\n"
     "assay> file.write_text(text: \"a,b\\n1,2\\n\", name: \"small.csv\")\n"
     "file:\n| a,b\n| 1,2",
     write_text, (&in_text, &text_name), (&out_file));
TASK(read_bytes_task, "std.file.read_bytes", "Read bytes", "acquisition", REPEATABLE,
     "The contents of a file. Fails with file.large over 256 MiB.\n\n"
     "assay> note = file.write_text(text: \"ten bytes!\")\n"
     "assay> file.read_bytes(file: note.file)\n"
     "bytes = 10 bytes",
     read_bytes, (&in_file), (&out_bytes));
TASK(write_bytes_task, "std.file.write_bytes", "Write bytes", "preparation", REPEATABLE,
     "A new file that holds some bytes.\n\n"
     "assay> note = file.write_text(text: \"same\")\n"
     "assay> raw = file.read_bytes(file: note.file)\n"
     "assay> file.write_bytes(bytes: raw.bytes)\n"
     "file:\n| same",
     write_bytes, (&in_bytes, &bytes_name), (&out_file));
TASK(copy_in_task, "std.file.copy_in", "Copy in", "acquisition", ASSAY_IDEMPOTENT | ASSAY_READS_FILES,
     "Takes a file from outside into the store. Never reused: the file may have changed. Give files as inputs of the "
     "workflow where you can: they are part of the run's record.\n\n"
     "assay> file.copy_in(path: \"nowhere.csv\")\n"
     "fails: file.name",
     copy_in, (&in_path), (&out_file));
TASK(copy_out_task, "std.file.copy_out", "Copy out", "deployment", ASSAY_IDEMPOTENT | ASSAY_READS_FILES,
     "Writes a copy of a file to a place outside the store, all of it or nothing. Fails with file.exists.\n\n"
     "assay> note = file.write_text(text: \"hello\")\n"
     "assay> file.copy_out(file: note.file, path: \"relative.txt\")\n"
     "fails: file.name",
     copy_out, (&in_file, &in_path, &overwrite), (&out_path));
TASK(hash_task, "std.file.hash", "Hash", "validation", REPEATABLE,
     "The SHA-256 digest of a file. With `expect` fails with digest.mismatch where it is another one.\n\n"
     "assay> note = file.write_text(text: \"abc\")\n"
     "assay> file.hash(file: note.file)\n"
     "sha256 = \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"\n"
     "size = 3",
     hash, (&in_file, &expect), (&out_digest, &out_size));
TASK(lines_task, "std.file.count_lines", "Count lines", "validation", REPEATABLE,
     "Counts the lines of a text file.\n\n"
     "assay> note = file.write_text(text: \"one\\ntwo\\nthree\")\n"
     "assay> file.count_lines(file: note.file)\n"
     "lines = 3\nsize = 13",
     count_lines, (&in_file), (&out_lines, &out_size));
TASK(split_task, "std.file.split", "Split", "preparation", REPEATABLE,
     "Divides a text file into parts of so many lines, for `foreach`. Fails with file.parts over 10000 parts.\n\n"
     "assay> data = file.write_text(text: \"a,b\\n1,2\\n3,4\\n5,6\\n\")\n"
     "assay> file.split(file: data.file, lines: 2, header: true)\n"
     "parts:\n| a,b\n| 1,2\n| 3,4\n| a,b\n| 5,6",
     split_file, (&in_file, &per_part, &with_header), (&out_parts));
TASK(join_task, "std.file.join", "Join", "preparation", REPEATABLE,
     "Files one after the other. A last line without an end gets one.\n\n"
     "assay> a = file.write_text(text: \"a,b\\n1,2\")\n"
     "assay> b = file.write_text(text: \"a,b\\n3,4\")\n"
     "assay> file.join(files: [a.file, b.file], header: true)\n"
     "file:\n| a,b\n| 1,2\n| 3,4",
     join_files, (&in_files, &join_name, &join_header), (&out_file));
#define SAMPLE                                                                                                        \
  "assay> a = file.write_text(text: \"1\")\n"                                                                         \
  "assay> d = file.gather(files: [{name: \"x/a.csv\", file: a.file}, {name: \"b.txt\", file: a.file}])\n"
TASK(list_task, "std.file.list", "List", "acquisition", REPEATABLE,
     "The files of a directory and of the folders in it.\n\n" SAMPLE
     "assay> file.list(dir: d.dir, pattern: \"**/*.csv\")\n"
     "files = [{path: \"x/a.csv\", size: 1}]",
     list_folder, (&in_dir, &in_pattern), (&out_list));
TASK(find_task, "std.file.find", "Find", "acquisition", REPEATABLE,
     "The files of a directory that match a pattern, for `foreach`.\n\n" SAMPLE
     "assay> found = file.find(dir: d.dir, pattern: \"*.txt\")\n"
     "assay> found.files.path\n"
     "[\"b.txt\"]",
     find_files, (&in_dir, &in_pattern), (&out_found));
TASK(take_task, "std.file.take", "Take", "acquisition", REPEATABLE,
     "One file of a directory. Fails with file.missing.\n\n" SAMPLE
     "assay> file.take(dir: d.dir, path: \"x/a.csv\")\n"
     "file:\n| 1\n\n" SAMPLE
     "assay> file.take(dir: d.dir, path: \"../secret\")\n"
     "fails: file.name",
     take_file, (&in_dir, &take_path), (&out_file));
TASK(gather_task, "std.file.gather", "Gather", "preparation", REPEATABLE,
     "A directory of files.\n\n"
     "assay> a = file.write_text(text: \"1\")\n"
     "assay> file.gather(files: [{name: \"x/a.csv\", file: a.file}, {name: \"b.txt\", file: a.file}])\n"
     "dir:\n| b.txt\n| x\n| x/a.csv",
     gather, (&in_named), (&out_dir));

static const assay_task *const tasks[] = {&read_text_task, &write_text_task, &read_bytes_task, &write_bytes_task,
                                          &copy_in_task,   &copy_out_task,   &hash_task,       &lines_task,
                                          &split_task,     &join_task,       &list_task,       &find_task,
                                          &take_task,      &gather_task};
PLUGIN("std.file", "Files and directories.", tasks);
