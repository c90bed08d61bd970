internal import Diagnostics
internal import Knowledge
internal import Workflows

/// What was fixed before the first trial, and what people changed since.
extension Study {
  /// Of the documents, as the log has it from the beginning; nil: it does not say.
  package var registered: String? { description.flatMap { $0.documents.isEmpty ? nil : $0.documents } }

  /// What `accept when` says, in the words of the document.
  package var acceptanceWords: String? {
    let experiment = definition.experiment
    return experiment.acceptance?.condition.map { experiment.file.text($0.span) }
  }

  /// `exam = artifact("cancer/sealed")`, for each input that is held out.
  package var heldOutWords: [String] {
    let experiment = definition.experiment
    return experiment.heldOut.map { "\($0.name) = \(experiment.file.text($0.value.span))" }
  }

  /// Decisions after which the search is not the one that was written down: what it finds is exploratory.
  package var deviations: [(at: Int64, actor: Actor, decision: Decision)] {
    decisions.filter { $0.decision.operation.isDeviation }
  }
}

extension Decision.Operation {
  /// Whether it changes what is searched, how, how long, or what counts. Answers of gates and remarks do not: the document
  /// foresees them.
  package var isDeviation: Bool {
    switch self {
    case .pause, .resume, .answer, .delegate, .fill, .note, .prefer, .forget, .relate: false
    case .budget("parallel", _): false
    default: true
    }
  }
}
