/* What a Python task can ask of the engine while it runs. */
#ifndef ASSAY_PYTHON_SERVICES_H
#define ASSAY_PYTHON_SERVICES_H
#include "assay.h"
#include "python_api.h"

/* A dict of functions for assay._bridge, or NULL with a Python exception. Each takes the handle of a run first. */
PyObject *services_make(void);

/* Between begin and end, the handle stands for the run; afterwards its services raise. Needs the GIL. Only one run at a
 * time (the tasks are ASSAY_THREADS_PROCESS). */
uint64_t services_begin(const assay_run *run);
void services_end(void);

/* The handle of the run, or 0 when it is not the one under way. Any thread. */
uint64_t services_handle(const assay_run *run);
#endif
