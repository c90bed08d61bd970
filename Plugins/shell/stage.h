/* The folder in which a command runs: what is put there before, what is taken from there after. */
#ifndef STAGE_H
#define STAGE_H
#include "plugin_files.h"

/* Inputs of the tasks, in order. */
enum { COMMAND, SCRIPT, FILES, DIR, STDIN, ENVIRONMENT, OUTPUTS, FOLDER, EXITS };
/* Outputs, in order. */
enum { OUT_STDOUT, OUT_FILES, OUT_DIR, OUT_EXIT };

/* Makes the folder and copies the input files into it. *folder is to be freed. */
assay_status stage_in(const assay_run *run, char **folder);
/* Sets the outputs `files` and `dir` to what the command has made. */
assay_status stage_out(const assay_run *run, const char *folder);
/* Texts of a list as a NULL-terminated array with room for `extra` more, all to be freed with stage_free_texts.
 * NULL: no memory, or a text with a NUL. */
char **stage_texts(const assay_value *list, size_t extra);
void stage_free_texts(char **texts);
#endif
