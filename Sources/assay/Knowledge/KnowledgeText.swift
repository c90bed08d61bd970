internal import Events
internal import Experiments
internal import Knowledge
internal import Spaces
internal import Values
internal import Workflows
internal import Workspace

/// What is known, as the command line shows it.
enum KnowledgeText {
  static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

  /// With one decimal.
  static func short(_ value: Double) -> String { value < 1e6 ? "\((value * 10).rounded() / 10)" : "a million or more" }

  // MARK: One experiment

  /// All words by which it can be found.
  static func searched(_ one: KnownExperiment) -> String {
    let description = one.study.description
    let notes = one.study.decisions.map { $0.decision.words }
    let words =
      [one.label, one.record.name, one.record.file, description.intent] + description.tags + description.workflow.tasks
      + description.data.flatMap { [$0.name, $0.origin] } + description.space.parameters.map(\.name) + notes
    return words.joined(separator: "\n")
  }

  static func data(_ data: DataPrint) -> String {
    var text = data.name
    if !data.origin.isEmpty, data.origin != data.name { text += " (\(data.origin))" }
    if data.isTable { text += ": \(data.rows) rows × \(data.columns.count) columns" }
    if data.bytes > 0 { text += ", \(ByteSize.text(data.bytes))" }
    return text + (data.digest.isEmpty ? "" : ", \(data.digest.prefix(19))…")
  }

  static func outcomes(_ study: PastStudy) -> String {
    let counts = Ended.Outcome.allCases.compactMap { outcome -> String? in
      let count = study.trials.count { $0.ended?.outcome == outcome && !$0.isExcluded }
      return count > 0 ? "\(count) \(outcome.rawValue)" : nil
    }
    let excluded = study.trials.count(where: \.isExcluded)
    let words = counts + (excluded > 0 ? ["\(excluded) excluded"] : [])
    return words.isEmpty ? "none" : words.joined(separator: ", ")
  }

  /// `trial 14: auc 0.981, learn=logistic share=0.3`.
  static func trial(_ number: Int, _ study: PastStudy) -> String? {
    guard let trial = study.trials.first(where: { $0.number == number }), let ended = trial.ended else { return nil }
    let metrics = zip(study.description.metrics, ended.metrics).map { "\($0.name) \(ExperimentText.number($1))" }
    let settings = study.description.space.configuration(at: trial.proposed.point).map {
      "\($0.name)=\(ExperimentText.plain($0.value))"
    }
    return "trial \(number): \(metrics.joined(separator: ", ")), \(settings.joined(separator: " "))"
  }

  static func best(_ study: PastStudy, _ lessons: Lessons) -> String {
    guard let objective = study.description.objective, let number = lessons.ranking.first,
      let place = study.description.metrics.firstIndex(of: objective),
      let ended = study.trials.first(where: { $0.number == number })?.ended, ended.metrics.indices.contains(place)
    else { return "" }
    return "\(objective.name) \(ExperimentText.number(ended.metrics[place]))"
  }

  /// In one line.
  static func taught(_ study: PastStudy, _ lessons: Lessons) -> String {
    var words: [String] = []
    if study.isForgotten { words.append("forgotten") }
    if let first = lessons.importance.first, first.share > first.chance {
      words.append("\(first.name) decides (\(percent(first.share)))")
    }
    words += lessons.findings.prefix(1).map(\.sentence)
    if let kind = lessons.assessment?.verdict.kind { words.append("knowledge \(kind.word)") }
    return words.joined(separator: "; ")
  }

  static func remarked(
    _ operation: Decision.Operation, _ reason: String, _ known: KnownExperiment, _ console: Console
  ) {
    let words = Decision(operation, reason: reason, basis: 0).words
    if console.json {
      console.document(
        "assay.knowledge.remark/1", [.init("experiment", .string(known.label)), .init("what", .string(words))])
    } else {
      Output.data(Text.harmless("experiment \(known.label) (\(known.record.name)): \(words)"))
    }
  }

  // MARK: What an experiment learnt

  /// `12 (churn_q2): same problem, data 93 % alike, 60 trials`.
  static func line(_ learnt: Learnt) -> String {
    var words = [learnt.relation.words]
    if let similarity = learnt.similarity { words.append("data \(percent(similarity)) alike") }
    words.append(Text.count(learnt.observations.count, "trial"))
    if learnt.leftOut > 0 { words.append("\(learnt.leftOut) left out") }
    return "\(learnt.origin.label) (\(learnt.origin.name)): \(words.joined(separator: ", "))"
  }

  /// The verdict and the efficiency, for a person.
  static func lines(_ assessment: Assessment, _ objective: Description.Metric?) -> [String] {
    let verdict = assessment.verdict
    var why: [String] = []
    if let correlation = verdict.correlation {
      why.append("what was expected and what came correlate by \(ExperimentText.number(correlation))")
    }
    if verdict.counts.queue > 1, verdict.counts.control > 1 {
      why.append(
        "proven configurations are \(short(verdict.advantage)) deviations ahead of random ones")
    }
    let counts = [
      (verdict.counts.queue, "proven"), (verdict.counts.control, "random"), (verdict.counts.model, "by the model"),
      (verdict.counts.alone, "without the past"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    why.append("trials: " + counts.joined(separator: ", "))
    var lines = ["\(verdict.kind.word): \(why.joined(separator: "; "))"]
    if let efficiency = assessment.efficiency {
      let target = objective?.isMaximized == true ? -efficiency.target : efficiency.target
      lines.append(
        "each trial was worth \(short(efficiency.ratio)) random ones "
          + "[\(short(efficiency.low)), \(short(efficiency.high))]: "
          + "\(ExperimentText.number(target)) reached after \(Text.count(efficiency.trials, "trial")), "
          + "by \(efficiency.reached) of \(efficiency.controls) random ones")
    } else {
      lines.append("no control group: what a trial was worth cannot be said")
    }
    return lines
  }

  /// Of an experiment that goes on or is over; none where nothing was learnt.
  static func lines(_ study: Study) -> [String] {
    guard let assessment = study.assessment() else { return [] }
    return lines(assessment, study.description?.objective)
  }

  /// What a person may want to know when an experiment begins.
  static func hint(_ session: StudySession) -> String? {
    let experiment = session.study.definition.experiment
    if session.unused > 0 {
      return
        "\(Text.count(session.unused, "related experiment")): `knowledge { reuse all from experiments }` would use "
        + (session.unused == 1 ? "it" : "them")
    }
    guard session.study.trials.isEmpty, !experiment.reuses.isEmpty else { return nil }
    if session.study.learnt.isEmpty {
      return "learns from no experiment: none of those on record is what `knowledge` asks for"
    }
    let isInformed = experiment.stages.contains { stage in
      guard case .search(let search) = stage.kind, search.strategy.source == nil else { return false }
      return !Study.covering.contains(search.strategy.name)
    }
    return isInformed
      ? nil
      : "no stage uses it: \(Study.covering.map { "`\($0)`" }.joined(separator: ", ")) do as they are told, others use it"
  }

  // MARK: JSON

  static func identity(_ one: KnownExperiment) -> [JSON.Member] {
    [
      .init("experiment", .string(one.label)), .init("name", .string(one.record.name)),
      .init("uid", .string(one.record.uid)), .init("digest", .string(one.digest)),
    ]
  }

  static func members(_ one: KnownExperiment, _ lessons: Lessons) -> [JSON.Member] {
    let (study, record) = (one.study, one.record)
    return [
      .init("experiment", .string(one.label)), .init("name", .string(record.name)), .init("uid", .string(record.uid)),
      .init("started_at", .string(Times.iso(unixNanoseconds: record.startedAt))), .init("user", .string(record.user)),
      .init("imported_from", study.imported.map { .string($0.by) } ?? .null),
      .init("forgotten", .bool(study.isForgotten)), .init("forgotten_because", .string(study.forgottenBecause)),
      .init("tags", .array(study.description.tags.map { .string($0) })),
      .init("status", .string(study.closing?.status.rawValue ?? "open")),
      .init("trials", .int(Int64(study.trials.count))),
      .init("best", lessons.ranking.first.flatMap { number in json(number, study) } ?? .null),
      .init(
        "importance",
        .array(
          lessons.importance.map {
            .object([
              .init("parameter", .string($0.name)), .init("share", .float($0.share)),
              .init("chance", .float($0.chance)),
            ])
          })),
      .init(
        "findings",
        .array(
          lessons.findings.map {
            .object([.init("check", .string($0.check)), .init("sentence", .string($0.sentence))])
          })),
      .init("verdict", lessons.assessment.map { .string($0.verdict.kind.word) } ?? .null),
    ]
  }

  private static func json(_ number: Int, _ study: PastStudy) -> JSON? {
    guard let trial = study.trials.first(where: { $0.number == number }), let ended = trial.ended else { return nil }
    return .object([
      .init("trial", .int(Int64(number))),
      .init(
        "metrics",
        .object(zip(study.description.metrics, ended.metrics).map { .init($0.name, $1.map { .float($0) } ?? .null) })),
      .init(
        "configuration",
        .object(
          study.description.space.configuration(at: trial.proposed.point).map { .init($0.name, $0.value.json()) })),
    ])
  }
}
