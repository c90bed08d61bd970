internal import Imports
internal import Syntax

/// That more of an output of a workflow is better, or less: what an experiment says of its metrics.
package struct MetricDirection: Sendable, Equatable {
  package var workflow: String
  package var output: String
  package var isMaximized: Bool

  package init(workflow: String, output: String, isMaximized: Bool) {
    self.workflow = workflow
    self.output = output
    self.isMaximized = isMaximized
  }

  /// Of the documents of an experiment alone: no plugin has to be there. A metric is an output of the workflow that is
  /// studied, or made of the same words as one; others are left out.
  package static func read(_ documents: [(path: String, text: String)], experiment name: String) -> [MetricDirection] {
    let trees = documents.map { DocumentJSON.recorded($0.text, path: $0.path) }
    for tree in trees {
      guard let experiment = tree.experiments.first(where: { $0.name.text == name }),
        let study = study(of: experiment)
      else { continue }
      let workflow = trees.lazy.compactMap { other in
        other.workflows.first { $0.name.text == study }.map { (tree: other, syntax: $0) }
      }.first
      return metrics(of: experiment).compactMap { metric in
        guard let isMaximized = metric.isMaximized else { return nil }
        let text = tree.text(metric.value.span)
        let outputs = workflow?.syntax.outputs ?? []
        let output =
          outputs.first { $0.name.text == text } ?? outputs.first { workflow?.tree.text($0.value.span) == text }
        return output.map { MetricDirection(workflow: study, output: $0.name.text, isMaximized: isMaximized) }
      }
    }
    return []
  }

  private static func study(of experiment: ExperimentSyntax) -> String? {
    for case .clauses(let clauses) in experiment.statements.map(\.kind) {
      guard let clause = clauses.first(where: { $0.word.text == "study" }), let value = clause.values.first else {
        continue
      }
      switch value.kind {
      case .reference(let path): return path.names.last?.text
      case .call(let call): return call.callee.names.last?.text
      default: return nil
      }
    }
    return nil
  }

  private static func metrics(
    of experiment: ExperimentSyntax
  ) -> [(value: ExpressionSyntax, isMaximized: Bool?)] {
    var found: [(ExpressionSyntax, Bool?)] = []
    for statement in experiment.statements.flatMap({ $0.block ?? [] }) {
      guard case .metric(_, let value, let clauses) = statement.kind else { continue }
      let words = clauses.map(\.word.text)
      found.append((value, words.contains("maximize") ? true : words.contains("minimize") ? false : nil))
    }
    return found
  }
}

/// What is known of outputs; what settings say of a name comes before what experiments say of an output of that name.
package struct MetricDirections: Sendable {
  package typealias Rule = (isMaximized: Bool, tolerance: Double)
  private var found: [String: Bool] = [:]
  private var given: [String: Rule] = [:]

  package init() {}

  package var isEmpty: Bool { found.isEmpty && given.isEmpty }

  package mutating func add(_ directions: [MetricDirection]) {
    for direction in directions { found["\(direction.workflow)\u{0}\(direction.output)"] = direction.isMaximized }
  }

  package mutating func set(_ output: String, isMaximized: Bool, tolerance: Double) {
    given[output] = (isMaximized, tolerance)
  }

  package func rule(_ workflow: String, _ output: String) -> Rule? {
    given[output] ?? found["\(workflow)\u{0}\(output)"].map { ($0, 0) }
  }
}
