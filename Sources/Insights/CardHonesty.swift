internal import Experiments
internal import Workflows

/// What a card says about how the numbers came to be: what was fixed beforehand, and what data nobody had seen.
extension CardWriter {
  func registration() -> [Card.Block] {
    guard let registered = study.registered else { return [] }
    var facts: [(name: String, value: String)] = [("document", registered)]
    if !source.documents.isEmpty, source.documents != registered {
      facts.append(("warning", "the document on record is another one: \(source.documents)"))
    }
    facts.append(("since", source.started))
    let goals = experiment.metrics.filter { !$0.isWatched }.map { metric in
      "\(metric.isMaximized ? "maximize" : "minimize") \(metric.name)"
        + (metric.limit.map { ", limit \(Words.number($0))" } ?? "")
    }
    facts.append(("objective", goals.joined(separator: "; ")))
    facts.append(("ends", stopRule))
    if let condition = study.acceptanceWords { facts.append(("accepted when", condition)) }
    if study.holdsOut { facts.append(("held out", study.heldOutWords.joined(separator: ", "))) }
    let deviations = study.deviations.count
    facts.append(
      (
        "changed since",
        deviations == 0
          ? "nothing" : "\(Words.count(deviations, "decision")), marked below: what was found after it is exploratory"
      ))
    return [.facts(facts)]
  }

  /// In the words of the document: people may have changed the budget since.
  private var stopRule: String {
    var parts = ["when all of \(experiment.stages.map(\.name).joined(separator: ", ")) have ended"]
    let budget = experiment.budget
    if let trials = budget.trials { parts.append("after \(Words.count(trials, "trial"))") }
    if let wall = budget.wall { parts.append("after \(Words.time(seconds: wall / .seconds(1)))") }
    if let work = budget.work { parts.append("after \(Words.time(seconds: work / .seconds(1))) of task time") }
    if let failures = budget.failures { parts.append("after \(Words.count(failures + 1, "failure"))") }
    return parts.joined(separator: ", or ")
  }

  func heldOut(_ board: Board) -> [Card.Block] {
    let confirmations = Confirmations(study, board)
    let lines = confirmations.lines.map { "trial \($0.trial), \($0.text)" }
    return [.list(lines + confirmations.warnings.map { "warning: \($0)" })]
  }
}
