internal import Events
internal import Experiments
internal import Spaces
internal import Values
internal import Workflows
internal import Workspace

/// What a decision changes, for people.
struct DecisionText {
  private let decided: Decided
  init(_ decided: Decided) { self.decided = decided }

  var lines: [String] {
    var lines: [String] = []
    let head = "experiment \(decided.record.number) (\(decided.record.name)): "
    for (place, decision) in decided.decisions.enumerated() {
      let change = decision.operation.change(from: decided.before, to: decided.after)
      lines.append(
        head + decision.words(in: decided.after) + " [entry \(decided.entry + place)]")
      if let (before, after) = change { lines.append("  \(before) → \(after)") }
    }
    for trial in decided.told {
      lines.append(head + "trial \(trial.number) is on record: \(decided.after.words(at: trial.proposed.point))")
    }
    if let effect = decided.effect {
      let percent = (effect.removed * 1000).rounded() / 10
      let share = percent == percent.rounded() ? "\(Int(percent)) %" : "\(percent) %"
      lines.append(
        "  \(effect.isExact ? "" : "about ")\(share) of what could be proposed is gone; "
          + "\(effect.outside) of \(Text.count(effect.finished, "finished trial")) lie there")
    }
    return lines
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
    let lines = study.definition.space.parameters.indices.map { study.range(of: $0) }
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
