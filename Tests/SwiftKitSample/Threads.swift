import AssayKit
import Glibc
import Synchronization

/// Runs `body` on `count` threads at once and waits for all.
func runThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) {
  final class Work { let body: @Sendable () -> Void; init(_ body: @escaping @Sendable () -> Void) { self.body = body } }
  var threads: [pthread_t] = []
  for _ in 0..<count {
    var thread = pthread_t()
    let work = Unmanaged.passRetained(Work(body)).toOpaque()
    pthread_create(
      &thread, nil,
      {
        if let work = $0 { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body() }; return nil
      }, work)
    threads.append(thread)
  }
  for thread in threads { pthread_join(thread, nil) }
}

private let kept = Mutex<[Context]>([])

/// Uses the contexts of earlier attempts, which must do nothing, and keeps this one.
func keep(_ context: Context) {
  kept.withLock { contexts in
    for old in contexts { old.log("too late"); _ = old.isCancelled }
    contexts.append(context)
  }
}

private let values = Mutex<(Tensor<Double>, Table)?>(nil)

/// Keeps `new` and gives what was kept before.
func swapKept(_ new: (Tensor<Double>, Table)) -> (Tensor<Double>, Table) {
  values.withLock { kept in
    defer { kept = new }
    return kept ?? new
  }
}
