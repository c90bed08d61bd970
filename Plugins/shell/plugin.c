/* std.shell: the declarations. */
#include "guard.h"
#include "plugin_declare.h"

assay_status shell_run(void *instance, const assay_run *run);

static const assay_port
    command_in = GIVEN("command", "list<string>", "[]",
                       "program and arguments, as they are: no shell sees them. With `script` its arguments `$1`, `$2` …"),
    script = MAYBE("script", "string?", "a script for `sh -eu`, instead of a program"),
    files = GIVEN("files", "list<{name: string, file: file}>", "[]", "what is copied into the folder where it runs"),
    dir = MAYBE("dir", "dir?", "a directory whose contents are copied there first"),
    stdin_file = MAYBE("stdin", "file?", "its standard input; empty without"),
    env = GIVEN("env", "list<string>", "[]",
                "`NAME=value`. Nothing else is known to it but PATH (/usr/local/bin:/usr/bin:/bin), HOME (the folder), "
                "LANG (C.UTF-8) and TMPDIR"),
    outputs = GIVEN("outputs", "list<string>", "[]", "the files that it makes, relative to the folder"),
    folder = MAYBE("folder", "string?", "a directory that it makes, relative to the folder"),
    exits = GIVEN("exits", "list<int(0..255)>", "[0]", "exit codes that are no failure"),
    out_stdout = PORT("stdout", "string", "what it printed, at most 16 MiB; standard error goes to the log"),
    out_files = PORT("files", "list<file>", "those of `outputs`, in that order"),
    out_dir = MAYBE("dir", "dir?", "that of `folder`"),
    out_exit = PORT("exit", "int", "its exit code");

#define INS (&command_in, &script, &files, &dir, &stdin_file, &env, &outputs, &folder, &exits)
#define OUTS (&out_stdout, &out_files, &out_dir, &out_exit)

TASK(run_task, "std.shell.run", "Run a command", "", ASSAY_SPAWNS,
     "Runs a command in a folder of its own, each time. What it leaves running is killed when it ends, everything when the "
     "step is cancelled or takes too long. Fails with shell.exit, shell.signal, shell.start, and shell.output where a "
     "declared file is missing; the message has the last line that it wrote to standard error.\n\n"
     "assay> use std.file\n"
     "assay> names = file.write_text(text: \"Grace\\nAda\\n\")\n"
     "assay> shell.run(command: [\"sort\", \"names.txt\"], files: [{name: \"names.txt\", file: names.file}])\n"
     "stdout = \"Ada\\nGrace\\n\"\nexit = 0\n\n"
     "assay> shell.run(script: \"echo $1 > out.txt\", command: [\"hello\"], outputs: [\"out.txt\"])\n"
     "files:\n| hello\n\n"
     "assay> shell.run(script: \"echo no such luck >&2; exit 3\")\n"
     "fails: shell.exit: `/bin/sh` ended with exit code 3: no such luck\n\n"
     "assay> shell.run(command: [\"env\"], env: [\"GREETING=hello\", \"PATH=/bin\"])\n"
     "stdout = \"GREETING=hello\\nPATH=/bin\\nHOME=…",
     shell_run, INS, OUTS);
TASK(pure_task, "std.shell.pure", "Run a pure command", "", ASSAY_PURE | ASSAY_IDEMPOTENT | ASSAY_SPAWNS,
     "As std.shell.run, for commands of which you promise that the same command, files and variables give the same "
     "results: these are then reused. The programs that it calls are not part of that: a new version of one runs nothing "
     "again.\n\n"
     "assay> use std.file\n"
     "assay> text = file.write_text(text: \"b\\na\\nb\\n\")\n"
     "assay> shell.pure(script: \"sort | uniq -c\", stdin: text.file)\n"
     "stdout = \"      1 a\\n      2 b\\n\"",
     shell_run, INS, OUTS);

static const assay_task *const tasks[] = {&run_task, &pure_task};
PLUGIN("std.shell", "Commands with declared inputs and outputs.", tasks, .deinit = guard_end_all);
