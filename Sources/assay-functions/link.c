#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "program.h"

program *linked;

size_t scalar_size(scalar s) {
  static const size_t sizes[] = {0, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 1, 1, 4, sizeof(void *), 0};
  return sizes[s];
}

ffi_type *scalar_ffi(scalar s) {
  static ffi_type *const types[] = {&ffi_type_void,   &ffi_type_sint8,  &ffi_type_uint8,  &ffi_type_sint16,
                                    &ffi_type_uint16, &ffi_type_sint32, &ffi_type_uint32, &ffi_type_sint64,
                                    &ffi_type_uint64, &ffi_type_float,  &ffi_type_double, &ffi_type_uint8,
                                    &ffi_type_schar,  &ffi_type_sint32, &ffi_type_pointer};
  return types[s];
}

static ffi_type *ffi_of(const program *p, type t) {
  return t.scalar == T_STRUCT ? &p->structures[t.structure].ffi : scalar_ffi(t.scalar);
}

/* Problems are lines of one text. */
typedef struct problems {
  char *text;
  size_t size, used;
} problems;

static void add(problems *all, const char *place, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void add(problems *all, const char *place, const char *format, ...) {
  va_list arguments;
  if (all->used + 2 >= all->size) return;
  all->used += (size_t)snprintf(all->text + all->used, all->size - all->used, "%s%s: ", all->used ? "\n" : "",
                                place ? place : "");
  if (all->used + 2 >= all->size) return;
  va_start(arguments, format);
  all->used += (size_t)vsnprintf(all->text + all->used, all->size - all->used, format, arguments);
  va_end(arguments);
}

/* Sizes and offsets as C lays structures out. */
static int prepare_structure(program *p, structure *s) {
  static ffi_type *elements[4096]; /* kept: the types refer to them */
  static size_t used;
  size_t first = used, offsets[256];
  if (s->count > 255 || used + s->count + 1 > sizeof elements / sizeof *elements) return 0;
  for (uint32_t i = 0; i < s->count; i++) elements[used++] = ffi_of(p, s->fields[i].type);
  elements[used++] = NULL;
  s->ffi.type = FFI_TYPE_STRUCT;
  s->ffi.elements = &elements[first];
  if (ffi_get_struct_offsets(FFI_DEFAULT_ABI, &s->ffi, offsets) != FFI_OK) return 0;
  for (uint32_t i = 0; i < s->count; i++) s->fields[i].offset = offsets[i];
  return 1;
}

static int is_code(void *address) {
  Dl_info info;
  const ElfW(Sym) *symbol = NULL;
  if (!dladdr1(address, &info, (void **)(uintptr_t)&symbol, RTLD_DL_SYMENT) || !symbol) return 1;
  int kind = ELF64_ST_TYPE(symbol->st_info);
  return kind == STT_FUNC || kind == STT_GNU_IFUNC || kind == STT_NOTYPE;
}

static void *find(library *in, const char *symbol) {
  void *address = dlsym(in->handle, symbol);
  return address ? address : dlsym(RTLD_DEFAULT, symbol);
}

static void find_symbols(program *p, function *f, problems *all) {
  library *in = &p->libraries[f->library];
  if (!in->handle) return;
  void *address = dlsym(in->handle, f->symbol);
  if (!address) {
    add(all, f->place, "`%s` has no function `%s`", in->path, f->symbol);
    return;
  }
  if (!is_code(address)) add(all, f->place, "`%s` in `%s` is data, not a function", f->symbol, in->path);
  *(void **)&f->address = address;
  if (f->free_name) {
    *(void **)&f->free_result = find(in, f->free_name);
    if (!f->free_result) add(all, f->place, "`%s` has no function `%s`, which frees the result", in->path, f->free_name);
  }
  for (uint32_t i = 0; i < f->judgement_count; i++) {
    judgement *j = &f->judgements[i];
    if (j->asks && !(j->asked = find(in, j->asks)))
      add(all, f->place, "`%s` has no function `%s`, which tells the message", in->path, j->asks);
  }
}

static int prepare_callback(program *p, parameter *a) {
  for (uint32_t i = 0; i < a->signature_count; i++) a->callback_types[i] = ffi_of(p, a->signature[i]);
  return ffi_prep_cif(&a->callback_cif, FFI_DEFAULT_ABI, a->signature_count, ffi_of(p, a->result), a->callback_types) == FFI_OK;
}

/* Fortran hands the lengths of its texts over behind everything else. */
static int has_hidden_length(const function *f, const parameter *a) {
  return f->is_fortran && (a->kind == K_TEXT || (a->kind == K_SCALAR && a->type.scalar == T_CHAR && a->by_reference));
}

static int prepare_call(program *p, function *f) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < f->count; i++) {
    parameter *a = &f->parameters[i];
    int is_value = (a->kind == K_SCALAR || a->kind == K_STRUCT) && !a->by_reference;
    if (a->kind == K_CALLBACK && !prepare_callback(p, a)) return 0;
    f->types[count++] = is_value ? ffi_of(p, a->type) : &ffi_type_pointer;
  }
  for (uint32_t i = 0; i < f->count; i++)
    if (has_hidden_length(f, &f->parameters[i])) f->types[count + f->hidden++] = &ffi_type_uint64;
  ffi_type *result = !f->has_result ? &ffi_type_void : f->result_is_pointer ? &ffi_type_pointer : ffi_of(p, f->result.type);
  ffi_status status = f->fixed >= 0 ? ffi_prep_cif_var(&f->cif, FFI_DEFAULT_ABI, (unsigned)f->fixed, count, result, f->types)
                                    : ffi_prep_cif(&f->cif, FFI_DEFAULT_ABI, count + f->hidden, result, f->types);
  return status == FFI_OK;
}

int program_link(program *p, char *problem, size_t size) {
  problems all = {problem, size, 0};
  for (uint32_t i = 0; i < p->structure_count; i++)
    if (!prepare_structure(p, &p->structures[i])) add(&all, NULL, "structure %u cannot be passed", i + 1);
  for (uint32_t i = 0; i < p->library_count; i++) {
    library *l = &p->libraries[i];
    l->handle = dlopen(l->path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!l->handle) add(&all, l->place, "the library cannot be loaded: %s", dlerror());
  }
  for (uint32_t i = 0; i < p->function_count; i++) {
    find_symbols(p, &p->functions[i], &all);
    if (!prepare_call(p, &p->functions[i])) add(&all, p->functions[i].place, "libffi cannot make this call");
  }
  return all.used == 0;
}
