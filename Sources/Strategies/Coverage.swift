internal import Numbers
internal import Spaces

/// Each parameter uniform on its scale, each trial by itself.
package struct RandomSearch: Strategy {
  package init() {}
  package var capabilities: Capabilities {
    var all = Capabilities()
    all.objectives = .max
    return all
  }

  package func ask(_ question: Question) -> Answer {
    var draws = question.draws(.point)
    for _ in 0..<20 {
      let point = question.space.randomPoint(&draws)
      if question.admits(point) { return question.answer(point, "drawn at random") }
    }
    return question.answer(question.untried(near: nil), "drawn at random")
  }
}

/// Every point of a finite space, each once. Continuous axes are cut into levels.
package struct Grid: Strategy {
  /// Values of a continuous axis.
  package let levels: Int
  /// In a random order, so that a grid that is stopped early has seen a fair sample; else the last parameter changes fastest.
  package let isShuffled: Bool

  package init(levels: Int = 5, isShuffled: Bool = true) {
    self.levels = levels
    self.isShuffled = isShuffled
  }

  package var capabilities: Capabilities {
    var all = Capabilities()
    all.objectives = .max
    return all
  }

  package func ask(_ question: Question) -> Answer {
    guard let all = Enumeration(question.space, levels: UInt64(max(levels, 1))) else { return .exhausted }
    let order = Shuffle(count: all.count, seed: question.seed, stream: Question.Stream.point.rawValue)
    let mine = Question.Order.grid(all.count, isShuffled: isShuffled)
    var place = UInt64(question.next(of: mine))
    while place < all.count {
      let point = all[isShuffled ? order[place] : place]
      if question.admits(point) {
        return question.answer(point, memo: mine.memo(Int(place)), "point \(place + 1) of \(all.count) of the grid")
      }
      place += 1
    }
    return .exhausted
  }
}

/// As many strata of each parameter as trials, each used once: even coverage of every single parameter.
///
/// McKay, Beckman and Conover, Technometrics 21 (1979).
package struct LatinHypercube: Strategy {
  package let trials: Int
  package init(trials: Int) { self.trials = trials }
  package var capabilities: Capabilities {
    var all = Capabilities()
    all.objectives = .max
    return all
  }

  package func ask(_ question: Question) -> Answer {
    let mine = Question.Order.strata(trials)
    let number = question.next(of: mine)
    guard number < trials else { return .exhausted }
    var draws = question.draws(.point)
    let orders = question.space.parameters.indices.map {
      Shuffle(count: UInt64(trials), seed: question.seed, stream: 0x1000 + UInt32($0))
    }
    let jitter = orders.map { _ in draws.unit() }
    let point = question.space.point { (Double(orders[$0][UInt64(number)]) + jitter[$0]) / Double(trials) }
    let fresh = question.admits(point) ? point : question.untried(near: point)
    return question.answer(fresh, memo: mine.memo(number), "stratum \(number + 1) of \(trials)")
  }
}
