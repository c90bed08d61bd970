/* Values between the ABI and Python's neutral objects (see assay/_types.py). All functions need the GIL. */
#ifndef ASSAY_PYTHON_CONVERT_H
#define ASSAY_PYTHON_CONVERT_H
#include "assay.h"
#include "python_api.h"

/* The functions of assay._bridge that conversion calls. */
typedef struct {
  PyObject *tensor; /* (code, bits, shape, address, readonly, owner) */
  PyObject *copied; /* (code, bits, shape, bytes) */
  PyObject *table;  /* (handle, address of the assay_value) */
  PyObject *file;   /* (path, size, media_type, digest, is_dir) */
} python_makers;
extern python_makers makers;

/* A new object, or NULL with a Python exception. Tensors hold a reference of their own, so what the task keeps stays
 * valid; a table reads its stream while the run lasts. */
PyObject *to_python(const assay_run *run, uint64_t handle, const assay_value *value, int depth);

/* An owned value of a neutral object. Returns 1; or 0 with a message and nothing
 * to free. out->release may be called from any thread, without the GIL. */
int from_python(PyObject *object, assay_value *out, char *problem, size_t size);

/* A new "arrow_array_stream" capsule over an input of the run, or NULL with a Python exception. Once per input. */
PyObject *table_stream(const assay_run *run, const assay_value *value);
#endif
