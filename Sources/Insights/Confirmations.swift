package import Experiments
internal import Workflows

/// Looks at what an experiment holds out, beside what had been promised: the claim, the claim without its luck, and the truth
/// as far as one look tells it.
package struct Confirmations: Sendable {
  package struct Line: Sendable {
    package let trial: Int
    package let text: String
  }

  package let lines: [Line]
  /// What a reader has to know.
  package let warnings: [String]

  /// - Parameter board: of the first objective, if it is there already.
  package init(_ study: Study, _ board: Board? = nil) {
    guard !study.confirmed.isEmpty, let metric = study.definition.objectives.first else {
      (lines, warnings) = ([], [])
      return
    }
    let board = board.flatMap { $0.metric == metric ? $0 : nil } ?? Board(Evidence(study), metric: metric)
    lines = study.confirmed.map { Line(trial: $0.trial, text: Self.words($0, study, board)) }
    warnings = study.confirmed.last?.warnings ?? []
  }

  /// `auc: claimed 0.971, 0.962 to be expected (bootstrap), 0.958 on what is held out (look 1)`.
  private static func words(_ confirmed: Confirmed, _ study: Study, _ board: Board) -> String {
    let experiment = study.definition.experiment
    let name = experiment.metrics[board.metric].name
    let look = "(look \(confirmed.look)" + (confirmed.run.map { ", run \($0))" } ?? ")")
    guard confirmed.message.isEmpty else { return "failed on what is held out \(look): \(confirmed.message)" }
    var parts: [String] = []
    let own = study.trials.first { $0.number == confirmed.trial }
    if let claimed = own?.ended?.metrics[at: board.metric] ?? nil { parts.append("claimed \(Words.number(claimed))") }
    for promise in board.promises where promise.trial == confirmed.trial {
      parts.append("\(Words.number(promise.expected)) to be expected (\(promise.method))")
    }
    parts.append("\(Words.number(confirmed.metrics[at: board.metric] ?? nil)) on what is held out \(look)")
    let others = experiment.metrics.indices.filter { $0 != board.metric }.map {
      "\(experiment.metrics[$0].name) \(Words.number(confirmed.metrics[at: $0] ?? nil))"
    }
    return "\(name): " + parts.joined(separator: ", ")
      + (others.isEmpty ? "" : "; there \(others.joined(separator: ", "))")
  }
}
