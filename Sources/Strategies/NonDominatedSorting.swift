internal import Numbers
internal import Spaces

/// NSGA-II, one child at a time: parents from the least dominated and least crowded trials, crossed and varied.
///
/// Deb et al., "A fast and elitist multiobjective genetic algorithm" (2002); steady state after Durillo et al. (2009), which
/// needs no generations and so waits for nothing when trials run in parallel.
package struct NonDominatedSorting: Strategy {
  package let population: Int
  package init(population: Int = 40) { self.population = population }

  package var capabilities: Capabilities {
    var all = Capabilities()
    all.objectives = .max
    return all
  }

  package func ask(_ question: Question) -> Answer {
    let trials = question.history.trials
    let ranked = ranking(trials)
    guard ranked.count >= population / 2 else { return RandomSearch().ask(question) }
    var draws = question.draws(.variation)
    var child = ranked[0].point
    for _ in 0..<20 {
      let (a, b) = (tournament(ranked.count, &draws), tournament(ranked.count, &draws))
      child = varied(crossed(ranked[a].point, ranked[b].point, question.space, &draws), question.space, &draws)
      if question.admits(child) {
        return question.answer(child, "child of trials \(ranked[a].number) and \(ranked[b].number)")
      }
    }
    return question.answer(question.untried(near: child), "next to children of the first front, which were tried")
  }

  /// Front by front, the least crowded first; as many as the population has.
  private func ranking(_ trials: [Trial]) -> [Trial] {
    var ranked: [Int] = []
    for front in Pareto.fronts(trials) {
      let distances = Pareto.crowding(front, trials)
      ranked += front.sorted { a, b in
        let (x, y) = (distances[a] ?? 0, distances[b] ?? 0)
        return x != y ? x > y : a < b
      }
      if ranked.count >= population { break }
    }
    return ranked.prefix(population).map { trials[$0] }
  }

  /// The better of two.
  private func tournament(_ count: Int, _ draws: inout Draws) -> Int {
    min(draws.index(below: count), draws.index(below: count))
  }

  private func crossed(_ a: Point, _ b: Point, _ space: Space, _ draws: inout Draws) -> Point {
    var child = a
    for index in space.parameters.indices where draws.unit() < 0.5 && b[index] != Point.inactive {
      child[index] = b[index]
    }
    return space.completed(child, &draws)
  }

  /// One change on average, none to several.
  private func varied(_ point: Point, _ space: Space, _ draws: inout Draws) -> Point {
    var result = point
    let active = max(point.coordinates.count { $0 != Point.inactive }, 1)
    for _ in 0..<active where draws.unit() < 1 / Double(active) { result = space.neighbor(of: result, &draws) }
    return result
  }
}
