internal import CProcess
internal import Glibc

/// State behind a lock on which threads can wait for a change.
///
/// `@unchecked`: `state` is touched only while `mutex` is held.
package final class Monitor<State>: @unchecked Sendable {
  private var state: State
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  package init(_ state: sending State) {
    self.state = state
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(changed, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  /// Runs `body` alone. Whoever waits looks again afterwards if `body` announced a change.
  package func with<R>(announcing: Bool = false, _ body: (inout State) -> R) -> R {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if announcing { pthread_cond_broadcast(changed) }
    return body(&state)
  }

  /// Sleeps until a change is announced or `deadline` (nanoseconds of the monotonic clock; nil: no limit), then runs
  /// `body`. It may be woken for nothing.
  package func pause(until deadline: (State) -> Int64?, then body: (inout State) -> Void) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if let end = deadline(state) {
      var time = timespec(tv_sec: Int(end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
      pthread_cond_timedwait(changed, mutex, &time)
    } else {
      pthread_cond_wait(changed, mutex)
    }
    body(&state)
  }

  /// Runs `body` until it gives something, sleeping between changes.
  package func wait<R>(_ body: (inout State) -> R?) -> R {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let result = body(&state) { return result }
      pthread_cond_wait(changed, mutex)
    }
  }
}
