/// How much a past experiment counts in a proposal.
package struct Influence: Sendable, Equatable {
  package let experiment: String
  /// Of all, 1 together.
  package let weight: Double
  /// The share of pairs of the new experiment's trials that it orders rightly; nil before there are any.
  package let agreement: Double?
}

/// Where a proposal came from.
package enum Source: Sendable, Equatable {
  /// A configuration of a past experiment.
  case queue(experiment: String, trial: Int, agreement: Double?)
  /// A random one, which shows what the space is like without knowledge.
  case control
  /// The model with what past experiments say, the heaviest of them, and the slope with which it counts.
  case model([Influence], slope: Double)
  /// The plain strategy.
  case alone(Reason)

  package enum Reason: Sendable, Equatable {
    /// There are too few past experiments for a model of them.
    case few
    /// Trials speak against what past experiments say.
    case contradicted
    /// No trial has ended with a value yet, or there is no model of those that have.
    case unmeasured
  }

  /// For a person.
  package var text: String {
    switch self {
    case .queue(let experiment, let trial, let agreement):
      let share = agreement.map { ", which agrees with this data in \(Self.percent($0)) of pairs" } ?? ""
      return "trial \(trial) of experiment \(experiment)\(share)"
    case .control: return "drawn at random: control group"
    case .model(let influences, let slope):
      let names = influences.map { influence in
        influence.experiment + (influence.agreement.map { " (agrees in \(Self.percent($0)) of pairs)" } ?? "")
      }
      return "model with experiment\(names.count == 1 ? "" : "s") \(names.joined(separator: ", ")); "
        + "slope \((slope * 100).rounded() / 100)"
    case .alone(.few): return "without past experiments: too few are related"
    case .alone(.unmeasured): return "without past experiments: there is no model yet"
    case .alone(.contradicted): return "without past experiments: trials so far speak against them"
    }
  }

  private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}

/// What a trial was for: the first number of its memo, far from what the memo of a model begins with.
package enum Role: Double, Sendable {
  case queue = 2001, control, model, alone

  package init?(memo: [Double]) {
    guard let first = memo.first, let role = Role(rawValue: first) else { return nil }
    self = role
  }
}
