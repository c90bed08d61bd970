package import Events
internal import Tasks
internal import Values

/// What came of running a run again from its record.
package struct Reproduction: Sendable {
  package enum Verdict: Sendable, Equatable {
    /// Every output of every call, bit for bit.
    case same
    /// Floats differ, by at most the tolerance.
    case within
    case different
  }

  /// How a call compares with the recorded one.
  package enum Likeness: Sendable, Equatable {
    case same
    case within
    case different
    /// It had outputs before and has none now, or the other way round.
    case otherEnd(before: String, after: String)
  }

  package struct Call: Sendable {
    package var name: CallName
    package var task: String
    package var likeness: Likeness
    /// All inputs are the same bits: what differs comes from the call itself.
    package var hasSameInputs: Bool
    /// The outputs that differ.
    package var outputs: [OutputComparison]
  }

  package var original: RunNumber
  package var repetition: RunNumber
  package var tolerance: Double?
  /// Calls that were compared.
  package var count: Int
  /// Those that are not the same, in topological order.
  package var calls: [Call]
  /// Outputs of the workflow that differ.
  package var outputs: [OutputComparison]
  /// Of the first call that differs with the same inputs.
  package var ladder: Ladder?
  /// Calls that were given something else although nothing before them differs: a file that the document names changed.
  package var changedInputs: [CallName]

  package var verdict: Verdict {
    if calls.contains(where: { $0.likeness != .within }) { return .different }
    if calls.isEmpty, outputs.isEmpty { return .same }
    guard let tolerance, outputs.allSatisfy({ $0.comparison.isWithin(tolerance) }) else { return .different }
    return .within
  }

  /// The first call whose inputs are the same and whose outputs are not.
  package var first: Call? {
    calls.first { $0.hasSameInputs && $0.likeness != .within } ?? calls.first { $0.hasSameInputs }
  }

  package init(
    original: RunNumber, repetition: RunNumber, tolerance: Double?, count: Int, calls: [Call],
    outputs: [OutputComparison], ladder: Ladder?, changedInputs: [CallName]
  ) {
    self.original = original
    self.repetition = repetition
    self.tolerance = tolerance
    self.count = count
    self.calls = calls
    self.outputs = outputs
    self.ladder = ladder
    self.changedInputs = changedInputs
  }
}

extension Reproduction {
  /// Compares all calls of two runs. Linear in the calls; values are read only where their stored forms differ.
  package static func compare<H: Contents>(
    _ original: RunRecord, _ repetition: RunRecord, tolerance: Double?, _ history: H
  ) throws(H.Trouble) -> Reproduction {
    var calls: [(order: [Int], call: Call)] = []
    let levels = original.levels
    var count = 0
    var pairs: [CallName: (CallRecord, CallRecord)] = [:]
    for (index, step) in original.steps.enumerated() {
      let old = try history.calls(of: original.run, step: index)
      let newStep = repetition.step(step.path)
      let found = newStep == nil ? [] : try history.calls(of: repetition.run, step: newStep ?? 0)
      let new = Dictionary(found.map { ($0.node.item, $0) }) { first, _ in first }
      count += old.count
      // Topological, and the same each time: by distance from the inputs, then as the document has it.
      func order(_ call: CallRecord) -> [Int] { [levels[index], index] + call.node.indices }
      for call in old {
        let name = CallName(path: step.path, item: call.node.item)
        guard let again = new[call.node.item] else {
          calls.append(
            (
              order(call),
              Call(
                name: name, task: step.task, likeness: .otherEnd(before: call.fate.word, after: "not there"),
                hasSameInputs: false, outputs: [])
            ))
          continue
        }
        pairs[name] = (call, again)
        if let difference = try self.call(name, step, call, again, tolerance, history) {
          calls.append((order(call), difference))
        }
      }
      let known = Set(old.map(\.node.item))
      for call in found where !known.contains(call.node.item) {
        let name = CallName(path: step.path, item: call.node.item)
        calls.append(
          (
            order(call),
            Call(
              name: name, task: step.task, likeness: .otherEnd(before: "not there", after: call.fate.word),
              hasSameInputs: false, outputs: [])
          ))
      }
    }
    calls.sort { $0.order.lexicographicallyPrecedes($1.order) }
    var result = Reproduction(
      original: original.run, repetition: repetition.run, tolerance: tolerance, count: count, calls: calls.map(\.call),
      outputs: [], ladder: nil, changedInputs: [])
    result.outputs = try workflowOutputs(original, repetition, history)
    if result.first == nil {
      result.changedInputs = result.calls.filter { $0.likeness == .different }.prefix(1).map(\.name)
    }
    if let first = result.first, let (old, new) = pairs[first.name] {
      result.ladder = Ladder(
        try side(old, original, history), try side(new, repetition, history), outputs: first.outputs)
    }
    return result
  }

  private static func side<H: History>(
    _ call: CallRecord, _ record: RunRecord, _ history: H
  ) throws(H.Trouble) -> Ladder.Side {
    let origin = try history.origin(of: call)
    let record = try history.record(of: origin.node.run) ?? record
    return Ladder.Side(
      record: record, step: record.steps[origin.node.step], components: origin.components, startedAt: origin.startedAt,
      usage: origin.usage)
  }

  /// Nil: the same.
  private static func call<H: Contents>(
    _ name: CallName, _ step: StepRecord, _ old: CallRecord, _ new: CallRecord, _ tolerance: Double?, _ history: H
  ) throws(H.Trouble) -> Call? {
    if old.hasOutputs, new.hasOutputs, old.outputs == new.outputs { return nil }
    let inputs = Explainer<H>.differing(try history.components(of: old), try history.components(of: new))
      .filter { $0.name.hasPrefix("inputs.") }
    var call = Call(
      name: name, task: step.task, likeness: .different, hasSameInputs: inputs.isEmpty, outputs: [])
    guard old.hasOutputs, new.hasOutputs else {
      if old.fate.word == new.fate.word { return nil }
      call.likeness = .otherEnd(before: old.fate.word, after: new.fate.word)
      return call
    }
    call.outputs = try outputs(step, old, new, history)
    if call.outputs.isEmpty { return nil }
    if let tolerance, call.outputs.allSatisfy({ $0.comparison.isWithin(tolerance) }) { call.likeness = .within }
    return call
  }

  /// The outputs of two calls that are not the same.
  static func outputs<H: Contents>(
    _ step: StepRecord, _ old: CallRecord, _ new: CallRecord, _ history: H
  ) throws(H.Trouble) -> [OutputComparison] {
    let (before, after) = (try history.outputs(of: old), try history.outputs(of: new))
    return step.outputs.enumerated().compactMap { port, name in
      let x = before.indices.contains(port) ? before[port] : nil
      let y = after.indices.contains(port) ? after[port] : nil
      return compare(name, x, y, history)
    }
  }

  static func workflowOutputs<H: Contents>(
    _ original: RunRecord, _ repetition: RunRecord, _ history: H
  ) throws(H.Trouble) -> [OutputComparison] {
    let new = Dictionary(try history.outputs(of: repetition.run).map { ($0.name, $0.value) }) { first, _ in first }
    return try history.outputs(of: original.run).compactMap { name, value in
      compare(name, value, new[name] ?? nil, history)
    }
  }

  /// Nil: the same bits.
  private static func compare(_ port: String, _ x: Value?, _ y: Value?, _ history: some Contents) -> OutputComparison? {
    if let a = x?.contentDigest(), a == y?.contentDigest() { return nil }
    let comparison = ValueComparison(x, y) { history.bytes(of: $0) }
    return comparison.isSame ? nil : OutputComparison(port: port, comparison: comparison, before: x, after: y)
  }
}

extension CallRecord.Fate {
  /// `ran` for whatever has outputs.
  package var word: String {
    switch self {
    case .ran, .reused: "ran"
    case .failed(let failure): "failed (\(failure.code))"
    case .skipped: "was skipped"
    case .cutOff: "was cut off"
    }
  }
}

extension NodeReference {
  /// `[3][0]` as numbers.
  fileprivate var indices: [Int] { item.split { $0 == "[" || $0 == "]" }.compactMap { Int($0) } }
}

extension RunRecord {
  /// By step: the length of the longest way from a step that waits for nothing. Linear in the edges.
  fileprivate var levels: [Int] {
    var levels = Array(repeating: 0, count: steps.count)
    var missing = steps.map(\.needs.count)
    var dependents: [[Int]] = Array(repeating: [], count: steps.count)
    for (step, record) in steps.enumerated() {
      for need in record.needs where steps.indices.contains(need.step) { dependents[need.step].append(step) }
    }
    var ready = steps.indices.filter { missing[$0] == 0 }
    while let step = ready.popLast() {
      for dependent in dependents[step] {
        levels[dependent] = max(levels[dependent], levels[step] + 1)
        missing[dependent] -= 1
        if missing[dependent] == 0 { ready.append(dependent) }
      }
    }
    return levels
  }
}
