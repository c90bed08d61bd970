/* The memory layouts that assay.h names but does not define: DLPack >= 1.0 tensors and the Arrow C data and stream
 * interfaces. Same layouts as the published headers under names of our own, so that a plugin may include those too. */
#ifndef ASSAY_LAYOUTS_H
#define ASSAY_LAYOUTS_H
#include <stdint.h>

typedef struct kit_arrow_schema {
    const char *format, *name, *metadata;
    int64_t flags, n_children;
    struct kit_arrow_schema **children, *dictionary;
    void (*release)(struct kit_arrow_schema *);
    void *private_data;
} kit_arrow_schema;

typedef struct kit_arrow_array {
    int64_t length, null_count, offset, n_buffers, n_children;
    const void **buffers;
    struct kit_arrow_array **children, *dictionary;
    void (*release)(struct kit_arrow_array *);
    void *private_data;
} kit_arrow_array;

typedef struct kit_arrow_stream {
    int (*get_schema)(struct kit_arrow_stream *, kit_arrow_schema *out);
    int (*get_next)(struct kit_arrow_stream *, kit_arrow_array *out);
    const char *(*get_last_error)(struct kit_arrow_stream *);
    void (*release)(struct kit_arrow_stream *);
    void *private_data;
} kit_arrow_stream;

/* DLManagedTensorVersioned, flattened: DLTensor's fields stand in the place of `dl_tensor`. */
typedef struct kit_dl_tensor {
    uint32_t major, minor;
    void *manager_ctx;
    void (*deleter)(struct kit_dl_tensor *);
    uint64_t flags; /* bit 0: read-only */
    void *data;
    int32_t device_type, device_id; /* 1: CPU */
    int32_t ndim;
    uint8_t code, bits;
    uint16_t lanes;
    int64_t *shape, *strides; /* strides in elements, NULL: C-contiguous */
    uint64_t byte_offset;
} kit_dl_tensor;

/* Loads a bool-typed byte or any flag another thread may write; Swift has no volatile. */
static inline int32_t kit_load(const volatile int32_t *p) { return p ? __atomic_load_n(p, __ATOMIC_RELAXED) : 0; }
#endif
