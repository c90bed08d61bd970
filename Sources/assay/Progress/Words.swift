internal import Events
internal import Tasks

extension NodeSkipped.Why {
  /// For people.
  var words: String {
    switch self {
    case .condition: "condition is false"
    case .upstreamFailed: "something it needs failed"
    case .upstreamSkipped: "something it needs was skipped"
    case .stopped: "the run was stopped"
    case .notWanted: "after --until"
    }
  }
}

extension RunModel.Step {
  /// It ended, but not all of it: the run was stopped.
  var isStopped: Bool { isComplete && (stopped > 0 || skipped > 0 && why == .stopped && skipped < ended) }
}

extension Failure {
  /// `timeout: took longer than 5m`; the code only where it says more than the message.
  var words: String {
    let message = message.isEmpty ? "no message" : message
    return code == Kind.failed.rawValue || message.contains(code) ? message : "\(code): \(message)"
  }
}

extension RunStatus {
  var style: Style {
    switch self {
    case .succeeded: .good
    case .failed: .bad
    case .running: .active
    case .cancelled, .interrupted: .warning
    }
  }
}

extension LogLevel {
  var style: Style? {
    switch self {
    case .debug: .faint
    case .info: nil
    case .warning: .warning
    case .error: .bad
    }
  }
}
