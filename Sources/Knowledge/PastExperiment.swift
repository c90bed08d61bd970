package import Spaces
package import Strategies

/// An experiment that is over, as data for the next.
package struct PastExperiment: Sendable {
  /// What it has to do with the next: declared by a person, or confirmed by one.
  package enum Relation: Sendable, Equatable {
    /// The same problem with new data or new code: its best configurations are likely to be the best again.
    case sameProblem
    /// The same kind of problem on other data.
    case related
    /// Nothing is learnt from it.
    case none
  }

  /// What it may be used for.
  package struct Uses: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }
    /// Its best configurations are tried first.
    package static let queue = Uses(rawValue: 1)
    /// It is part of what is expected where nothing was tried yet.
    package static let prior = Uses(rawValue: 2)
    /// More of its configurations are tried, as where its results are in the store already.
    package static let trials = Uses(rawValue: 4)
    package static let all: Uses = [.queue, .prior]
  }

  package let id: String
  /// As it was then.
  package let space: Space
  /// Points of that space; values to be minimised. What a person excluded, as tainted say, is left out of everything.
  package let trials: [Trial]
  package let relation: Relation
  /// What is known of its data: rows, classes, skew… They decide which experiments are near; empty when nothing is known.
  package let features: [String: Double]
  package let uses: Uses

  package init(
    id: String, space: Space, trials: [Trial], relation: Relation, features: [String: Double] = [:], uses: Uses = .all
  ) {
    self.id = id
    self.space = space
    self.trials = trials
    self.relation = relation
    self.features = features
    self.uses = uses
  }
}
