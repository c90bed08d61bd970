/// What a workflow looks like: a graph of what goes in, what is done and what comes out, free of any notation.
///
/// Made of a checked workflow (sub-workflows stay closed) or of a plan (everything unfolded); rendered as text, DOT, SVG
/// or JSON. Nodes are in dependency order: inputs, steps, outputs.
package struct Drawing: Sendable, Equatable {
  package var title: String
  package var doc: String
  package var nodes: [Node]
  package var edges: [Edge]

  package struct Node: Sendable, Equatable {
    package enum Kind: String, Sendable { case input, step, output }

    package var kind: Kind
    /// Of a step in a plan its path: `prep.clean`.
    package var name: String
    package var doc: String = ""
    /// Id of the task or name of the workflow that a step calls; the type of an input or output.
    package var callee: String
    package var isWorkflow: Bool = false
    /// Canonical name, or empty.
    package var phase: String = ""
    package var parameters: [Parameter] = []
    /// Outputs of a step.
    package var results: [Result] = []
    /// Of a variability point; else empty.
    package var variants: [Variant] = []
    package var badges: [Badge] = []

    package var isVariabilityPoint: Bool { !variants.isEmpty }
    package func has(_ kind: Badge.Kind) -> Bool { badges.contains { $0.kind == kind } }
  }

  /// Something that a node is given.
  package struct Parameter: Sendable, Equatable {
    package enum Kind: String, Sendable {
      case argument
      /// The list of a `foreach`; its name is that of the items.
      case items
      /// The condition of a `when`.
      case condition
      /// The default of an input, the value of an output.
      case value
    }
    package var kind: Kind
    package var name: String
    /// The expression in one line, as it was written.
    package var text: String
    /// Only variants that were not chosen take it.
    package var isIdle: Bool = false
  }

  package struct Result: Sendable, Equatable {
    package var name: String
    /// Empty where it is not known.
    package var type: String
  }

  package struct Variant: Sendable, Equatable {
    package var name: String
    package var callee: String
    package var isWorkflow: Bool
    package var isChosen: Bool
    /// What it takes beyond or other than the chosen one.
    package var arguments: [Parameter]
  }

  /// A property of a step that matters for reading the graph.
  package struct Badge: Sendable, Equatable {
    package enum Kind: String, Sendable { case foreach, when, retry, timeout, resources, reuse, isolation, failure }
    package var kind: Kind
    package var text: String
  }

  /// A value that flows: indices into `nodes`, and names of an output and a parameter there.
  package struct Edge: Sendable, Hashable {
    package var from: Int
    /// Empty for an input of the workflow.
    package var result: String
    package var to: Int
    /// Index into the target's `parameters`.
    package var parameter: Int
  }

  package func isIdle(_ edge: Edge) -> Bool { nodes[edge.to].parameters[edge.parameter].isIdle }
}
