package import Comparisons
package import Events
internal import Execution
package import Experiments
internal import Foundation
internal import Strategies
internal import Workflows

/// What an experiment would have come to without a decision.
package struct WhatIf: Sendable {
  package let decision: Decision
  package let actor: Actor
  /// As it was, and as it would have been.
  package let recorded: Study
  package let other: Study
  /// Trials after the decision whose results were on record, were run now, and were left open.
  package let recalled: Int
  package let ran: Int
  package let open: Int
}

/// A trial of a record, run again.
package struct TrialRepetition: Sendable {
  package let trial: Int
  package let recorded: Ended
  package let now: Ended
  package let verdict: Reproduction.Verdict
  /// The first call whose outputs differ, or the metric.
  package let first: String
  /// Of the run on what is held out.
  package var isHeldOut = false
}

extension Workspace {
  /// Goes through an experiment without one of its decisions. The record stays as it is.
  ///
  /// - Parameters:
  ///   - entry: the number of the decision's entry, from 1.
  ///   - request: how unknown configurations are run; nil: they are left open, and nothing is learnt from them.
  ///   - watch: told of each trial that is run.
  package func whatIf(
    _ record: ExperimentRecord, without entry: Int, _ request: RunRequest?,
    watch: (Proposed, Ended) -> Void = { _, _ in }
  ) throws(WorkspaceError) -> WhatIf {
    let recorded = try recorded(record)
    let entries = try entries(of: record.number, in: experimentLedger())
    guard entries.indices.contains(entry - 1), case .decided(let decision) = entries[entry - 1].fact else {
      throw WorkspaceError(
        .notFound, "entry \(entry) of experiment \(record.number) is no decision",
        help: "`assay exp decisions \(record.number)` lists them")
    }
    var study = recorded.study
    for entry in entries { study.apply(entry) }
    let maker = TrialMaker(
      program: recorded.program, definition: recorded.definition, request: request ?? RunRequest(file: record.file),
      artifacts: recorded.artifacts, layout: layout, number: record.number)
    if let request { _ = try writableStore(request.durability) }
    var other = Counterfactual(entries, of: recorded.study, without: entry)
    var (ran, open) = (0, 0)
    steps: while true {
      let proposed: Proposed
      switch other.next() {
      case .over: break steps
      case .run(let next): proposed = next
      case .ask(let asking):
        // Without runs nobody can be asked.
        let answer = if let request { try answer(asking, recorded, other.study, request) } else { Answer.wait }
        other.answer(asking, answer)
        continue
      }
      if request == nil {
        open += 1
        other.end(
          Ended(
            trial: proposed.trial, .cancelled, metrics: recorded.experiment.metrics.map { _ in nil }, message: "open"))
        continue
      }
      ran += 1
      let ended = try run(proposed, other.study.definition, maker)
      watch(proposed, ended)
      other.end(ended)
    }
    return WhatIf(
      decision: decision, actor: entries[entry - 1].actor, recorded: study, other: other.study,
      recalled: other.recalled, ran: ran, open: open)
  }

  private func answer(
    _ asking: Asking, _ recorded: RecordedExperiment, _ study: Study, _ request: RunRequest
  ) throws(WorkspaceError) -> Answer {
    let asker = StrategyAsker(
      workspace: self, program: recorded.program, request: request, experiment: study.definition.experiment,
      number: recorded.record.number)
    let isAnswered = DispatchSemaphore(value: 0)
    let question = try asker.open(asking) { isAnswered.signal() }
    isAnswered.wait()
    return try question.answer(asking.answer)
  }

  /// Runs the trials of a record again, nothing reused, and compares what they give.
  ///
  /// - Parameter trial: this one alone.
  package func repeatTrials(
    of record: ExperimentRecord, only trial: Int? = nil, _ request: RunRequest, tolerance: Double?,
    watch: (TrialRepetition) -> Void
  ) throws(WorkspaceError) {
    let recorded = try recorded(record)
    let study = try study(of: recorded)
    var request = request
    request.reuses = false
    let maker = TrialMaker(
      program: recorded.program, definition: recorded.definition, request: request, artifacts: recorded.artifacts,
      layout: layout, number: record.number)
    _ = try writableStore(request.durability)
    for trial in study.trials.filter({ trial == nil || $0.number == trial }) {
      guard let before = trial.ended, before.outcome == .finished || before.outcome == .failed, before.run != nil else {
        continue
      }
      let now = try run(trial.proposed, study.definition, maker)
      watch(try compared(trial.number, before, now, study, tolerance))
    }
    try repeatConfirmations(of: study, maker, tolerance: tolerance, watch)
  }

  private func run(
    _ proposed: Proposed, _ definition: Definition, _ maker: TrialMaker
  ) throws(WorkspaceError) -> Ended {
    let watch = maker.watch(proposed, definition) { _ in }
    let lanes = Machine.processors
    let prepared: Prepared
    do throws(WorkspaceError) { prepared = try maker.prepare(proposed, definition, lanes) } catch {
      guard error.exit != .store else { throw error }
      return Ended(
        trial: proposed.trial, .failed, metrics: definition.experiment.metrics.map { _ in nil },
        message: error.message)
    }
    watch.begin(prepared.plan)
    let session = try start(prepared, watch: { watch.take($0) })
    let result = session.run()
    if let failure = result.storeFailure { throw WorkspaceError(.store, failure.message) }
    return maker.ended(proposed.trial, result, run: session.number, watch)
  }

  func compared(
    _ trial: Int, _ before: Ended, _ now: Ended, _ study: Study, _ tolerance: Double?
  ) throws(WorkspaceError) -> TrialRepetition {
    var verdict = Reproduction.Verdict.same
    var first = ""
    if before.outcome != now.outcome {
      verdict = .different
      first = "it \(before.outcome.rawValue == "failed" ? "failed" : "finished") then, and \(now.outcome.rawValue) now"
    }
    for (metric, (a, b)) in zip(study.definition.experiment.metrics, zip(before.metrics, now.metrics)) where a != b {
      let isNear =
        zip2(a, b).map { ($0 - $1).magnitude <= (tolerance ?? -1) * max(1, $0.magnitude, $1.magnitude) } ?? false
      if first.isEmpty { first = "metric `\(metric.name)`: \(a.words) then, \(b.words) now" }
      if verdict == .same || !isNear { verdict = isNear ? .within : .different }
    }
    if let a = before.run, let b = now.run, before.outcome == .finished, now.outcome == .finished {
      let calls = try reproduction(of: a, by: b, tolerance: tolerance)
      if calls.verdict != .same {
        if verdict == .same || calls.verdict == .different { verdict = calls.verdict }
        if let call = calls.first {
          first = "call `\(call.name)` of \(call.task)" + (first.isEmpty ? "" : "; \(first)")
        }
      }
    }
    return TrialRepetition(trial: trial, recorded: before, now: now, verdict: verdict, first: first)
  }
}

private func zip2(_ a: Double?, _ b: Double?) -> (Double, Double)? {
  guard let a, let b else { return nil }
  return (a, b)
}

extension Double? {
  fileprivate var words: String { map { "\($0)" } ?? "missing" }
}
