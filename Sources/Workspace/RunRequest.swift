package import Diagnostics
package import Events
package import Execution
package import Plans
package import Settings
package import Tasks
package import Traces
package import Values
package import Workflows

/// What a person asks for with `assay run` or `assay plan`.
package struct RunRequest: Sendable {
  package var file: String
  /// Nil: the only workflow of the file, or the one named like it, or the last.
  package var workflow: String?
  /// `name=value` for inputs, `step=variant` for variability points.
  package var assignments: [String]
  /// A JSON file with an object of inputs.
  package var inputsFile: String?
  package var until: String?
  /// Attempts at a time; nil: one per processor.
  package var parallel: Int?
  package var memoryBytes: Int64
  package var gpus: Int
  package var resume: Resume
  package var reuses: Bool
  /// Run deterministic tasks twice and compare; nothing is reused then.
  package var verifies: Bool
  package var seed: UInt64
  package var durability: Durability
  package var grace: Duration
  package var reason: String
  package var isolation: Isolation?
  /// Told where the engine's own time goes.
  package var profile: Profile?

  package enum Resume: Sendable, Equatable {
    case no
    /// The newest interrupted, failed or cancelled run of this workflow.
    case newest
    case run(Int64)
  }

  /// All that can be set is as the settings say.
  package init(file: String, _ settings: Settings = Settings()) {
    self.file = file
    assignments = []
    parallel = settings.integer(.parallel).map { Int($0) }
    memoryBytes = settings.size(.memory) ?? 0
    gpus = Int(settings.integer(.gpus) ?? 0)
    resume = .no
    reuses = settings.flag(.reuse)
    verifies = false
    seed = UInt64(settings.integer(.seed) ?? 0)
    durability = settings.choice(.durability) ?? .full
    grace = settings.duration(.grace) ?? .seconds(10)
    reason = ""
  }
}

/// A plan with its inputs bound: ready to be looked at or started. The program that it was made of is not kept.
package struct Prepared: Sendable {
  package var request: RunRequest
  /// What was read, root first.
  package var files: [SourceFile]
  package var plan: Plan
  package var inputs: [Value]
  /// What the checker had to say that is no error.
  package var warnings: [Diagnostic]
  /// The run that is repeated.
  var original: Original?
  /// The named artifacts that the documents refer to.
  package var artifacts: [RunArtifact] = []
  /// What it is a trial of.
  var trial: TrialReference?
  /// Where many runs begin one after the other: what they share; nil: to be asked.
  var process: ProcessFacts?
  /// Where many runs begin one after the other: directories of their attempts; nil: of its own.
  var scratch: Scratch?

  init(request: RunRequest, files: [SourceFile], plan: Plan, inputs: [Value], warnings: [Diagnostic]) {
    self.request = request
    self.files = files
    self.plan = plan
    self.inputs = inputs
    self.warnings = warnings
  }

  /// A program that was not read from a document, with all inputs at their defaults.
  package init(request: RunRequest, program: Program, workflow: Int) throws(PlanError) {
    let plan = try Plan(program, workflow: workflow)
    self.init(request: request, files: program.files, plan: plan, inputs: try plan.bind([:]), warnings: [])
  }
}
