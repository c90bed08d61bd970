internal import Experiments
internal import Insights
internal import Spaces
internal import Statistics
internal import Values
internal import Workflows
internal import Workspace

/// A leaderboard as the command line shows it.
struct BoardText {
  let board: Board
  let study: Study
  private var experiment: Experiment { study.definition.experiment }

  init(_ board: Board, _ study: Study) {
    self.board = board
    self.study = study
  }

  /// Of the first metric that is optimised.
  init?(_ study: Study) {
    guard let metric = study.definition.objectives.first else { return nil }
    self.init(Board(Evidence(study), metric: metric), study)
  }

  func table(limit: Int) -> TextTable {
    let rows = Array(board.rows.prefix(limit))
    // Columns that would say the same in each row say nothing.
    let hasRepeats = rows.contains { $0.count > 1 }
    let isCompared = rows.contains { $0.standing != .once }
    let others = experiment.metrics.indices.filter { $0 != board.metric }
    var columns: [TextTable.Column] = [
      .init(title: "#", isNumber: true), .init(title: "TRIAL", isNumber: true),
      .init(title: experiment.metrics[board.metric].name.uppercased(), isNumber: !hasRepeats),
    ]
    if hasRepeats { columns.append(.init(title: "N", isNumber: true)) }
    if isCompared { columns.append(.init(title: "AGAINST BEST")) }
    columns += others.map { .init(title: experiment.metrics[$0].name.uppercased(), isNumber: true, rank: 1) }
    columns += [
      .init(title: "CONFIGURATION", isElastic: true), .init(title: "STAGE", rank: 2),
      .init(title: "RUN", isNumber: true, rank: 3),
    ]
    var table = TextTable(columns)
    for (rank, row) in zip(Words.ranks(rows), rows) {
      var cells: [TextTable.Cell] = [
        .init(rank, row.isTop ? .strong : nil), .init("\(row.trial)"), .init(Words.estimate(row.value, row.interval)),
      ]
      if hasRepeats { cells.append(.init("\(row.count)")) }
      if isCompared { cells.append(.init(Words.standing(row), style(row))) }
      cells += others.map { .init(Words.number(row.metrics[$0])) }
      cells += [
        .init(Words.configuration(row.point, of: study.definition)), .init(experiment.stages[row.stage].name),
        .init(row.run.map { "\($0)" } ?? ""),
      ]
      table.add(cells)
    }
    return table
  }

  private func style(_ row: Board.Row) -> Style? {
    switch row.standing {
    case .best: .good
    case .tied: .active
    case .worse, .once: nil
    case .beyond: .warning
    }
  }

  /// Trials that have no place on the board, and why.
  var rest: TextTable {
    let shown = Set(board.rows.flatMap { [$0.trial] + $0.counted })
    var table = TextTable([
      .init(title: "TRIAL", isNumber: true), .init(title: "STATE"), .init(title: "WHY", rank: 1, isElastic: true),
      .init(title: "CONFIGURATION", isElastic: true), .init(title: "STAGE", rank: 2),
      .init(title: "RUN", isNumber: true, rank: 3),
    ])
    for trial in study.trials where !shown.contains(trial.number) {
      table.add([
        .init("\(trial.number)"), .init(trial.isExcluded ? "excluded" : trial.ended?.outcome.rawValue ?? "running"),
        .init(trial.ended?.message.split(separator: "\n").first.map(String.init) ?? ""),
        .init(Words.configuration(trial.proposed.point, of: study.definition)),
        .init(experiment.stages[trial.proposed.stage].name), .init(trial.ended?.run.map { "\($0)" } ?? ""),
      ])
    }
    return table
  }

  /// What a reader has to know before acting on the order.
  func notes(_ paint: Paint) -> [String] {
    let confirmations = Confirmations(study, board)
    return board.notes(experiment.metrics[board.metric].name).map { paint($0, .faint) }
      + preferences.map { paint($0, .faint) }
      + confirmations.lines.map { paint("trial \($0.trial), \($0.text)", .strong) }
      + (board.warnings + confirmations.warnings).map { paint("warning", .warning) + ": " + $0 }
  }

  /// What people prefer among what is shown; a trial stands for its configuration.
  private var preferences: [String] {
    func row(_ trial: Int) -> Board.Row? { board.rows.first { $0.trial == trial || $0.counted.contains(trial) } }
    return study.preferences.compactMap { one in
      guard let better = row(one.better), let worse = row(one.worse) else { return nil }
      let tie = better.isTop && worse.isTop && better.trial != worse.trial ? ", which are tied" : ""
      return "\(one.person) prefers trial \(one.better) to trial \(one.worse)\(tie)"
    }
  }

  // MARK: JSON

  func members(number: Int, limit: Int) -> [JSON.Member] {
    let metric = experiment.metrics[board.metric]
    var members: [JSON.Member] = [
      .init("experiment", .int(Int64(number))), .init("name", .string(experiment.name)),
      .init("metric", .string(metric.name)), .init("direction", .string(metric.isMaximized ? "maximize" : "minimize")),
      .init("trials", .int(Int64(study.trials.count))),
      .init("rows", .array(zip(Words.ranks(board.rows), board.rows).prefix(limit).map(row))),
      .init("comparisons", .int(Int64(board.comparisons))),
      .init("winner", board.winner.map { .int(Int64($0)) } ?? .null),
      .init(
        "promises",
        .array(
          board.promises.map { promise in
            .object([
              .init("trial", .int(Int64(promise.trial))), .init("claimed", .float(promise.claimed)),
              .init("expected", .float(promise.expected)), .init("method", .string(promise.method)),
            ])
          })), .init("warnings", .array(board.warnings.map { .string($0) })),
    ]
    if study.holdsOut || !study.confirmed.isEmpty {
      members.append(.init("held_out", .array(study.confirmed.map { .object(study.members(of: $0)) })))
    }
    if !study.preferences.isEmpty {
      members.append(
        .init(
          "preferences",
          .array(
            study.preferences.map {
              .object([
                .init("better", .int(Int64($0.better))), .init("worse", .int(Int64($0.worse))),
                .init("by", .string($0.person)),
              ])
            })))
    }
    if let sentence = board.sentence { members.append(.init("sentence", .string(sentence))) }
    if let noise = board.noise { members.append(.init("noise", .float(noise))) }
    if let detectable = board.detectable { members.append(.init("detectable", .float(detectable))) }
    if case .splits(let share) = board.repeats { members.append(.init("test_share", .float(share))) }
    return members
  }

  private func row(_ rank: String, _ row: Board.Row) -> JSON {
    var members: [JSON.Member] = [
      .init("rank", .string(rank)), .init("trial", .int(Int64(row.trial))),
      .init("counted", .array(row.counted.map { .int(Int64($0)) })), .init("value", .float(row.value)),
      .init("interval", JSON.interval(row.interval)), .init("n", .int(Int64(row.count))),
      .init("standing", .string(row.standing.rawValue)), .init("stage", .string(experiment.stages[row.stage].name)),
    ]
    if let behind = row.behind { members.append(.init("behind", .float(behind))) }
    if let interval = row.behindInterval { members.append(.init("behind_interval", JSON.interval(interval))) }
    if let p = row.p { members.append(.init("adjusted_p", .float(p))) }
    if let method = row.method { members.append(.init("method", .string(method.rawValue))) }
    if let run = row.run { members.append(.init("run", .int(run))) }
    members += [
      .init(
        "metrics",
        .object(zip(experiment.metrics, row.metrics).map { .init($0.name, $1.map { JSON.float($0) } ?? .null) })),
      .init("configuration", .configuration(row.point, of: study.definition)),
    ]
    return .object(members)
  }
}

extension JSON {
  static func interval(_ interval: Interval?) -> JSON {
    interval.map { .array([.float($0.lower), .float($0.upper)]) } ?? .null
  }

  static func configuration(_ point: Point, of definition: Definition) -> JSON {
    .object(definition.space.configuration(at: point).map { .init($0.name, $0.value.json()) })
  }
}
