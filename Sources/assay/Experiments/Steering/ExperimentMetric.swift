internal import ArgumentParser
internal import Events
internal import Experiments
internal import Glibc
internal import Values
internal import Workflows
internal import Workspace

struct ExperimentMetric: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "metric", abstract: "Change what is optimised: objectives, directions, limits, weights.",
    discussion: """
      A line names a metric and says what is wanted of it, as in a document: `loss minimize limit 0.4`; `auc` alone is only \
      reported from now on; `score = auc - 0.1 * loss maximize` is a new metric that weighs others. With several objectives the \
      first one is above all: --first makes that the metric of the line.

      All finished trials are scored again, none is run. What would change is shown; on a terminal it asks, elsewhere nothing is \
      changed without --yes. Strategies are told the new values from then on. `assay exp leaderboard --at ENTRY` shows the board as \
      it was, `assay exp undo` takes the change back. Without a line: the metrics as they are.

      EXAMPLES:
        assay exp metric churn_q3
        assay exp metric churn_q3 "latency minimize limit 3.0" --reason "the new service level"
        assay exp metric churn_q3 "score = auc - 0.02 * latency maximize" --first --yes
        assay exp leaderboard churn_q3 --at 61
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("Lines of metrics.", valueName: "line"))
  var lines: [String] = []
  @Flag(name: .long, help: "The metric of the first line is above all others.")
  var first = false
  @Flag(name: .long, help: "Apply it.")
  var yes = false
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let record = try workspace.experiment(experiment)
    let bench = try workspace.bench(record)
    guard !lines.isEmpty else { return show(console, bench) }
    let ruling = try bench.metric(lines, isFirst: first)
    var after = bench.study
    for operation in ruling.operations {
      after.apply(
        Entry(
          at: 0, actor: .engine,
          .decided(Decision(operation, reason: decision.reason, basis: bench.entries.count))))
    }
    let text = RescoringText(before: bench.study, after: after)
    if !console.json { for line in text.lines { Output.data(line) } }
    var applies = yes
    if !yes, !console.json, isatty(STDIN_FILENO) == 1, console.terminal.outputIsTerminal {
      Output.talk("apply this? [y/N]")
      applies = ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }
    var decided: Decided?
    if applies {
      decided = try workspace.decide(about: record, reason: decision.reason, basis: decision.basis) {
        (bench) throws(WorkspaceError) in try bench.metric(lines, isFirst: first)
      }
    }
    if console.json {
      console.document("assay.rescoring/1", text.members(record.number, entry: decided?.entry))
    } else if let decided {
      for line in DecisionText(decided).lines { Output.data(line) }
    } else {
      console.talk("nothing was changed: --yes applies it")
    }
    return ok
  }

  private func show(_ console: Console, _ bench: Bench) -> Int32 {
    let definition = bench.study.definition
    if console.json {
      let text = RescoringText(before: bench.study, after: bench.study)
      console.document("assay.rescoring/1", text.members(bench.record.number, entry: nil))
      return ok
    }
    let rest = definition.experiment.metrics.indices.filter { !definition.objectives.contains($0) }
    for place in definition.objectives + rest { Output.data(definition.words(ofMetric: place)) }
    return ok
  }
}

/// How a change of metrics moves trials.
struct RescoringText {
  private let before: Study
  private let after: Study
  private let rescoring: Rescoring
  /// So many of the best are shown.
  private static let shown = 10

  init(before: Study, after: Study) {
    self.before = before
    self.after = after
    rescoring = Rescoring(before, after)
  }

  var lines: [String] {
    var lines = ["before  \(before.goals)", "now     \(after.goals)"]
    guard !rescoring.moves.isEmpty else { return lines + ["no trial has finished: nothing is scored again"] }
    for move in rescoring.moves.prefix(Self.shown) {
      let place = move.now.map { "\($0)" } ?? "–"
      let was = move.before.map { move.now == $0 ? "as before" : "was \($0)" } ?? "had no place"
      lines.append("\(Self.wide(place, 4))  trial \(Self.wide("\(move.trial)", 4))  \(was)")
    }
    if rescoring.moves.count > Self.shown { lines.append("      and \(rescoring.moves.count - Self.shown) more") }
    var summary = "\(rescoring.moved) of \(Text.count(rescoring.moves.count, "trial")) change their place"
    if let agreement = rescoring.agreement {
      summary += "; \(Int((agreement * 100).rounded())) % of the pairs stay in order"
    }
    if rescoring.within.before != rescoring.within.now {
      summary += "; within limits: \(rescoring.within.before) before, \(rescoring.within.now) now"
    }
    return lines + [summary]
  }

  private static func wide(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  func members(_ number: Int, entry: Int?) -> [JSON.Member] {
    func place(_ place: Int?) -> JSON { place.map { .int(Int64($0)) } ?? .null }
    return [
      .init("experiment", .int(Int64(number))), .init("applied", .bool(entry != nil)),
      .init("entry", place(entry)), .init("before", .string(before.goals)), .init("now", .string(after.goals)),
      .init(
        "trials",
        .array(
          rescoring.moves.map {
            .object([
              .init("trial", .int(Int64($0.trial))), .init("before", place($0.before)), .init("now", place($0.now)),
            ])
          })), .init("agreement", rescoring.agreement.map { .float($0) } ?? .null),
      .init("within_before", .int(Int64(rescoring.within.before))),
      .init("within_now", .int(Int64(rescoring.within.now))),
    ]
  }
}
