/* The structures of DLPack 1.x (https://dmlc.github.io/dlpack), as published, for plugins that do not have the
 * original header. Define or include dlpack.h first to use that one instead. */
#ifndef DLPACK_DLPACK_H_
#define DLPACK_DLPACK_H_
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
#define DLPACK_MAJOR_VERSION 1
#define DLPACK_MINOR_VERSION 0
#define DLPACK_FLAG_BITMASK_READ_ONLY (1UL << 0UL)
#define DLPACK_FLAG_BITMASK_IS_COPIED (1UL << 1UL)

typedef struct { uint32_t major, minor; } DLPackVersion;
typedef struct { int32_t device_type /* kDLCPU = 1 */, device_id; } DLDevice;
/* code: 0 int, 1 uint, 2 float, 4 bfloat, 5 complex, 6 bool; lanes is 1. */
typedef struct { uint8_t code, bits; uint16_t lanes; } DLDataType;
typedef struct {
  void *data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t *shape;   /* ndim extents */
  int64_t *strides; /* in elements, or NULL: C-contiguous */
  uint64_t byte_offset;
} DLTensor;
typedef struct DLManagedTensorVersioned {
  DLPackVersion version;
  void *manager_ctx;
  void (*deleter)(struct DLManagedTensorVersioned *self); /* may be NULL; callable from any thread */
  uint64_t flags;
  DLTensor dl_tensor;
} DLManagedTensorVersioned;
#define ASSAY_DL_CPU 1
#ifdef __cplusplus
}
#endif
#else
#define ASSAY_DL_CPU 1
#endif
