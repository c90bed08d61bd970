internal import ArgumentParser
internal import Charts
internal import Events
internal import Experiments
internal import Insights
internal import Values
internal import Workflows
internal import Workspace

struct ExperimentPareto: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "pareto", abstract: "Show the trials that no other surpasses in all metrics.",
    discussion: """
      By all metrics that are optimised, or those of --metrics. Two of them are drawn. The hypervolume is the share of \
      the box between the worst and the best values that were seen which the front surpasses.

      EXAMPLES:
        assay exp pareto
        assay exp pareto churn_q3 --metrics auc,latency
        assay exp pareto --json | jq '.front[].trial'
      """)

  @OptionGroup var what: ExperimentOptions
  @Option(name: .long, help: ArgumentHelp("By these, separated by commas.", valueName: "metrics"))
  var metrics: String?
  @OptionGroup var list: ListOptions
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(what.experiment)
    let study = try workspace.study(of: record)
    let (front, names) = try Self.front(study, record, metrics)
    if console.json {
      console.document("assay.experiment.pareto/1", Self.members(front, names, study, record.number))
      return ok
    }
    if console.terminal.outputIsTerminal { draw(front, names, console) }
    console.show(table(front, names, study), empty: "no trial has finished")
    console.talk(
      "\(Text.count(front.front.count, "trial")) of \(front.points.count) \(front.front.count == 1 ? "is" : "are") "
        + "surpassed by no other"
        + (front.share.isFinite
          ? "; hypervolume \(Words.number(front.volume)), \(Words.percent(front.share)) of the box" : ""))
    return ok
  }

  /// - Parameter metrics: names, separated by commas; nil: all that are optimised.
  static func front(
    _ study: Study, _ record: ExperimentRecord, _ metrics: String?
  ) throws(WorkspaceError) -> (Front, [String]) {
    var chosen = study.definition.objectives
    if let metrics {
      chosen = []
      for name in metrics.split(separator: ",") {
        let metric = try study.metric(called: name.trimming(" "))
        if !chosen.contains(metric) { chosen.append(metric) }
      }
    }
    guard chosen.count > 1 else {
      let names = study.definition.experiment.metrics.map(\.name)
      throw WorkspaceError(
        .usage, "a front takes two metrics or more",
        help: names.count > 1
          ? "--metrics \(names.prefix(2).joined(separator: ","))" : "experiment \(record.number) has one")
    }
    guard let front = Front(study, metrics: chosen) else {
      throw WorkspaceError(.notFound, "no trial has finished with all of these metrics")
    }
    return (front, chosen.map { study.definition.experiment.metrics[$0].name })
  }

  private func draw(_ front: Front, _ names: [String], _ console: Console) {
    let size = TerminalSize.of(1)
    let isASCII = console.glyphs == .ascii
    var plot = TextPlot(
      x: extent(front.points.map { $0.values[0] }), y: extent(front.points.map { $0.values[1] }),
      columns: min(size.columns, 90), rows: min(20, max(8, size.rows - 8)), isASCII: isASCII)
    for point in front.points where !point.isFront { plot.dot(point.values[0], point.values[1]) }
    for point in front.front { plot.mark(point.values[0], point.values[1], isASCII ? "O" : "●") }
    Output.data(console.paint("\(names[1]) over \(names[0]); \(isASCII ? "O" : "●"): surpassed by no other", .faint))
    for line in plot.lines() { Output.data(line) }
    Output.data("")
  }

  private func table(_ front: Front, _ names: [String], _ study: Study) -> TextTable {
    var table = TextTable(
      [.init(title: "TRIAL", isNumber: true)] + names.map { .init(title: $0.uppercased(), isNumber: true) } + [
        .init(title: "SURPASSES", isNumber: true), .init(title: "CONFIGURATION", isElastic: true),
        .init(title: "RUN", isNumber: true, rank: 1),
      ])
    for point in front.front.prefix(list.limit) {
      let trial = study.trials[point.place]
      table.add(
        [.init("\(point.trial)")] + point.values.map { .init(Words.number($0)) } + [
          .init("\(point.surpassed)"), .init(Words.configuration(trial.proposed.point, of: study.definition)),
          .init(trial.ended?.run.map { "\($0)" } ?? ""),
        ])
    }
    return table
  }

  static func members(_ front: Front, _ names: [String], _ study: Study, _ number: Int) -> [JSON.Member] {
    func finite(_ value: Double) -> JSON { value.isFinite ? .float(value) : .null }
    return [
      .init("experiment", .int(Int64(number))), .init("metrics", .array(names.map { .string($0) })),
      .init("trials", .int(Int64(front.points.count))), .init("hypervolume", finite(front.volume)),
      .init("share", finite(front.share)), .init("reference", .array(front.reference.map { .float($0) })),
      .init(
        "front",
        .array(
          front.front.map { point in
            .object([
              .init("trial", .int(Int64(point.trial))),
              .init("values", .object(zip(names, point.values).map { .init($0, .float($1)) })),
              .init("surpasses", .int(Int64(point.surpassed))),
              .init("configuration", .configuration(study.trials[point.place].proposed.point, of: study.definition)),
            ])
          })),
    ]
  }
}

extension Substring {
  fileprivate func trimming(_ blank: Character) -> String {
    var text = self
    while text.first == blank { text.removeFirst() }
    while text.last == blank { text.removeLast() }
    return String(text)
  }
}
