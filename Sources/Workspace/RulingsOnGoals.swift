internal import Diagnostics
internal import Events
internal import Experiments
internal import Spaces
internal import Values
internal import Workflows

/// Other goals, beliefs and preferences, in people's words.
extension Bench {
  /// Lines of metrics, all or none, one after the other.
  ///
  /// - Parameter isFirst: the first of them is above all other metrics.
  package func metric(_ lines: [String], isFirst: Bool) throws(WorkspaceError) -> Ruling {
    var after = study
    var operations: [Decision.Operation] = []
    for (place, text) in lines.enumerated() {
      let line = try saying { () throws(ConfigurationError) in try after.metricLine(text) }
      if isFirst, line.isWatched {
        throw WorkspaceError(.usage, "`\(line.name)` has no direction, so it cannot be above all")
      }
      let operation = Decision.Operation.metric(text, rank: isFirst ? place : nil)
      operations.append(operation)
      after.apply(
        Entry(at: 0, actor: Actor(.person, person), .decided(Decision(operation, reason: "", basis: after.count))))
    }
    return Ruling(operations)
  }

  /// - Parameters:
  ///   - settings: values that are believed to be good; not of all parameters.
  ///   - region: a condition that good configurations satisfy.
  package func prior(_ settings: [String], region: String?, strength: Double) throws(WorkspaceError) -> Ruling {
    guard !settings.isEmpty || region != nil else {
      throw WorkspaceError(.usage, "what is believed to be good?", help: "give values (`NAME=VALUE`) or a region")
    }
    guard strength > 0, strength <= 1e6 else {
      throw WorkspaceError(.usage, "the strength of a prior is a number above 0", help: "10 is usual")
    }
    try checkSteerable()
    var point = Point([Double](repeating: Point.inactive, count: study.definition.space.parameters.count))
    for (name, text) in try Assignment.all(settings) {
      try saying { () throws(ConfigurationError) in
        let place = try study.parameter(name)
        guard point[place] == Point.inactive else { throw ConfigurationError(message: "`\(name)` is given twice") }
        point[place] = try study.coordinate(of: text, place)
      }
    }
    if let region { _ = try read(.constraint(region)) }
    return Ruling([.prior(StatedPrior(point, region: region ?? "", strength: strength))])
  }

  package func noPrior() throws(WorkspaceError) -> Ruling {
    guard study.prior != nil else { throw WorkspaceError(.usage, "nobody has stated a prior") }
    return Ruling([.prior(nil)])
  }

  /// Whether some stage that may still propose can be steered.
  private func checkSteerable() throws(WorkspaceError) {
    var others: [String] = []
    for (place, stage) in study.definition.experiment.stages.enumerated() {
      guard case .search(let search) = stage.kind else { continue }
      switch study.stages[place].status {
      case .ended, .skipped: continue
      case .pending, .running: break
      }
      if Study.steerable.contains(search.strategy.name) { return }
      others.append("`\(search.strategy.name)` of stage \(stage.name)")
    }
    throw WorkspaceError(
      .usage,
      others.isEmpty
        ? "all stages have ended: there is nothing to steer"
        : "\(others.joined(separator: ", ")) cannot weigh a prior: it knows no better and worse before it has tried",
      help: "`tpe` and `gp` can: `assay exp strategy` swaps; `assay exp enqueue` tries a configuration as it is")
  }

  /// A trial once more, with another seed.
  package func again(_ number: Int, seed: Int64?) throws(WorkspaceError) -> Ruling {
    let trial = try study.trial(number)
    let point = trial.proposed.point
    if let objection = study.objection(to: point) {
      throw WorkspaceError(.usage, "\(study.words(at: point)): \(objection)")
    }
    let seed = seed ?? study.freshSeed(at: point)
    let known = study.trials.first { $0.proposed.point == point && $0.proposed.seed == seed }
    if let known {
      throw WorkspaceError(
        .usage, "trial \(known.number) was this configuration with seed \(seed)",
        help: "`assay exp repeat \(record.number) \(known.number) --same` runs it again and compares")
    }
    if study.repeats.contains(where: { $0.point == point && $0.seed == seed }) {
      throw WorkspaceError(.usage, "this repetition waits to be run already")
    }
    return Ruling([.again(trial: number, seed: seed, true)])
  }

  package func prefer(_ better: Int, over worse: Int, _ isPreferred: Bool) throws(WorkspaceError) -> Ruling {
    for number in [better, worse] where try study.trial(number).ended?.outcome != .finished {
      throw WorkspaceError(.usage, "trial \(number) has not finished: there is nothing to compare")
    }
    guard better != worse else { throw WorkspaceError(.usage, "a trial is not better than itself") }
    let isKnown = study.preferences.contains { $0.better == better && $0.worse == worse }
    if !isPreferred, !isKnown { throw WorkspaceError(.usage, "nobody prefers trial \(better) to trial \(worse)") }
    return Ruling([.prefer(better, over: worse, isPreferred)])
  }

  func saying<R>(_ body: () throws(ConfigurationError) -> R) throws(WorkspaceError) -> R {
    do throws(ConfigurationError) { return try body() } catch {
      throw WorkspaceError(.usage, error.message, help: error.help)
    }
  }
}
