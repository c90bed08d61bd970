/* The functions of CPython's stable ABI that the bridge uses, found in the environment's own libpython at run time: no
 * header and no library of Python is needed to build this. Objects are opaque. */
#ifndef ASSAY_PYTHON_API_H
#define ASSAY_PYTHON_API_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct _object PyObject;
typedef ssize_t Py_ssize_t;
typedef PyObject *(*PyCFunction)(PyObject *self, PyObject *args);
typedef struct {
  const char *name;
  PyCFunction function;
  int flags; /* METH_VARARGS: 1 */
  const char *doc;
} PyMethodDef;

/* Py_buffer: part of the stable ABI since 3.11, and the same before. */
typedef struct {
  void *buf;
  PyObject *obj;
  Py_ssize_t len, itemsize;
  int readonly, ndim;
  char *format;
  Py_ssize_t *shape, *strides, *suboffsets;
  void *internal;
} Py_buffer;

#define PYTHON_FUNCTIONS(F)                                                                                            \
  F(void, Py_InitializeEx, (int))                                                                                      \
  F(int, Py_IsInitialized, (void))                                                                                     \
  F(const char *, Py_GetVersion, (void))                                                                               \
  F(wchar_t *, Py_DecodeLocale, (const char *, size_t *))                                                              \
  F(int, PyGILState_Ensure, (void))                                                                                    \
  F(void, PyGILState_Release, (int))                                                                                   \
  F(void *, PyEval_SaveThread, (void))                                                                                 \
  F(void, PyEval_RestoreThread, (void *))                                                                              \
  F(void, Py_IncRef, (PyObject *))                                                                                     \
  F(void, Py_DecRef, (PyObject *))                                                                                     \
  F(PyObject *, PyImport_ImportModule, (const char *))                                                                 \
  F(PyObject *, PyObject_GetAttrString, (PyObject *, const char *))                                                    \
  F(int, PyObject_SetAttrString, (PyObject *, const char *, PyObject *))                                               \
  F(PyObject *, PyObject_CallObject, (PyObject *, PyObject *))                                                         \
  F(PyObject *, PyObject_Type, (PyObject *))                                                                           \
  F(PyObject *, PyObject_Str, (PyObject *))                                                                            \
  F(int, PyObject_GetBuffer, (PyObject *, Py_buffer *, int))                                                           \
  F(void, PyBuffer_Release, (Py_buffer *))                                                                             \
  F(PyObject *, PyTuple_New, (Py_ssize_t))                                                                             \
  F(int, PyTuple_SetItem, (PyObject *, Py_ssize_t, PyObject *))                                                        \
  F(PyObject *, PyTuple_GetItem, (PyObject *, Py_ssize_t))                                                             \
  F(Py_ssize_t, PyTuple_Size, (PyObject *))                                                                            \
  F(PyObject *, PyList_New, (Py_ssize_t))                                                                              \
  F(int, PyList_SetItem, (PyObject *, Py_ssize_t, PyObject *))                                                         \
  F(PyObject *, PyList_GetItem, (PyObject *, Py_ssize_t))                                                              \
  F(Py_ssize_t, PyList_Size, (PyObject *))                                                                             \
  F(int, PyList_Insert, (PyObject *, Py_ssize_t, PyObject *))                                                          \
  F(PyObject *, PyDict_New, (void))                                                                                    \
  F(int, PyDict_SetItemString, (PyObject *, const char *, PyObject *))                                                 \
  F(int, PyDict_Next, (PyObject *, Py_ssize_t *, PyObject **, PyObject **))                                            \
  F(Py_ssize_t, PyDict_Size, (PyObject *))                                                                             \
  F(PyObject *, PyBool_FromLong, (long))                                                                               \
  F(PyObject *, PyLong_FromLongLong, (long long))                                                                      \
  F(PyObject *, PyLong_FromUnsignedLongLong, (unsigned long long))                                                     \
  F(long long, PyLong_AsLongLong, (PyObject *))                                                                        \
  F(unsigned long long, PyLong_AsUnsignedLongLong, (PyObject *))                                                       \
  F(PyObject *, PyFloat_FromDouble, (double))                                                                          \
  F(double, PyFloat_AsDouble, (PyObject *))                                                                            \
  F(PyObject *, PyUnicode_FromString, (const char *))                                                                  \
  F(PyObject *, PyUnicode_DecodeUTF8, (const char *, Py_ssize_t, const char *))                                        \
  F(const char *, PyUnicode_AsUTF8AndSize, (PyObject *, Py_ssize_t *))                                                 \
  F(PyObject *, PyBytes_FromStringAndSize, (const char *, Py_ssize_t))                                                 \
  F(int, PyBytes_AsStringAndSize, (PyObject *, char **, Py_ssize_t *))                                                 \
  F(PyObject *, PyCapsule_New, (void *, const char *, void (*)(PyObject *)))                                           \
  F(void *, PyCapsule_GetPointer, (PyObject *, const char *))                                                          \
  F(PyObject *, PyCFunction_NewEx, (PyMethodDef *, PyObject *, PyObject *))                                            \
  F(PyObject *, PyErr_Occurred, (void))                                                                                \
  F(void, PyErr_Clear, (void))                                                                                         \
  F(void, PyErr_Fetch, (PyObject **, PyObject **, PyObject **))                                                        \
  F(void, PyErr_SetString, (PyObject *, const char *))

#define PYTHON_OBJECTS(O)                                                                                              \
  O(_Py_NoneStruct) O(PyBool_Type) O(PyLong_Type) O(PyFloat_Type) O(PyUnicode_Type) O(PyBytes_Type) O(PyList_Type)     \
  O(PyDict_Type) O(PyTuple_Type)

typedef struct {
#define DECLARE(type, name, arguments) type(*name) arguments;
  PYTHON_FUNCTIONS(DECLARE)
#undef DECLARE
#define DECLARE(name) PyObject *name;
  PYTHON_OBJECTS(DECLARE)
#undef DECLARE
  PyObject *RuntimeError; /* PyExc_… are variables that hold the object */
} python_api;

extern python_api py;

/* The option `key=` of the loader's list, or NULL. */
const char *option(const char *const *options, const char *key);

/* Loads libpython and starts the interpreter `python`, once per process; afterwards nobody holds the GIL.
 * Returns 1, or 0 with a message. A second call with another libpython or interpreter is refused. */
int python_start(const char *libpython, const char *python, char *problem, size_t size);

/* Moves the pending exception into text, "Type: message". */
void python_error(char *text, size_t size);
#endif
