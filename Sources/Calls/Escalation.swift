package import Tasks

/// Why an attempt has to end, and what has been done about it: flag, `cancel()`, SIGTERM, SIGKILL.
///
/// Pure: the caller gives the time and carries out the steps.
package struct Escalation: Equatable {
  package enum Reason: Equatable {
    case timeout
    case cancel
  }

  package enum Step: Int, Comparable {
    case none, flag, callCancel, terminate, kill
    package static func < (a: Step, b: Step) -> Bool { a.rawValue < b.rawValue }
    /// The cancel word that belongs to it.
    package var word: Int32 { min(2, Int32(rawValue)) }
  }

  package let reason: Reason
  package private(set) var urgency: Urgency
  package private(set) var since: Int64
  private let grace: Int64
  package private(set) var step = Step.none

  package init(_ reason: Reason, _ urgency: Urgency, since: Int64, grace: Int64) {
    self.reason = reason
    self.urgency = urgency
    self.since = since
    self.grace = max(0, grace)
  }

  /// A second, more urgent request; a less urgent one changes nothing.
  package mutating func raise(to urgency: Urgency, at now: Int64) {
    switch (self.urgency, urgency) {
    case (.ask, .stop), (.ask, .kill), (.stop, .kill):
      self.urgency = urgency
      since = now
    default: break
    }
  }

  /// When each step is due: `cancel()` soon after the flag of a timeout, at once for a stop; SIGTERM after three
  /// quarters of the grace, SIGKILL at its end.
  private func due(_ step: Step) -> Int64? {
    switch (urgency, step) {
    case (_, .none), (_, .flag), (.kill, _): since
    case (.ask, _): nil
    case (.stop, .callCancel): reason == .timeout ? since + min(grace / 4, 250_000_000) : since
    case (.stop, .terminate): since + grace / 4 * 3
    case (.stop, .kill): since + grace
    }
  }

  /// The latest step that is due and was not taken, or nil. Steps in between are passed over.
  package mutating func advance(to now: Int64) -> Step? {
    let steps: [Step] = [.kill, .terminate, .callCancel, .flag]
    guard let next = steps.first(where: { candidate in due(candidate).map { $0 <= now } ?? false }), next > step else {
      return nil
    }
    step = next
    return next
  }

  /// When the next step is due, or nil.
  package var next: Int64? {
    guard let following = Step(rawValue: step.rawValue + 1) else { return nil }
    return due(following)
  }
}
