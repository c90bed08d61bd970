internal import Experiments
internal import Insights
internal import Statistics
internal import Values

/// Two experiments, as the command line shows them.
struct ExperimentComparisonText {
  let comparison: ExperimentComparison

  func show(_ console: Console) {
    if console.json { return console.document("assay.experiments.comparison/1", members) }
    let names = comparison.sides.map { "\($0.number) (\($0.name))" }
    var table = TextTable([.init(title: "")] + names.map { .init(title: $0, isElastic: true) })
    func add(_ name: String, _ value: (ExperimentComparison.Side) -> String) {
      table.add([.init(name, .faint)] + comparison.sides.map { .init(value($0)) })
    }
    add("status") { $0.status }
    add("strategies") { $0.strategies.joined(separator: ", ") }
    add("trials") { "\($0.trials)" + ($0.failed > 0 ? " (\($0.failed) failed)" : "") }
    add("time") { $0.elapsed.map { Words.time(seconds: $0) } ?? "" }
    add("task time") { Words.time(seconds: $0.taskSeconds) }
    add("best" + (comparison.metric.map { " \($0)" } ?? "")) { side in
      side.best.map {
        "\(Words.estimate($0.value, $0.interval))\($0.count > 1 ? ", n \($0.count)" : ""), trial \($0.trial)"
      }
        ?? "none"
    }
    if let reach = comparison.trialsToReach {
      func words(_ trials: Int?) -> String { trials.map { "\(Text.count($0, "trial"))" } ?? "never" }
      table.add([
        .init("reaches \(Words.number(reach.target))", .faint), .init(words(reach.first)), .init(words(reach.second)),
      ])
    }
    Output.data(table.text(paint: console.paint, available: console.columns))
    showMarks(console)
    showSpaces(console)
    for line in notes { console.talk(line) }
  }

  private func showMarks(_ console: Console) {
    guard let metric = comparison.metric, !comparison.marks.isEmpty else { return }
    var table = TextTable(
      [.init(title: "AFTER TRIALS", isNumber: true)]
        + comparison.sides.map { .init(title: "BEST \(metric.uppercased()) OF \($0.number)", isNumber: true) })
    for mark in comparison.marks {
      table.add([
        .init("\(mark.trials)"), .init(mark.first.map { Words.number($0) } ?? "–"),
        .init(mark.second.map { Words.number($0) } ?? "–"),
      ])
    }
    Output.data("\n" + table.text(paint: console.paint, available: console.columns))
  }

  private func showSpaces(_ console: Console) {
    guard !comparison.parameters.isEmpty else {
      return Output.data("\nthe same space: \(Text.count(comparison.sameParameters, "parameter"))")
    }
    var table = TextTable(
      [.init(title: "PARAMETER")] + comparison.sides.map { .init(title: "IN \($0.number)", isElastic: true) })
    for parameter in comparison.parameters {
      table.add([.init(parameter.name), .init(parameter.first ?? "–"), .init(parameter.second ?? "–")])
    }
    Output.data("\n" + table.text(paint: console.paint, available: console.columns))
  }

  private var notes: [String] {
    var notes = comparison.notes
    if let test = comparison.test {
      let better = test.difference < 0 ? comparison.sides[1].number : comparison.sides[0].number
      notes.append(
        test.p < 0.05
          ? "the best of experiment \(better) is better: p \(Words.p(test.p)) by \(test.method.rawValue)"
          : "their bests differ by no more than chance does: p \(Words.p(test.p)) by \(test.method.rawValue)")
    } else if comparison.metric != nil {
      notes.append("their bests were not both measured several times: the difference may be chance")
    }
    return notes
  }

  private var members: [JSON.Member] {
    var members: [JSON.Member] = [
      .init("sides", .array(comparison.sides.map(side))),
      .init("metric", comparison.metric.map { .string($0) } ?? .null),
      .init(
        "parameters",
        .array(
          comparison.parameters.map { parameter in
            .object([
              .init("name", .string(parameter.name)), .init("first", parameter.first.map { .string($0) } ?? .null),
              .init("second", parameter.second.map { .string($0) } ?? .null),
            ])
          })),
      .init(
        "marks",
        .array(
          comparison.marks.map { mark in
            .object([
              .init("trials", .int(Int64(mark.trials))), .init("first", mark.first.map { .float($0) } ?? .null),
              .init("second", mark.second.map { .float($0) } ?? .null),
            ])
          })), .init("notes", .array(notes.map { .string($0) })),
    ]
    if let reach = comparison.trialsToReach {
      members.append(
        .init(
          "trials_to_reach",
          .object([
            .init("target", .float(reach.target)), .init("first", reach.first.map { .int(Int64($0)) } ?? .null),
            .init("second", reach.second.map { .int(Int64($0)) } ?? .null),
          ])))
    }
    if let test = comparison.test { members.append(.init("p", .float(test.p))) }
    return members
  }

  private func side(_ side: ExperimentComparison.Side) -> JSON {
    var members: [JSON.Member] = [
      .init("experiment", .int(Int64(side.number))), .init("name", .string(side.name)),
      .init("status", .string(side.status)), .init("trials", .int(Int64(side.trials))),
      .init("failed", .int(Int64(side.failed))), .init("task_seconds", .float(side.taskSeconds)),
      .init("strategies", .array(side.strategies.map { .string($0) })),
    ]
    if let elapsed = side.elapsed { members.append(.init("seconds", .float(elapsed))) }
    if let best = side.best {
      members.append(
        .init(
          "best",
          .object([
            .init("trial", .int(Int64(best.trial))), .init("value", .float(best.value)),
            .init("interval", JSON.interval(best.interval)), .init("n", .int(Int64(best.count))),
          ])))
    }
    return .object(members)
  }
}
