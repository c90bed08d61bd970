package import Values

/// A run as the dynamics of a project see it: what was executed, for the sake of which phase, and what was found out.
package struct WorkRun: Sendable, Equatable {
  /// Of the record; runs are given in its order, never in that of clocks.
  package var number: Int
  /// What runs are compared within: a workflow of a project, or an experiment.
  package var line: String
  /// Nanoseconds since 1970.
  package var startedAt: Int64
  package var finishedAt: Int64
  /// What somebody said they were working on.
  package var focus: Int?
  /// The phase of the last task that was asked for alone.
  package var target: Int?
  /// A trial of an experiment: looking around is no going back.
  package var isExploration = false
  /// The number of the experiment that it is a trial of.
  package var experiment: Int?
  /// In the order in which they began.
  package var executions: [Execution]
  /// In the order in which they were found.
  package var symptoms: [Symptom]
  /// Given by a person.
  package var reason: Reason?

  package init(
    number: Int, line: String, startedAt: Int64, finishedAt: Int64, executions: [Execution], symptoms: [Symptom] = []
  ) {
    self.number = number
    self.line = line
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.executions = executions
    self.symptoms = symptoms
  }
}

/// A call, by its last attempt.
package struct Execution: Sendable, Equatable {
  /// The same in all runs of a line: `fit`, `fit[3]`.
  package var task: String
  /// What is called: another variant calls something else.
  package var callee: String
  package var phase: Int
  /// Of its key, by name.
  package var parts: [Part]
  package var isSuccess: Bool
  /// Nanoseconds since 1970.
  package var startedAt: Int64
  package var finishedAt: Int64
  /// Seconds of the last attempt, and of those before it.
  package var seconds: Double
  package var retrySeconds: Double
  /// What it gave, or nil when it failed.
  package var output: Digest?
  /// Its recorded result was taken: no visit and no cost, but what later calls are compared with. `seconds` is what it
  /// would have taken.
  package var isReused: Bool
  /// Work that a person logged: nothing of it has a key.
  package var isLogged: Bool

  package init(
    task: String, callee: String = "", phase: Int, parts: [Part] = [], isSuccess: Bool = true, startedAt: Int64,
    finishedAt: Int64,
    retrySeconds: Double = 0, output: Digest? = nil, isReused: Bool = false, isLogged: Bool = false
  ) {
    self.task = task
    self.callee = callee
    self.phase = phase
    self.parts = parts
    self.isSuccess = isSuccess
    self.startedAt = startedAt
    self.finishedAt = max(startedAt, finishedAt)
    seconds = Double(max(0, finishedAt - startedAt)) / 1e9
    self.retrySeconds = retrySeconds
    self.output = output
    self.isReused = isReused
    self.isLogged = isLogged
  }
}

/// A part of the key of a call.
package struct Part: Sendable, Equatable {
  package enum Source: Sendable, Equatable {
    case code, parameter, environment
    /// The seed of the whole run: it changes all calls, and nothing in any phase.
    case seed
    /// From outside the workflow: a file, an artifact.
    case external
    /// From another task of the workflow.
    case upstream(String)
  }
  package var name: String
  package var source: Source
  package var identity: Digest
  package init(_ name: String, _ source: Source, _ identity: Digest) {
    self.name = name
    self.source = source
    self.identity = identity
  }
}

/// Something that went wrong, where it was seen.
package struct Symptom: Sendable, Equatable {
  package enum Kind: String, Sendable { case failure, check, data, metric, drift, resource }
  package var kind: Kind
  /// Where it was detected.
  package var phase: Int
  /// What it judges, when that is known to be another phase's.
  package var about: Int?
  package var name: String
  /// One line for a person: `auc 0.81 → 0.74`.
  package var text: String
  package init(_ kind: Kind, phase: Int, about: Int? = nil, name: String, text: String) {
    self.kind = kind
    self.phase = phase
    self.about = about
    self.name = name
    self.text = text
  }
}

/// Why people went back.
package struct Reason: Sendable, Equatable {
  package enum Category: String, Sendable, CaseIterable {
    case dataQuality = "data-quality"
    case newData = "new-data"
    case requirement = "requirement-change"
    case metric = "metric-regression"
    case check = "failed-check"
    case bug
    case resource
    case environment
    case exploration
    case compliance
    case other
    case unstated
  }
  package enum Source: String, Sendable { case human, derived, none }
  package var category: Category
  package var text: String
  package var source: Source
  package init(_ category: Category, _ text: String = "", _ source: Source) {
    self.category = category
    self.text = text
    self.source = source
  }
}
