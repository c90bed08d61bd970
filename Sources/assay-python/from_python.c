#include "assay_arrow.h"
#include "assay_dlpack.h"
#include "convert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything that an output value points to; freed by the value's release. */
typedef struct block {
  struct block *next;
  enum { MEMORY, BUFFER, STREAM } kind;
  union {
    Py_buffer buffer;
    struct ArrowArrayStream stream;
    max_align_t memory[1];
  } u;
} block;

typedef struct {
  PyObject *root; /* keeps texts, bytes and lists where they are */
  block *blocks;
} holder;

typedef struct {
  holder *holder;
  char *problem;
  size_t size;
} conversion;

static void free_holder(holder *h) {
  while (h->blocks) {
    block *next = h->blocks->next;
    if (h->blocks->kind == BUFFER) py.PyBuffer_Release(&h->blocks->u.buffer);
    if (h->blocks->kind == STREAM && h->blocks->u.stream.release) h->blocks->u.stream.release(&h->blocks->u.stream);
    free(h->blocks);
    h->blocks = next;
  }
  py.Py_DecRef(h->root);
  free(h);
}

static void ASSAY_CALL release_output(assay_value *value) {
  int gil = py.PyGILState_Ensure();
  free_holder(value->owner);
  py.PyGILState_Release(gil);
}

static int bad(conversion *c, const char *words) {
  snprintf(c->problem, c->size, "%s", words);
  return 0;
}

static int bad_exception(conversion *c) {
  python_error(c->problem, c->size);
  return 0;
}

static block *add(conversion *c, int kind, size_t size) {
  block *b = calloc(1, sizeof *b + size);
  if (!b) {
    bad(c, "out of memory");
    return NULL;
  }
  b->kind = kind;
  b->next = c->holder->blocks;
  c->holder->blocks = b;
  return b;
}

static int convert(conversion *c, PyObject *object, assay_value *out, int depth);

static int items(conversion *c, PyObject *list, assay_value *out, int depth) {
  Py_ssize_t n = py.PyList_Size(list);
  block *b = add(c, MEMORY, (size_t)n * sizeof(assay_value));
  if (!b) return 0;
  assay_value *values = (assay_value *)b->u.memory;
  for (Py_ssize_t i = 0; i < n; i++)
    if (!convert(c, py.PyList_GetItem(list, i), &values[i], depth + 1)) return 0;
  out->kind = ASSAY_LIST;
  out->count = (uint64_t)n;
  out->data = values;
  return 1;
}

static int fields(conversion *c, PyObject *dict, assay_value *out, int depth) {
  Py_ssize_t n = py.PyDict_Size(dict), at = 0;
  block *values = add(c, MEMORY, (size_t)n * sizeof(assay_value)), *names = add(c, MEMORY, (size_t)n * sizeof(char *));
  if (!values || !names) return 0;
  assay_value *to = (assay_value *)values->u.memory;
  const char **name = (const char **)names->u.memory;
  PyObject *key, *item;
  for (Py_ssize_t i = 0; i < n && py.PyDict_Next(dict, &at, &key, &item); i++) {
    name[i] = py.PyUnicode_AsUTF8AndSize(key, NULL);
    if (!name[i]) return bad_exception(c);
    if (!convert(c, item, &to[i], depth + 1)) return 0;
  }
  out->kind = ASSAY_RECORD;
  out->count = (uint64_t)n;
  out->data = to;
  out->names = name;
  return 1;
}

/* (TENSOR, code, bits, shape, data) */
static int tensor(conversion *c, PyObject *tuple, assay_value *out) {
  PyObject *shape = py.PyTuple_GetItem(tuple, 3);
  Py_ssize_t ndim = py.PyTuple_Size(shape);
  if (ndim < 0) return bad_exception(c);
  block *view = add(c, BUFFER, 0), *memory = NULL;
  if (!view) return 0;
  if (py.PyObject_GetBuffer(py.PyTuple_GetItem(tuple, 4), &view->u.buffer, 0) != 0) {
    view->kind = MEMORY;
    return bad_exception(c);
  }
  memory = add(c, MEMORY, sizeof(DLManagedTensorVersioned) + (size_t)ndim * 2 * sizeof(int64_t));
  if (!memory) return 0;
  DLManagedTensorVersioned *managed = (DLManagedTensorVersioned *)memory->u.memory;
  int64_t *extents = (int64_t *)(managed + 1), stride = 1;
  managed->version.major = DLPACK_MAJOR_VERSION;
  managed->version.minor = DLPACK_MINOR_VERSION;
  DLTensor *t = &managed->dl_tensor;
  t->data = view->u.buffer.buf;
  t->device.device_type = ASSAY_DL_CPU;
  t->ndim = (int32_t)ndim;
  t->dtype.code = (uint8_t)py.PyLong_AsLongLong(py.PyTuple_GetItem(tuple, 1));
  t->dtype.bits = (uint8_t)py.PyLong_AsLongLong(py.PyTuple_GetItem(tuple, 2));
  t->dtype.lanes = 1;
  t->shape = extents;
  t->strides = extents + ndim;
  for (Py_ssize_t i = ndim; i-- > 0;) {
    extents[i] = py.PyLong_AsLongLong(py.PyTuple_GetItem(shape, i));
    extents[ndim + i] = stride;
    stride *= extents[i] > 0 ? extents[i] : 1;
  }
  if (py.PyErr_Occurred()) return bad_exception(c);
  out->kind = ASSAY_TENSOR;
  out->data = managed;
  return 1;
}

/* (TABLE, capsule) */
static int table(conversion *c, PyObject *tuple, assay_value *out) {
  struct ArrowArrayStream *source = py.PyCapsule_GetPointer(py.PyTuple_GetItem(tuple, 1), "arrow_array_stream");
  if (!source) return bad_exception(c);
  if (!source->release) return bad(c, "this Arrow stream has been read already");
  block *b = add(c, STREAM, 0);
  if (!b) return 0;
  b->u.stream = *source;
  source->release = NULL; /* moved */
  out->kind = ASSAY_TABLE;
  out->data = &b->u.stream;
  return 1;
}

/* (FILE | DIRECTORY, path, size, media_type): the kit has put it into the run's temp_dir, from where the engine takes it. */
static int file(conversion *c, PyObject *tuple, assay_value *out, int is_dir) {
  block *b = add(c, MEMORY, sizeof(assay_artifact));
  if (!b) return 0;
  assay_artifact *a = (assay_artifact *)b->u.memory;
  a->struct_size = sizeof *a;
  a->is_dir = (uint32_t)is_dir;
  a->path = py.PyUnicode_AsUTF8AndSize(py.PyTuple_GetItem(tuple, 1), NULL);
  a->fd = -1;
  a->size = py.PyLong_AsUnsignedLongLong(py.PyTuple_GetItem(tuple, 2));
  a->media_type = py.PyUnicode_AsUTF8AndSize(py.PyTuple_GetItem(tuple, 3), NULL);
  if (!a->path || !a->media_type || py.PyErr_Occurred()) return bad_exception(c);
  out->kind = is_dir ? ASSAY_DIR : ASSAY_FILE;
  out->data = a;
  return 1;
}

static int tagged(conversion *c, PyObject *tuple, assay_value *out) {
  long long kind = py.PyTuple_Size(tuple) > 1 ? py.PyLong_AsLongLong(py.PyTuple_GetItem(tuple, 0)) : -1;
  if (kind == ASSAY_TENSOR && py.PyTuple_Size(tuple) == 5) return tensor(c, tuple, out);
  if (kind == ASSAY_TABLE) return table(c, tuple, out);
  if ((kind == ASSAY_FILE || kind == ASSAY_DIR) && py.PyTuple_Size(tuple) == 4) return file(c, tuple, out, kind == ASSAY_DIR);
  py.PyErr_Clear();
  return bad(c, "the kit made an unknown value");
}

static int convert(conversion *c, PyObject *object, assay_value *out, int depth) {
  if (!object || depth > 64) return bad(c, "values nested more than 64 deep");
  if (object == py._Py_NoneStruct) return 1;
  PyObject *type = py.PyObject_Type(object);
  if (!type) return bad_exception(c);
  py.Py_DecRef(type); /* the object keeps its type */
  Py_ssize_t n = 0;
  if (type == py.PyFloat_Type) {
    out->kind = ASSAY_F64;
    out->f64 = py.PyFloat_AsDouble(object);
  } else if (type == py.PyLong_Type || type == py.PyBool_Type) {
    out->kind = type == py.PyBool_Type ? ASSAY_BOOL : ASSAY_I64;
    out->i64 = py.PyLong_AsLongLong(object);
    if (out->i64 == -1 && py.PyErr_Occurred()) return bad_exception(c);
  } else if (type == py.PyUnicode_Type) {
    out->kind = ASSAY_STRING;
    out->data = py.PyUnicode_AsUTF8AndSize(object, &n);
    if (!out->data) return bad_exception(c);
    out->count = (uint64_t)n;
  } else if (type == py.PyBytes_Type) {
    char *data = NULL;
    if (py.PyBytes_AsStringAndSize(object, &data, &n) != 0) return bad_exception(c);
    out->kind = ASSAY_BYTES;
    out->data = data;
    out->count = (uint64_t)n;
  } else if (type == py.PyList_Type) {
    return items(c, object, out, depth);
  } else if (type == py.PyDict_Type) {
    return fields(c, object, out, depth);
  } else if (type == py.PyTuple_Type) {
    return tagged(c, object, out);
  } else {
    return bad(c, "the kit made an unknown value");
  }
  return 1;
}

int from_python(PyObject *object, assay_value *out, char *problem, size_t size) {
  memset(out, 0, sizeof *out);
  holder *h = calloc(1, sizeof *h);
  conversion c = {h, problem, size};
  if (!h) return bad(&c, "out of memory");
  py.Py_IncRef(object);
  h->root = object;
  if (!convert(&c, object, out, 0)) {
    free_holder(h);
    memset(out, 0, sizeof *out);
    return 0;
  }
  if (out->kind <= ASSAY_F64) { /* nothing behind it */
    free_holder(h);
    return 1;
  }
  out->release = release_output;
  out->owner = h;
  return 1;
}
