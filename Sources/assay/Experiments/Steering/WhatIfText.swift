internal import Experiments
internal import Values
internal import Workflows
internal import Workspace

/// What a decision cost or saved.
struct WhatIfText {
  private let experiment: Int
  private let entry: Int
  private let result: WhatIf
  private let with: Yield
  private let without: Yield

  init(_ experiment: Int, _ entry: Int, _ result: WhatIf) {
    self.experiment = experiment
    self.entry = entry
    self.result = result
    with = Yield(result.recorded)
    without = Yield(result.other)
  }

  private var metric: Experiment.Metric? {
    result.recorded.definition.objectives.first.map { result.recorded.definition.experiment.metrics[$0] }
  }

  /// By how much the decision made the best better: below 0 it cost that.
  private var gain: Double? {
    guard let metric, let a = with.best, let b = without.best else { return nil }
    return metric.isMaximized ? a - b : b - a
  }

  var lines: [String] {
    var lines = [
      "experiment \(experiment) without entry \(entry): \(result.actor.name), "
        + result.decision.words(in: result.recorded)
    ]
    let name = metric?.name ?? "best"
    lines.append("            " + [name, "trial", "trials", "failed", "task time"].map(Self.wide).joined())
    for (label, yield) in [("with it", with), ("without it", without)] {
      let cells = [
        yield.best.map { ExperimentText.number($0) } ?? "none", yield.bestTrial.map { "\($0)" } ?? "",
        "\(yield.trials)", "\(yield.failures)", Times.duration(nanoseconds: Int64(yield.taskSeconds * 1e9)),
      ]
      lines.append(label + String(repeating: " ", count: 12 - label.count) + cells.map(Self.wide).joined())
    }
    lines.append(
      "\(result.recalled) results were on record, \(result.ran) ran"
        + (result.open > 0 ? ", \(result.open) were left open" : ""))
    lines.append(verdict(name))
    return lines
  }

  private func verdict(_ name: String) -> String {
    guard let gain else { return "nothing can be said: one of them has no finished trial" }
    let trials = with.trials - without.trials
    let count = "\(Text.count(abs(trials), "trial")) \(trials > 0 ? "more" : "less")"
    let work = trials == 0 ? "" : ", with \(count)"
    let open = result.open > 0 ? " as far as it is known" : ""
    if gain == 0 { return "the decision made no difference to the best \(name)\(open)\(work)" }
    let amount = ExperimentText.number(gain.magnitude)
    return gain > 0
      ? "the decision saved \(amount) of \(name)\(open)\(work)" : "the decision cost \(amount) of \(name)\(open)\(work)"
  }

  private static func wide(_ text: String) -> String { String(repeating: " ", count: max(1, 12 - text.count)) + text }

  var members: [JSON.Member] {
    func members(_ yield: Yield) -> JSON {
      .object([
        .init("best", yield.best.map { .float($0) } ?? .null),
        .init("best_trial", yield.bestTrial.map { .int(Int64($0)) } ?? .null),
        .init("trials", .int(Int64(yield.trials))), .init("failures", .int(Int64(yield.failures))),
        .init("task_seconds", .float(yield.taskSeconds)),
      ])
    }
    return [
      .init("experiment", .int(Int64(experiment))), .init("entry", .int(Int64(entry))),
      .init("decision", .string(result.decision.words(in: result.recorded))),
      .init("with", members(with)), .init("without", members(without)),
      .init("gain", gain.map { .float($0) } ?? .null), .init("recalled", .int(Int64(result.recalled))),
      .init("ran", .int(Int64(result.ran))), .init("open", .int(Int64(result.open))),
    ]
  }
}
