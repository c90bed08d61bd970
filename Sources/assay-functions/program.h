/* A lowered manifest of functions (Sources/Functions/Program.swift writes it): what is called, and how values become
 * arguments. Read once when the bridge is loaded; never freed, as nothing is ever unloaded. */
#ifndef ASSAY_FUNCTIONS_PROGRAM_H
#define ASSAY_FUNCTIONS_PROGRAM_H
#include <ffi.h>
#include <stddef.h>
#include <stdint.h>

#include "assay.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "results narrower than a register are read as little-endian"
#endif

enum { MAX_PARAMETERS = 64, MAX_RANK = 8 };

typedef enum scalar {
  T_VOID, T_I8, T_U8, T_I16, T_U16, T_I32, T_U32, T_I64, T_U64, T_F32, T_F64, T_BOOL, T_CHAR, T_LOGICAL, T_POINTER, T_STRUCT
} scalar;

/* A scalar, or with T_STRUCT the number of a structure. */
typedef struct type {
  scalar scalar;
  uint32_t structure;
} type;

typedef struct field {
  const char *name;
  type type;
  size_t offset;
} field;

typedef struct structure {
  field *fields;
  uint32_t count;
  ffi_type ffi;       /* with its size and alignment once it is prepared */
} structure;

/* Postfix code for a whole number: 'n' number; 'p' parameter, 'l' its length, 'd' its dimension b; or an operator. */
typedef struct op {
  char kind;
  int64_t a;
  uint32_t b;
} op;

typedef struct code {
  op *ops;
  uint32_t count; /* 0: none */
} code;

typedef enum kind { K_SCALAR, K_NULL, K_STRUCT, K_TEXT, K_ARRAY, K_CALLBACK } kind;
typedef enum callback { C_LOG, C_COMPARE, C_FORMULA } callback;

typedef struct parameter {
  const char *name;
  kind kind;
  type type;
  int is_in, is_out, by_reference, is_const;
  int input, output;  /* ports, or -1 */
  code value;         /* computed, in place of an input */
  const char *text;   /* fixed */
  double number;      /* fixed */
  int has_number;
  /* arrays and texts */
  scalar element;
  char look;          /* 't' tensor, 'l' list, 'b' bytes */
  int is_column_major;
  uint32_t rank;
  code shape[MAX_RANK]; /* of a text: the first is its capacity */
  code used;
  /* callbacks */
  callback does;
  int descending;
  type result, signature[MAX_RANK];
  uint32_t signature_count;
  const char *names[MAX_RANK];
  uint32_t name_count;
  ffi_cif callback_cif;
  ffi_type *callback_types[MAX_RANK];
} parameter;

typedef struct outcome {
  int64_t code;
  const char *message;
  assay_status status;
} outcome;

/* When a value after the call means failure. */
typedef struct judgement {
  int on;             /* parameter, -1: the result */
  char op[3];
  int64_t value;
  const char *message, *asks;
  int takes_value;
  void *asked;        /* the function called `asks` */
  outcome *outcomes;
  uint32_t count;
} judgement;

typedef struct requirement {
  code code;
  const char *text;
} requirement;

typedef struct function {
  assay_task task;    /* first: create() gets a pointer to it */
  const char *symbol, *place;
  uint32_t library;
  int is_fortran, errno_use, fixed;
  parameter *parameters;
  uint32_t count;
  int has_result, result_is_pointer, result_output;
  parameter result;   /* kind, type, array */
  const char *free_name;
  void (*free_result)(void *);
  judgement *judgements;
  uint32_t judgement_count;
  requirement *requirements;
  uint32_t requirement_count;
  void (*address)(void);
  ffi_cif cif;
  ffi_type *types[2 * MAX_PARAMETERS];
  uint32_t hidden;    /* lengths of texts behind the arguments (Fortran) */
} function;

typedef struct library {
  const char *path, *place;
  void *handle;
} library;

typedef struct program {
  const char *id, *version, *head, *tasks;
  structure *structures;
  uint32_t structure_count;
  library *libraries;
  uint32_t library_count;
  function *functions;
  uint32_t function_count;
} program;

/* Reads a program; `text` is changed and kept. NULL with a reason for anything else than what the engine writes. */
program *program_read(char *text, char *problem, size_t size);

/* Opens the libraries, finds the functions and prepares the calls. 0: every one that fails is in `problem`, a line each,
 * after the place where the manifest names it. */
int program_link(program *p, char *problem, size_t size);

size_t scalar_size(scalar s);
ffi_type *scalar_ffi(scalar s);

/* One attempt: assay_task.run of all functions. */
assay_status ASSAY_CALL run_function(void *instance, const assay_run *run);
/* The program whose structures a call needs. */
extern program *linked;
#endif
