/// What going back cost. Seconds of tasks and of the work that people logged, each second once.
package struct Rework: Sendable, Equatable {
  /// Executed because something changed there.
  package var intentional = 0.0
  /// Executed because something before it changed.
  package var echo = 0.0
  /// Executed for the first time.
  package var first = 0.0
  /// Trials of experiments: looking around is no rework.
  package var exploration = 0.0
  package var retries = 0.0
  /// Of all these: what people logged. The rest are seconds of tasks.
  package var logged = 0.0
  /// What recorded results saved.
  package var saved = 0.0

  package var all: Double { intentional + echo + first + exploration + retries }
  /// What had been done before.
  package var again: Double { intentional + echo }
  /// Nil when nothing ran.
  package var ratio: Double? { all > 0 ? again / all : nil }

  package init() {}

  /// - Parameter isLogged: only what people logged, or only tasks; nil: both.
  package init(_ period: Period, phase: Int? = nil, isLogged: Bool? = nil) {
    for leg in period.legs {
      for step in leg.steps where phase == nil || step.execution.phase == phase {
        guard isLogged == nil || step.execution.isLogged == isLogged else { continue }
        if step.execution.isLogged { logged += step.execution.seconds }
        if step.kind != .reused { retries += step.execution.retrySeconds }
        let seconds = step.execution.seconds
        switch step.kind {
        case .reused: saved += seconds
        case _ where leg.run.isExploration: exploration += seconds
        case .first: first += seconds
        case .root: intentional += seconds
        case .echo: echo += seconds
        case .exploration: exploration += seconds
        }
      }
    }
  }
}

/// What one second of changes in a phase makes run after it.
package struct Amplification: Sendable, Equatable {
  package var root = 0.0
  package var echo = 0.0
  /// Of the echoes those that gave the same bytes as before: they need not have run.
  package var identical = 0.0
  package var factor: Double? { root > 0 ? echo / root : nil }

  package init(root: Double = 0, echo: Double = 0, identical: Double = 0) {
    self.root = root
    self.echo = echo
    self.identical = identical
  }
}

extension Period {
  /// By phase. An echo counts for all phases whose changes it goes back to, in equal parts.
  package func amplification() -> [Amplification] {
    var result = Array(repeating: Amplification(), count: journey.phases.count)
    var outputs: [String: Execution] = [:]
    let isInside = Set(legs.map(\.run.number))
    for leg in journey.runs where line == nil || leg.run.line == line {
      let tasks = Dictionary(leg.steps.enumerated().map { ($0.element.execution.task, $0.offset) }) { first, _ in first
      }
      var known: [Int: Set<Int>] = [:]
      for (place, step) in leg.steps.enumerated() {
        let name = "\(leg.run.line)\u{0}\(step.execution.task)"
        defer { if step.execution.isSuccess { outputs[name] = step.execution } }
        guard isInside.contains(leg.run.number), !leg.run.isExploration else { continue }
        if step.kind == .root { result[step.execution.phase].root += step.execution.seconds }
        guard step.kind == .echo else { continue }
        let sources = Self.roots(of: place, leg, tasks, &known)
        let isSame = step.execution.output != nil && outputs[name]?.output == step.execution.output
        for phase in sources {
          result[phase].echo += step.execution.seconds / Double(sources.count)
          if isSame { result[phase].identical += step.execution.seconds / Double(sources.count) }
        }
      }
    }
    return result
  }

  /// The phases of the changes that made a call run. Calls come after those that they need: what is needed is known.
  private static func roots(
    of place: Int, _ leg: Leg, _ tasks: [String: Int], _ known: inout [Int: Set<Int>]
  ) -> Set<Int> {
    if let phases = known[place] { return phases }
    known[place] = []
    var phases: Set<Int> = []
    var waiting = [place]
    var seen: Set<Int> = [place]
    while let next = waiting.popLast() {
      for part in leg.steps[next].execution.parts {
        guard case .upstream(let task) = part.source, let source = tasks[task], seen.insert(source).inserted else {
          continue
        }
        let step = leg.steps[source]
        if step.kind == .root { phases.insert(step.execution.phase) } else { waiting.append(source) }
      }
    }
    known[place] = phases
    return phases
  }
}
