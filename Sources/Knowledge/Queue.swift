package import Spaces

/// A proven configuration that is to be run again: its old value is never taken for a new one.
package struct Proven: Sendable, Equatable {
  package let experiment: String
  package let trial: Int
  package let point: Point
}

/// What is tried first.
enum Queue {
  /// - Parameter features: of the data of the new experiment.
  static func plan(_ all: [Lesson], _ space: Space, features: [String: Double]) -> [Proven] {
    let lessons = all.filter { !$0.uses.isDisjoint(with: [.queue, .trials]) }
    let same = lessons.filter { $0.relation == .sameProblem }
    let related = lessons.filter { $0.relation == .related }
    if !same.isEmpty {
      let count = same.contains { $0.uses.contains(.trials) } ? 10 : 3
      return turns(same.reversed().map { distinct($0, space, count) }, count)
    }
    let known = related.filter { !Set($0.features.keys).isDisjoint(with: features.keys) }
    if related.count < Informed.leastRelated || known.count >= Informed.leastRelated {
      let nearest = known.isEmpty ? related : nearest(known, to: features)
      let count = related.count < Informed.leastRelated ? 3 : 4
      return turns(nearest.prefix(count).map { distinct($0, space, count) }, min(count, nearest.count))
    }
    return portfolio(related, 8)
  }

  /// The best configurations that are not variations of each other: they differ from each other in what came out, and in more
  /// than one parameter. Others fill up.
  static func distinct(_ lesson: Lesson, _ space: Space, _ count: Int) -> [Proven] {
    var chosen: [Lesson.Observation] = []
    var rest: [Lesson.Observation] = []
    for one in lesson.observations where one.score < 1 {
      let isNew = chosen.allSatisfy { $0.score != one.score && differences($0.point, one.point, space) > 1 }
      if isNew { chosen.append(one) } else { rest.append(one) }
      if chosen.count == count { break }
    }
    return (chosen + rest).prefix(count).map { Proven(experiment: lesson.experiment, trial: $0.trial, point: $0.point) }
  }

  /// In how many parameters two points differ; those that hang on a choice go with it.
  private static func differences(_ a: Point, _ b: Point, _ space: Space) -> Int {
    space.parameters.indices.count { a[$0] != b[$0] && a[$0] != Point.inactive && b[$0] != Point.inactive }
  }

  /// The first of each, then the second of each…, no configuration twice.
  private static func turns(_ lists: [[Proven]], _ count: Int) -> [Proven] {
    var result: [Proven] = []
    for turn in 0..<(lists.map(\.count).max() ?? 0) {
      for list in lists where turn < list.count && result.count < count {
        // A configuration that is the best of two experiments makes room for the next of the second.
        guard let next = list.first(where: { one in !result.contains { $0.point == one.point } }) else { continue }
        result.append(next)
      }
    }
    return result
  }

  /// Lessons by the distance of their features, each on the scale of its deviation, from near to far; ties: the later first.
  static func nearest(_ lessons: [Lesson], to features: [String: Double]) -> [Lesson] {
    let scales = features.mapValues { _ in 0.0 }.keys.reduce(into: [String: Double]()) { scales, name in
      let values = lessons.compactMap { $0.features[name] } + [features[name] ?? 0]
      let center = values.reduce(0, +) / Double(values.count)
      scales[name] = (values.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(values.count)).squareRoot()
    }
    let distances = lessons.map { lesson in
      var (sum, count) = (0.0, 0.0)
      for name in features.keys.sorted() {
        guard let a = features[name], let b = lesson.features[name], let scale = scales[name], scale > 0 else {
          continue
        }
        sum += (a - b) / scale * ((a - b) / scale)
        count += 1
      }
      return count > 0 ? sum / count : .infinity
    }
    return lessons.indices.sorted { distances[$0] != distances[$1] ? distances[$0] < distances[$1] : $0 > $1 }
      .map { lessons[$0] }
  }

  /// Configurations of which one at least is likely to be good, whatever past experiment the new one is like: each is the one
  /// that lowers the sum of best scores the most. Ties: the earlier lesson, then its better configuration.
  static func portfolio(_ lessons: [Lesson], _ count: Int) -> [Proven] {
    var candidates: [Proven] = []
    for lesson in lessons {
      for one in lesson.observations.prefix(5) where !candidates.contains(where: { $0.point == one.point }) {
        candidates.append(Proven(experiment: lesson.experiment, trial: one.trial, point: one.point))
      }
    }
    let scores = candidates.map { candidate in lessons.map { $0.score(candidate.point) } }
    var best = [Double](repeating: 3, count: lessons.count)
    var chosen: [Int] = []
    while chosen.count < min(count, candidates.count) {
      func sum(_ place: Int) -> Double { zip(best, scores[place]).reduce(0) { $0 + min($1.0, $1.1) } }
      let rest = candidates.indices.filter { !chosen.contains($0) }
      let sums = rest.map(sum)
      guard let place = rest.indices.min(by: { sums[$0] < sums[$1] }) else { break }
      chosen.append(rest[place])
      best = zip(best, scores[rest[place]]).map { min($0, $1) }
    }
    return chosen.map { candidates[$0] }
  }
}
