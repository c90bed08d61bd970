package import Diagnostics
package import Tasks
package import Values
package import Workflows

/// The flat, checked, executable graph: what an engine runs.
///
/// A plan is a tree of *bodies*. Sub-workflow calls without `foreach` and `when` are flattened into the body that
/// calls them; the others are *scopes*, bodies of their own of which one frame per item is made at run time.
package struct Plan: Sendable {
  package var workflow: String
  /// The document that the workflow is in.
  package var file: SourceFile
  package var inputs: [Workflow.Input]
  package var tasks: [InstalledTask]
  /// The root body first.
  package var bodies: [Body]
  /// All steps of all bodies that call a task, in the order in which they are numbered in the trace.
  package var taskSteps: [(body: Int, step: Int)]
  /// Names and types of the workflow's outputs, in the order of the root body's `outputs`.
  package var outputs: [Workflow.Output]
  /// What the artifacts that expressions name are, in this plan.
  package var artifacts: [String: Value] = [:]
  /// The chosen variants that differ from the default.
  package var variants: [(step: String, variant: String)]

  package struct Body: Sendable {
    /// How many of the locals are given from outside (workflow inputs or call arguments).
    package var parameterCount: Int
    package var locals: [Local]
    package var steps: [Step]
    package var outputs: [Formula]
    /// Steps that an output refers to.
    package var outputDependencies: [Int]
    /// Locals that an output refers to, in an order in which they can be evaluated.
    package var outputLocals: [Int] = []
  }

  /// A named sub-expression of a body, evaluated at most once a frame.
  package struct Local: Sendable {
    /// Nil: a parameter.
    package var formula: Formula?
    /// Steps of the same body that must have ended first.
    package var dependencies: [Int]
  }

  /// A class: a run looks at its steps all the time, and a step has a dozen parts to copy.
  ///
  /// `@unchecked`: changes only while its plan is being made.
  package final class Step: @unchecked Sendable {
    /// `prep.clean`.
    package let path: String
    package let call: Call
    /// By parameter of the task (inputs, then configuration) or by input of the workflow.
    package let arguments: [Formula]
    package let foreach: Foreach?
    package let condition: Formula?
    package let options: StepOptions
    package let phase: String
    package let isolation: Isolation
    /// Names of the outputs.
    package let outputs: [String]
    /// Steps of the same body that must have ended first, ascending.
    package let dependencies: [Int]
    /// The locals with a formula that this step's formulas refer to, in an order in which they can be evaluated.
    package internal(set) var locals: [Int] = []
    /// The steps that wait for this one, ascending.
    package internal(set) var dependents: [Int] = []
    /// Number in the trace (index into `taskSteps`), or -1 for a scope.
    package internal(set) var number: Int = -1
    /// `--until` ends before it.
    package internal(set) var isWanted: Bool = true

    init(
      path: String, call: Call, arguments: [Formula], foreach: Foreach?, condition: Formula?, options: StepOptions,
      phase: String, isolation: Isolation, outputs: [String], dependencies: [Int]
    ) {
      self.path = path
      self.call = call
      self.arguments = arguments
      self.foreach = foreach
      self.condition = condition
      self.options = options
      self.phase = phase
      self.isolation = isolation
      self.outputs = outputs
      self.dependencies = dependencies
    }
  }

  package enum Call: Sendable {
    /// Index into `Plan.tasks`.
    case task(Int)
    /// Index into `Plan.bodies`.
    case scope(Int)
  }

  package struct Foreach: Sendable {
    package var source: Formula
    /// 1, or the number of zipped lists.
    package var bindings: Int
    package var limit: Int?
  }

  package func step(_ number: Int) -> Step {
    let place = taskSteps[number]
    return bodies[place.body].steps[place.step]
  }
}

/// A wrong request: an unknown step, variant or workflow.
package struct PlanError: Error, Sendable, Equatable {
  package var message: String
  /// What to do, or empty.
  package var help: String
  package init(_ message: String, help: String = "") {
    self.message = message
    self.help = help
  }
}
