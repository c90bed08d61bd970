package import Events
internal import Tasks
internal import Values

/// What is different between two runs: what they were given, what they ran, what came out, how long it took.
package struct RunDifference: Sendable {
  package struct Pair: Sendable, Equatable {
    package var name: String
    /// Nil: not there.
    package var before: NamedContent?
    package var after: NamedContent?
  }

  package struct Text: Sendable, Equatable {
    package var name: String
    /// Nil: the default, or not there.
    package var before: String?
    package var after: String?
  }

  /// Code that steps of both runs run, once for each pair of identities.
  package struct Code: Sendable {
    package var steps: [String]
    package var difference: CodeDifference
  }

  /// A step of both runs of which something differs.
  package struct Step: Sendable {
    package var path: String
    /// Calls that have other outputs, or none any more.
    package var different: Int
    package var calls: (before: Int, after: Int)
    /// The first call that differs, and its outputs.
    package var first: (name: CallName, outputs: [OutputComparison])?
  }

  package struct Duration: Sendable {
    package var path: String
    package var comparison: DurationComparison
  }

  package var before: RunRecord
  package var after: RunRecord
  package var inputs: [Pair] = []
  package var variants: [Text] = []
  package var documents: [Text] = []
  package var tasks: [Text] = []
  package var code: [Code] = []
  /// Seed, engine, host, workflow, `--until`.
  package var settings: [Text] = []
  package var facts: [FactDifference] = []
  package var outputs: [OutputComparison] = []
  package var steps: [Step] = []
  package var onlyBefore: [String] = []
  package var onlyAfter: [String] = []
  /// Of steps that really ran in both, the longest first.
  package var durations: [Duration] = []
  package var total: DurationComparison

  /// Times and the machine's facts do not count: they are never the same.
  package var isSame: Bool {
    inputs.isEmpty && variants.isEmpty && documents.isEmpty && tasks.isEmpty && code.isEmpty && outputs.isEmpty
      && steps.isEmpty && onlyBefore.isEmpty && onlyAfter.isEmpty && before.seed == after.seed
  }
}

extension RunDifference {
  /// - Parameter others: what calls of a step took in other runs with the same code, in nanoseconds; for saying what is
  ///   noise.
  /// Linear in the calls; values are read only where stored forms differ.
  package init<H: Contents>(
    _ before: RunRecord, _ after: RunRecord, _ history: H,
    others: (StepRecord) throws(H.Trouble) -> [Int64]
  ) throws(H.Trouble) {
    self.before = before
    self.after = after
    total = DurationComparison(before: Self.wall(before), after: Self.wall(after))
    inputs = Self.pairs(before.inputs, after.inputs)
    variants = Self.texts(before.variants.map { ($0.step, $0.variant) }, after.variants.map { ($0.step, $0.variant) })
    documents = Self.texts(before.documents.map { ($0.path, $0.text) }, after.documents.map { ($0.path, $0.text) })
    settings = Self.texts(Self.settings(before), Self.settings(after))
    facts = FactDifference.between(before.circumstances.facts, after.circumstances.facts)
    outputs = try Reproduction.workflowOutputs(before, after, history)
    let others = try compareSteps(history, others)
    durations = others.sorted {
      max($0.comparison.before, $0.comparison.after) > max($1.comparison.before, $1.comparison.after)
    }
  }

  private mutating func compareSteps<H: Contents>(
    _ history: H, _ others: (StepRecord) throws(H.Trouble) -> [Int64]
  ) throws(H.Trouble) -> [Duration] {
    onlyBefore = before.steps.map(\.path).filter { after.step($0) == nil }
    onlyAfter = after.steps.map(\.path).filter { before.step($0) == nil }
    var codes: [String: Int] = [:]
    var durations: [Duration] = []
    for (index, new) in after.steps.enumerated() {
      guard let position = before.step(new.path) else { continue }
      let old = before.steps[position]
      let (x, y) = ("\(old.task) \(old.version)", "\(new.task) \(new.version)")
      if x != y {
        tasks.append(Text(name: new.path, before: x, after: y))
      } else if old.code != new.code {
        let key = old.code.hex + new.code.hex
        if let known = codes[key] {
          code[known].steps.append(new.path)
        } else {
          codes[key] = code.count
          code.append(
            Code(
              steps: [new.path],
              difference: CodeDifference((old.code, before.code(old.code)), (new.code, after.code(new.code)))))
        }
      }
      let calls = (try history.calls(of: before.run, step: position), try history.calls(of: after.run, step: index))
      if let step = try compare(new, calls.0, calls.1, history) { steps.append(step) }
      let times = (Self.walls(calls.0), Self.walls(calls.1))
      guard !times.0.isEmpty, !times.1.isEmpty else { continue }
      let needed = times.0.count < DurationComparison.enough || times.1.count < DurationComparison.enough
      durations.append(
        Duration(
          path: new.path,
          comparison: DurationComparison(
            before: times.0, after: times.1, others: needed ? try others(old) : [])))
    }
    return durations
  }

  private func compare<H: Contents>(
    _ step: StepRecord, _ old: [CallRecord], _ new: [CallRecord], _ history: H
  ) throws(H.Trouble) -> Step? {
    var result = Step(path: step.path, different: 0, calls: (old.count, new.count), first: nil)
    let later = Dictionary(new.map { ($0.node.item, $0) }) { first, _ in first }
    for call in old {
      guard let other = later[call.node.item] else { continue }
      if call.hasOutputs == other.hasOutputs, call.outputs == other.outputs { continue }
      if !call.hasOutputs, !other.hasOutputs, call.fate.word == other.fate.word { continue }
      // The first one is looked into: the others may differ in their stored form only, which is rare.
      var outputs: [OutputComparison] = []
      if call.hasOutputs, other.hasOutputs, result.first == nil {
        outputs = try Reproduction.outputs(step, call, other, history)
        if outputs.isEmpty { continue }
      }
      result.different += 1
      if result.first == nil { result.first = (CallName(path: step.path, item: call.node.item), outputs) }
    }
    return result.different == 0 && old.count == new.count ? nil : result
  }

  // MARK: parts

  private static func pairs(_ before: [NamedContent], _ after: [NamedContent]) -> [Pair] {
    func find(_ name: String, _ contents: [NamedContent]) -> NamedContent? { contents.first { $0.name == name } }
    let gone = before.filter { find($0.name, after) == nil }
    return (after + gone).map { Pair(name: $0.name, before: find($0.name, before), after: find($0.name, after)) }
      .filter { $0.before?.identity != $0.after?.identity }
  }

  private static func texts(_ before: [(String, String)], _ after: [(String, String)]) -> [Text] {
    let old = Dictionary(before) { first, _ in first }
    let new = Dictionary(after) { first, _ in first }
    let gone = before.map(\.0).filter { new[$0] == nil }
    return (after.map(\.0) + gone).map { Text(name: $0, before: old[$0], after: new[$0]) }
      .filter { $0.before != $0.after }
  }

  private static func settings(_ record: RunRecord) -> [(String, String)] {
    [
      ("workflow", record.workflow), ("file", record.file), ("seed", String(record.seed)), ("engine", record.engine),
      ("host", record.host), ("status", record.status.rawValue),
    ] + (record.circumstances.until.map { [("until", $0)] } ?? [])
      + [("parallel", String(record.circumstances.lanes))]
  }

  private static func wall(_ record: RunRecord) -> [Int64] {
    record.finishedAt.map { [$0 - record.startedAt] } ?? []
  }

  /// Of calls that really ran.
  package static func walls(_ calls: [CallRecord]) -> [Int64] {
    calls.compactMap { call in
      if case .ran = call.fate { call.usage.wallNanoseconds } else { nil }
    }
  }
}
