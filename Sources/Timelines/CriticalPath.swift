package import Events
internal import Tasks

extension Timeline {
  /// A part of what made the run as long as it was.
  package struct Link: Sendable {
    /// Index into `attempts`.
    package var attempt: Int
    package var node: NodeReference
    package var startedAt: Int64
    package var endedAt: Int64
    /// How long it waited after what it needed was there: for a free place, or for its next attempt.
    package var waited: Int64
  }

  /// The chain of attempts that ended last: each began when the one before had ended. To be faster, shorten these.
  ///
  /// It goes back from the last end to what was waited for last, again and again (as make and bazel do it).
  package func criticalPath() -> [Link] {
    let dependencies = Dependencies(self)
    var before: [Int: [Int: Int]] = [:]
    for (index, attempt) in attempts.enumerated() where attempt.isOver {
      before[attempt.node.node, default: [:]][attempt.number] = index
    }
    let ended = attempts.indices.filter { attempts[$0].isOver }
    var path: [Link] = []
    var next = ended.max { attempts[$0].endedAt < attempts[$1].endedAt }
    while let index = next, path.count < attempts.count {
      let attempt = attempts[index]
      var cause = before[attempt.node.node]?[attempt.number - 1].map { ($0, attempts[$0].endedAt) }
      var causeEnd = cause?.1 ?? startedAt
      if cause == nil, let last = lastAttempt(before: attempt.node, dependencies) {
        causeEnd = last.at
        cause = last.attempt.map { ($0, last.at) }
      }
      path.append(
        Link(
          attempt: index, node: attempt.node, startedAt: attempt.startedAt, endedAt: attempt.endedAt,
          waited: max(0, attempt.startedAt - causeEnd)))
      // Against damage: time only goes back.
      next = cause.flatMap { attempts[$0.0].startedAt <= attempt.startedAt && $0.0 != index ? $0.0 : nil }
    }
    return path.reversed()
  }

  /// The attempt that what was waited for last came from. Reused calls take no time: what they waited for counts in
  /// their place, the moment remains theirs.
  private func lastAttempt(before node: NodeReference, _ dependencies: Dependencies) -> Dependencies.End? {
    guard var end = dependencies.last(before: node).max(by: { $0.at < $1.at }) else { return nil }
    let at = end.at
    for _ in steps where end.attempt == nil {
      guard let deeper = dependencies.last(before: end.node).max(by: { $0.at < $1.at }) else { break }
      end = deeper
    }
    end.at = at
    return end
  }

  /// The attempts that took longest.
  package func slowest(_ count: Int) -> [Attempt] {
    Array(
      attempts.filter(\.isOver).sorted { $0.usage.wallNanoseconds > $1.usage.wallNanoseconds }.prefix(count))
  }
}
