/* assay.h -- the interface between the Assay engine and task plugins. Generation 1, revision 1.
 *
 * A plugin is a shared object that exports one function, assay_plugin_entry(). It returns static descriptions of tasks;
 * the engine calls their functions. C99 and later, C++98 and later; needs <stdint.h>, <stddef.h> and nothing else.
 *
 * LIFE      dlopen -> assay_plugin_entry -> init -> { create -> run ... run -> destroy } -> deinit -> end of the process.
 *           The shared object is never unloaded. The engine may stop at any of these points (it only wanted to describe).
 *
 * GROWTH    The *generation* changes when something old breaks; engine and plugin agree on one or part ways. Within a
 *           generation nothing is removed, reordered or given another meaning. The *revision* rises when something is
 *           added, always at the tail of a struct marked (grows). Each of these starts with struct_size, is only handled by
 *           pointer (arrays of them are arrays of pointers), and a field is there when ASSAY_HAS() says so. Both sides
 *           tolerate longer and shorter structs than they know.
 *
 * RULES     No unions, bit-fields, enums, bool, long, varargs, structs by value in calls; no exception, panic or longjmp
 *           may leave a function of the other side. Text is UTF-8; in descriptions NUL-terminated, in values with a count.
 *
 * THREADS   Each function is marked:
 *   [any thread]   callable at any time from any thread, several at once.
 *   [run thread]   callable from the thread in which run() was called, before run() returns; from any thread before run()
 *                  returns, one at a time, if the task is ASSAY_THREADS_FREE.
 *   [task thread]  the engine calls it from a thread of its choice as assay_task.threads promises.
 *   [other thread] the engine calls it while run() is executing in another thread.
 *
 * OWNERSHIP Who gets a pointer from the other side only borrows it, for as long as the comment says. The exception are
 *           assay_values that a function hands over: they are freed by their own `release`, called exactly once.
 */
#ifndef ASSAY_H
#define ASSAY_H
#include <stddef.h>
#include <stdint.h>
#include "assay_dlpack.h"
#include "assay_arrow.h"
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

#define ASSAY_GENERATION 1u
#ifndef ASSAY_REVISION
#  define ASSAY_REVISION 1u
#endif

/* True when the object behind p was built with field f. Works both ways across the line. */
#define ASSAY_HAS(p, type, f) ((p)->struct_size >= offsetof(type, f) + sizeof((p)->f))

/* ==== Status ==========================================================================================================
 * 0 or a negative number; the class decides whether another attempt makes sense unless assay_error.retryable says so. */
typedef int32_t assay_status;
#define ASSAY_OK             0
#define ASSAY_E_FAILED      -1 /* The task could not do it; the same inputs will fail again. Retried only on request. */
#define ASSAY_E_TRANSIENT   -2 /* Worth another attempt: network, lock, quota.                             Retried. */
#define ASSAY_E_INPUT       -3 /* An input, the configuration or a secret is not acceptable.            Not retried. */
#define ASSAY_E_CANCELLED   -4 /* The task stopped because it was asked to.                             Not retried. */
#define ASSAY_E_RESOURCE    -5 /* Memory, disk or a device ran out.                                        Retried. */
#define ASSAY_E_UNSUPPORTED -6 /* This engine or this task does not do that.                            Not retried. */
#define ASSAY_E_CONTRACT    -7 /* The other side broke a rule of this file: a programming mistake.      Not retried. */

/* ==== Values ==========================================================================================================
 * 64 bytes on 64-bit machines, frozen for the generation; passed in arrays. Fields that a kind does not name are 0. */
#define ASSAY_NULL   0u  /* Nothing: an optional input that was not given.                                            */
#define ASSAY_BOOL   1u  /* i64: 0 or 1.                                                                              */
#define ASSAY_I64    2u  /* i64.                                                                                      */
#define ASSAY_F64    3u  /* f64.                                                                                      */
#define ASSAY_STRING 4u  /* data, count: UTF-8 bytes, not necessarily NUL-terminated; may contain NUL.                */
#define ASSAY_BYTES  5u  /* data, count.                                                                              */
#define ASSAY_LIST   6u  /* data: const assay_value[count].                                                           */
#define ASSAY_RECORD 7u  /* data: const assay_value[count]; names: const char *[count], NUL-terminated, unique.       */
#define ASSAY_TENSOR 8u  /* data: DLManagedTensorVersioned *, on the CPU. Inputs are C-contiguous and read-only;
                            outputs may be strided (then they are copied once).                                       */
#define ASSAY_TABLE  9u  /* data: struct ArrowArrayStream *, of struct type ("+s"). Can be read once; retain() gives
                            another one from the start. What it hands out may outlive the run.                        */
#define ASSAY_FILE  10u  /* data: const assay_artifact *.                                                             */
#define ASSAY_DIR   11u  /* data: const assay_artifact *.                                                             */

#define ASSAY_V_READONLY 1u /* flags: the memory must not be written. Set on all inputs.                              */

typedef struct assay_value {
    uint32_t kind;                /* ASSAY_NULL ...                                                                    */
    uint32_t flags;               /* ASSAY_V_...                                                                       */
    int64_t i64;
    double f64;
    uint64_t count;               /* bytes of a string or of bytes; items of a list or record                          */
    const void *data;             /* NULL is allowed when count is 0                                                   */
    const char *const *names;
    /* [any thread] Frees everything the value owns, items of a list or record included: only the outermost value of a
     * nested one is ever released. Sets `release` to NULL. NULL: borrowed or static, nothing to free. A tensor's deleter
     * and a stream's release are the value's business: the engine calls this function alone. */
    void (ASSAY_CALL *release)(struct assay_value *self);
    void *owner;                  /* private to release                                                                */
} assay_value;

/* A file or directory. (grows) */
typedef struct assay_artifact {
    uint32_t struct_size;
    uint32_t is_dir;              /* 1: directory                                                                      */
    const char *path;             /* absolute. Input: read it, never write it. From artifact(): write there.           */
    int64_t fd;                   /* an open descriptor of the file, owned by the engine, or -1                        */
    uint64_t size;                /* bytes; of a directory the sum of its files; ignored on the way to the engine      */
    const char *media_type;       /* "text/csv"; "" or NULL: unknown. The task may set it before commit().             */
    const char *digest;           /* "sha256:<64 hex digits>" on inputs; "" or NULL: not known                         */
    void *host_data;              /* the engine's                                                                      */
} assay_artifact;

/* ==== What the engine gives =========================================================================================== */
struct assay_host;
struct assay_run;

/* Why a task could not do its work. (grows) The engine copies everything during fail(). */
typedef struct assay_error {
    uint32_t struct_size;
    assay_status status;          /* negative                                                                          */
    int32_t retryable;            /* 1 yes, 0 no, -1: the status decides                                               */
    int32_t domain_code;          /* the task's own number in `domain`: errno, HTTP status ...                         */
    int64_t retry_after_ms;       /* wait at least so long; -1: the engine's back-off                                  */
    const char *domain;           /* "errno", "http", "python", "com.acme.x"; NULL: none. `retry on` matches it.       */
    const char *message;          /* one line for a person                                                             */
    const char *detail;           /* stack trace or anything long, or NULL                                             */
    const char *port;             /* the input or output it is about, or NULL                                          */
} assay_error;

/* Log levels. */
#define ASSAY_LOG_DEBUG   0
#define ASSAY_LOG_INFO    1
#define ASSAY_LOG_WARNING 2
#define ASSAY_LOG_ERROR   3

/* The engine's services. (grows) One per process; valid from init() (or the first create()) to the end of the process.
 * Functions of revision 1 are never NULL. */
typedef struct assay_host {
    uint32_t struct_size, generation, revision, flags;
    void *host_data;              /* the engine's                                                                      */
    const char *engine;           /* "assay"                                                                           */
    const char *engine_version;

    /* [any thread] Memory aligned to `align` (0 or a power of two), not cleared; NULL when there is none. Offered, not
     * required: a plugin may use its own allocator. */
    void *(ASSAY_CALL *alloc)(const struct assay_host *, uint64_t size, uint64_t align);
    /* [any thread] Frees memory of alloc(); NULL is allowed. */
    void (ASSAY_CALL *free)(const struct assay_host *, void *block);
    /* [any thread] A log line of the plugin rather than of a run. The n bytes are copied. */
    void (ASSAY_CALL *log)(const struct assay_host *, int32_t level, const char *msg, uint64_t n);
    /* [any thread] An additional table by its name "assay.<name>/<revision>", or NULL when this engine has none. */
    const void *(ASSAY_CALL *get_extension)(const struct assay_host *, const char *id);

    /* The rest works on a run and only until its run() returns. After that every call does nothing and says
     * ASSAY_E_CONTRACT. */

    /* [any thread] A log line of this attempt. The n bytes are copied; text that is not UTF-8 is replaced. */
    void (ASSAY_CALL *run_log)(const struct assay_run *, int32_t level, const char *msg, uint64_t n);
    /* [any thread] How far the task is: `done` of `total` (0: unknown) and what it is at (at most 79 bytes are shown, NULL:
     * nothing). Cheap (no system call): call it as often as there is something to tell. */
    void (ASSAY_CALL *progress)(const struct assay_run *, double done, double total, const char *what);
    /* [any thread] A number to be recorded: a loss, a score. unit may be NULL; step counts from 0, -1: no step. */
    void (ASSAY_CALL *metric)(const struct assay_run *, const char *name, double value, const char *unit, int64_t step);
    /* [any thread] Says why the attempt fails and returns err->status, so that a task ends with
     * `return host->fail(run, &e);`. The first call counts, later ones are ignored. A run that called it has failed even if
     * it returns ASSAY_OK. */
    assay_status (ASSAY_CALL *fail)(const struct assay_run *, const assay_error *);

    /* [run thread] Makes *out an owned second reference to an input (or to a part of it) that stays valid after the run,
     * until out->release. No copy. For passing an input on as an output, or keeping it in the instance.
     * ASSAY_E_CONTRACT: `in` is not of this run's inputs or configuration. ASSAY_E_RESOURCE: no memory. */
    assay_status (ASSAY_CALL *retain)(const struct assay_run *, const assay_value *in, assay_value *out);
    /* [run thread] Makes *out an ASSAY_BYTES value of `bytes` zeroed, writable bytes in memory that other processes can
     * share: outputs whose contents lie inside travel without a copy. align: 0 or a power of two up to 4096. Write it
     * through (void *)out->data; the parts that were handed over with output() must not be written again. Several outputs
     * may lie in one buffer. When run() has ended the outputs are sealed, and later writes are seen by nobody else.
     * It may outlive the run. Its release looks at `owner` alone: a value of another kind over the same memory (a tensor)
     * may take both fields over. ASSAY_E_RESOURCE: no memory. ASSAY_E_CONTRACT: a bad alignment. */
    assay_status (ASSAY_CALL *buffer)(const struct assay_run *, uint64_t bytes, uint64_t align, assay_value *out);
    /* [run thread] Sets output `port`. The value is moved: whatever the result, it was read and released when this returns
     * and must not be touched again. Streams are read to their end. Each output is set exactly once, optional ones at
     * most once. ASSAY_E_CONTRACT: no such port, set before, another kind than the port's type, malformed contents; the
     * run has then failed whatever it returns. */
    assay_status (ASSAY_CALL *output)(const struct assay_run *, uint32_t port, assay_value *moved);
    /* [run thread] A place to write the file or directory of output `port`: *out with its path (a directory exists already,
     * a file is open as (*out)->fd and empty), valid until commit() or the end of the run. name_hint becomes the last part
     * of the path when it is a plain name; may be NULL. What is not committed is thrown away.
     * ASSAY_E_CONTRACT: the port is no file or dir. ASSAY_E_RESOURCE: it cannot be made. */
    assay_status (ASSAY_CALL *artifact)(const struct assay_run *, uint32_t port, const char *name_hint, assay_artifact **out);
    /* [run thread] Sets the output that `artifact` was made for; it must not be changed afterwards. The descriptor is
     * closed. Errors as output(). */
    assay_status (ASSAY_CALL *commit)(const struct assay_run *, assay_artifact *);
    /* [run thread] Keeps n bytes for the next attempt of this node, in place of any earlier ones: it finds them in
     * assay_run.resume. Returns when they are on their way. ASSAY_E_RESOURCE: they are too many. */
    assay_status (ASSAY_CALL *checkpoint)(const struct assay_run *, const void *data, uint64_t n);
    /* [run thread] *out becomes a borrowed ASSAY_STRING, valid until run() returns and wiped then. ASSAY_E_CONTRACT: the
     * task does not declare `name`. ASSAY_E_INPUT: the user has not given it. Never log or return a secret. */
    assay_status (ASSAY_CALL *secret)(const struct assay_run *, const char *name, assay_value *out);
} assay_host;

/* One attempt of one node. (grows) Valid until run() returns, and with it everything that it points to. */
typedef struct assay_run {
    uint32_t struct_size;
    uint32_t attempt;             /* counts from 1                                                                     */
    const assay_host *host;
    void *host_data;              /* the engine's                                                                      */
    const char *workflow, *node, *run_id; /* for messages                                                              */
    const char *temp_dir;         /* absolute; private to this attempt; removed afterwards                             */
    uint64_t seed[4];             /* the same for the same task, version, inputs and configuration                     */
    int64_t unix_ns;              /* the recorded time: use it instead of the clock where results depend on it         */
    int64_t deadline_ns;          /* CLOCK_MONOTONIC time at which the attempt will be stopped, or 0                   */
    const volatile int32_t *cancel; /* non-zero: stop soon and return ASSAY_E_CANCELLED. Read with assay_cancelled().  */
    const assay_value *inputs;    /* n_inputs, in port order, of the declared types; defaults are filled in            */
    const assay_value *config;    /* an ASSAY_RECORD of the task's config_type, defaults filled in; ASSAY_NULL: none    */
    uint32_t n_inputs, n_outputs;
    const void *resume;           /* the last checkpoint of an earlier attempt, or NULL                                */
    uint64_t resume_size;
} assay_run;

/* ==== What the plugin declares ========================================================================================
 * Static data: the engine reads it at any time until the process ends and never writes it. */
#define ASSAY_PORT_OPTIONAL 1u    /* may be left out (input: then it is ASSAY_NULL) or unset (output)                  */

/* An input or output. (grows) */
typedef struct assay_port {
    uint32_t struct_size;
    uint32_t flags;               /* ASSAY_PORT_...                                                                    */
    const char *name;             /* [a-z_][a-z0-9_]*, unique among inputs and among outputs                           */
    const char *type;             /* type expression: "int(1..20)", "tensor<f32>[n, 3]", "table{a: int}", "file<csv>"  */
    const char *doc;              /* or NULL                                                                           */
    const char *unit;             /* "ms", "kg", or NULL                                                               */
    const char *default_json;     /* an input's default, or NULL: none                                                 */
    const char *constraint;       /* for people: "0 <= x <= 1", or NULL                                                */
} assay_port;

/* Promises: assay_task.flags. */
#define ASSAY_PURE           1u   /* Outputs depend on inputs, configuration and seed only: results may be reused.     */
#define ASSAY_DETERMINISTIC  2u   /* ... and are the same bytes each time.                                             */
#define ASSAY_IDEMPOTENT     4u   /* Running twice does no harm: may be run again after a crash.                       */
#define ASSAY_NETWORK        8u   /* Uses the network.                                                                 */
#define ASSAY_READS_FILES   16u   /* Reads files other than its inputs.                                                */
#define ASSAY_SPAWNS        32u   /* Starts processes.                                                                 */
#define ASSAY_RESUMABLE     64u   /* Understands assay_run.resume.                                                     */
/* How calls may overlap: assay_task.threads. */
#define ASSAY_THREADS_PROCESS  0u /* One call at a time in the whole process.                                          */
#define ASSAY_THREADS_INSTANCE 1u /* Instances in parallel, one call at a time on each.                                */
#define ASSAY_THREADS_FREE     2u /* Anything in parallel.                                                             */
#define ASSAY_THREADS_AFFINE   3u /* As INSTANCE, and always in the thread that called create().                       */

/* A typed unit of work. (grows) */
typedef struct assay_task {
    uint32_t struct_size;
    uint32_t flags;               /* ASSAY_PURE ...                                                                    */
    uint32_t threads;             /* ASSAY_THREADS_...                                                                 */
    uint32_t reserved;            /* 0                                                                                 */
    const char *id;               /* "com.acme.blur": letters, digits, '_', '-' between dots; unique in the plugin     */
    const char *version;          /* semantic version; raise it when results change                                    */
    const char *title, *doc;      /* or NULL                                                                           */
    const char *phase;            /* "acquisition", "preparation", "development" ...; or NULL                          */
    const assay_port *const *inputs;
    uint32_t n_inputs;
    uint32_t n_outputs;
    const assay_port *const *outputs;
    const char *config_type;      /* a record type "{rate: float(0..1), deep: bool}", or NULL: no configuration        */
    const char *const *secrets;   /* names it may ask for, NULL-terminated, or NULL                                    */
    double cpu;                   /* hints, 0 or NULL: unknown. Cores,                                                 */
    uint64_t memory_bytes, disk_bytes;
    const char *device;           /* "gpu", or NULL                                                                    */
    int64_t typical_ms;
    /* [task thread] Makes an instance for a configuration; the engine keeps it for many runs. The configuration (record or
     * ASSAY_NULL) is borrowed until create() returns. May be NULL: instances are then NULL. */
    assay_status (ASSAY_CALL *create)(const assay_host *, const struct assay_task *, const assay_value *config, void **instance);
    /* [task thread] One attempt. ASSAY_OK with every output set, or an error after host->fail(). */
    assay_status (ASSAY_CALL *run)(void *instance, const assay_run *);
    /* [other thread] Asks a run that does not look at assay_run.cancel to end; must return at once. Called at most once for
     * a run, some time after `cancel` became non-zero, never after run() has returned. May be NULL. */
    void (ASSAY_CALL *cancel)(void *instance, const assay_run *);
    /* [task thread] Frees an instance; no run is under way. Not called when the process is killed. May be NULL. */
    void (ASSAY_CALL *destroy)(void *instance);
} assay_task;

/* What assay_plugin_entry returns. (grows) The first 16 bytes never change, not even between generations. */
typedef struct assay_plugin {
    uint32_t struct_size;
    uint32_t generation;          /* ASSAY_GENERATION                                                                  */
    uint32_t revision;            /* ASSAY_REVISION: the one it was built with                                         */
    uint32_t requires_revision;   /* the oldest engine it works with; 0 or 1: any                                      */
    const char *id;               /* "com.acme.imaging"                                                                */
    const char *version;
    const char *license, *doc;    /* or NULL                                                                           */
    const assay_task *const *tasks;
    uint64_t n_tasks;
    /* [task thread] Once before the first create() or run(). Fast; no threads yet. Anything but ASSAY_OK refuses the
     * plugin. May be NULL. */
    assay_status (ASSAY_CALL *init)(const assay_host *);
    /* [task thread] At an orderly end, after the last destroy(). May be NULL. */
    void (ASSAY_CALL *deinit)(void);
    /* [any thread] A table of the plugin's by its name, or NULL. May be NULL. */
    const void *(ASSAY_CALL *get_extension)(const char *id);
} assay_plugin;

/* What the engine tells a plugin about itself. (grows) The first 16 bytes never change. Valid during the entry call;
 * the texts of plugin_path, source and options until the end of the process. */
typedef struct assay_loader {
    uint32_t struct_size;
    uint32_t generation_min, generation_max; /* what the engine speaks                                                 */
    uint32_t revision;            /* the engine's, in its newest generation                                            */
    void *loader_data;            /* the engine's                                                                      */
    /* Says why NULL will be returned; the text is copied. */
    void (ASSAY_CALL *refuse)(const struct assay_loader *, const char *reason);
    const char *plugin_path;
    /* A language bridge is a plugin that loads `source` (a Python file, say) and describes the tasks found in it as its
     * own. NULL for others. */
    const char *source;
    const char *const *options;   /* "key=value" for a bridge, NULL-terminated, or NULL                                */
} assay_loader;

/* The one symbol that a plugin exports. Returns static data, the same for the same loader->source, or NULL after refuse().
 * Cheap and without side effects: no threads, no files, no output (a bridge may do what loading its source needs). */
typedef const assay_plugin *(ASSAY_CALL *assay_plugin_entry_fn)(const assay_loader *);
ASSAY_EXPORT const assay_plugin *ASSAY_CALL assay_plugin_entry(const assay_loader *loader);

/* ==== Small helpers (see assay_task.h for more) ======================================================================= */

/* Whether the engine speaks the generation that this plugin was compiled for. */
static inline int assay_speaks(const assay_loader *l)
{ return l && l->generation_min <= ASSAY_GENERATION && ASSAY_GENERATION <= l->generation_max; }

/* Whether the run should stop. About 2 ns. [any thread] */
static inline int assay_cancelled(const assay_run *r)
{
#if defined(__GNUC__) || defined(__clang__)
    return r->cancel && __atomic_load_n(r->cancel, __ATOMIC_RELAXED) != 0;
#else
    return r->cancel && *r->cancel != 0;
#endif
}

/* Frees a value that one owns. */
static inline void assay_drop(assay_value *v)
{ if (v->release) { v->release(v); v->release = 0; } v->kind = ASSAY_NULL; }

/* Makes *v a float that owns nothing. */
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
