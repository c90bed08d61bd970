/* Tasks on archives, over libarchive. */
#ifndef ARCHIVES_H
#define ARCHIVES_H
#include "plugin_files.h"

assay_status pack(void *instance, const assay_run *run);
assay_status unpack(void *instance, const assay_run *run);
#endif
