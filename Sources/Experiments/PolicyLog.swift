package import Events
package import Workflows

/// An entry of the log of a policy: what it saw and did. Its acts are decisions in experiments, too, in its name.
package enum PolicyFact: Sendable, Equatable {
  /// It looked because of this, and did nothing because of that. `versions`: of the names that it watches.
  case quiet(cause: String, reason: String, versions: [String: Int])
  /// It looked because of `cause`, `reason` was alarming, and it began this.
  case acted(cause: String, reason: String, versions: [String: Int], PolicyAct)
  /// What it began came to its end.
  case ended(PolicyAct, String)
  /// What it began waits for a person.
  case waits(PolicyAct, String)
  /// It could not look or act.
  case failed(String)
}

package struct PolicyAct: Sendable, Equatable {
  package enum Kind: String, Sendable { case experiment, run }
  package var kind: Kind
  package var number: Int
  package init(_ kind: Kind, _ number: Int) {
    self.kind = kind
    self.number = number
  }
}

package struct PolicyEntry: Sendable, Equatable {
  /// Nanoseconds since 1970.
  package var at: Int64
  package var fact: PolicyFact
  package init(at: Int64, _ fact: PolicyFact) {
    self.at = at
    self.fact = fact
  }
}

/// A policy as its log tells it.
package struct PolicyState: Sendable {
  /// When it looked last, and when it last began something.
  package private(set) var lookedAt: Int64?
  package private(set) var actedAt: Int64?
  package private(set) var versions: [String: Int] = [:]
  /// The experiment that it began and that did not end.
  package private(set) var experiment: Int?
  package private(set) var isWaiting = false
  package private(set) var count = 0

  package init() {}

  package mutating func apply(_ entry: PolicyEntry) {
    count += 1
    switch entry.fact {
    case .quiet(_, _, let versions):
      lookedAt = entry.at
      self.versions.merge(versions) { $1 }
    case .acted(_, _, let versions, let act):
      lookedAt = entry.at
      actedAt = entry.at
      self.versions.merge(versions) { $1 }
      if act.kind == .experiment { experiment = act.number }
      isWaiting = false
    case .ended(let act, _):
      if act.kind == .experiment, act.number == experiment { experiment = nil }
      isWaiting = false
    case .waits: isWaiting = true
    case .failed: lookedAt = entry.at
    }
  }

  /// Why the policy should look now; nil: it need not.
  ///
  /// A clock that was set back is no reason to wait until it has caught up: the policy looks once, and counts from there. One that
  /// was set forward, or a machine that slept, gives one look, not one for each that was missed.
  ///
  /// - Parameters:
  ///   - now: nanoseconds since 1970.
  ///   - latest: the newest versions of the names that it watches.
  package func cause(_ policy: Policy, now: Int64, latest: [String: Int]) -> String? {
    for name in policy.versions {
      if let version = latest[name], version != versions[name] { return "version \(version) of \(name)" }
    }
    if let every = policy.every {
      guard let lookedAt, now >= lookedAt else { return "the first look" }
      if now - lookedAt >= every.nanoseconds { return "every \(every.words)" }
    }
    if !policy.times.isEmpty {
      guard let lookedAt, now >= lookedAt else { return lookedAt == nil ? nil : "the clock was set back" }
      if let moment = Self.lastMoment(policy.times, now), moment > lookedAt { return "the time of the day" }
    }
    return nil
  }

  /// Whether it may begin something again.
  package func isRested(_ policy: Policy, now: Int64) -> Bool {
    guard let rest = policy.rest, let actedAt, now >= actedAt else { return true }
    return now - actedAt >= rest.nanoseconds
  }

  /// The latest of these minutes of the day that is not after `now`.
  private static func lastMoment(_ times: [Int], _ now: Int64) -> Int64? {
    let minute: Int64 = 60_000_000_000
    let day = minute * 1440
    let today = now - (now % day + day) % day
    return [today - day, today].flatMap { start in times.map { start + Int64($0) * minute } }.filter { $0 <= now }.max()
  }
}

extension Duration {
  /// Clamped to what fits.
  fileprivate var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : whole + attoseconds / 1_000_000_000
  }

  fileprivate var words: String {
    let seconds = components.seconds
    if seconds > 0, seconds % 86400 == 0 { return "\(seconds / 86400)d" }
    if seconds > 0, seconds % 3600 == 0 { return "\(seconds / 3600)h" }
    if seconds > 0, seconds % 60 == 0 { return "\(seconds / 60)m" }
    return seconds > 0 ? "\(seconds)s" : "\(nanoseconds / 1_000_000)ms"
  }
}

// MARK: Rows

extension PolicyEntry {
  package func row(of policy: String) -> LogRow {
    var row = LogRow(at: at, actor: "policy:\(policy)", kind: "")
    func versions(_ all: [String: Int]) -> String {
      all.sorted { $0.key < $1.key }.map { "\($0.key)@\($0.value)" }.joined(separator: " ")
    }
    func put(_ act: PolicyAct) { row.numbers = [act.kind == .experiment ? 1 : 2, Double(act.number)] }
    switch fact {
    case .quiet(let cause, let reason, let seen):
      row.kind = "quiet"
      row.text = [versions(seen), cause, reason].joined(separator: "\n")
    case .acted(let cause, let reason, let seen, let act):
      row.kind = "acted"
      row.text = [versions(seen), cause, reason].joined(separator: "\n")
      put(act)
    case .ended(let act, let reason):
      row.kind = "ended"
      row.text = reason
      put(act)
    case .waits(let act, let reason):
      row.kind = "waits"
      row.text = reason
      put(act)
    case .failed(let reason):
      row.kind = "failed"
      row.text = reason
    }
    return row
  }

  /// Nil: a row that makes no sense is no entry.
  package init?(_ row: LogRow) {
    var act: PolicyAct? {
      guard row.numbers.count == 2, let number = Int(exactly: row.numbers[1]) else { return nil }
      return PolicyAct(row.numbers[0] == 1 ? .experiment : .run, number)
    }
    let parts = row.text.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    var versions: [String: Int] = [:]
    for word in parts.first?.split(separator: " ") ?? [] {
      let halves = word.split(separator: "@")
      if halves.count == 2, let version = Int(halves[1]) { versions[String(halves[0])] = version }
    }
    let fact: PolicyFact
    switch (row.kind, act) {
    case ("quiet", _) where parts.count == 3: fact = .quiet(cause: parts[1], reason: parts[2], versions: versions)
    case ("acted", let act?) where parts.count == 3:
      fact = .acted(cause: parts[1], reason: parts[2], versions: versions, act)
    case ("ended", let act?): fact = .ended(act, row.text)
    case ("waits", let act?): fact = .waits(act, row.text)
    case ("failed", _): fact = .failed(row.text)
    default: return nil
    }
    self.init(at: row.at, fact)
  }
}
