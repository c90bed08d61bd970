/* assay.h -- task plugin ABI, generation 1.
 * C99 and later, C++98 and later. Needs <stdint.h>/<stddef.h> and nothing else.
 * Rules of the ABI: no unions, bit-fields, enums, bool, long, varargs, struct-by-value
 * parameters or results, and no exceptions/longjmp across a call. All text is UTF-8.
 * Each struct marked (grows) starts with struct_size and is only ever handled by pointer. */
#ifndef ASSAY_H
#define ASSAY_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
#ifndef ASSAY_CALL
#  if defined(_WIN32) && !defined(_WIN64)
#    define ASSAY_CALL __cdecl
#  else
#    define ASSAY_CALL
#  endif
#endif
#if defined(_WIN32)
#  define ASSAY_EXPORT __declspec(dllexport)
#else
#  define ASSAY_EXPORT __attribute__((visibility("default")))
#endif
#define ASSAY_GENERATION 1u          /* raised when something old breaks        */
#ifndef ASSAY_REVISION
#  define ASSAY_REVISION 2u          /* raised when something is added at a tail */
#endif
/* true when the object behind p was built with field f (works both ways across the line) */
#define ASSAY_HAS(p, type, f) ((p)->struct_size >= offsetof(type, f) + sizeof((p)->f))

/* ---- status ------------------------------------------------------------------------ */
typedef int32_t assay_status;
#define ASSAY_OK            0
#define ASSAY_E_FAILED     -1    /* the task could not do it; same inputs fail again    */
#define ASSAY_E_TRANSIENT  -2    /* worth another attempt (network, lock, quota)        */
#define ASSAY_E_INPUT      -3    /* an input is not acceptable                          */
#define ASSAY_E_CANCELLED  -4
#define ASSAY_E_RESOURCE   -5    /* memory, disk, device                                */
#define ASSAY_E_UNSUPPORTED -6
#define ASSAY_E_CONTRACT   -7    /* the other side broke this ABI                       */

/* ---- values: 64 bytes, frozen for the generation ------------------------------------- */
#define ASSAY_NULL 0u
#define ASSAY_BOOL 1u    /* i64 = 0 or 1                                                 */
#define ASSAY_I64 2u     /* i64                                                          */
#define ASSAY_F64 3u     /* f64                                                          */
#define ASSAY_STRING 4u  /* data/count: UTF-8, not necessarily NUL-terminated            */
#define ASSAY_BYTES 5u   /* data/count                                                   */
#define ASSAY_LIST 6u    /* data: const assay_value[count]                               */
#define ASSAY_RECORD 7u  /* data: const assay_value[count], names: const char*[count]    */
#define ASSAY_TENSOR 8u  /* data: struct DLManagedTensorVersioned * (DLPack >= 1.0)      */
#define ASSAY_TABLE 9u   /* data: struct ArrowArrayStream * (Arrow C stream interface)   */
#define ASSAY_FILE 10u   /* data: const assay_artifact *                                 */
#define ASSAY_DIR 11u    /* data: const assay_artifact *                                 */
#define ASSAY_V_READONLY 1u
typedef struct assay_value {
    uint32_t kind, flags;
    int64_t i64;
    double f64;
    uint64_t count;
    const void *data;
    const char *const *names;
    void (ASSAY_CALL *release)(struct assay_value *self); /* NULL: nothing to free       */
    void *owner;                                          /* private to release          */
} assay_value;

typedef struct assay_artifact {          /* (grows) a file or directory in the store      */
    uint32_t struct_size, is_dir;
    const char *path;                    /* absolute; readable (input) or writable (output)*/
    int64_t fd;                          /* open descriptor, or -1                        */
    uint64_t size;
    const char *media_type;
    const char *digest;                  /* "sha256:<hex>" on inputs, NULL before commit   */
    void *host_data;
} assay_artifact;

/* ---- what the engine gives ------------------------------------------------------------ */
struct assay_host; struct assay_run;
typedef struct assay_error {             /* (grows) given to fail(); the engine copies it  */
    uint32_t struct_size;
    assay_status status;
    int32_t retryable;                   /* 1 yes, 0 no, -1 let the status decide          */
    int32_t domain_code;                 /* the task's own number: errno, HTTP status, ... */
    int64_t retry_after_ms;              /* -1: engine's own back-off                      */
    const char *domain;                  /* "errno", "http", "python", "com.acme.x"        */
    const char *message;                 /* one line for a person                          */
    const char *detail;                  /* stack trace or anything long; may be NULL       */
    const char *port;                    /* the input or output it is about, or NULL        */
} assay_error;

typedef struct assay_host {              /* (grows) one per process, valid until deinit     */
    uint32_t struct_size, generation, revision, flags;
    void *host_data;
    const char *engine, *engine_version;
    /* thread-safe, callable from any thread, from init() to deinit() */
    void *(ASSAY_CALL *alloc)(const struct assay_host *, uint64_t size, uint64_t align);
    void (ASSAY_CALL *free)(const struct assay_host *, void *block);
    void (ASSAY_CALL *log)(const struct assay_host *, int32_t level, const char *msg, uint64_t n);
    const void *(ASSAY_CALL *get_extension)(const struct assay_host *, const char *id);
    /* thread-safe, callable from any thread while that run is running */
    void (ASSAY_CALL *run_log)(const struct assay_run *, int32_t level, const char *msg, uint64_t n);
    void (ASSAY_CALL *progress)(const struct assay_run *, double done, double total, const char *what);
    void (ASSAY_CALL *metric)(const struct assay_run *, const char *name, double value, const char *unit, int64_t step);
    assay_status (ASSAY_CALL *fail)(const struct assay_run *, const assay_error *); /* returns err->status */
    /* callable from the thread that run() was called on (or any, if the task is ASSAY_THREADS_FREE) */
    assay_status (ASSAY_CALL *retain)(const struct assay_run *, const assay_value *in, assay_value *out);
    assay_status (ASSAY_CALL *buffer)(const struct assay_run *, uint64_t bytes, uint64_t align, assay_value *out);
    assay_status (ASSAY_CALL *output)(const struct assay_run *, uint32_t port, assay_value *moved);
    assay_status (ASSAY_CALL *artifact)(const struct assay_run *, uint32_t port, const char *name_hint, assay_artifact **out);
    assay_status (ASSAY_CALL *commit)(const struct assay_run *, assay_artifact *);
    assay_status (ASSAY_CALL *checkpoint)(const struct assay_run *, const void *data, uint64_t n);
    assay_status (ASSAY_CALL *secret)(const struct assay_run *, const char *name, assay_value *out);
} assay_host;

typedef struct assay_run {               /* (grows) one attempt of one node                 */
    uint32_t struct_size, attempt;       /* attempt counts from 1                           */
    const assay_host *host;
    void *host_data;
    const char *workflow, *node, *run_id;
    const char *temp_dir;                /* private, removed afterwards                     */
    uint64_t seed[4];                    /* same for the same inputs and version            */
    int64_t unix_ns, deadline_ns;        /* recorded clock; CLOCK_MONOTONIC limit or 0       */
    const volatile int32_t *cancel;      /* non-zero: stop soon (see assay_cancelled)       */
    const assay_value *inputs;           /* in port order; borrowed until run() returns     */
    const assay_value *config;           /* a RECORD, checked against the task's config type*/
    uint32_t n_inputs, n_outputs;
    const void *resume; uint64_t resume_size; /* last checkpoint of an earlier attempt       */
} assay_run;

/* ---- what the plugin declares ----------------------------------------------------------- */
#define ASSAY_PORT_OPTIONAL 1u
typedef struct assay_port {              /* (grows)                                          */
    uint32_t struct_size, flags;
    const char *name;                    /* [a-z][a-z0-9_]*                                  */
    const char *type;                    /* type expression, e.g. "tensor<f32>[?,3]"          */
    const char *doc, *unit;
    const char *default_json;            /* NULL: none                                       */
    const char *constraint;              /* e.g. "0 <= x <= 1", "len in 1..32"                */
} assay_port;

#define ASSAY_PURE          1u   /* outputs depend on inputs, config, seed only: cacheable     */
#define ASSAY_DETERMINISTIC 2u   /* ... and are byte-identical                                */
#define ASSAY_IDEMPOTENT    4u   /* running twice does no harm: safe to retry after a crash   */
#define ASSAY_NETWORK       8u
#define ASSAY_READS_FILES  16u   /* outside artifacts and temp_dir                            */
#define ASSAY_SPAWNS       32u
#define ASSAY_RESUMABLE    64u   /* understands resume data                                   */
#define ASSAY_THREADS_PROCESS  0u  /* one call at a time in the whole process                  */
#define ASSAY_THREADS_INSTANCE 1u  /* instances in parallel, one call at a time on each        */
#define ASSAY_THREADS_FREE     2u  /* anything in parallel                                     */
#define ASSAY_THREADS_AFFINE   3u  /* like INSTANCE, and always on the creating OS thread      */
typedef struct assay_task {              /* (grows)                                            */
    uint32_t struct_size, flags, threads, reserved;
    const char *id, *version;            /* "com.acme.blur", "1.4.0" (semver)                  */
    const char *title, *doc, *phase;     /* phase: free tag, e.g. "prepare","run","analyse"    */
    const assay_port *const *inputs;  uint32_t n_inputs;  uint32_t n_outputs;
    const assay_port *const *outputs;
    const char *config_type;             /* a record type expression, or NULL                  */
    const char *const *secrets;          /* names it may ask for, NULL-terminated              */
    double cpu; uint64_t memory_bytes, disk_bytes; const char *device; /* hints; 0/NULL unknown */
    int64_t typical_ms;
    assay_status (ASSAY_CALL *create)(const assay_host *, const struct assay_task *, const assay_value *config, void **instance); /* may be NULL */
    assay_status (ASSAY_CALL *run)(void *instance, const assay_run *);
    void (ASSAY_CALL *cancel)(void *instance, const assay_run *); /* from another thread; may be NULL */
    void (ASSAY_CALL *destroy)(void *instance);                   /* may be NULL */
} assay_task;

typedef struct assay_plugin {            /* (grows) first 16 bytes never change                 */
    uint32_t struct_size, generation, revision, requires_revision;
    const char *id, *version, *license, *doc;
    const assay_task *const *tasks; uint64_t n_tasks;
    assay_status (ASSAY_CALL *init)(const assay_host *);  /* may be NULL; fast, no threads yet   */
    void (ASSAY_CALL *deinit)(void);                      /* may be NULL                         */
    const void *(ASSAY_CALL *get_extension)(const char *id); /* may be NULL                      */
} assay_plugin;

typedef struct assay_loader {            /* (grows) first 16 bytes never change                  */
    uint32_t struct_size, generation_min, generation_max, revision;
    void *loader_data;
    void (ASSAY_CALL *refuse)(const struct assay_loader *, const char *reason);
    const char *plugin_path;
    const char *source;                  /* the file a language bridge loads in the plugin's place, or NULL */
    const char *const *options;          /* "key=value" strings for a bridge, NULL-terminated, or NULL       */
} assay_loader;

/* the only symbol a plugin exports: cheap, no side effects, returns static data or NULL */
typedef const assay_plugin *(ASSAY_CALL *assay_plugin_entry_fn)(const assay_loader *);
ASSAY_EXPORT const assay_plugin *ASSAY_CALL assay_plugin_entry(const assay_loader *loader);

static inline int assay_speaks(const assay_loader *l)
{ return l && l->generation_min <= ASSAY_GENERATION && ASSAY_GENERATION <= l->generation_max; }
static inline int assay_cancelled(const assay_run *r)
{
#if defined(__GNUC__) || defined(__clang__)
    return r->cancel && __atomic_load_n(r->cancel, __ATOMIC_RELAXED) != 0;
#else
    return r->cancel && *r->cancel != 0;
#endif
}
static inline void assay_drop(assay_value *v)
{ if (v->release) { v->release(v); v->release = 0; } v->kind = ASSAY_NULL; }
static inline void assay_set_f64(assay_value *v, double x)
{ v->kind = ASSAY_F64; v->flags = 0; v->i64 = 0; v->f64 = x; v->count = 0; v->data = 0; v->names = 0; v->release = 0; v->owner = 0; }
#if defined(__cplusplus) && __cplusplus >= 201103L
static_assert(sizeof(void *) != 8 || sizeof(assay_value) == 64, "assay_value layout");
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
_Static_assert(sizeof(void *) != 8 || sizeof(assay_value) == 64, "assay_value layout");
#endif
#ifdef __cplusplus
}
#endif
#endif
