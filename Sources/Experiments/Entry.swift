package import Knowledge
package import Spaces

/// One entry of an experiment's log: what happened, when and by whom. The log is all there is; everything else is derived.
package struct Entry: Sendable, Equatable {
  /// Nanoseconds since 1970.
  package var at: Int64
  package var actor: Actor
  package var fact: Fact

  package init(at: Int64, actor: Actor, _ fact: Fact) {
    self.at = at
    self.actor = actor
    self.fact = fact
  }
}

/// Who did it.
package struct Actor: Sendable, Equatable {
  package enum Kind: String, Sendable { case person, policy, engine }
  package var kind: Kind
  package var name: String
  package init(_ kind: Kind, _ name: String) {
    self.kind = kind
    self.name = name
  }
  package static let engine = Actor(.engine, "engine")
}

extension Entry {
  package enum Fact: Sendable, Equatable {
    case proposed(Proposed)
    case ended(Ended)
    /// A stage or gate, by place, came into another state.
    case stage(Int, StageEvent)
    case decided(Decision)
    /// Whether the winner is accepted.
    case judged(Judged)
    case promoted(Promoted)
    case closed(Closing)
    /// What the experiment is about: before its first trial.
    case described(Description)
    /// What it begins with from one past experiment.
    case learnt(Learnt)
    /// It was made in another store, and came here with all entries so far.
    case imported(Imported)
  }
}

package struct Imported: Sendable, Equatable {
  /// The file that it came in.
  package var file: String
  /// Of whom: `ada@lab`.
  package var by: String
  /// Its number there.
  package var number: Int
  /// Of the entries so far.
  package var digest: String

  package init(file: String, by: String, number: Int, digest: String) {
    self.file = file
    self.by = by
    self.number = number
    self.digest = digest
  }
}

package struct Proposed: Sendable, Equatable {
  package enum Source: String, Sendable {
    case strategy, person, repeated
    /// A proven configuration of a past experiment.
    case past
    /// Drawn at random, to see what the space is like without knowledge.
    case control
  }
  package var trial: Int
  package var stage: Int
  package var round: Int
  package var point: Point
  package var memo: [Double]
  /// Of runs; nil: that of the experiment.
  package var seed: Int64?
  package var source: Source
  package var reason: String

  package init(
    trial: Int, stage: Int, round: Int = 0, point: Point, memo: [Double] = [], seed: Int64? = nil,
    source: Source = .strategy, reason: String
  ) {
    self.trial = trial
    self.stage = stage
    self.round = round
    self.point = point
    self.memo = memo
    self.seed = seed
    self.source = source
    self.reason = reason
  }
}

package struct Ended: Sendable, Equatable {
  package enum Outcome: String, Sendable, CaseIterable {
    case finished, pruned, failed
    /// By a person or with the experiment: nothing is learnt from it.
    case cancelled
  }
  package var trial: Int
  package var outcome: Outcome
  /// By metric; nil: missing.
  package var metrics: [Double?]
  /// Intermediate values of the first objective, as measured.
  package var curve: [Double]
  package var run: Int64?
  /// Of its tasks that ran, all together.
  package var taskSeconds: Double
  package var calls: (ran: Int, reused: Int)
  /// Why it failed or was stopped.
  package var message: String

  package init(
    trial: Int, _ outcome: Outcome, metrics: [Double?], curve: [Double] = [], run: Int64? = nil,
    taskSeconds: Double = 0,
    calls: (ran: Int, reused: Int) = (0, 0), message: String = ""
  ) {
    self.trial = trial
    self.outcome = outcome
    self.metrics = metrics
    self.curve = curve
    self.run = run
    self.taskSeconds = taskSeconds
    self.calls = calls
    self.message = message
  }

  package static func == (a: Ended, b: Ended) -> Bool {
    a.trial == b.trial && a.outcome == b.outcome && a.metrics == b.metrics && a.curve == b.curve && a.run == b.run
      && a.taskSeconds == b.taskSeconds && a.calls == b.calls && a.message == b.message
  }
}

package enum StageEvent: Sendable, Equatable {
  /// A gate begins to wait for an answer; what was to be seen then is kept with it.
  case began(evidence: String)
  /// Another round.
  case again
  case skipped(String)
  case ended(String)
}

/// What somebody wanted to be different.
package struct Decision: Sendable, Equatable {
  package enum Operation: Sendable, Equatable {
    case pause
    case resume
    /// What runs is cancelled too.
    case stop(isHard: Bool)
    /// To a gate, by the place of its stage.
    case answer(stage: Int, String)
    case enqueue(Point)
    /// Takes a configuration out of the queue again.
    case withdraw(Point)
    /// A configuration that is never to be tried; what was tried there is no candidate for the best. Or no longer so.
    case veto(Point, Bool)
    /// A trial is taken out, or back in.
    case exclude(trial: Int, Bool)
    /// An expression that configurations have to satisfy from now on.
    case restrict(String)
    /// Takes back a constraint that a person added, by its text.
    case lift(String)
    /// A parameter, by its place, keeps one value; nil: no longer.
    case pin(parameter: Int, Double?)
    /// One parameter as a document would say it: `learn.newton.seed in int 1..5`.
    case space(String)
    /// Another strategy for a stage, as a document would say it: `tpe(trials: 60)`.
    case strategy(stage: Int, String)
    /// Nothing is proposed any more but what people ask for. Or strategies propose again.
    case takeOver(Bool)
    case budget(String, Double?)
    case note(trial: Int?, String)
    /// Later experiments learn nothing from this one, or may again.
    case forget(Bool)
    /// What this one has to do with later experiments of a name, whatever the engine finds; nil: what it finds.
    case relate(String, PastExperiment.Relation?)
  }
  package var operation: Operation
  package var reason: String
  /// How many entries the log had when it was decided.
  package var basis: Int
  /// The entry (counted from 1) that it takes back.
  package var undoes: Int?
  /// In which role somebody answered a gate.
  package var role: String?

  package init(_ operation: Operation, reason: String, basis: Int, undoes: Int? = nil, role: String? = nil) {
    self.operation = operation
    self.reason = reason
    self.basis = basis
    self.undoes = undoes
    self.role = role
  }
}

package struct Closing: Sendable, Equatable {
  package enum Status: String, Sendable { case finished, stopped, exhausted, failed }
  package var status: Status
  package var reason: String
  package init(_ status: Status, _ reason: String) {
    self.status = status
    self.reason = reason
  }
}
