internal import ArgumentParser
internal import Events
internal import Experiments
internal import Insights
internal import Statistics
internal import Values
internal import Workspace

struct ExperimentCompare: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Compare two trials of an experiment, or two experiments.",
    discussion: """
      Two trials: what is different in their configurations, and whether their metrics differ by more than chance: \
      paired where folds or seeds agree, corrected for all metrics that were tested (Holm). Two experiments: what they \
      searched, what it cost, and how soon each was as good as the other.

      EXAMPLES:
        assay exp compare churn_q3 12 31
        assay exp compare 4 12 31 --margin 0.005
        assay exp compare churn_q2 churn_q3
        assay exp compare 4 5 --json
      """)

  @Argument(help: ArgumentHelp("An experiment.", valueName: "experiment"))
  var first: String
  @Argument(help: ArgumentHelp("Another experiment; or a trial of the first.", valueName: "second"))
  var second: String
  @Argument(help: ArgumentHelp("Another trial.", valueName: "trial"))
  var third: Int?
  @Option(
    name: .long,
    help: ArgumentHelp("A difference of the first metric that does not matter to you.", valueName: "amount"))
  var margin: Double?
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if third != nil, Int(second) == nil { throw ValidationError("`\(second)` is not the number of a trial") }
    if let margin, !(margin > 0) { throw ValidationError("--margin must be greater than 0") }
    if margin != nil, third == nil { throw ValidationError("--margin is for two trials") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(first)
    let study = try workspace.study(of: record)
    if let third, let second = Int(second) {
      try Self.comparison(study, record, second, third, margin: margin).show(console)
      return ok
    }
    let other = try workspace.experiment(second)
    let otherStudy = try workspace.study(of: other)
    let comparison = ExperimentComparison(
      .init(number: record.number, study: study, elapsed: study.elapsed / .seconds(1)),
      .init(number: other.number, study: otherStudy, elapsed: otherStudy.elapsed / .seconds(1)))
    ExperimentComparisonText(comparison: comparison).show(console)
    return ok
  }

  static func comparison(
    _ study: Study, _ record: ExperimentRecord, _ first: Int, _ second: Int, margin: Double? = nil
  ) throws(WorkspaceError) -> TrialComparisonText {
    for trial in [first, second] { try check(trial, study) }
    guard let comparison = TrialComparison(study, first, second, margin: margin) else {
      throw WorkspaceError(.notFound, "one of the trials did not finish: there is nothing to compare")
    }
    return TrialComparisonText(comparison: comparison, number: record.number, margin: margin)
  }

  private static func check(_ trial: Int, _ study: Study) throws(WorkspaceError) {
    guard let found = study.trials.first(where: { $0.number == trial }) else {
      throw WorkspaceError(
        .notFound, "there is no trial \(trial)", help: "it has \(Text.count(study.trials.count, "trial"))")
    }
    guard found.ended?.outcome == .finished, !found.isExcluded else {
      let state = found.isExcluded ? "was taken out" : found.ended.map { "is \($0.outcome.rawValue)" } ?? "still runs"
      throw WorkspaceError(.usage, "trial \(trial) \(state): there is nothing to compare")
    }
  }
}

/// Two trials, as the command line shows them.
struct TrialComparisonText {
  let comparison: TrialComparison
  let number: Int
  let margin: Double?

  func show(_ console: Console) {
    if console.json { return console.document("assay.experiment.trials/1", members) }
    let names = comparison.sides.map { "TRIAL \($0.trial)" }
    var settings = TextTable([.init(title: "PARAMETER")] + names.map { .init(title: $0, isElastic: true) })
    for setting in comparison.settings where !setting.isSame {
      settings.add([.init(setting.name), .init(setting.first ?? "–"), .init(setting.second ?? "–")])
    }
    if !settings.rows.isEmpty { Output.data(settings.text(paint: console.paint, available: console.columns)) }
    let same = comparison.settings.count(where: \.isSame)
    if same > 0 { Output.data("the same: \(Text.count(same, "parameter"))") }
    Output.data("")
    Output.data(metrics(names).text(paint: console.paint, available: console.columns))
    for line in notes { console.talk(line) }
  }

  /// Without columns that have nothing to say.
  private func metrics(_ names: [String]) -> TextTable {
    let isTested = comparison.metrics.contains { $0.p != nil }
    var columns = [TextTable.Column(title: "METRIC")] + names.map { .init(title: $0, isNumber: true) }
    columns.append(.init(title: isTested ? "DIFFERENCE [95% CI]" : "DIFFERENCE", isNumber: true))
    if isTested { columns += [.init(title: "P", isNumber: true), .init(title: "RESULT"), .init(title: "BY", rank: 1)] }
    var table = TextTable(columns)
    for metric in comparison.metrics {
      var cells: [TextTable.Cell] = [
        .init(metric.name), side(metric.first, metric.firstInterval), side(metric.second, metric.secondInterval),
        .init(metric.difference.map { Words.estimate($0, metric.interval) } ?? ""),
      ]
      if isTested {
        cells += [
          .init(metric.adjustedP.map(Words.p) ?? ""), result(metric), .init(metric.method?.rawValue ?? ""),
        ]
      }
      table.add(cells)
    }
    return table
  }

  private func side(_ summary: Summary?, _ interval: Interval?) -> TextTable.Cell {
    guard let summary else { return .init("missing") }
    return .init(Words.estimate(summary.mean, interval) + (summary.count > 1 ? ", n \(summary.count)" : ""))
  }

  private func result(_ metric: TrialComparison.Metric) -> TextTable.Cell {
    switch metric.verdict {
    case .first: .init("trial \(comparison.sides[0].trial) is better", .good)
    case .second: .init("trial \(comparison.sides[1].trial) is better", .good)
    case .tied: .init("within noise", .active)
    case .unknown: .init((metric.adjustedP ?? 1) < 0.05 ? "they differ" : "")
    }
  }

  private var notes: [String] {
    var notes = comparison.notes
    for metric in comparison.metrics {
      guard let equivalence = metric.equivalence, let margin else { continue }
      notes.append(
        "\(metric.name): within \(Words.number(margin)) of each other with probability "
          + "\(Words.fixed(equivalence.within, 2)), p of equivalence \(Words.p(equivalence.p))")
    }
    let runs = comparison.sides.compactMap(\.run)
    if runs.count == 2, runs[0] != runs[1] {
      notes.append("their runs, step by step: assay runs diff \(runs[0]) \(runs[1])")
    }
    return notes
  }

  var members: [JSON.Member] {
    [
      .init("experiment", .int(Int64(number))),
      .init(
        "sides",
        .array(
          comparison.sides.map { side in
            .object([
              .init("trial", .int(Int64(side.trial))),
              .init("counted", .array(side.counted.map { .int(Int64($0)) })), .init("stage", .string(side.stage)),
              .init("run", side.run.map { .int($0) } ?? .null), .init("task_seconds", .float(side.taskSeconds)),
            ])
          })),
      .init(
        "settings",
        .array(
          comparison.settings.map { setting in
            .object([
              .init("name", .string(setting.name)), .init("first", setting.first.map { .string($0) } ?? .null),
              .init("second", setting.second.map { .string($0) } ?? .null),
            ])
          })), .init("metrics", .array(comparison.metrics.map(json))),
      .init("comparisons", .int(Int64(comparison.comparisons))),
      .init("notes", .array(notes.map { .string($0) })),
    ]
  }

  private func json(_ metric: TrialComparison.Metric) -> JSON {
    func side(_ summary: Summary?, _ interval: Interval?) -> JSON {
      guard let summary else { return .null }
      return .object([
        .init("mean", .float(summary.mean)), .init("n", .int(Int64(summary.count))),
        .init("interval", JSON.interval(interval)),
      ])
    }
    var members: [JSON.Member] = [
      .init("name", .string(metric.name)), .init("first", side(metric.first, metric.firstInterval)),
      .init("second", side(metric.second, metric.secondInterval)), .init("verdict", .string(metric.verdict.rawValue)),
    ]
    if let difference = metric.difference { members.append(.init("difference", .float(difference))) }
    if let p = metric.p, let adjusted = metric.adjustedP {
      members += [
        .init("interval", JSON.interval(metric.interval)), .init("p", .float(p)), .init("adjusted_p", .float(adjusted)),
        .init("method", .string(metric.method?.rawValue ?? "")),
      ]
    }
    if let equivalence = metric.equivalence {
      members += [.init("within", .float(equivalence.within)), .init("equivalence_p", .float(equivalence.p))]
    }
    return .object(members)
  }
}
