/* The system's libffi. Only C uses it: its type objects are shared mutable state, which Swift 6 refuses. */
#include <ffi.h>
