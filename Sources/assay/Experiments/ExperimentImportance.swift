internal import ArgumentParser
internal import Events
internal import Experiments
internal import Insights
internal import Statistics
internal import Values
internal import Workflows
internal import Workspace

struct ExperimentImportance: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "importance", abstract: "Show which parameters decide whether a trial is among the best.",
    discussion: """
      By PED-ANOVA, with an interval over resamples of the trials, and beside what chance would pretend. With --values \
      also what each value of a parameter does.

      EXAMPLES:
        assay exp importance
        assay exp importance churn_q3 --values
        assay exp importance --json | jq -r '.parameters[] | [.name, .share] | @tsv'
      """)

  @OptionGroup var what: ExperimentOptions
  @Flag(name: .long, help: "Also the mean of the metric for each value, or quarter of a range.")
  var values = false
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(what.experiment)
    let study = try workspace.study(of: record)
    let sensitivity = try Self.sensitivity(study, record)
    if console.json {
      console.document("assay.experiment.importance/1", Self.members(sensitivity, record.number))
      return ok
    }
    show(sensitivity, console)
    if values { show(valuesOf: sensitivity, study, console) }
    console.talk(
      "among the best \(sensitivity.best) of \(Text.count(sensitivity.trials, "trial")); all parameters by themselves "
        + "explain \(Words.percent(sensitivity.explained)) beyond chance")
    for warning in sensitivity.warnings { console.talk(console.talkPaint("warning", .warning) + ": " + warning) }
    return ok
  }

  private func show(_ sensitivity: Sensitivity, _ console: Console) {
    var table = TextTable([
      .init(title: "PARAMETER", isElastic: true), .init(title: "IMPORTANCE"), .init(title: "SHARE", isNumber: true),
      .init(title: "95%", isNumber: true), .init(title: "CHANCE", isNumber: true), .init(title: "P", isNumber: true),
      .init(title: "EXPLAINS", isNumber: true, rank: 2), .init(title: "BEST", rank: 1, isElastic: true),
    ])
    let most = max(sensitivity.rows.first?.share ?? 1, 1e-9)
    for row in sensitivity.rows {
      let isShown = row.p < 0.05
      table.add([
        .init(row.name), .init(StudyFrame.bar(row.share / most, 16, console.glyphs), isShown ? .good : .faint),
        .init(Words.percent(row.share)),
        .init("\(Words.percent(row.interval.lower))–\(Words.percent(row.interval.upper))"),
        .init(Words.percent(row.chance)), .init(Words.p(row.p)), .init(Words.percent(row.explained)),
        .init(row.best ?? ""),
      ])
    }
    console.show(table, empty: "there are no parameters")
  }

  private func show(valuesOf sensitivity: Sensitivity, _ study: Study, _ console: Console) {
    let metric = study.definition.objectives.first.map { study.definition.experiment.metrics[$0].name } ?? "value"
    for row in sensitivity.rows where !row.groups.isEmpty {
      var table = TextTable([
        .init(title: row.name), .init(title: "MEAN \(metric.uppercased()) [95% CI]", isNumber: true),
        .init(title: "TRIALS", isNumber: true),
      ])
      for group in row.groups {
        table.add([
          .init(group.name, group.name == row.best ? .good : nil),
          .init(Words.estimate(group.summary.mean, group.summary.interval())), .init("\(group.summary.count)"),
        ])
      }
      Output.data("\n" + table.text(paint: console.paint, available: console.columns))
    }
  }

  static func sensitivity(_ study: Study, _ record: ExperimentRecord) throws(WorkspaceError) -> Sensitivity {
    if let sensitivity = Sensitivity(study) { return sensitivity }
    throw WorkspaceError(
      .notFound, "experiment \(record.number) says nothing about importance",
      help: "that takes ten finished trials that are not all equally good")
  }

  static func members(_ sensitivity: Sensitivity, _ number: Int) -> [JSON.Member] {
    [
      .init("experiment", .int(Int64(number))), .init("trials", .int(Int64(sensitivity.trials))),
      .init("best", .int(Int64(sensitivity.best))), .init("explained", .float(sensitivity.explained)),
      .init(
        "parameters",
        .array(
          sensitivity.rows.map { row in
            .object([
              .init("name", .string(row.name)), .init("share", .float(row.share)),
              .init("interval", JSON.interval(row.interval)), .init("chance", .float(row.chance)),
              .init("p", .float(row.p)), .init("explained", .float(row.explained)),
              .init(
                "values",
                .array(
                  row.groups.map { group in
                    .object([
                      .init("value", .string(group.name)), .init("mean", .float(group.summary.mean)),
                      .init("n", .int(Int64(group.summary.count))),
                    ])
                  })),
            ])
          })), .init("warnings", .array(sensitivity.warnings.map { .string($0) })),
    ]
  }
}
