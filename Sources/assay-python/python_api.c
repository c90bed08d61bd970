#include "python_api.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

python_api py;

const char *option(const char *const *options, const char *key) {
  size_t n = strlen(key);
  for (; options && *options; options++)
    if (!strncmp(*options, key, n) && (*options)[n] == '=') return *options + n + 1;
  return NULL;
}

static int resolve(void *library, char *problem, size_t size) {
  const char *missing = NULL;
#define RESOLVE(type, name, arguments)                                                                                 \
  *(void **)&py.name = dlsym(library, #name);                                                                          \
  if (!py.name) missing = #name;
  PYTHON_FUNCTIONS(RESOLVE)
#undef RESOLVE
#define RESOLVE(name)                                                                                                  \
  py.name = dlsym(library, #name);                                                                                     \
  if (!py.name) missing = #name;
  PYTHON_OBJECTS(RESOLVE)
#undef RESOLVE
  if (!missing) return 1;
  snprintf(problem, size, "this libpython has no %s: Assay embeds CPython 3.8 to 3.14", missing);
  return 0;
}

/* As `python -I`: no PYTHON… variables, no user site, nothing of the current directory. */
static void isolate(void *library) {
  static const char *const flags[] = {"Py_IsolatedFlag", "Py_IgnoreEnvironmentFlag", "Py_NoUserSiteDirectory"};
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
    int *flag = dlsym(library, flags[i]);
    if (flag) *flag = 1;
  }
}

int python_start(const char *libpython, const char *python, char *problem, size_t size) {
  static char started[8192];
  char wanted[sizeof started];
  if (snprintf(wanted, sizeof wanted, "%s\n%s", libpython, python) >= (int)sizeof wanted) {
    snprintf(problem, size, "the paths of Python are too long");
    return 0;
  }
  if (*started) {
    if (!strcmp(started, wanted)) return 1;
    snprintf(problem, size, "this process runs another Python already: one worker, one interpreter");
    return 0;
  }
  /* Global, because extension modules look for Python's symbols without naming the library. Never closed. */
  void *library = dlopen(libpython, RTLD_NOW | RTLD_GLOBAL);
  if (!library) {
    snprintf(problem, size, "cannot load Python: %s", dlerror());
    return 0;
  }
  if (!resolve(library, problem, size)) return 0;
  void (*set_name)(const wchar_t *) = (void (*)(const wchar_t *))dlsym(library, "Py_SetProgramName");
  wchar_t *name = py.Py_DecodeLocale(python, NULL);
  if (!set_name || !name) {
    snprintf(problem, size, "this libpython cannot be told which environment it is for (%s)", python);
    return 0;
  }
  isolate(library);
  set_name(name); /* a virtual environment is found by the name of its program; Python keeps the pointer */
  py.Py_InitializeEx(0); /* 0: no signal handlers */
  if (!py.Py_IsInitialized()) {
    snprintf(problem, size, "Python did not start");
    return 0;
  }
  PyObject **runtime_error = dlsym(library, "PyExc_RuntimeError");
  py.RuntimeError = runtime_error ? *runtime_error : NULL;
  py.PyEval_SaveThread();
  memcpy(started, wanted, sizeof started);
  return 1;
}

void python_error(char *text, size_t size) {
  PyObject *type = NULL, *value = NULL, *trace = NULL;
  py.PyErr_Fetch(&type, &value, &trace);
  PyObject *name = type ? py.PyObject_GetAttrString(type, "__name__") : NULL;
  PyObject *words = value ? py.PyObject_Str(value) : NULL;
  const char *a = name ? py.PyUnicode_AsUTF8AndSize(name, NULL) : NULL;
  const char *b = words ? py.PyUnicode_AsUTF8AndSize(words, NULL) : NULL;
  snprintf(text, size, "%s: %s", a ? a : "error", b ? b : "(no message)");
  PyObject *all[] = {type, value, trace, name, words};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (all[i]) py.Py_DecRef(all[i]);
  py.PyErr_Clear();
}
