package import Diagnostics
package import Values

/// A checked experiment: a search over variants of a workflow. Names are resolved, expressions typed.
package struct Experiment: Sendable {
  package var name: String
  package var doc = ""
  package var file: SourceFile
  package var nameSpan: Span
  /// The study: index into `Program.workflows`.
  package var workflow = 0
  /// What the study gives besides its own outputs: metrics and promoted values.
  package var outputs: [Workflow.Output] = []
  /// Constants for inputs of the study.
  package var inputs: [Step.Argument] = []
  package var intent = ""
  package var tags: [String] = []
  package var seed: UInt64 = 0
  /// Proposals depend on trials before them alone, not on which trial ended first.
  package var isStrict = false
  package var parameters: [Parameter] = []
  package var constraints: [Constraint] = []
  package var metrics: [Metric] = []
  /// In an order in which each comes after those that it waits for.
  package var stages: [Stage] = []
  package var budget = Budget()
  package var reuses: [Reuse] = []
  package var acceptance: Acceptance?

  /// One dimension of the space.
  package struct Parameter: Sendable {
    /// As the experiment names it: `prep`, `prep.knn.k`.
    package var name: String
    package var target: Target
    package var domain: Domain
    /// The parameter (by place) and the choices of it under which this one exists.
    package var condition: (parameter: Int, choices: [Int])?
    package var span: Span
  }

  /// What a parameter sets.
  package enum Target: Sendable, Equatable {
    case input(String)
    /// The variant of a variability point.
    case point(String)
    /// An argument of a step; of one variant, or of all that take it.
    case argument(step: String, variant: String?, name: String)
  }

  package enum Domain: Sendable {
    case choices([Value])
    /// Values of the store that are named: `artifact("raw/a@v1")`.
    case artifacts([String])
    case integers(Int64, Int64, step: Int64, isLogarithmic: Bool)
    case floats(Double, Double, step: Double?, isLogarithmic: Bool)
  }

  /// An expression whose inputs are parameters, by place.
  package struct Constraint: Sendable {
    package var text: String
    package var condition: Expression
    package var span: Span
  }

  package struct Metric: Sendable {
    package var name: String
    package var doc: String
    package var isMaximized: Bool
    /// The worst value that is good enough.
    package var limit: Double?
    /// Reported, not optimised.
    package var isWatched: Bool
    /// Among `outputs`.
    package var output: String
    /// The step and output of a `foreach` whose mean the metric is: its items are intermediate values.
    package var items: (step: String, port: Int)?
    /// An output of one call: what that reports under the name of the output while it runs are intermediate values.
    package var isReported = false
    package var span: Span
  }

  package struct Stage: Sendable {
    package enum Kind: Sendable {
      case search(Search)
      case gate(Gate)
    }
    package var name: String
    package var doc: String
    package var kind: Kind
    /// Places of the stages that have to end before.
    package var after: [Int] = []
    /// Over metrics of the best trial so far, by place; then `trials` and `failures`.
    package var condition: Expression?
    package var span: Span
  }

  package struct Search: Sendable {
    package var strategy: Call
    package var trials: Int?
    /// The trials of earlier stages that the strategy is told of; nil: all.
    package var start: Source?
    package var pruning: Call?
    /// Further rounds, and what must hold for each.
    package var again: (most: Int, condition: Expression?)?
  }

  package struct Call: Sendable {
    package var name: String
    package var options: [(name: String, value: Value)]
    package var source: Source?
    /// Of a plugin; nil: it comes with the engine.
    package var task: StrategyTask?
    package var span: Span
    package func option(_ name: String) -> Value? { options.first { $0.name == name }?.value }
  }

  /// Trials of an earlier stage.
  package struct Source: Sendable {
    package var count: Int
    /// Place of the stage; nil: all stages so far.
    package var stage: Int?
  }

  package struct Gate: Sendable {
    package var question = ""
    package var shows: [String] = []
    package var answers: [String] = ["continue", "stop"]
    package var timeout: Duration?
    /// The answer when nobody answers in time.
    package var fallback: String?
    /// Who may answer; empty: everybody.
    package var roles: [String] = []
    /// Who may answer too, when it has waited for so long.
    package var escalation: String?
    package var escalatesAfter: Duration?
  }

  package struct Budget: Sendable {
    package var trials: Int?
    package var wall: Duration?
    /// Time of all tasks together.
    package var work: Duration?
    package var parallel: Int?
    package var failures: Int?
    package init() {}
  }

  /// What earlier experiments lend.
  package struct Reuse: Sendable {
    /// `none`: nothing is learnt from them, whatever other lines say.
    package enum What: String, Sendable, CaseIterable { case trials, queue, priors, all, none }
    /// What a person declares them to be, whatever the engine finds.
    package enum Kin: String, Sendable, CaseIterable { case same, related }
    package enum Relation: Sendable, Equatable {
      /// What has to be the same; both false: nothing.
      case same(workflow: Bool, data: Bool)
      /// At least so similar, 0 to 1.
      case similar(Double)
      case any
    }
    package var what: What
    package var tag: String?
    package var experiment: String?
    package var relation: Relation
    package var kin: Kin?
    package var span: Span
  }

  package struct Acceptance: Sendable {
    /// Over metrics of the winner, by place.
    package var condition: Expression?
    package var promotions: [(output: String, name: String)] = []
    package var approvers: [String] = []
    package var span: Span
  }
}

extension Experiment {
  /// The answer that lets outputs of the winner have their names.
  package static let approve = "approve"

  /// The gate at which somebody approves: after all stages, by the name `accept`; nil: nobody is asked.
  package var approval: Stage? {
    guard let acceptance, !acceptance.approvers.isEmpty else { return nil }
    var gate = Gate()
    let names = acceptance.promotions.map { "`\($0.name)`" }.joined(separator: ", ")
    gate.question = names.isEmpty ? "Accept the winner?" : "Promote the winner to \(names)?"
    gate.answers = [Self.approve, "reject"]
    gate.roles = acceptance.approvers.filter { !$0.isEmpty }
    return Stage(name: "accept", doc: "", kind: .gate(gate), after: Array(stages.indices), span: acceptance.span)
  }
}
