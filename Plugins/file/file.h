/* Tasks on files and directories. */
#ifndef FILE_TASKS_H
#define FILE_TASKS_H
#include "plugin_files.h"

assay_status read_text(void *instance, const assay_run *run);
assay_status write_text(void *instance, const assay_run *run);
assay_status read_bytes(void *instance, const assay_run *run);
assay_status write_bytes(void *instance, const assay_run *run);
assay_status copy_in(void *instance, const assay_run *run);
assay_status copy_out(void *instance, const assay_run *run);
assay_status hash(void *instance, const assay_run *run);
assay_status count_lines(void *instance, const assay_run *run);
assay_status split_file(void *instance, const assay_run *run);
assay_status join_files(void *instance, const assay_run *run);
assay_status list_folder(void *instance, const assay_run *run);
assay_status find_files(void *instance, const assay_run *run);
assay_status take_file(void *instance, const assay_run *run);
assay_status gather(void *instance, const assay_run *run);
#endif
