/* A plugin that stands for a Python file: describes its tasks and runs them in an interpreter inside this process.
 *
 * The loader names the file (`source`) and, as options, `libpython` (shared library), `python` (the environment's
 * interpreter) and `sdk` (the directory that holds the assay package). The interpreter is never finalised. */
#include "assay.h"
#include "convert.h"
#include "services.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  assay_task task; /* first: create() gets a pointer to it */
  PyObject *object;
} python_task;

static struct {
  PyObject *load, *run, *interrupt;
} sdk;
static char *last_description; /* of the file that the last entry call loaded */

/* ---- descriptors: copied once, alive as long as the process ---- */

static int out_of_memory;

static void *keep(size_t count, size_t size) {
  void *block = calloc(count ? count : 1, size);
  if (!block) out_of_memory = 1;
  return block;
}

/* Item `i` of a tuple as a C string; NULL for None. */
static const char *text_at(PyObject *tuple, Py_ssize_t i) {
  PyObject *object = py.PyTuple_GetItem(tuple, i);
  if (!object || object == py._Py_NoneStruct) return NULL;
  const char *text = py.PyUnicode_AsUTF8AndSize(object, NULL);
  char *copy = text ? strdup(text) : NULL;
  if (!copy) out_of_memory = 1;
  return copy;
}

static long long int_at(PyObject *tuple, Py_ssize_t i) { return py.PyLong_AsLongLong(py.PyTuple_GetItem(tuple, i)); }

/* A tuple of (name, type, doc, unit, default_json). */
static const assay_port *const *ports_at(PyObject *tuple, Py_ssize_t i, uint32_t *count) {
  PyObject *all = py.PyTuple_GetItem(tuple, i);
  Py_ssize_t n = py.PyTuple_Size(all);
  assay_port *ports = keep((size_t)n, sizeof *ports);
  const assay_port **pointers = keep((size_t)n, sizeof *pointers);
  if (!ports || !pointers || n < 0) return NULL;
  for (Py_ssize_t k = 0; k < n; k++) {
    PyObject *port = py.PyTuple_GetItem(all, k);
    ports[k].struct_size = sizeof *ports;
    ports[k].name = text_at(port, 0);
    ports[k].type = text_at(port, 1);
    ports[k].doc = text_at(port, 2);
    ports[k].unit = text_at(port, 3);
    ports[k].default_json = text_at(port, 4);
    pointers[k] = &ports[k];
  }
  *count = (uint32_t)n;
  return pointers;
}

static const char *const *texts_at(PyObject *tuple, Py_ssize_t i) {
  PyObject *all = py.PyTuple_GetItem(tuple, i);
  Py_ssize_t n = py.PyTuple_Size(all);
  const char **texts = keep((size_t)n + 1, sizeof *texts);
  for (Py_ssize_t k = 0; texts && k < n; k++) texts[k] = text_at(all, k);
  return texts;
}

static assay_status ASSAY_CALL create(const assay_host *host, const assay_task *task, const assay_value *config,
                                      void **instance) {
  (void)host;
  (void)config;
  *instance = (void *)(uintptr_t)task;
  return ASSAY_OK;
}

static assay_status ASSAY_CALL run_task(void *instance, const assay_run *run);
static void ASSAY_CALL cancel_task(void *instance, const assay_run *run);

static void describe_task(python_task *to, PyObject *from) {
  assay_task *t = &to->task;
  t->struct_size = sizeof *t;
  t->flags = (uint32_t)int_at(from, 0);
  t->threads = ASSAY_THREADS_PROCESS;
  t->id = text_at(from, 1);
  t->version = text_at(from, 2);
  t->title = text_at(from, 3);
  t->doc = text_at(from, 4);
  t->phase = text_at(from, 5);
  t->inputs = ports_at(from, 6, &t->n_inputs);
  t->outputs = ports_at(from, 7, &t->n_outputs);
  t->secrets = texts_at(from, 8);
  t->cpu = py.PyFloat_AsDouble(py.PyTuple_GetItem(from, 9));
  t->memory_bytes = (uint64_t)int_at(from, 10);
  t->disk_bytes = (uint64_t)int_at(from, 11);
  t->device = text_at(from, 12);
  t->typical_ms = int_at(from, 13);
  to->object = py.PyTuple_GetItem(from, 14);
  py.Py_IncRef(to->object);
  t->create = create;
  t->run = run_task;
  t->cancel = cancel_task;
}

/* `assay.describe/1`: the describe document (UTF-8 JSON, NUL-terminated) of the file that was loaded last; it knows more
 * than the descriptors do: the files that the code consists of. */
static const void *ASSAY_CALL get_extension(const char *id) {
  return id && !strcmp(id, "assay.describe/1") ? last_description : NULL;
}

/* (id, version, license, doc, description, tasks) of assay._bridge.load */
static const assay_plugin *plugin_of(PyObject *loaded) {
  assay_plugin *plugin = keep(1, sizeof *plugin);
  PyObject *all = py.PyTuple_GetItem(loaded, 5);
  Py_ssize_t n = py.PyTuple_Size(all);
  python_task *tasks = keep((size_t)n, sizeof *tasks);
  const assay_task **pointers = keep((size_t)n, sizeof *pointers);
  if (!plugin || !tasks || !pointers || n < 0) return NULL;
  plugin->struct_size = sizeof *plugin;
  plugin->generation = ASSAY_GENERATION;
  plugin->revision = ASSAY_REVISION;
  plugin->requires_revision = 1;
  plugin->id = text_at(loaded, 0);
  plugin->version = text_at(loaded, 1);
  plugin->license = text_at(loaded, 2);
  plugin->doc = text_at(loaded, 3);
  last_description = (char *)(uintptr_t)text_at(loaded, 4);
  for (Py_ssize_t i = 0; i < n; i++) {
    describe_task(&tasks[i], py.PyTuple_GetItem(all, i));
    pointers[i] = &tasks[i].task;
  }
  plugin->tasks = pointers;
  plugin->n_tasks = (uint64_t)n;
  plugin->get_extension = get_extension;
  return out_of_memory || py.PyErr_Occurred() ? NULL : plugin;
}

/* ---- entry ---- */

static PyObject *attribute(PyObject *module, const char *name) {
  return module ? py.PyObject_GetAttrString(module, name) : NULL;
}

/* Imports assay._bridge from the kit, once. Needs the GIL. 0: a Python exception is set. */
static int import_sdk(const char *directory) {
  if (sdk.load) return 1;
  PyObject *path = attribute(py.PyImport_ImportModule("sys"), "path");
  PyObject *entry = py.PyUnicode_DecodeUTF8(directory, (Py_ssize_t)strlen(directory), "surrogateescape");
  if (!path || !entry || py.PyList_Insert(path, 0, entry) != 0) return 0;
  PyObject *module = py.PyImport_ImportModule("assay._bridge"), *services = services_make();
  makers.tensor = attribute(module, "make_tensor");
  makers.copied = attribute(module, "make_copied");
  makers.table = attribute(module, "make_table");
  makers.file = attribute(module, "make_file");
  sdk.run = attribute(module, "run");
  sdk.interrupt = attribute(module, "interrupt");
  PyObject *load = attribute(module, "load");
  if (!services || !makers.tensor || !makers.copied || !makers.table || !makers.file || !sdk.run ||
      !sdk.interrupt || !load || py.PyObject_SetAttrString(module, "services", services) != 0)
    return 0;
  sdk.load = load;
  return 1;
}

static PyObject *load_source(const char *source) {
  PyObject *arguments = py.PyTuple_New(1);
  if (!arguments) return NULL;
  py.PyTuple_SetItem(arguments, 0, py.PyUnicode_DecodeUTF8(source, (Py_ssize_t)strlen(source), "surrogateescape"));
  PyObject *loaded = py.PyObject_CallObject(sdk.load, arguments);
  py.Py_DecRef(arguments);
  return loaded;
}

static const assay_plugin *refuse(const assay_loader *loader, const char *reason) {
  if (loader->refuse) loader->refuse(loader, reason);
  return NULL;
}

ASSAY_EXPORT const assay_plugin *ASSAY_CALL assay_plugin_entry(const assay_loader *loader) {
  char problem[16384];
  if (!loader) return NULL;
  if (!assay_speaks(loader)) {
    snprintf(problem, sizeof problem, "the Python bridge speaks generation %u, this engine %u to %u", ASSAY_GENERATION,
             loader->generation_min, loader->generation_max);
    return refuse(loader, problem);
  }
  if (!ASSAY_HAS(loader, assay_loader, options)) return refuse(loader, "this engine is too old to load Python files");
  const char *libpython = option(loader->options, "libpython"), *python = option(loader->options, "python"),
             *kit = option(loader->options, "sdk");
  if (!loader->source || !libpython || !python || !kit)
    return refuse(loader, "the Python bridge needs a source and the options libpython, python and sdk");
  if (!python_start(libpython, python, problem, sizeof problem)) return refuse(loader, problem);
  int gil = py.PyGILState_Ensure();
  const assay_plugin *plugin = NULL;
  PyObject *loaded = import_sdk(kit) ? load_source(loader->source) : NULL;
  if (!loaded) {
    python_error(problem, sizeof problem);
  } else if (py.PyTuple_Size(loaded) == 1) { /* (reason,) */
    const char *reason = py.PyUnicode_AsUTF8AndSize(py.PyTuple_GetItem(loaded, 0), NULL);
    snprintf(problem, sizeof problem, "%s", reason ? reason : "the file cannot be loaded");
  } else {
    plugin = plugin_of(loaded);
    if (!plugin) {
      snprintf(problem, sizeof problem, "out of memory");
      py.PyErr_Clear();
    }
  }
  if (loaded) py.Py_DecRef(loaded);
  py.PyGILState_Release(gil);
  return plugin ? plugin : refuse(loader, problem);
}

/* ---- running ---- */

static assay_status fail(const assay_run *run, assay_status status, const char *domain, const char *message) {
  assay_error error = {sizeof error, status, -1, 0, -1, domain, message, NULL, NULL};
  return run->host->fail(run, &error); /* copies; does not block */
}

/* (status, retryable, domain_code, retry_after_ms, domain, message, detail, port) of assay._errors.ErrorRecord */
static assay_status fail_with(const assay_run *run, PyObject *record) {
  const char *texts[4];
  for (int i = 0; i < 4; i++) {
    texts[i] = py.PyUnicode_AsUTF8AndSize(py.PyTuple_GetItem(record, 4 + i), NULL);
    if (!texts[i]) texts[i] = "";
  }
  assay_error error = {sizeof error, (assay_status)int_at(record, 0), (int32_t)int_at(record, 1),
                       (int32_t)int_at(record, 2), int_at(record, 3), texts[0], texts[1],
                       *texts[2] ? texts[2] : NULL, *texts[3] ? texts[3] : NULL};
  py.PyErr_Clear();
  if (error.status == ASSAY_OK) error.status = ASSAY_E_FAILED;
  return run->host->fail(run, &error);
}

static assay_status give_outputs(const assay_run *run, PyObject *outputs) {
  char problem[1024];
  Py_ssize_t n = py.PyList_Size(outputs);
  for (Py_ssize_t i = 0; i < n; i++) {
    assay_value value;
    if (!from_python(py.PyList_GetItem(outputs, i), &value, problem, sizeof problem))
      return fail(run, ASSAY_E_CONTRACT, "contract", problem);
    void *state = py.PyEval_SaveThread();
    assay_status status = run->host->output(run, (uint32_t)i, &value);
    py.PyEval_RestoreThread(state);
    if (status != ASSAY_OK) return status;
  }
  return ASSAY_OK;
}

static PyObject *call_task(python_task *task, const assay_run *run, uint64_t handle) {
  PyObject *inputs = py.PyTuple_New(run->n_inputs), *arguments = py.PyTuple_New(3), *result = NULL;
  int complete = inputs && arguments;
  for (uint32_t i = 0; complete && i < run->n_inputs; i++) {
    PyObject *value = to_python(run, handle, &run->inputs[i], 0);
    if (value) py.PyTuple_SetItem(inputs, i, value);
    else complete = 0;
  }
  if (complete) {
    py.Py_IncRef(task->object);
    py.PyTuple_SetItem(arguments, 0, task->object);
    py.Py_IncRef(inputs);
    py.PyTuple_SetItem(arguments, 1, inputs);
    py.PyTuple_SetItem(arguments, 2, py.PyLong_FromUnsignedLongLong(handle));
    result = py.PyObject_CallObject(sdk.run, arguments);
  }
  if (arguments) py.Py_DecRef(arguments);
  if (inputs) py.Py_DecRef(inputs);
  return result;
}

static assay_status ASSAY_CALL run_task(void *instance, const assay_run *run) {
  int gil = py.PyGILState_Ensure();
  uint64_t handle = services_begin(run);
  PyObject *result = call_task(instance, run, handle);
  assay_status status;
  PyObject *type = result ? py.PyObject_Type(result) : NULL;
  if (type == py.PyList_Type) {
    status = give_outputs(run, result);
  } else if (result && py.PyTuple_Size(result) == 8) {
    status = fail_with(run, result);
  } else {
    char problem[1024];
    python_error(problem, sizeof problem);
    status = fail(run, ASSAY_E_CONTRACT, "contract", problem);
  }
  if (type) py.Py_DecRef(type);
  if (result) py.Py_DecRef(result);
  services_end();
  py.PyGILState_Release(gil);
  return status;
}

static void ASSAY_CALL cancel_task(void *instance, const assay_run *run) {
  (void)instance;
  uint64_t handle = services_handle(run);
  if (!handle) return;
  int gil = py.PyGILState_Ensure();
  PyObject *arguments = py.PyTuple_New(1), *done = NULL;
  if (arguments) {
    py.PyTuple_SetItem(arguments, 0, py.PyLong_FromUnsignedLongLong(handle));
    done = py.PyObject_CallObject(sdk.interrupt, arguments);
    py.Py_DecRef(arguments);
  }
  if (done) py.Py_DecRef(done);
  else py.PyErr_Clear();
  py.PyGILState_Release(gil);
}
