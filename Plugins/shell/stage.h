/* The folder in which a command runs: what is put there before, what is taken from there after. */
#ifndef STAGE_H
#define STAGE_H
#include "plugin_files.h"

/* Inputs of the tasks, in order. */
enum { COMMAND, SCRIPT, FILES, DIRECTORY, STDIN, ENVIRONMENT, OUTPUTS, FOLDER, EXITS };
/* Outputs, in order. */
enum { OUT_STDOUT, OUT_FILES, OUT_DIR, OUT_EXIT };

/* The folder in which a command runs is the private one of the attempt: it costs nothing as long as nothing is written there.
 * Copies the input files into it. */
assay_status stage_in(const assay_run *run);
/* Sets the outputs `files` and `dir` to what the command has made. */
assay_status stage_out(const assay_run *run);
/* Texts of a list as a NULL-terminated array with room for `extra` more, all to be freed with stage_free_texts.
 * NULL: no memory, or a text with a NUL. */
char **stage_texts(const assay_value *list, size_t extra);
void stage_free_texts(char **texts);
#endif
