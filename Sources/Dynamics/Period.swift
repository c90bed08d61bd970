/// Part of a journey: what is counted is in it, what it is compared with may lie before.
package struct Period: Sendable {
  package let journey: Journey
  /// Nanoseconds since 1970, by the beginning of runs.
  package let from: Int64
  package let until: Int64
  /// Nil: all.
  package let line: String?
  private let places: [Int]

  /// - Parameter experiment: only the runs of its trials.
  package init(
    _ journey: Journey, from: Int64 = .min, until: Int64 = .max, line: String? = nil, experiment: Int? = nil
  ) {
    self.journey = journey
    self.from = from
    self.until = until
    self.line = line
    places = journey.runs.indices.filter {
      let run = journey.runs[$0].run
      return run.startedAt >= from && run.startedAt < until && (line == nil || run.line == line)
        && (experiment == nil || run.experiment == experiment)
    }
    isMeant = Set(places)
  }

  private let isMeant: Set<Int>

  package var isEmpty: Bool { places.isEmpty }
  /// Of the engine; work that people logged is in `legs` alone.
  package var runs: Int { places.count { journey.runs[$0].run.number > 0 } }
  package var legs: [Leg] { places.map { journey.runs[$0] } }
  package var revisits: [Revisit] { journey.revisits.filter { isMeant.contains($0.leg) } }
  package func leg(_ revisit: Revisit) -> Leg { journey.runs[revisit.leg] }
  /// Phases that anything was done in, or that were in focus; in order.
  package var touched: [Int] {
    var found: Set<Int> = []
    for leg in legs {
      if let focus = leg.focus, !leg.run.isExploration { found.insert(focus.phase) }
      for step in leg.executed { found.insert(step.execution.phase) }
    }
    return found.sorted()
  }

  package var lines: [String] {
    var seen: Set<String> = []
    return places.map { journey.runs[$0].run.line }.filter { seen.insert($0).inserted }
  }
}
