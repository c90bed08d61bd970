/// That a run did something in a phase: one for a run and phase, in the order of the work.
package struct Visit: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    case first, back = "revisit", itself = "self", forward, echo, exploration
  }
  package var run: Int
  package var line: String
  package var phase: Int
  package var kind: Kind
  package var startedAt: Int64
  package var finishedAt: Int64
  package var seconds: Double
  package var focus: Focus?
  package var reason: Reason?
}

extension Period {
  package var visits: [Visit] {
    let isMeant = Dictionary(grouping: journey.revisits, by: \.leg)
    var numbers: [Int: Int] = [:]
    for (place, leg) in journey.runs.enumerated() { numbers[leg.run.number] = place }
    return legs.flatMap { leg -> [Visit] in
      let revisits = numbers[leg.run.number].flatMap { isMeant[$0] } ?? []
      return Self.visits(leg, revisits)
    }
  }

  private static func visits(_ leg: Leg, _ revisits: [Revisit]) -> [Visit] {
    var visits: [Visit] = []
    var places: [Int: Int] = [:]
    for step in leg.executed {
      let work = step.execution
      if let place = places[work.phase] {
        visits[place].finishedAt = max(visits[place].finishedAt, work.finishedAt)
        visits[place].seconds += work.seconds
        visits[place].kind = Self.stronger(visits[place].kind, kind(step))
        continue
      }
      places[work.phase] = visits.count
      visits.append(
        Visit(
          run: leg.run.number, line: leg.run.line, phase: work.phase, kind: kind(step), startedAt: work.startedAt,
          finishedAt: work.finishedAt, seconds: work.seconds, focus: leg.focus))
    }
    for revisit in revisits {
      guard let place = places[revisit.to] else { continue }
      visits[place].reason = revisit.reason
      switch revisit.kind {
      case .back: visits[place].kind = .back
      case .itself: visits[place].kind = .itself
      case .forward: visits[place].kind = .forward
      }
    }
    return visits.sorted { ($0.startedAt, $0.phase) < ($1.startedAt, $1.phase) }
  }

  private static func kind(_ step: Leg.Step) -> Visit.Kind {
    switch step.kind {
    case .first: .first
    // Without a phase in focus there is nothing that was gone back from.
    case .root: .itself
    case .echo: .echo
    case .exploration, .reused: .exploration
    }
  }

  private static func stronger(_ a: Visit.Kind, _ b: Visit.Kind) -> Visit.Kind {
    let order: [Visit.Kind] = [.back, .forward, .itself, .first, .exploration, .echo]
    return order.first { $0 == a || $0 == b } ?? a
  }

  /// How often the next visit of a line is to a phase: rows from, columns to. What process mining calls directly-follows.
  package func transitions() -> [[Int]] {
    let count = journey.phases.count
    var counts = Array(repeating: Array(repeating: 0, count: count), count: count)
    for (_, visits) in Dictionary(grouping: visits, by: \.line) {
      for (before, next) in zip(visits, visits.dropFirst()) { counts[before.phase][next.phase] += 1 }
    }
    return counts
  }
}
