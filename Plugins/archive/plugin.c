/* std.archive: the declarations. */
#include "archives.h"
#include "plugin_declare.h"

static const assay_port
    in_dir = PORT("dir", "dir", "what is packed, without the folder itself"),
    in_format = GIVEN("format", "enum(\"zip\", \"tar\", \"tar.gz\", \"tar.xz\", \"tar.zst\")", "\"zip\"", "the form of the archive"),
    in_name = GIVEN("name", "string", "\"archive\"", "the file's name, without the ending"),
    out_archive = PORT("file", "file", "the same bytes for the same files: times and owners are left out"),
    in_archive = PORT("file", "file", "zip, tar, 7z or cpio, also compressed; which one is seen from the contents"),
    max_size = {sizeof(assay_port), 0, "max_size", "int(0..)", "all files together may have so many bytes", "B",
                "10737418240", NULL},
    max_files = GIVEN("max_files", "int(1..)", "100000", "files and folders that are accepted"),
    out_dir = PORT("dir", "dir", "what was in it: files and folders, nothing else"),
    out_files = PORT("files", "int", "how many files");

TASK(pack_task, "std.archive.pack", "Pack", "deployment", REPEATABLE,
     "Makes an archive of a directory.\n\n"
     "assay> use std.file\n"
     "assay> a = file.write_text(text: \"hello\")\n"
     "assay> d = file.gather(files: [{name: \"x/a.txt\", file: a.file}])\n"
     "assay> archive.pack(dir: d.dir, format: \"tar.gz\")\n"
     "file = a file of …",
     pack, (&in_dir, &in_format, &in_name), (&out_archive));
TASK(unpack_task, "std.archive.unpack", "Unpack", "acquisition", REPEATABLE,
     "Takes an archive apart. An archive is refused as a whole with archive.unsafe if a name in it would lie outside the "
     "directory, comes twice, or is a link or device; with archive.limit if it holds too much; with archive.damaged.\n\n"
     "assay> use std.file\n"
     "assay> a = file.write_text(text: \"hello\")\n"
     "assay> d = file.gather(files: [{name: \"x/a.txt\", file: a.file}])\n"
     "assay> packed = archive.pack(dir: d.dir)\n"
     "assay> archive.unpack(file: packed.file)\n"
     "dir:\n| x\n| x/a.txt\n"
     "files = 1\n\n"
     "assay> use std.file\n"
     "assay> a = file.write_text(text: \"hello\")\n"
     "assay> archive.unpack(file: a.file)\n"
     "fails: archive.damaged",
     unpack, (&in_archive, &max_size, &max_files), (&out_dir, &out_files));

static const assay_task *const tasks[] = {&pack_task, &unpack_task};
PLUGIN("std.archive", "Archives: zip and tar.", tasks);
