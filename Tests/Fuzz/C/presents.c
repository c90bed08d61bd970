/* A plugin that presents whatever descriptors.c has written into `fuzz_presented`. */
#include "assay.h"

ASSAY_EXPORT assay_plugin fuzz_presented;
assay_plugin fuzz_presented;

ASSAY_EXPORT const assay_plugin *ASSAY_CALL assay_plugin_entry(const assay_loader *loader) {
  (void)loader;
  return &fuzz_presented;
}
