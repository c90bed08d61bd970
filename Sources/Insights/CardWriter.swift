internal import Experiments
internal import Spaces
internal import Statistics
internal import Values
internal import Workflows

/// Writes the sections of a card.
struct CardWriter {
  let study: Study
  let source: Card.Source
  let course: Course
  var experiment: Experiment { study.definition.experiment }

  func summary(_ board: Board?) -> [Card.Block] {
    var facts: [(name: String, value: String)] = []
    func add(_ name: String, _ value: String?) {
      if let value, !value.isEmpty { facts.append((name, value)) }
    }
    add("status", study.closing.map { "\($0.status.rawValue): \($0.reason)" } ?? study.word)
    if let board, let best = board.rows.first {
      let name = experiment.metrics[board.metric].name
      add("best", "trial \(best.trial): \(name) \(Words.estimate(best.value, best.interval)), n = \(best.count)")
      add("configuration", Words.configuration(best.point, of: study.definition))
    }
    for part in course.budget where part.used > 0 || part.limit != nil { add(part.name, part.words) }
    add("started", source.started + (source.user.isEmpty ? "" : " by \(source.user)"))
    add("ended", source.ended)
    add("reason", source.reason)
    add("tags", experiment.tags.joined(separator: ", "))
    add("document", source.file + (source.documents.isEmpty ? "" : " (\(source.documents.prefix(19)))"))
    add("seed", "\(experiment.seed)" + (experiment.isStrict ? ", order strict" : ""))
    add(
      "engine",
      source.engine.isEmpty ? nil : "assay \(source.engine)" + (source.host.isEmpty ? "" : " on \(source.host)"))
    add("identifier", source.uid)
    return [.facts(facts)]
  }

  func data() -> [Card.Block] {
    [
      .table(
        columns: [("name", false), ("value", false), ("SHA-256", false)],
        rows: source.data.map { [$0.name, $0.text, $0.digest?.hex ?? ""] })
    ]
  }

  func space() -> [Card.Block] {
    let rows = experiment.parameters.map { parameter in
      [
        parameter.name, Words.domain(parameter.domain),
        parameter.condition.map { condition -> String in
          let parent = experiment.parameters[condition.parameter]
          guard case .choices(let choices) = parent.domain else { return "only with some \(parent.name)" }
          let names = condition.choices.compactMap { choices[at: $0].map(Words.value) }
          return "only with \(parent.name) \(names.joined(separator: " or "))"
        } ?? "",
      ]
    }
    return [
      .table(columns: [("parameter", false), ("values", false), ("exists", false)], rows: rows),
      .list(study.space.constraints.map { "where \($0.text)" }),
    ]
  }

  func metrics() -> [Card.Block] {
    [
      .table(
        columns: [("metric", false), ("direction", false), ("limit", true), ("what it is", false)],
        rows: experiment.metrics.map { metric in
          [
            metric.name, metric.isWatched ? "reported" : metric.isMaximized ? "maximize" : "minimize",
            metric.limit.map { Words.number($0) } ?? "", metric.doc,
          ]
        })
    ]
  }

  func stages() -> [Card.Block] {
    let rows = experiment.stages.enumerated().map { place, stage -> [String] in
      let state = study.stages[place]
      let trials = study.trials.count { $0.proposed.stage == place }
      return [stage.name, what(stage), trials > 0 ? "\(trials)" : "", state.status.words]
    }
    var counts = ["\(course.finished) finished"]
    if course.failed > 0 { counts.append("\(course.failed) failed") }
    if course.pruned > 0 { counts.append("\(course.pruned) stopped early") }
    if course.cancelled > 0 { counts.append("\(course.cancelled) cancelled") }
    if course.excluded > 0 { counts.append("\(course.excluded) taken out by people") }
    if !course.running.isEmpty { counts.append("\(course.running.count) running") }
    return [
      .table(columns: [("stage", false), ("strategy", false), ("trials", true), ("state", false)], rows: rows),
      .text(
        study.trials.isEmpty ? "" : "\(Words.count(study.trials.count, "trial")): \(counts.joined(separator: ", "))."),
      .figure(Figures.progress(study, course) ?? "", "The best so far"),
    ]
  }

  private func what(_ stage: Experiment.Stage) -> String {
    switch stage.kind {
    case .gate: "a person decides"
    case .search(let search):
      if let source = search.strategy.source {
        "\(search.strategy.name) of the best \(source.count)"
          + (source.stage.map { " of \(experiment.stages[$0].name)" } ?? "")
      } else {
        search.strategy.name + (search.pruning.map { ", pruning \($0.name)" } ?? "")
      }
    }
  }

  func best(_ board: Board) -> [Card.Block] {
    guard !board.rows.isEmpty else { return [] }
    let metric = experiment.metrics[board.metric].name
    let others = experiment.metrics.indices.filter { $0 != board.metric }
    let shown = board.rows.prefix(10)
    let rows = zip(Words.ranks(Array(shown)), shown).map { rank, row in
      [rank, "\(row.trial)", Words.estimate(row.value, row.interval), "\(row.count)", Words.standing(row)]
        + others.map { Words.number(row.metrics[$0]) } + [Words.configuration(row.point, of: study.definition)]
    }
    let columns: [(title: String, isNumber: Bool)] =
      [("#", true), ("trial", true), ("\(metric), mean [95 % CI]", true), ("n", true), ("against the best", false)]
      + others.map { (experiment.metrics[$0].name, true) } + [("configuration", false)]
    return [
      .table(columns: columns, rows: rows), .list(board.notes(metric) + board.warnings),
      .figure(Figures.parallel(study) ?? "", "What the best have in common"),
    ]
  }

  func front(_ front: Front) -> [Card.Block] {
    let names = front.metrics.map { experiment.metrics[$0].name }
    let rows = front.front.prefix(20).map { point in
      ["\(point.trial)"] + point.values.map { Words.number($0) } + [
        "\(point.surpassed)", Words.configuration(study.trials[point.place].proposed.point, of: study.definition),
      ]
    }
    return [
      .text(
        "\(Words.count(front.front.count, "trial")) of \(front.points.count) "
          + "\(front.front.count == 1 ? "is" : "are") surpassed by no other in \(names.joined(separator: " and "))"
          + (front.share.isFinite ? "; hypervolume \(Words.percent(front.share)) of the box that was seen." : ".")),
      .table(
        columns: [("trial", true)] + names.map { ($0, true) } + [("surpasses", true), ("configuration", false)],
        rows: rows),
      .figure(Figures.front(front, study) ?? "", "Trade-offs of \(names.prefix(2).joined(separator: " and "))"),
    ]
  }

  func sensitivity(_ sensitivity: Sensitivity) -> [Card.Block] {
    let rows = sensitivity.rows.map { row in
      [
        row.name,
        "\(Words.percent(row.share)) [\(Words.percent(row.interval.lower)), \(Words.percent(row.interval.upper))]",
        Words.percent(row.chance), Words.p(row.p), Words.percent(row.explained), row.best ?? "",
      ]
    }
    return [
      .table(
        columns: [
          ("parameter", false), ("importance [95 %]", true), ("by chance", true), ("p", true),
          ("variance explained", true), ("best values", false),
        ], rows: rows),
      .text(
        "Importance: how much a parameter decides whether a trial is among the best \(sensitivity.best) of "
          + "\(sensitivity.trials) (PED-ANOVA)."),
      .list(sensitivity.warnings), .figure(Figures.importance(sensitivity), "What matters"),
    ]
  }

  func decisions() -> [Card.Block] {
    [
      .table(
        columns: [("when", false), ("who", false), ("what", false), ("since then", false)],
        rows: source.decisions.map { [$0.at, $0.by, $0.what, $0.isDeviation ? "exploratory" : ""] })
    ]
  }

  /// What is not known is not a finding.
  func findings() -> [Card.Block] {
    [
      .list(
        study.health.filter { $0.verdict != .unknown }.map {
          "\($0.check.rawValue): \($0.verdict.rawValue). \($0.sentence)"
        } + source.leaks.map { "leakage: warn. \($0)" })
    ]
  }

  func remarks() -> [Card.Block] { [.list(source.remarks.map { "\($0.by): \($0.text)" })] }

  func ancestors() -> [Card.Block] {
    let this = ExperimentComparison.Subject(number: source.number, study: study, elapsed: source.elapsed)
    let comparisons = source.ancestors.map { ExperimentComparison($0, this) }
    let rows = comparisons.compactMap { comparison -> [String]? in
      guard let name = comparison.metric else { return nil }
      let other = comparison.sides[0]
      let reach = comparison.trialsToReach.map { reach in
        "\(reach.second.map { "\($0)" } ?? "never") against \(reach.first.map { "\($0)" } ?? "never") to \(Words.number(reach.target))"
      }
      return [
        "\(other.number)", "\(other.trials)",
        other.best.map { "\(name) \(Words.estimate($0.value, $0.interval))" } ?? "",
        reach ?? "",
        comparison.parameters.isEmpty ? "the same" : Words.count(comparison.parameters.count, "difference"),
      ]
    }
    return [
      .table(
        columns: [
          ("experiment", true), ("trials", true), ("best", false), ("trials to reach, here against there", false),
          ("space", false),
        ], rows: rows)
    ]
  }
}

extension StageState.Status {
  package var words: String {
    switch self {
    case .pending: "pending"
    case .running: "running"
    case .skipped(let reason): "left out: \(reason)"
    case .ended(let reason): "ended: \(reason)"
    }
  }
}
