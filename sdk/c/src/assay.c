/* Compiles the public header alone: it must need nothing else. */
#include "assay.h"
