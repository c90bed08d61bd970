internal import Events
internal import Tasks
internal import Values

/// Finds out why a call ran: the field diff of its key against the most relevant earlier call, and from there back
/// through the calls whose results are other ones, to what was really changed.
///
/// Cost: linear in the calls of the steps on the way; chains of any length.
package struct Explainer<H: History> {
  private let history: H
  private let record: RunRecord
  private let texts: DocumentTexts
  private var before: (record: RunRecord, texts: DocumentTexts)?
  private var explanations: [Explanation] = []
  private var known: [CallName: Int] = [:]
  private var waiting: [(name: CallName, step: Int)] = []

  /// How many earlier runs are looked at, and how many calls of a step are explained one by one.
  private static var runs: Int { 30 }
  private static var candidates: Int { 6 }
  private static var breadth: Int { 3 }

  /// Nil when the run has no such call. Without an item the step's first call that ran is meant.
  package static func why(_ name: CallName, in record: RunRecord, _ history: H) throws(H.Trouble) -> Why? {
    guard let step = record.step(name.path) else { return nil }
    let calls = try history.calls(of: record.run, step: step)
    let exact = calls.first { $0.node.item == name.item }
    let any = name.item.isEmpty ? calls.first { if case .ran = $0.fate { true } else { false } } ?? calls.first : nil
    guard let call = exact ?? any else { return nil }
    var explainer = Explainer(history, record)
    try explainer.explain(call, CallName(path: name.path, item: call.node.item), step)
    return Why(explanations: explainer.explanations, run: record.run, baseline: explainer.before?.record.run)
  }

  private init(_ history: H, _ record: RunRecord) {
    self.history = history
    self.record = record
    texts = DocumentTexts(record)
  }

  // MARK: the call that was asked about

  private mutating func explain(_ call: CallRecord, _ name: CallName, _ step: Int) throws(H.Trouble) {
    let components = try history.components(of: call)
    var explanation = Explanation(
      call: name, task: record.steps[step].task, reason: .changed, baseline: nil, changes: [],
      same: components.map(\.name))
    switch call.fate {
    case .reused(let run):
      explanation.reason = .reused(from: run)
      explanation.baseline = run
      explanations = [explanation]
      return
    case .skipped(let why):
      explanation.reason = .skipped(why)
      explanations = [explanation]
      return
    case .ran, .failed, .cutOff: break
    }
    let found = try baseline(name, components)
    if let found { before = (found.record, DocumentTexts(found.record)) }
    explanation.baseline = found?.record.run
    explanation.reason = reason(call, step, hasKey: !components.isEmpty, found)
    known[name] = 0
    explanations = [explanation]
    if let old = found?.call {
      try compare(0, step, call, components, old)
    } else if let record = try earlierRun(with: name.path) {
      // The step is known, this call of it is not: there are more items than there were.
      before = (record, DocumentTexts(record))
      explanations[0].changes = try newItem(name, step)
    }
    while let (name, step) = waiting.popLast() { try explainUpstream(name, step) }
  }

  private func reason(
    _ call: CallRecord, _ step: Int, hasKey: Bool, _ found: (record: RunRecord, call: CallRecord, differences: Int)?
  ) -> Explanation.Reason {
    let plan = record.steps[step]
    if !plan.traits.contains(.pure) { return .notPure }
    if plan.reuse == "never" { return .reuseNever }
    if !record.circumstances.reuses {
      if let run = record.circumstances.reproduces { return .noReuse("it repeats run \(run)") }
      return .noReuse(record.circumstances.verifies ? "--verify-deterministic" : "--no-reuse")
    }
    guard hasKey else { return .noKey }
    guard let found else { return .first }
    guard found.differences == 0 else { return .changed }
    guard found.call.hasOutputs else { return .failedBefore(found.record.run) }
    if !plan.reuse.isEmpty, plan.reuse != "inputs" { return .expired(age: plan.reuse, run: found.record.run) }
    return .lost(found.record.run)
  }

  /// The earlier call with the fewest other components, the newest of several.
  private func baseline(
    _ name: CallName, _ components: [(name: String, digest: Digest)]
  ) throws(H.Trouble) -> (record: RunRecord, call: CallRecord, differences: Int)? {
    var best: (record: RunRecord, call: CallRecord, differences: Int)?
    var seen = 0
    for run in try history.runs(before: record.run, of: record.workflow).prefix(Self.runs) {
      guard let earlier = try history.record(of: run), let step = earlier.step(name.path),
        let call = try history.calls(of: run, step: step).first(where: { $0.node.item == name.item })
      else { continue }
      let old = try history.components(of: call)
      guard !old.isEmpty else { continue }
      let differences = Self.differing(old, components).count
      if differences < best?.differences ?? .max { best = (earlier, call, differences) }
      seen += 1
      if differences == 0 || seen == Self.candidates { break }
    }
    return best
  }

  private func earlierRun(with path: String) throws(H.Trouble) -> RunRecord? {
    for run in try history.runs(before: record.run, of: record.workflow).prefix(Self.runs) {
      if let earlier = try history.record(of: run), earlier.step(path) != nil { return earlier }
    }
    return nil
  }

  static func differing(
    _ old: [(name: String, digest: Digest)], _ new: [(name: String, digest: Digest)]
  ) -> [(name: String, before: Digest?, after: Digest?)] {
    let before = Dictionary(old.map { ($0.name, $0.digest) }) { first, _ in first }
    let after = Set(new.map(\.name))
    let changed = new.filter { before[$0.name] != $0.digest }.map { ($0.name, before[$0.name], Optional($0.digest)) }
    return changed + old.filter { !after.contains($0.name) }.map { ($0.name, Optional($0.digest), nil) }
  }

  // MARK: the calls before it

  private mutating func explainUpstream(_ name: CallName, _ step: Int) throws(H.Trouble) {
    guard let index = known[name], let before,
      let call = try history.calls(of: record.run, step: step).first(where: { $0.node.item == name.item })
    else { return }
    let old = try earlier(name, before.record)
    if case .reused(let run) = call.fate { explanations[index].reason = .reused(from: run) }
    explanations[index].baseline = old == nil ? nil : before.record.run
    guard let old else {
      explanations[index].reason = .first
      explanations[index].changes = try newItem(name, step)
      return
    }
    let components = try history.components(of: call)
    explanations[index].same = components.map(\.name)
    try compare(index, step, call, components, old)
    if !record.steps[step].traits.contains(.pure) { explanations[index].reason = .notPure }
    if explanations[index].changes.isEmpty {
      let isDeterministic = record.steps[step].traits.contains(.deterministic)
      explanations[index].changes = [
        Change(component: "result", causes: [.ranAgain(name, isDeterministic: isDeterministic)])
      ]
    }
  }

  private func earlier(_ name: CallName, _ record: RunRecord) throws(H.Trouble) -> CallRecord? {
    guard let step = record.step(name.path) else { return nil }
    return try history.calls(of: record.run, step: step).first { $0.node.item == name.item }
  }

  private mutating func compare(
    _ index: Int, _ step: Int, _ call: CallRecord, _ components: [(name: String, digest: Digest)], _ old: CallRecord
  ) throws(H.Trouble) {
    let name = explanations[index].call
    let differing = Self.differing(try history.components(of: old), components)
    let others = Set(differing.map(\.name))
    explanations[index].same = components.map(\.name).filter { !others.contains($0) }
    var changes: [Change] = []
    for (component, before, after) in differing {
      changes.append(
        Change(
          component: component, before: before, after: after, causes: try causes(of: component, name, step)))
    }
    explanations[index].changes = changes
  }

  private mutating func newItem(_ name: CallName, _ step: Int) throws(H.Trouble) -> [Change] {
    guard !name.item.isEmpty, before?.record.step(name.path) != nil else { return [] }
    return [Change(component: "foreach", causes: try inputCauses("@foreach", name, step))]
  }

  // MARK: causes

  private mutating func causes(of component: String, _ name: CallName, _ step: Int) throws(H.Trouble) -> [Cause] {
    guard let before, let oldStep = before.record.step(name.path) else { return [.unknown] }
    let (old, new) = (before.record.steps[oldStep], record.steps[step])
    switch component {
    case "task":
      let chosen = variantCauses(name.path)
      return chosen.isEmpty
        ? [.task(before: "\(old.task) \(old.version)", after: "\(new.task) \(new.version)")] : chosen
    case "code":
      // Another task has other code; that is said once.
      if old.task != new.task { return [] }
      return [.code(CodeDifference((old.code, before.record.code(old.code)), (new.code, record.code(new.code))))]
    case "seed": return [.seed(before: before.record.seed, after: record.seed)]
    default:
      guard component.hasPrefix("inputs.") else { return [.unknown] }
      let parameter = String(component.dropFirst("inputs.".count))
      let chosen = variantCauses(name.path)
      guard
        let argument = argumentCause(
          parameter, name, old, new, isRoot: chosen.isEmpty && old.task == new.task)
      else { return try inputCauses(parameter, name, step) }
      // That another variant was taken is said of the task already, if that is another one.
      return (old.task == new.task ? chosen : []) + [argument]
    }
  }

  /// The variability points around a step whose choice is another one.
  private func variantCauses(_ path: String) -> [Cause] {
    guard let before else { return [] }
    let old = Dictionary(before.record.variants.map { ($0.step, $0.variant) }) { first, _ in first }
    let new = Dictionary(record.variants.map { ($0.step, $0.variant) }) { first, _ in first }
    return Set(old.keys).union(new.keys).sorted().compactMap { point in
      guard path == point || path.hasPrefix(point + "."), old[point] != new[point] else { return nil }
      return .variant(
        step: point, before: old[point] ?? before.texts.defaultVariant(of: point) ?? "the default",
        after: new[point] ?? texts.defaultVariant(of: point) ?? "the default")
    }
  }

  /// Where the words of one document do not tell what changed: another variant was taken, a task does not have the
  /// parameter, or a call leaves it out.
  private func argumentCause(
    _ parameter: String, _ name: CallName, _ old: StepRecord, _ new: StepRecord, isRoot: Bool
  ) -> Cause? {
    guard let before else { return nil }
    let sides = [(old, before.texts), (new, texts)].map { step, texts -> GivenArgument? in
      guard step.callee.parameters.contains(parameter) else { return nil }
      if let text = texts.argument(parameter, path: name.path) {
        return GivenArgument(task: step.task, text: text, isDefault: false)
      }
      return GivenArgument(task: step.task, text: step.callee.defaults[parameter], isDefault: true)
    }
    switch (sides[0], sides[1]) {
    case (nil, nil): return nil
    // The walk goes on, to what stands behind the words.
    case (let old?, let new?) where old.text == new.text: return nil
    case (let old?, let new?) where isRoot && !old.isDefault && !new.isDefault: return nil
    case (let old, let new):
      return .argument(
        place: "\(name.path): \(parameter)", before: old, after: new, isRoot: isRoot && old != nil && new != nil)
    }
  }

  private mutating func inputCauses(_ parameter: String, _ name: CallName, _ step: Int) throws(H.Trouble) -> [Cause] {
    guard let before else { return [.unknown] }
    var causes: [Cause] = []
    let new = texts.expressions(path: name.path, parameter: parameter)
    let old = before.texts.expressions(path: name.path, parameter: parameter)
    for place in Set(old.keys).union(new.keys).sorted() where old[place] != new[place] {
      causes.append(.document(place: place, before: old[place], after: new[place]))
    }
    let wires = record.steps[step].wiring.wires.filter { $0.parameter == parameter }
    for source in wires.flatMap(\.sources) {
      switch source {
      case .input(let index):
        guard record.inputs.indices.contains(index) else { continue }
        let input = record.inputs[index]
        let earlier = before.record.inputs.first { $0.name == input.name }
        if earlier?.identity != input.identity {
          causes.append(.input(name: input.name, before: earlier, after: input))
        }
      case .output(let step, let port): causes += try upstreamCauses(step, port, name.item)
      }
    }
    if causes.isEmpty, let file = new.sorted(by: { $0.key < $1.key }).first(where: { $0.value.namesFile }) {
      causes.append(.file(place: file.key, text: file.value))
    }
    return causes.isEmpty ? [.unknown] : causes
  }

  /// The calls of a step that gave something else than in the earlier run.
  private mutating func upstreamCauses(_ step: Int, _ port: Int, _ item: String) throws(H.Trouble) -> [Cause] {
    guard let before, record.steps.indices.contains(step) else { return [] }
    let path = record.steps[step].path
    let all = try history.calls(of: record.run, step: step)
    guard let oldStep = before.record.step(path) else { return [] }
    let earlier = Dictionary(
      try history.calls(of: before.record.run, step: oldStep).map { ($0.node.item, $0) }
    ) { first, _ in first }
    func differs(_ call: CallRecord) -> Bool {
      guard let old = earlier[call.node.item] else { return true }
      guard port >= 0, old.hasOutputs, call.hasOutputs else { return old.hasOutputs != call.hasOutputs }
      return old.outputs.indices.contains(port) && call.outputs.indices.contains(port)
        && old.outputs[port] != call.outputs[port]
    }
    // A call of the same item concerns it first; the others where that one says nothing.
    let own = all.filter { item.hasPrefix($0.node.item) || $0.node.item.hasPrefix(item) }.filter(differs)
    let changed = own.isEmpty ? all.filter(differs) : own
    var causes: [Cause] = []
    for call in changed.prefix(Self.breadth) {
      let name = CallName(path: path, item: call.node.item)
      if let old = earlier[call.node.item], old.hasOutputs != call.hasOutputs {
        causes.append(.skipped(name, before: !old.hasOutputs))
      } else {
        let ports = record.steps[step].outputs
        causes.append(.upstream(visit(name, step), port: ports.indices.contains(port) ? ports[port] : ""))
      }
    }
    if changed.count > Self.breadth { causes.append(.more(step: path, count: changed.count - Self.breadth)) }
    if causes.isEmpty, all.count < earlier.count {
      causes += try inputCauses("@foreach", CallName(path: path), step)
    }
    return causes
  }

  /// The explanation of a call, which is made later.
  private mutating func visit(_ name: CallName, _ step: Int) -> Int {
    if let index = known[name] { return index }
    known[name] = explanations.count
    explanations.append(
      Explanation(call: name, task: record.steps[step].task, reason: .changed, baseline: nil, changes: [], same: []))
    waiting.append((name, step))
    return explanations.count - 1
  }
}

extension String {
  fileprivate var namesFile: Bool { contains("file(") || contains("dir(") }
}
