/* Tells ThreadSanitizer about contended locks.
 *
 * `Synchronization.Mutex` on Linux hands a contended lock over in the kernel (FUTEX_LOCK_PI, FUTEX_UNLOCK_PI), and its slow
 * paths are in libswiftSynchronization, which is not instrumented: ThreadSanitizer sees no order between the two holders and
 * reports what the lock guards. Preloaded, this library stands before the slow paths and says what they do. Nothing is
 * suppressed: accesses without the lock are still reported. Loaded into programs without ThreadSanitizer it does nothing. */
#include <dlfcn.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

SWIFT void lock_slow(uint32_t thread, SELF void *self) __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
SWIFT _Bool try_lock_slow(SELF void *self) __asm__("$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF");
SWIFT void unlock_slow(SELF void *self) __asm__("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

SWIFT void lock_slow(uint32_t thread, SELF void *self) {
  SWIFT void (*next)(uint32_t, SELF void *) = real("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
  next(thread, self);
  if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT _Bool try_lock_slow(SELF void *self) {
  SWIFT _Bool (*next)(SELF void *) = real("$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF");
  _Bool locked = next(self);
  if (locked && __tsan_acquire) __tsan_acquire(self);
  return locked;
}

SWIFT void unlock_slow(SELF void *self) {
  SWIFT void (*next)(SELF void *) = real("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
  if (__tsan_release) __tsan_release(self);
  next(self);
}
