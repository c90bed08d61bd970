internal import Spaces
internal import Strategies

/// What past experiments say together, each weighted by how well it orders the experiment's own trials.
struct Prior {
  /// From heaviest to lightest.
  let influences: [Influence]
  /// Between what is believed and what was seen; nil when nothing can be compared.
  let correlation: Double?
  private let numbering: Numbering
  private let parts: [(lesson: Lesson, weight: Double)]

  /// - Parameter isWeighted: else all count alike, as before there is evidence.
  init(_ lessons: [Lesson], _ numbering: Numbering, _ history: History, isWeighted: Bool = true) {
    let seen = history.trials.compactMap { trial in
      trial.outcome.map { (point: trial.point, number: numbering[trial.point], value: $0) }
    }
    let values = seen.map(\.value)
    var parts: [(lesson: Lesson, weight: Double, agreement: Double?, scores: [Double])] = []
    for lesson in lessons {
      let scores = seen.map { lesson.score($0.point, number: $0.number) }
      let agreement = Ranks.agreement(scores, values)
      let weight = isWeighted && seen.count >= 4 ? Self.weight(agreement) : 1
      if weight > 0 { parts.append((lesson, weight, agreement, scores)) }
    }
    let total = parts.reduce(0) { $0 + $1.weight }
    for place in parts.indices { parts[place].weight /= total }
    let order = parts.indices.sorted { a, b in
      parts[a].weight != parts[b].weight ? parts[a].weight > parts[b].weight : a < b
    }
    influences = order.map {
      Influence(experiment: parts[$0].lesson.experiment, weight: parts[$0].weight, agreement: parts[$0].agreement)
    }
    let believed = seen.indices.map { index in parts.reduce(0) { $0 + $1.weight * $1.scores[index] } }
    correlation = parts.isEmpty ? nil : Ranks.correlation(believed, values)
    self.numbering = numbering
    self.parts = parts.map { ($0.lesson, $0.weight) }
  }

  /// None for an experiment that orders trials no better than chance.
  private static func weight(_ agreement: Double?) -> Double {
    let disorder = 2 * (1 - (agreement ?? 1))
    return max(0, 1 - disorder * disorder)
  }

  /// Lower is better.
  func score(_ point: Point) -> Double {
    let number = numbering[point]
    return parts.reduce(0) { $0 + $1.weight * $1.lesson.score(point, number: number) }
  }

  /// Whether own trials speak against it.
  var isContradicted: Bool { parts.isEmpty || correlation.map { $0 <= 0 } ?? false }
}

extension Trial {
  /// How it came out, for comparisons: +∞ of what failed or broke a limit; nil when it says nothing.
  var outcome: Double? {
    switch state {
    case .finished: violation > 0 ? .infinity : value.isNaN ? nil : value
    case .failed: .infinity
    case .running, .pruned, .excluded: nil
    }
  }
}
