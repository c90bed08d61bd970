internal import Events
internal import Experiments
internal import Spaces
internal import Values
internal import Workflows
internal import Workspace

/// What a decision changes, for people and for programs.
struct DecisionText {
  private let decided: Decided
  init(_ decided: Decided) { self.decided = decided }

  var lines: [String] {
    var lines: [String] = []
    let head = "experiment \(decided.record.number) (\(decided.record.name)): "
    for (place, decision) in decided.decisions.enumerated() {
      let change = Self.change(decision.operation, decided.before, decided.after)
      lines.append(
        head + Self.words(decision, decided.after) + " [entry \(decided.entry + place)]")
      if let (before, after) = change { lines.append("  \(before) → \(after)") }
    }
    for trial in told {
      lines.append(head + "trial \(trial.number) is on record: \(decided.after.words(at: trial.proposed.point))")
    }
    if let effect {
      let percent = (effect.removed * 1000).rounded() / 10
      let share = percent == percent.rounded() ? "\(Int(percent)) %" : "\(percent) %"
      lines.append(
        "  \(effect.isExact ? "" : "about ")\(share) of what could be proposed is gone; "
          + "\(effect.outside) of \(Text.count(effect.finished, "finished trial")) lie there")
    }
    return lines
  }

  private var told: ArraySlice<StudyTrial> { decided.after.trials.dropFirst(decided.before.trials.count) }

  var members: [JSON.Member] {
    let words = decided.decisions.map { Self.words($0, decided.after) } + told.map { "told trial \($0.number)" }
    var members: [JSON.Member] = [
      .init("experiment", .int(Int64(decided.record.number))), .init("what", .string(words.joined(separator: "; "))),
      .init("basis", .int(Int64(decided.before.count))), .init("entry", .int(Int64(decided.entry))),
    ]
    if let first = decided.decisions.lazy.compactMap({ Self.change($0.operation, decided.before, decided.after) }).first
    {
      members += [.init("before", .string(first.before)), .init("after", .string(first.after))]
    }
    if let effect {
      members += [
        .init("space_removed", .float(effect.removed)), .init("trials_outside", .int(Int64(effect.outside))),
      ]
    }
    return members
  }

  /// What became of the space.
  private var effect: (removed: Double, isExact: Bool, outside: Int, finished: Int)? {
    let narrows = decided.decisions.contains {
      switch $0.operation {
      case .restrict, .pin(_, .some), .space, .veto(_, true): true
      default: false
      }
    }
    guard narrows else { return nil }
    let (share, isExact) = decided.before.removed(by: decided.after)
    let finished = decided.after.trials.filter { $0.ended?.outcome == .finished }
    return (
      share, isExact, finished.count { decided.after.objection(to: $0.proposed.point) != nil }, finished.count
    )
  }

  // MARK: One decision

  static func words(_ decision: Decision, _ study: Study) -> String {
    var what =
      switch decision.operation {
      case .enqueue(let point): "asked for \(study.words(at: point))"
      case .withdraw(let point): "took \(study.words(at: point)) out of the queue"
      case .veto(let point, let isOut): "\(isOut ? "vetoed" : "allowed again") \(study.words(at: point))"
      case .pin(let place, let coordinate):
        coordinate.map {
          "pinned \(study.definition.space.parameters[place].name) to "
            + study.definition.space.parameters[place].domain.value(at: $0).words
        } ?? "unpinned \(study.definition.space.parameters[place].name)"
      case .strategy(let stage, let text): "strategy of \(study.definition.experiment.stages[stage].name): \(text)"
      case .answer(let stage, let answer): "answered \(answer) at \(study.definition.experiment.stages[stage].name)"
      default: StudyText.words(Decision(decision.operation, reason: "", basis: 0))
      }
    if let role = decision.role { what += " as \(role)" }
    if let entry = decision.undoes { what += ", taking back entry \(entry)" }
    return decision.reason.isEmpty ? what : "\(what) (\(decision.reason))"
  }

  /// What it changed, before and after; nil where the words say it all.
  static func change(
    _ operation: Decision.Operation, _ before: Study, _ after: Study
  ) -> (before: String, after: String)? {
    switch operation {
    case .budget(let name, _):
      let amounts = [before, after].map { BudgetText.words(name, $0.budget.amount(name)) }
      return (amounts[0], amounts[1])
    case .pin(let place, _): return (range(place, before), range(place, after))
    case .space(let text):
      let name = String(text.drop { $0 == " " }.prefix { $0 != " " })
      guard let place = before.definition.space.index(of: name) else { return nil }
      return (range(place, before), range(place, after))
    case .strategy(let stage, _): return (strategy(stage, before), strategy(stage, after))
    default: return nil
    }
  }

  static func range(_ place: Int, _ study: Study) -> String {
    let parameter = study.definition.space.parameters[place]
    if let pin = study.pin(of: place) { return "\(parameter.name) = \(parameter.domain.value(at: pin).words)" }
    return "\(parameter.name) \(study.words(of: place))"
  }

  private static func strategy(_ stage: Int, _ study: Study) -> String {
    guard case .search(let search) = study.definition.experiment.stages[stage].kind else { return "none" }
    return search.strategy.name + (search.trials.map { "(trials: \($0))" } ?? "")
  }
}

/// Amounts of a budget.
enum BudgetText {
  static func words(_ name: String, _ amount: Double?) -> String {
    guard let amount else { return "no limit of \(name)" }
    if name == "wall" || name == "tasks" { return "\(name) \(DurationLiteral.text(.seconds(amount)))" }
    return "\(name) \(Int(amount))"
  }
}

/// The space as it is now.
struct SpaceText {
  private let record: ExperimentRecord
  private let study: Study
  init(_ record: ExperimentRecord, _ study: Study) {
    self.record = record
    self.study = study
  }

  func show(_ console: Console) -> Int32 {
    let lines = study.definition.space.parameters.indices.map { DecisionText.range($0, study) }
    let constraints =
      study.definition.experiment.constraints.map(\.text) + study.restrictions
      + study.vetoes.map { "not (\(study.words(at: $0)))" }
    if console.json {
      console.document(
        "assay.space/1",
        [
          .init("experiment", .int(Int64(record.number))),
          .init("parameters", .array(lines.map { .string($0) })),
          .init("constraints", .array(constraints.map { .string($0) })),
          .init("queue", .array(study.queue.map { .string(study.words(at: $0)) })),
        ])
    } else {
      for line in lines { Output.data(line) }
      for constraint in constraints { Output.data("where \(constraint)") }
      for point in study.queue { Output.data("# next: \(study.words(at: point))") }
    }
    return Status.ok.rawValue
  }
}
