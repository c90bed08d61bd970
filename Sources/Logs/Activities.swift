/// The names of activities: phases and steps as people call them, so long as no other kind of event has the name.
package struct Activities: Sendable {
  package static let run = "run"
  package static let trial = "trial"
  package static let stage = "stage"
  package static let decision = "decision"
  package static let closed = "closed"

  private let fixed: Set<String> = [Self.run, Self.trial, Self.stage, Self.decision, Self.closed]
  private let phases: Set<String>

  package init(phases: [String]) { self.phases = Set(phases) }

  package func phase(_ name: String) -> String { fixed.contains(name) ? "phase \(name)" : name }

  package func step(_ path: String) -> String {
    fixed.contains(path) || phases.contains(path) ? "step \(path)" : path
  }
}

/// What objects are called: the same in each export of a store.
package enum LogId {
  package static func line(_ name: String) -> String { "line:\(name)" }
  package static func run(_ number: Int64) -> String { "run:\(number)" }
  package static func task(_ id: String, _ version: String) -> String { "task:\(id)@\(version)" }
  package static func experiment(_ number: Int) -> String { "experiment:\(number)" }
  package static func trial(_ experiment: Int, _ trial: Int) -> String { "trial:\(experiment)/\(trial)" }
  package static func person(_ name: String) -> String { "person:\(name)" }
  package static func artifact(_ digest: String) -> String { "sha256:\(digest)" }
}
