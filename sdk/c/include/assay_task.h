/* assay_task.h -- small helpers for task authors over assay.h. Header only, no allocation, C99 and C++98.
 * Everything here is [run thread] unless it says otherwise. */
#ifndef ASSAY_TASK_H
#define ASSAY_TASK_H
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "assay.h"
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__) || defined(__clang__)
#  define ASSAY_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#  define ASSAY_PRINTF(text, first)
#endif

/* ==== Declaring =======================================================================================================
 *   static const assay_port x = ASSAY_INPUT("x", "float", "what it is");                                               */
#define ASSAY_INPUT(name, type, doc) { sizeof(assay_port), 0, name, type, doc, NULL, NULL, NULL }
#define ASSAY_OUTPUT(name, type, doc) { sizeof(assay_port), 0, name, type, doc, NULL, NULL, NULL }
/* An input that may be left out; `json` is its default. */
#define ASSAY_DEFAULT(name, type, json, doc) { sizeof(assay_port), 0, name, type, doc, NULL, json, NULL }
/* An input or output that may be missing. */
#define ASSAY_OPTIONAL(name, type, doc) { sizeof(assay_port), ASSAY_PORT_OPTIONAL, name, type, doc, NULL, NULL, NULL }
#define ASSAY_COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

/* ==== Saying something ================================================================================================ */

/* Fails with a message in printf's manner and returns `status`. port: the input or output it is about, or NULL. [any thread] */
static inline assay_status ASSAY_PRINTF(4, 5)
assay_failf(const assay_run *run, assay_status status, const char *port, const char *format, ...)
{
    char text[1024];
    assay_error e;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    memset(&e, 0, sizeof e);
    e.struct_size = (uint32_t)sizeof e;
    e.status = status;
    e.retryable = -1;
    e.retry_after_ms = -1;
    e.message = text;
    e.port = port;
    return run->host->fail(run, &e);
}

/* Fails with the text of an errno value. */
static inline assay_status assay_fail_errno(const assay_run *run, int code, const char *what)
{
    char text[512];
    assay_error e;
    snprintf(text, sizeof text, "%.380s: %.120s", what, strerror(code));
    memset(&e, 0, sizeof e);
    e.struct_size = (uint32_t)sizeof e;
    e.status = ASSAY_E_FAILED;
    e.retryable = -1;
    e.retry_after_ms = -1;
    e.domain = "errno";
    e.domain_code = code;
    e.message = text;
    return run->host->fail(run, &e);
}

/* Logs in printf's manner, up to 1023 bytes. [any thread] */
static inline void ASSAY_PRINTF(3, 4) assay_logf(const assay_run *run, int32_t level, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    run->host->run_log(run, level, text, strlen(text));
}

/* ==== Reading inputs ==================================================================================================
 * Ports are numbered from 0 in the order of the declaration. The engine has checked inputs against their declared types, so
 * that these have nothing to complain about; on an input of another kind they give 0, "" or NULL. */

static inline const assay_value *assay_input(const assay_run *run, uint32_t port)
{ return port < run->n_inputs ? &run->inputs[port] : NULL; }

/* Whether an optional input was given. */
static inline int assay_given(const assay_run *run, uint32_t port)
{ const assay_value *v = assay_input(run, port); return v && v->kind != ASSAY_NULL; }

static inline int64_t assay_value_int(const assay_value *v)
{ return v && (v->kind == ASSAY_I64 || v->kind == ASSAY_BOOL) ? v->i64 : 0; }
static inline double assay_value_float(const assay_value *v)
{ return v && v->kind == ASSAY_F64 ? v->f64 : v && v->kind == ASSAY_I64 ? (double)v->i64 : 0; }
/* The bytes of a string or of bytes, *n of them, not NUL-terminated. */
static inline const char *assay_value_text(const assay_value *v, uint64_t *n)
{
    int fits = v && (v->kind == ASSAY_STRING || v->kind == ASSAY_BYTES) && v->data;
    *n = fits ? v->count : 0;
    return fits ? (const char *)v->data : "";
}

static inline int assay_bool(const assay_run *run, uint32_t port) { return assay_value_int(assay_input(run, port)) != 0; }
static inline int64_t assay_int(const assay_run *run, uint32_t port) { return assay_value_int(assay_input(run, port)); }
static inline double assay_float(const assay_run *run, uint32_t port) { return assay_value_float(assay_input(run, port)); }
static inline const char *assay_text(const assay_run *run, uint32_t port, uint64_t *n)
{ return assay_value_text(assay_input(run, port), n); }
static inline const assay_artifact *assay_file(const assay_run *run, uint32_t port)
{
    const assay_value *v = assay_input(run, port);
    return v && (v->kind == ASSAY_FILE || v->kind == ASSAY_DIR) ? (const assay_artifact *)v->data : NULL;
}

/* Item i of a list or record, or NULL: `for (i = 0; (item = assay_item(list, i)); i++)`. */
static inline const assay_value *assay_item(const assay_value *v, uint64_t i)
{ return v && (v->kind == ASSAY_LIST || v->kind == ASSAY_RECORD) && i < v->count ? (const assay_value *)v->data + i : NULL; }

/* Field `name` of a record (assay_run.config, for example), or NULL. */
static inline const assay_value *assay_field(const assay_value *record, const char *name)
{
    uint64_t i;
    if (!record || record->kind != ASSAY_RECORD) return NULL;
    for (i = 0; i < record->count; i++)
        if (strcmp(record->names[i], name) == 0) return (const assay_value *)record->data + i;
    return NULL;
}

/* ==== Setting outputs ================================================================================================= */

static inline assay_value assay_nothing(void)
{
    assay_value v;
    memset(&v, 0, sizeof v);
    return v;
}
static inline assay_status assay_set_bool(const assay_run *run, uint32_t port, int x)
{ assay_value v = assay_nothing(); v.kind = ASSAY_BOOL; v.i64 = x != 0; return run->host->output(run, port, &v); }
static inline assay_status assay_set_int(const assay_run *run, uint32_t port, int64_t x)
{ assay_value v = assay_nothing(); v.kind = ASSAY_I64; v.i64 = x; return run->host->output(run, port, &v); }
static inline assay_status assay_set_float(const assay_run *run, uint32_t port, double x)
{ assay_value v = assay_nothing(); v.kind = ASSAY_F64; v.f64 = x; return run->host->output(run, port, &v); }
/* The bytes are copied before this returns. */
static inline assay_status assay_set_text(const assay_run *run, uint32_t port, const char *text, uint64_t n)
{
    assay_value v = assay_nothing();
    v.kind = ASSAY_STRING;
    v.data = text;
    v.count = n;
    return run->host->output(run, port, &v);
}
static inline assay_status assay_set_string(const assay_run *run, uint32_t port, const char *text)
{ return assay_set_text(run, port, text, strlen(text)); }
static inline assay_status assay_set_bytes(const assay_run *run, uint32_t port, const void *data, uint64_t n)
{
    assay_value v = assay_nothing();
    v.kind = ASSAY_BYTES;
    v.data = data;
    v.count = n;
    return run->host->output(run, port, &v);
}
/* Passes (a part of) an input on, without a copy. */
static inline assay_status assay_pass(const assay_run *run, uint32_t port, const assay_value *in)
{
    assay_value v = assay_nothing();
    assay_status s = run->host->retain(run, in, &v);
    return s != ASSAY_OK ? s : run->host->output(run, port, &v);
}

/* ==== Tensors ========================================================================================================= */

#define ASSAY_MAX_RANK 64

/* A dense, C-contiguous array: an input where it lies, or an output that is being made. */
typedef struct assay_tensor {
    void *data;                     /* inputs must not be written                                                      */
    uint64_t count;                 /* elements                                                                        */
    int32_t rank;
    uint8_t code, bits;             /* kDLFloat, 64: double                                                            */
    const int64_t *shape;           /* borrowed                                                                        */
    assay_value memory;             /* of an output: owned until assay_set_tensor() or assay_drop(&t.memory)           */
} assay_tensor;

/* Reads input `port`; fails the run when it is not a contiguous tensor of that element type on the CPU. */
static inline assay_status assay_get_tensor(const assay_run *run, uint32_t port, uint8_t code, uint8_t bits, assay_tensor *out)
{
    const assay_value *v = assay_input(run, port);
    const DLTensor *t;
    int64_t dense = 1;
    int32_t i;
    memset(out, 0, sizeof *out);
    if (!v || v->kind != ASSAY_TENSOR || ((const DLManagedTensorVersioned *)v->data)->version.major != DLPACK_MAJOR_VERSION)
        return assay_failf(run, ASSAY_E_INPUT, NULL, "input %u is not a tensor", (unsigned)port + 1);
    t = &((const DLManagedTensorVersioned *)v->data)->dl_tensor;
    if (t->device.device_type != kDLCPU || t->dtype.code != code || t->dtype.bits != bits || t->dtype.lanes != 1)
        return assay_failf(run, ASSAY_E_INPUT, NULL, "input %u is a tensor of other elements than expected", (unsigned)port + 1);
    for (i = t->ndim; i-- > 0;) {
        if (t->strides && t->shape[i] != 1 && t->strides[i] != dense && dense != 0)
            return assay_failf(run, ASSAY_E_INPUT, NULL, "input %u is a tensor that is not contiguous", (unsigned)port + 1);
        dense *= t->shape[i];
    }
    out->data = t->data ? (char *)t->data + t->byte_offset : NULL;
    out->count = (uint64_t)dense;
    out->rank = t->ndim;
    out->code = code;
    out->bits = bits;
    out->shape = t->shape;
    return ASSAY_OK;
}

/* Makes a zeroed tensor in memory that travels without a copy; shape must stay valid until assay_set_tensor(). */
static inline assay_status assay_make_tensor(const assay_run *run, uint8_t code, uint8_t bits, int32_t rank,
                                             const int64_t *shape, assay_tensor *out)
{
    uint64_t count = 1;
    int32_t i;
    assay_status s;
    memset(out, 0, sizeof *out);
    if (rank < 0 || rank > ASSAY_MAX_RANK || bits < 8 || bits % 8)
        return assay_failf(run, ASSAY_E_FAILED, NULL, "a tensor of rank %d with %d-bit elements", (int)rank, (int)bits);
    for (i = 0; i < rank; i++) {
        if (shape[i] < 0 || (shape[i] > 0 && count > (UINT64_MAX >> 8) / (uint64_t)shape[i]))
            return assay_failf(run, ASSAY_E_RESOURCE, NULL, "a tensor too large to exist");
        count *= (uint64_t)shape[i];
    }
    s = run->host->buffer(run, count * (uint64_t)(bits / 8), 64, &out->memory);
    if (s != ASSAY_OK) return s;
    out->data = (void *)(uintptr_t)out->memory.data;
    out->count = count;
    out->rank = rank;
    out->code = code;
    out->bits = bits;
    out->shape = shape;
    return ASSAY_OK;
}

/* Hands a tensor of assay_make_tensor() over. */
static inline assay_status assay_set_tensor(const assay_run *run, uint32_t port, assay_tensor *made)
{
    DLManagedTensorVersioned dl;
    assay_value v = assay_nothing();
    memset(&dl, 0, sizeof dl);
    dl.version.major = DLPACK_MAJOR_VERSION;
    dl.version.minor = DLPACK_MINOR_VERSION;
    dl.dl_tensor.data = made->data;
    dl.dl_tensor.device.device_type = kDLCPU;
    dl.dl_tensor.ndim = made->rank;
    dl.dl_tensor.dtype.code = made->code;
    dl.dl_tensor.dtype.bits = made->bits;
    dl.dl_tensor.dtype.lanes = 1;
    dl.dl_tensor.shape = (int64_t *)(uintptr_t)made->shape;
    v.kind = ASSAY_TENSOR;
    v.data = &dl;                          /* read before output() returns */
    v.release = made->memory.release;      /* what buffer() gave looks at `owner` alone */
    v.owner = made->memory.owner;
    made->memory.release = NULL;
    return run->host->output(run, port, &v);
}

#ifdef __cplusplus
}
#endif
#endif
