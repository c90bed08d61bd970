package import Events
package import Tasks
package import Values

/// The likely causes of a call that gave other outputs for the same inputs, the likeliest first, each with what the record
/// has for it or against it.
package struct Ladder: Sendable, Equatable {
  package enum Cause: String, Sendable, CaseIterable {
    case code, environment, seed, threads, clock, locale
    /// Memory that was never written, addresses, the order of hashes: what nothing on record can show.
    case memory
  }

  package enum Weight: String, Sendable { case likely, possible, unlikely }

  package struct Rung: Sendable, Equatable {
    package var cause: Cause
    /// 0…100; what the order is by.
    package var score: Int
    package var evidence: [String]

    package var weight: Weight { score >= 50 ? .likely : score >= 20 ? .possible : .unlikely }
  }

  package var rungs: [Rung]

  /// One of the two calls.
  package struct Side: Sendable {
    package var record: RunRecord
    package var step: StepRecord
    package var components: [(name: String, digest: Digest)]
    package var startedAt: Int64
    package var usage: Usage

    package init(
      record: RunRecord, step: StepRecord, components: [(name: String, digest: Digest)], startedAt: Int64, usage: Usage
    ) {
      self.record = record
      self.step = step
      self.components = components
      self.startedAt = startedAt
      self.usage = usage
    }
  }

  /// - Parameter outputs: those that differ.
  package init(_ before: Side, _ after: Side, outputs: [OutputComparison]) {
    let facts = FactDifference.between(before.record.circumstances.facts, after.record.circumstances.facts)
    let look = Look(before, after, outputs, facts)
    let recorded = [look.code, look.environment, look.threads, look.clock, look.locale]
    let isExplained = recorded.contains { $0.score >= 20 }
    rungs = recorded + [look.seed(isExplained), look.memory(isExplained)]
    rungs = rungs.enumerated().sorted { a, b in
      (-a.element.score, a.offset) < (-b.element.score, b.offset)
    }.map(\.element)
  }
}

/// How one output of two calls differs.
package struct OutputComparison: Sendable, Equatable {
  package var port: String
  package var comparison: ValueComparison
  package var before: Value?
  package var after: Value?

  package init(port: String, comparison: ValueComparison, before: Value?, after: Value?) {
    self.port = port
    self.comparison = comparison
    self.before = before
    self.after = after
  }
}

/// Gathers the evidence for each cause.
private struct Look {
  let before: Ladder.Side
  let after: Ladder.Side
  let outputs: [OutputComparison]
  let facts: [FactDifference]
  let differences: [ValueComparison.Difference]

  init(_ before: Ladder.Side, _ after: Ladder.Side, _ outputs: [OutputComparison], _ facts: [FactDifference]) {
    self.before = before
    self.after = after
    self.outputs = outputs
    self.facts = facts
    differences = outputs.flatMap(\.comparison.differences)
  }

  private func rung(_ cause: Ladder.Cause, _ score: Int, _ evidence: [String]) -> Ladder.Rung {
    .init(cause: cause, score: score, evidence: evidence)
  }

  private func facts(_ groups: Fact.Group...) -> [FactDifference] { facts.filter { groups.contains($0.group) } }

  /// Floats that differ as the order of a sum makes them differ.
  private var isRounding: Bool {
    !outputs.isEmpty
      && outputs.allSatisfy {
        !$0.comparison.isStructural && $0.comparison.deviation > 0 && $0.comparison.deviation < 1e-6
      }
  }

  // MARK: what was recorded

  var code: Ladder.Rung {
    let (old, new) = (before.step, after.step)
    if old.task != new.task || old.version != new.version {
      return rung(.code, 90, ["the task was \(old.task) \(old.version), is \(new.task) \(new.version)"])
    }
    guard old.code != new.code else {
      let parts = after.record.code(new.code)?.parts.count ?? 0
      return rung(.code, 0, ["the same, \(new.code.short)\(parts > 0 ? " (parts: \(parts))" : "")"])
    }
    let change = CodeDifference((old.code, before.record.code(old.code)), (new.code, after.record.code(new.code)))
    let parts = change.parts.prefix(6).map { part in
      part.kind == .plugin ? "\(part.name) changed" : "\(part.kind.word) \(part.name) changed"
    }
    return rung(.code, 90, parts.isEmpty ? ["another code identity"] : parts)
  }

  var environment: Ladder.Rung {
    var evidence: [String] = []
    var score = 0
    let variables = facts(.variable)
    if !variables.isEmpty {
      // One variable that differs stands out, among many it does not.
      score = variables.count <= 3 ? 60 : 35
      evidence += variables.prefix(6).map(\.words)
      if variables.count > 6 { evidence.append("and \(variables.count - 6) more variables") }
    }
    let machine = facts(.machine, .system).filter { $0.name != "cores" }
    if !machine.isEmpty {
      score = max(score, isRounding ? 60 : 40)
      evidence += machine.map(\.words)
    }
    if before.record.engine != after.record.engine {
      score = max(score, 30)
      evidence.append("the engine was \(before.record.engine), is \(after.record.engine)")
    }
    if before.step.isolation != after.step.isolation {
      score = max(score, 40)
      evidence.append("isolation was \(before.step.isolation.rawValue), is \(after.step.isolation.rawValue)")
    }
    if !evidence.isEmpty { return rung(.environment, score, evidence) }
    let count = after.record.circumstances.facts.count
    return rung(.environment, 0, ["the same: machine, system, engine and variables (\(count) facts)"])
  }

  /// Without another explanation numbers that have nothing to do with each other are numbers that were drawn.
  func seed(_ isExplained: Bool) -> Ladder.Rung {
    guard before.record.seed == after.record.seed else {
      return rung(.seed, 85, ["the run's seed was \(before.record.seed), is \(after.record.seed)"])
    }
    guard !isExplained, hasNumbers else { return rung(.seed, 5, ["the run's seed is \(after.record.seed) in both"]) }
    return rung(
      .seed, 40,
      ["the run's seed is \(after.record.seed) in both; the task may draw random numbers that do not come from it"])
  }

  private var texts: [(String, String)] {
    outputs.compactMap { output in
      guard let before = output.before?.asString, let after = output.after?.asString else { return nil }
      return (before, after)
    }
  }

  private var hasNumbers: Bool { differences.contains { Double($0.before) != nil && Double($0.after) != nil } }

  var threads: Ladder.Rung {
    var evidence = facts(.threads).map(\.words) + facts(.machine).filter { $0.name == "cores" }.map(\.words)
    var score = evidence.isEmpty ? 0 : isRounding ? 85 : 45
    if isRounding {
      let deviation = outputs.map(\.comparison.deviation).max() ?? 0
      evidence.append("only the last digits of floats differ (by \(Self.short(deviation))): sums in another order")
      score = max(score, 40)
    }
    for (side, words) in [(before, "the recorded call"), (after, "this call")] {
      // More processor time than time: several threads.
      guard side.usage.wallNanoseconds > 2_000_000,
        side.usage.cpuNanoseconds > side.usage.wallNanoseconds * 12 / 10
      else { continue }
      let ratio = Double(side.usage.cpuNanoseconds) / Double(side.usage.wallNanoseconds)
      evidence.append("\(words) kept \(Self.short(ratio)) processors busy")
      score = max(score, isRounding ? 70 : 25)
      break
    }
    return rung(.threads, score, evidence.isEmpty ? ["the same settings; no sign of several threads"] : evidence)
  }

  var clock: Ladder.Rung {
    for difference in differences {
      if let words = ClockTrace.find(difference, before.startedAt, after.startedAt) {
        return rung(.clock, 95, [(difference.place.isEmpty ? "" : difference.place + ": ") + words])
      }
    }
    for difference in differences where ClockTrace.isDuration(difference.place) {
      return rung(.clock, 60, ["`\(difference.place)` sounds like a time that was measured"])
    }
    for output in outputs where ClockTrace.isDuration(output.port) {
      return rung(.clock, 60, ["`\(output.port)` sounds like a time that was measured"])
    }
    return rung(.clock, 0, ["no output is near the time of the calls"])
  }

  var locale: Ladder.Rung {
    var evidence = facts(.locale).map(\.words)
    var score = evidence.isEmpty ? 0 : 55
    if score > 0, let words = texts.lazy.compactMap({ LocaleTrace.find($0, $1) }).first {
      evidence.append(words)
      score = 90
    } else if score > 0, !texts.isEmpty {
      score = 70
    }
    return rung(.locale, score, evidence.isEmpty ? ["the same language, formats and time zone"] : evidence)
  }

  func memory(_ isExplained: Bool) -> Ladder.Rung {
    if let difference = differences.first(where: AddressTrace.find) {
      return rung(.memory, 75, ["\(difference.before) and \(difference.after) look like addresses"])
    }
    guard !isExplained else { return rung(.memory, 5, ["nothing on record can show it"]) }
    if texts.contains(where: { LocaleTrace.isReordered($0, $1) }) {
      return rung(.memory, 55, ["the same lines in another order: of hashes, of threads, of a directory"])
    }
    return rung(
      .memory, 35, ["nothing on record differs: memory that was never written, the order of hashes or of threads"])
  }

  private static func short(_ number: Double) -> String {
    if number >= 0.1 { return String((number * 10).rounded() / 10) }
    var (digits, exponent) = (number, 0)
    while digits < 1, exponent > -320 {
      digits *= 10
      exponent -= 1
    }
    return "\((digits * 10).rounded() / 10)e\(exponent)"
  }
}
