#include "services.h"

#include "convert.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* The run under way. Changed with both the GIL and the lock held, so either is enough to read it. Whoever holds the lock
 * never waits for the GIL. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const assay_run *_Atomic current;
static _Atomic uint64_t handle;
static uint64_t last_handle;

uint64_t services_begin(const assay_run *run) {
  pthread_mutex_lock(&lock);
  current = run;
  handle = ++last_handle;
  pthread_mutex_unlock(&lock);
  return handle;
}

void services_end(void) {
  pthread_mutex_lock(&lock);
  current = NULL;
  handle = 0;
  pthread_mutex_unlock(&lock);
}

uint64_t services_handle(const assay_run *run) {
  /* Not under the lock: a task that reports all the time would hardly ever leave it to a thread that cancels. */
  uint64_t result = handle;
  return current == run ? result : 0;
}

static PyObject *raise(const char *text) {
  if (!py.PyErr_Occurred()) py.PyErr_SetString(py.RuntimeError, text);
  return NULL;
}

static PyObject *nothing(void) {
  py.Py_IncRef(py._Py_NoneStruct);
  return py._Py_NoneStruct;
}

/* Lets other Python threads run while the engine works, and keeps the run from ending meanwhile. */
typedef struct {
  void *state;
} visit;

/* NULL: the run has ended, and an exception is set. */
static const assay_run *enter(PyObject *arguments, visit *v) {
  uint64_t wanted = py.PyLong_AsUnsignedLongLong(py.PyTuple_GetItem(arguments, 0));
  v->state = py.PyEval_SaveThread();
  pthread_mutex_lock(&lock);
  if (current && handle == wanted) return current;
  pthread_mutex_unlock(&lock);
  py.PyEval_RestoreThread(v->state);
  raise("this context's task has ended");
  return NULL;
}

static void leave(visit *v) {
  pthread_mutex_unlock(&lock);
  py.PyEval_RestoreThread(v->state);
}

/* The run, by the GIL alone: for what does not block. */
static const assay_run *running(PyObject *arguments) {
  uint64_t wanted = py.PyLong_AsUnsignedLongLong(py.PyTuple_GetItem(arguments, 0));
  if (current && handle == wanted) return current;
  raise("this context's task has ended");
  return NULL;
}

/* Text and blobs come as bytes objects, which end in a NUL. */
static const char *bytes_at(PyObject *arguments, Py_ssize_t i, Py_ssize_t *n) {
  char *data = NULL;
  PyObject *object = py.PyTuple_GetItem(arguments, i);
  return object && py.PyBytes_AsStringAndSize(object, &data, n) == 0 ? data : NULL;
}

static double number_at(PyObject *arguments, Py_ssize_t i) {
  PyObject *object = py.PyTuple_GetItem(arguments, i);
  return object ? py.PyFloat_AsDouble(object) : 0;
}

static long long int_at(PyObject *arguments, Py_ssize_t i) {
  PyObject *object = py.PyTuple_GetItem(arguments, i);
  return object ? py.PyLong_AsLongLong(object) : 0;
}

/* (handle) -> bool */
static PyObject *cancelled(PyObject *self, PyObject *arguments) {
  (void)self;
  const assay_run *run = running(arguments);
  return run ? py.PyBool_FromLong(assay_cancelled(run)) : NULL;
}

/* (handle, level, text) */
static PyObject *do_log(PyObject *self, PyObject *arguments) {
  (void)self;
  Py_ssize_t n = 0;
  int32_t level = (int32_t)int_at(arguments, 1);
  const char *text = bytes_at(arguments, 2, &n);
  visit v;
  const assay_run *run = text ? enter(arguments, &v) : NULL;
  if (!run) return raise("log takes text");
  run->host->run_log(run, level, text, (uint64_t)n);
  leave(&v);
  return nothing();
}

/* (handle, done, total, text) */
static PyObject *progress(PyObject *self, PyObject *arguments) {
  (void)self;
  Py_ssize_t n = 0;
  double done = number_at(arguments, 1), total = number_at(arguments, 2);
  const char *text = bytes_at(arguments, 3, &n);
  visit v;
  const assay_run *run = text ? enter(arguments, &v) : NULL;
  if (!run) return raise("progress takes text");
  run->host->progress(run, done, total, text);
  leave(&v);
  return nothing();
}

/* (handle, name, value, unit, step) */
static PyObject *metric(PyObject *self, PyObject *arguments) {
  (void)self;
  Py_ssize_t n = 0;
  const char *name = bytes_at(arguments, 1, &n), *unit = bytes_at(arguments, 3, &n);
  double value = number_at(arguments, 2);
  int64_t step = int_at(arguments, 4);
  visit v;
  const assay_run *run = name && unit && !py.PyErr_Occurred() ? enter(arguments, &v) : NULL;
  if (!run) return raise("metric takes a name and a number");
  run->host->metric(run, name, value, unit, step);
  leave(&v);
  return nothing();
}

/* (handle, data) */
static PyObject *checkpoint(PyObject *self, PyObject *arguments) {
  (void)self;
  Py_ssize_t n = 0;
  const char *data = bytes_at(arguments, 1, &n);
  visit v;
  const assay_run *run = data ? enter(arguments, &v) : NULL;
  if (!run) return raise("checkpoint takes bytes");
  assay_status status = run->host->checkpoint(run, data, (uint64_t)n);
  leave(&v);
  return status == ASSAY_OK ? nothing() : raise("the engine did not take the checkpoint");
}

/* (handle, name) -> str or None */
static PyObject *secret(PyObject *self, PyObject *arguments) {
  (void)self;
  Py_ssize_t n = 0;
  const char *name = bytes_at(arguments, 1, &n);
  assay_value value;
  memset(&value, 0, sizeof value);
  visit v;
  const assay_run *run = name ? enter(arguments, &v) : NULL;
  if (!run) return raise("secret takes a name");
  assay_status status =
      ASSAY_HAS(run->host, assay_host, secret) ? run->host->secret(run, name, &value) : ASSAY_E_UNSUPPORTED;
  leave(&v);
  if (status != ASSAY_OK || value.kind != ASSAY_STRING) return nothing();
  PyObject *text = py.PyUnicode_DecodeUTF8(value.count ? value.data : "", (Py_ssize_t)value.count, "replace");
  assay_drop(&value);
  return text;
}

static void drop_buffer(PyObject *capsule) {
  assay_value *owned = py.PyCapsule_GetPointer(capsule, "assay.value");
  if (!owned) {
    py.PyErr_Clear();
    return;
  }
  assay_drop(owned);
  free(owned);
}

/* (handle, bytes) -> (address, owner) */
static PyObject *buffer(PyObject *self, PyObject *arguments) {
  (void)self;
  uint64_t bytes = py.PyLong_AsUnsignedLongLong(py.PyTuple_GetItem(arguments, 1));
  assay_value *owned = calloc(1, sizeof *owned);
  visit v;
  const assay_run *run = owned && !py.PyErr_Occurred() ? enter(arguments, &v) : NULL;
  if (!run) {
    free(owned);
    return raise("buffer takes a size");
  }
  assay_status status = run->host->buffer(run, bytes, 64, owned);
  leave(&v);
  PyObject *capsule = status == ASSAY_OK ? py.PyCapsule_New(owned, "assay.value", drop_buffer) : NULL;
  if (!capsule) {
    if (status == ASSAY_OK) assay_drop(owned);
    free(owned);
    return status == ASSAY_OK ? NULL : nothing();
  }
  PyObject *result = py.PyTuple_New(2);
  if (!result) return NULL;
  py.PyTuple_SetItem(result, 0, py.PyLong_FromUnsignedLongLong((uintptr_t)owned->data));
  py.PyTuple_SetItem(result, 1, capsule);
  return result;
}

/* (handle, address of the assay_value) -> capsule */
static PyObject *stream(PyObject *self, PyObject *arguments) {
  (void)self;
  const assay_run *run = running(arguments);
  if (!run) return NULL;
  return table_stream(run, (const assay_value *)(uintptr_t)py.PyLong_AsUnsignedLongLong(py.PyTuple_GetItem(arguments, 1)));
}

static PyObject *words(const char *text) {
  return py.PyUnicode_DecodeUTF8(text ? text : "", text ? (Py_ssize_t)strlen(text) : 0, "replace");
}

/* (handle) -> (attempt, workflow, node, run_id, temp_dir, seed, unix_ns, deadline_ns, resume) */
static PyObject *facts(PyObject *self, PyObject *arguments) {
  (void)self;
  const assay_run *run = running(arguments);
  if (!run) return NULL;
  PyObject *seed = py.PyTuple_New(4), *result = py.PyTuple_New(9);
  if (!seed || !result) return NULL;
  for (int i = 0; i < 4; i++) py.PyTuple_SetItem(seed, i, py.PyLong_FromUnsignedLongLong(run->seed[i]));
  PyObject *all[] = {
      py.PyLong_FromLongLong(run->attempt), words(run->workflow), words(run->node), words(run->run_id),
      words(run->temp_dir), seed, py.PyLong_FromLongLong(run->unix_ns), py.PyLong_FromLongLong(run->deadline_ns),
      run->resume ? py.PyBytes_FromStringAndSize(run->resume, (Py_ssize_t)run->resume_size) : nothing()};
  for (int i = 0; i < 9; i++) {
    if (!all[i]) return NULL;
    py.PyTuple_SetItem(result, i, all[i]);
  }
  return result;
}

PyObject *services_make(void) {
  static PyMethodDef methods[] = {
      {"cancelled", cancelled, 1, NULL}, {"log", do_log, 1, NULL},  {"progress", progress, 1, NULL},
      {"metric", metric, 1, NULL},       {"facts", facts, 1, NULL}, {"checkpoint", checkpoint, 1, NULL},
      {"secret", secret, 1, NULL},       {"buffer", buffer, 1, NULL}, {"stream", stream, 1, NULL}};
  PyObject *table = py.PyDict_New();
  for (size_t i = 0; table && i < sizeof methods / sizeof *methods; i++) {
    PyObject *function = py.PyCFunction_NewEx(&methods[i], NULL, NULL);
    if (!function || py.PyDict_SetItemString(table, methods[i].name, function) != 0) return NULL;
    py.Py_DecRef(function);
  }
  return table;
}
