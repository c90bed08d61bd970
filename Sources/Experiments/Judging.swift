internal import Spaces
internal import Strategies
internal import Tasks
package import Values
package import Workflows

/// A question to a pruning rule of a plugin: is this trial to be stopped, after what it has shown? In strict order it follows from
/// the log and the curve alone.
package struct Judging: Sendable {
  package let trial: Int
  package let call: Experiment.Call
  package let rule: StrategyTask
  /// To be minimised.
  private let curve: [Double]
  private let history: History
  private let space: Space
  private let seed: UInt64

  init(
    _ trial: Int, _ curve: [Double], _ history: History, _ space: Space, seed: UInt64, _ call: Experiment.Call,
    _ rule: StrategyTask
  ) {
    self.trial = trial
    self.curve = curve
    self.history = history
    self.space = space
    self.seed = seed
    self.call = call
    self.rule = rule
  }

  /// After so many steps.
  package var step: Int { curve.count }

  /// What the task is called with, by parameter.
  package var arguments: [(name: String, value: Value)] {
    let shown = Shown(space, by: rule)
    return call.arguments(
      for: rule.task.signature,
      [
        "space": shown.spaceValue, "history": shown.value(of: history, objectives: .max),
        "seed": .int(Int64(bitPattern: seed)), "trial": .int(Int64(trial)),
        "curve": .list(curve.map { .float($0) }),
      ])
  }

  /// What the outputs of the task mean: why the trial is stopped; nil: it goes on.
  package func verdict(_ outputs: [(name: String, value: Value)]) throws(AnswerError) -> String? {
    let given = Dictionary(outputs) { first, _ in first }
    guard case .bool(let isStopped)? = given["prune"] else { throw AnswerError(message: "its `prune` is missing") }
    return isStopped ? ReasonText.line(given["reason"]) ?? "\(call.name) at step \(step)" : nil
  }
}

extension Study {
  /// What the pruning rule of a plugin is to be asked about a trial that runs; nil: its stage has none.
  ///
  /// - Parameter curve: what the trial has shown so far, as measured.
  package mutating func judging(_ trial: Int, curve: [Double], parallel: Int) -> Judging? {
    guard trial >= curvesFrom, let place = place(of: trial),
      let call = definition.pruningCall(trials[place].proposed.stage), let rule = call.task
    else { return nil }
    let (curve, history) = comparison(place, curve, parallel)
    return Judging(trial, curve, history, space, seed: definition.experiment.seed, call, rule)
  }
}

/// What plugins say about their answers, as a line for people.
enum ReasonText {
  private static let longest = 400

  static func line(_ given: Value?) -> String? {
    guard case .string(let text)? = given, let line = text.split(whereSeparator: \.isNewline).first else { return nil }
    return String(line.prefix(longest))
  }
}
