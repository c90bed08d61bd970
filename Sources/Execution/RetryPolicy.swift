package import Tasks
package import Workflows

/// Whether and when a failed attempt is tried again: a pure function of the step's options and the failure.
package enum RetryPolicy {
  /// The delay before the next attempt, or nil when there is none.
  ///
  /// The user's `on` list decides alone when it is there. Otherwise the task's own word (`retryable`) decides, then the
  /// kind: a wrong input, a broken contract or a cancellation comes back the same, and after a crash or time-out the task
  /// may already have done half of its work, so that it is tried again only if it is pure or idempotent.
  package static func delay(
    after failure: Failure, attempt: Int, options: StepOptions, traits: TaskTraits, seed: UInt64
  ) -> Duration? {
    guard attempt <= options.retries, failure.kind != .cancelled, allows(failure, options, traits) else { return nil }
    if let wished = failure.retryAfter { return wished }
    let (lower, upper) = options.backoff ?? (.milliseconds(100), .seconds(30))
    var delay = lower
    for _ in 1..<max(attempt, 2) where attempt > 1 && delay < upper { delay = min(delay * 2, upper) }
    let jitter = options.backoff == nil ? 0.2 : options.jitter
    return delay * (1 + jitter * (2 * uniform(seed, UInt64(attempt)) - 1))
  }

  package static func allows(_ failure: Failure, _ options: StepOptions, _ traits: TaskTraits) -> Bool {
    if !options.retryOn.isEmpty {
      return options.retryOn.contains {
        $0 == failure.code || failure.code.hasPrefix($0 + ".") || $0 == failure.kind.rawValue
      }
    }
    if let word = failure.retryable { return word }
    switch failure.kind {
    case .failed, .transient, .resource, .lost: return true
    case .crash, .timeout: return traits.areRepeatable
    case .input, .cancelled, .unsupported, .contract, .load: return false
    }
  }

  /// A number in 0..<1 from a counter, not from a generator with state (SplitMix64's finaliser).
  private static func uniform(_ seed: UInt64, _ counter: UInt64) -> Double {
    var z = seed &+ counter &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ z >> 31) >> 11) * 0x1p-53
  }
}
