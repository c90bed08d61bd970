internal import Artifacts
internal import Diagnostics
internal import Events
internal import Execution
internal import Experiments
internal import Traces
internal import Values
internal import Workflows

/// What an engine adds to the end of an experiment before that is on record: what the champions are, and the names.
extension Workspace {
  /// Where a promotion goes: `churn/model`, or with a stage of its own `churn/model@production`.
  struct PromotionTarget {
    static let stage = "champion"
    var name: String
    var stage: String

    init(_ text: String) throws(NameProblem) {
      let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      name = parts[0]
      stage = parts.count > 1 ? parts[1] : Self.stage
      try ArtifactName.check(name)
      try ArtifactName.check(tag: stage)
    }
  }

  func completed(_ fact: Entry.Fact, of study: Study, _ number: Int) throws(WorkspaceError) -> Entry.Fact {
    switch fact {
    case .judged(let judged) where judged.isAccepted: .judged(try compared(judged, study))
    case .promoted(let promoted): .promoted(try promote(promoted, study, number))
    default: fact
    }
  }

  /// Names of promotions that are none.
  static func promotionProblems(_ program: Program) -> [Diagnostic] {
    program.experiments.flatMap { experiment in
      (experiment.acceptance?.promotions ?? []).compactMap { promotion in
        do throws(NameProblem) {
          _ = try PromotionTarget(promotion.name)
          return nil
        } catch {
          let span = experiment.outputs.first { $0.name == promotion.output }?.span ?? experiment.nameSpan
          return Diagnostic(
            "E1008", error.message, at: .init(experiment.file, span, "is promoted under it"),
            help: "\(error.help); a stage may follow: `churn/model@production`")
        }
      }
    }
  }

  // MARK: Promotion

  /// Puts the output under its name and moves the stage there. Done again after a death in between, it changes nothing.
  private func promote(
    _ promoted: Promoted, _ study: Study, _ number: Int
  ) throws(WorkspaceError) -> Promoted {
    let source = try source(promoted.place, of: promoted.trial, study)
    let target = try target(promoted.name)
    let reason = reason(promoted, study, number, run: source.run)
    let entry = try names().entries[target.name]
    let done = entry?.versions.last { $0.version.run == source.run && $0.version.origin == source.reference }
    var result = promoted
    if let done {
      result.version = done.version.version
    } else {
      var request = PutRequest(source: source.reference, name: target.name)
      request.reason = reason
      result.version = try put(request).version.version
    }
    _ = try promote("\(target.name)@v\(result.version)", to: target.stage, reason: reason)
    // What this very promotion replaced, also if an engine died after it.
    for record in try nameRecords() {
      if case .promote(target.name, target.stage, result.version, let before) = record.change {
        result.replaces = before
      }
    }
    result.name = target.name
    return result
  }

  private func target(_ name: String) throws(WorkspaceError) -> PromotionTarget {
    do throws(NameProblem) { return try PromotionTarget(name) } catch { throw WorkspaceError(error) }
  }

  /// The output of the trial's run, as `find` takes it.
  private func source(
    _ place: Int, of trial: Int, _ study: Study
  ) throws(WorkspaceError) -> (run: RunNumber, reference: String) {
    guard let acceptance = study.definition.experiment.acceptance, acceptance.promotions.indices.contains(place),
      let run = study.trials.first(where: { $0.number == trial })?.ended?.run
    else { throw WorkspaceError(.bug, "trial \(trial) has nothing to promote") }
    return (run, "\(run):\(acceptance.promotions[place].output)")
  }

  private func reason(_ promoted: Promoted, _ study: Study, _ number: Int, run: RunNumber) -> String {
    var words = "experiment \(number) (\(study.definition.experiment.name)), trial \(promoted.trial), run \(run)"
    if let approval = study.approval {
      words += "; approved by \(approval.actor.name)" + (approval.reason.isEmpty ? "" : ": \(approval.reason)")
    }
    return words
  }

  // MARK: Champion and challenger

  /// With what there is to promote beside what the names mean now; without something to promote it is not accepted.
  private func compared(_ judged: Judged, _ study: Study) throws(WorkspaceError) -> Judged {
    guard let trial = judged.trial, let acceptance = study.definition.experiment.acceptance else { return judged }
    var judged = judged
    for (place, promotion) in acceptance.promotions.enumerated() {
      let (run, reference) = try source(place, of: trial, study)
      let target = try target(promotion.name)
      let found = try? find(reference)
      guard let found, found.value != .null else {
        judged.isAccepted = false
        judged.reason = "trial \(trial) has no value for `\(promotion.name)`"
        return judged
      }
      guard let entry = try names().entries[target.name], let latest = entry.versions.last else {
        judged.evidence += "\n\(target.name): there is no champion yet"
        continue
      }
      let champion = entry.versions.first { $0.version.version == entry.tags[target.stage] } ?? latest
      judged.evidence += "\n" + (try words(champion.version, judged, challenger: run, study))
    }
    return judged
  }

  /// `churn/model@v3 of run 12: auc=0.80, loss=0.21; the challenger's auc is 0.02 better`.
  private func words(
    _ champion: ArtifactVersion, _ judged: Judged, challenger: RunNumber, _ study: Study
  ) throws(WorkspaceError) -> String {
    var words = "champion \(champion.name)@v\(champion.version)"
    guard let run = champion.run, let detail = try openStore()?.detail(of: run) else {
      return words + " (\(champion.origin)): its metrics are not on record"
    }
    words += " of run \(run)"
    let experiment = study.definition.experiment
    let metrics = experiment.metrics.map { try? number($0.output, of: detail) }
    let known = zip(experiment.metrics, metrics).compactMap { metric, value in value.map { "\(metric.name)=\($0)" } }
    guard !known.isEmpty else { return words + ": it was not measured by these metrics" }
    words += ": \(known.joined(separator: ", "))"
    if let first = experiment.metrics.indices.first(where: { !experiment.metrics[$0].isWatched }),
      let before = metrics[first], let after = judged.metrics.indices.contains(first) ? judged.metrics[first] : nil
    {
      let gain = experiment.metrics[first].isMaximized ? after - before : before - after
      let size = (gain.magnitude * 1e6).rounded() / 1e6
      words +=
        "; the challenger's \(experiment.metrics[first].name) is "
        + (gain == 0 ? "the same" : "\(size) \(gain > 0 ? "better" : "worse")")
    }
    let other = try differingInputs(detail, challenger, experiment)
    if !other.isEmpty { words += "; measured with other \(other.map { "`\($0)`" }.joined(separator: ", "))" }
    return words
  }

  private func number(_ output: String, of detail: RunDetail) throws(WorkspaceError) -> Double? {
    guard let stored = detail.outputs.first(where: { $0.name == output })?.stored, let store = try openStore() else {
      return nil
    }
    return (try? store.artifacts.decode(stored))?.asNumber
  }

  /// Inputs that the experiment does not vary and that are not what they were: numbers of the two cannot be compared as such.
  private func differingInputs(
    _ detail: RunDetail, _ run: RunNumber, _ experiment: Experiment
  ) throws(WorkspaceError) -> [String] {
    guard let other = try openStore()?.detail(of: run) else { return [] }
    let varied = experiment.parameters.compactMap { parameter -> String? in
      if case .input(let name) = parameter.target { name } else { nil }
    }
    return other.inputs.filter { input in
      !varied.contains(input.name) && detail.inputs.first { $0.name == input.name }?.stored != input.stored
    }.map(\.name)
  }
}

extension Value {
  fileprivate var asNumber: Double? {
    switch self {
    case .int(let number): Double(number)
    case .float(let number): number
    default: nil
    }
  }
}
