internal import Glibc

/// State behind a lock, with two conditions to wait for: there is work, there is progress.
///
/// `@unchecked Sendable`: `state` is touched only while `mutex` is held.
final class Monitor<State>: @unchecked Sendable {
  enum Condition: Int { case work, progress }

  private var state: State
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let conditions = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 2)

  init(_ state: State) {
    self.state = state
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    for index in 0..<2 { pthread_cond_init(conditions + index, &attributes) }
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    for index in 0..<2 { pthread_cond_destroy(conditions + index) }
    pthread_mutex_destroy(mutex)
    conditions.deallocate()
    mutex.deallocate()
  }

  func withLock<R, E>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&state)
  }

  /// Blocks until `ready` gives something; it is asked again after each signal of `condition`.
  func wait<R>(for condition: Condition, _ ready: (inout State) -> R?) -> R {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let result = ready(&state) { return result }
      pthread_cond_wait(conditions + condition.rawValue, mutex)
    }
  }

  /// Nanoseconds of the monotonic clock.
  static var now: Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }

  /// Blocks until `isReady`, but not much longer than until `moment`.
  func pause(for condition: Condition, until moment: Int, unless isReady: (inout State) -> Bool) {
    guard moment > Self.now else { return }
    var deadline = timespec(tv_sec: moment / 1_000_000_000, tv_nsec: moment % 1_000_000_000)
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while !isReady(&state) {
      if pthread_cond_timedwait(conditions + condition.rawValue, mutex, &deadline) != 0 { return }
    }
  }

  func signal(_ condition: Condition) { pthread_cond_broadcast(conditions + condition.rawValue) }
}

/// A thread of its own for work that blocks.
struct DedicatedThread: Sendable {
  private let handle: pthread_t

  /// Nil when the system has no more threads.
  init?(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
      let body: @Sendable () -> Void
      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let box = Unmanaged.passRetained(Box(body))
    var handle = pthread_t()
    let code = pthread_create(
      &handle, nil,
      { argument in
        if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, box.toOpaque())
    guard code == 0 else {
      box.release()
      return nil
    }
    self.handle = handle
  }

  func join() { pthread_join(handle, nil) }
}
