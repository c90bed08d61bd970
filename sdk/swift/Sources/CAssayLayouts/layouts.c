#include "assay_layouts.h"
_Static_assert(sizeof(void *) != 8 || sizeof(kit_dl_tensor) == 80, "DLManagedTensorVersioned layout");
