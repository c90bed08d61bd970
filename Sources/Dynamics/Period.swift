/// Part of a journey: what is counted is in it, what it is compared with may lie before.
package struct Period: Sendable {
  package let journey: Journey
  /// Nanoseconds since 1970, by the beginning of runs.
  package let from: Int64
  package let until: Int64
  /// Nil: all.
  package let line: String?
  private let places: [Int]

  package init(_ journey: Journey, from: Int64 = .min, until: Int64 = .max, line: String? = nil) {
    self.journey = journey
    self.from = from
    self.until = until
    self.line = line
    places = journey.runs.indices.filter {
      let run = journey.runs[$0].run
      return run.startedAt >= from && run.startedAt < until && (line == nil || run.line == line)
    }
    isMeant = Set(places)
  }

  private let isMeant: Set<Int>

  package var isEmpty: Bool { places.isEmpty }
  package var legs: [Leg] { places.map { journey.runs[$0] } }
  package var revisits: [Revisit] { journey.revisits.filter { isMeant.contains($0.leg) } }
  package func leg(_ revisit: Revisit) -> Leg { journey.runs[revisit.leg] }
  package var lines: [String] {
    var seen: Set<String> = []
    return places.map { journey.runs[$0].run.line }.filter { seen.insert($0).inserted }
  }
}
