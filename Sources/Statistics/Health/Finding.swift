package import Numbers
package import Spaces
package import Strategies

/// What one health check of an experiment found.
package struct Finding: Sendable, Equatable {
  package enum Check: String, Sendable, CaseIterable {
    case effects, edge, control, failures, noise, selection
  }

  package enum Verdict: String, Sendable {
    case pass, warn, fail
    /// There is too little to look at.
    case unknown
  }

  package let check: Check
  package let verdict: Verdict
  /// For a person; it has the numbers in it.
  package let sentence: String
  /// The same for a program, by name.
  package let numbers: [String: Double]

  init(_ check: Check, _ verdict: Verdict, _ sentence: String, _ numbers: [String: Double] = [:]) {
    self.check = check
    self.verdict = verdict
    self.sentence = sentence
    self.numbers = numbers
  }
}

/// Whether an experiment can be believed, and where it goes wrong: what its record says about itself.
package struct Health: Sendable {
  let space: Space
  let history: History
  let controls: Set<Int>
  let measured: [Measured]
  let repeats: Repeats
  let draws: Draws
  /// Turns values of the first objective back into those that were measured.
  let sign: Double
  /// From best to worst, within limits.
  let finished: [Trial]

  /// Below that chance, something is said to be there.
  static let alpha = 0.05
  /// Groups of fewer trials say nothing.
  static let fewest = 5

  /// - Parameters:
  ///   - controls: the numbers of trials that were drawn at random for comparison.
  ///   - measured: trials with their repeats, for checks of noise; all among which the best was chosen.
  ///   - isMaximized: what was measured was turned so that less is better.
  package init(
    _ space: Space, _ history: History, controls: Set<Int> = [], measured: [Measured] = [],
    _ repeats: Repeats = .independent, isMaximized: Bool = false, draws: Draws
  ) {
    self.space = space
    self.history = history
    self.controls = controls
    self.measured = measured
    self.repeats = repeats
    self.draws = draws
    sign = isMaximized ? -1 : 1
    finished = history.ranking.lazy.map { history.trials[$0] }
      .filter { $0.state == .finished && $0.violation == 0 && $0.value.isFinite }
  }

  /// One for each check.
  package func findings() -> [Finding] {
    Finding.Check.allCases.map { check in
      switch check {
      case .effects: effects()
      case .edge: edge()
      case .control: control()
      case .failures: failures()
      case .noise: noise()
      case .selection: selection()
      }
    }
  }

  /// How much better the best measured trial is than the middle one: what the experiment claims to have gained.
  var improvement: (best: Measured, gain: Double)? {
    let ranked = measured.compactMap { trial in trial.summary.map { (trial, $0.mean) } }.sorted { $0.1 < $1.1 }
    guard ranked.count >= Self.fewest else { return nil }
    let upper = ranked[ranked.count / 2].1
    let middle = ranked.count % 2 == 1 ? upper : (ranked[ranked.count / 2 - 1].1 + upper) / 2
    return (ranked[0].0, middle - ranked[0].1)
  }
}
