#include "assay_arrow.h"
#include "assay_dlpack.h"
#include "convert.h"

#include <stdlib.h>
#include <string.h>

python_makers makers;

static PyObject *fail(const char *text) {
  py.PyErr_SetString(py.RuntimeError, text);
  return NULL;
}

static PyObject *none(void) {
  py.Py_IncRef(py._Py_NoneStruct);
  return py._Py_NoneStruct;
}

/* Calls `function` with `n` new references, which it takes; a NULL among them is an exception already. */
static PyObject *call(PyObject *function, int n, PyObject **arguments) {
  PyObject *tuple = py.PyTuple_New(n), *result = NULL;
  int complete = tuple != NULL;
  for (int i = 0; i < n; i++) {
    if (!arguments[i]) complete = 0;
    else if (tuple) py.PyTuple_SetItem(tuple, i, arguments[i]);
    else py.Py_DecRef(arguments[i]);
  }
  if (complete) result = py.PyObject_CallObject(function, tuple);
  if (tuple) py.Py_DecRef(tuple);
  return result;
}

static PyObject *text(const char *words) {
  return py.PyUnicode_DecodeUTF8(words ? words : "", words ? (Py_ssize_t)strlen(words) : 0, "replace");
}

static PyObject *list(const assay_run *run, uint64_t handle, const assay_value *value, int depth) {
  const assay_value *items = value->data;
  PyObject *result = py.PyList_New((Py_ssize_t)value->count);
  for (uint64_t i = 0; result && i < value->count; i++) {
    PyObject *item = to_python(run, handle, &items[i], depth + 1);
    if (!item || py.PyList_SetItem(result, (Py_ssize_t)i, item) != 0) {
      py.Py_DecRef(result);
      return NULL;
    }
  }
  return result;
}

static PyObject *record(const assay_run *run, uint64_t handle, const assay_value *value, int depth) {
  const assay_value *items = value->data;
  PyObject *result = py.PyDict_New();
  for (uint64_t i = 0; result && i < value->count; i++) {
    PyObject *item = to_python(run, handle, &items[i], depth + 1);
    int bad = !item || py.PyDict_SetItemString(result, value->names[i], item) != 0;
    if (item) py.Py_DecRef(item);
    if (bad) {
      py.Py_DecRef(result);
      return NULL;
    }
  }
  return result;
}

/* ---- tensors ---- */

static void drop_owner(PyObject *capsule) {
  assay_value *owned = py.PyCapsule_GetPointer(capsule, "assay.value");
  if (!owned) {
    py.PyErr_Clear();
    return;
  }
  assay_drop(owned);
  free(owned);
}

/* Bytes of the dense array, or -1: overflow. *dense tells whether the strides say so too. */
static int64_t extent(const DLTensor *t, int *dense) {
  int64_t count = 1;
  *dense = 1;
  for (int32_t i = t->ndim; i-- > 0;) {
    if (t->strides && t->shape[i] > 1 && t->strides[i] != count) *dense = 0;
    if (t->shape[i] < 0 || __builtin_mul_overflow(count, t->shape[i], &count)) return -1;
  }
  if (__builtin_mul_overflow(count, (int64_t)(t->dtype.bits / 8), &count)) return -1;
  return count;
}

static void gather(const DLTensor *t, int32_t axis, const char *from, char **to) {
  size_t item = t->dtype.bits / 8u;
  if (axis == t->ndim) {
    memcpy(*to, from, item);
    *to += item;
    return;
  }
  for (int64_t i = 0; i < t->shape[axis]; i++)
    gather(t, axis + 1, from + i * t->strides[axis] * (int64_t)item, to);
}

static PyObject *shape_of(const DLTensor *t) {
  PyObject *shape = py.PyTuple_New(t->ndim);
  for (int32_t i = 0; shape && i < t->ndim; i++) {
    PyObject *n = py.PyLong_FromLongLong(t->shape[i]);
    if (!n || py.PyTuple_SetItem(shape, i, n) != 0) {
      py.Py_DecRef(shape);
      return NULL;
    }
  }
  return shape;
}

static PyObject *strided(const DLTensor *t, const char *data, int64_t bytes) {
  PyObject *copy = py.PyBytes_FromStringAndSize(NULL, (Py_ssize_t)bytes);
  char *to = NULL;
  Py_ssize_t n;
  if (!copy || py.PyBytes_AsStringAndSize(copy, &to, &n) != 0) return NULL;
  if (bytes) gather(t, 0, data, &to);
  PyObject *arguments[] = {py.PyLong_FromLongLong(t->dtype.code), py.PyLong_FromLongLong(t->dtype.bits), shape_of(t), copy};
  return call(makers.copied, 4, arguments);
}

static PyObject *tensor(const assay_run *run, const assay_value *value) {
  const DLManagedTensorVersioned *managed = value->data;
  if (!managed || managed->version.major != 1) return fail("this tensor has another DLPack generation");
  const DLTensor *t = &managed->dl_tensor;
  int dense;
  int64_t bytes = extent(t, &dense);
  if (t->device.device_type != ASSAY_DL_CPU || t->dtype.lanes != 1 || t->ndim < 0 || bytes < 0)
    return fail("this tensor is not a dense array in main memory");
  const char *data = t->data ? (const char *)t->data + t->byte_offset : NULL;
  if (!dense) return strided(t, data, bytes);
  assay_value *owned = calloc(1, sizeof *owned);
  if (!owned) return fail("out of memory");
  if (run->host->retain(run, value, owned) != ASSAY_OK) {
    free(owned);
    return fail("the engine does not share this tensor");
  }
  const DLManagedTensorVersioned *kept = owned->data;
  data = kept->dl_tensor.data ? (const char *)kept->dl_tensor.data + kept->dl_tensor.byte_offset : NULL;
  PyObject *owner = py.PyCapsule_New(owned, "assay.value", drop_owner);
  if (!owner) {
    assay_drop(owned);
    free(owned);
    return NULL;
  }
  int readonly = (value->flags & ASSAY_V_READONLY) || (managed->flags & DLPACK_FLAG_BITMASK_READ_ONLY);
  PyObject *arguments[] = {py.PyLong_FromLongLong(t->dtype.code), py.PyLong_FromLongLong(t->dtype.bits), shape_of(t),
                           py.PyLong_FromUnsignedLongLong((uintptr_t)data), py.PyBool_FromLong(readonly), owner};
  return call(makers.tensor, 6, arguments);
}

/* ---- tables ---- */

static void drop_stream(PyObject *capsule) {
  struct ArrowArrayStream *stream = py.PyCapsule_GetPointer(capsule, "arrow_array_stream");
  if (!stream) {
    py.PyErr_Clear();
    return;
  }
  if (stream->release) stream->release(stream);
  free(stream);
}

PyObject *table_stream(const assay_run *run, const assay_value *value) {
  struct ArrowArrayStream *stream = calloc(1, sizeof *stream);
  assay_value owned;
  memset(&owned, 0, sizeof owned);
  if (!stream) return fail("out of memory");
  if (run->host->retain(run, value, &owned) != ASSAY_OK || !owned.data) {
    free(stream);
    return fail("the engine does not share this table");
  }
  struct ArrowArrayStream *source = (struct ArrowArrayStream *)(uintptr_t)owned.data;
  if (!source->release) {
    assay_drop(&owned);
    free(stream);
    return fail("this table has been read already");
  }
  *stream = *source;
  source->release = NULL; /* moved */
  assay_drop(&owned);
  PyObject *capsule = py.PyCapsule_New(stream, "arrow_array_stream", drop_stream);
  if (!capsule) {
    stream->release(stream);
    free(stream);
  }
  return capsule;
}

static PyObject *file(const assay_value *value) {
  const assay_artifact *a = value->data;
  PyObject *arguments[] = {text(a->path), py.PyLong_FromUnsignedLongLong(a->size), text(a->media_type), text(a->digest),
                           py.PyBool_FromLong(value->kind == ASSAY_DIR)};
  return call(makers.file, 5, arguments);
}

PyObject *to_python(const assay_run *run, uint64_t handle, const assay_value *value, int depth) {
  if (depth > 64) return fail("values nested more than 64 deep");
  switch (value->kind) {
  case ASSAY_NULL: return none();
  case ASSAY_BOOL: return py.PyBool_FromLong(value->i64 != 0);
  case ASSAY_I64: return py.PyLong_FromLongLong(value->i64);
  case ASSAY_F64: return py.PyFloat_FromDouble(value->f64);
  case ASSAY_STRING: return py.PyUnicode_DecodeUTF8(value->count ? value->data : "", (Py_ssize_t)value->count, "strict");
  case ASSAY_BYTES: return py.PyBytes_FromStringAndSize(value->count ? value->data : "", (Py_ssize_t)value->count);
  case ASSAY_LIST: return list(run, handle, value, depth);
  case ASSAY_RECORD: return record(run, handle, value, depth);
  case ASSAY_TENSOR: return tensor(run, value);
  case ASSAY_TABLE: {
    PyObject *arguments[] = {py.PyLong_FromUnsignedLongLong(handle), py.PyLong_FromUnsignedLongLong((uintptr_t)value)};
    return call(makers.table, 2, arguments);
  }
  case ASSAY_FILE:
  case ASSAY_DIR: return file(value);
  default: return fail("a value of a kind that this bridge does not know");
  }
}
