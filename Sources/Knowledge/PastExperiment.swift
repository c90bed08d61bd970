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

  package let id: String
  /// As it was then.
  package let space: Space
  /// Points of that space; values to be minimised. What a person excluded, as tainted say, is left out of everything.
  package let trials: [Trial]
  package let relation: Relation
  /// What is known of its data: rows, classes, skew… They decide which experiments are near; empty when nothing is known.
  package let features: [String: Double]

  package init(
    id: String, space: Space, trials: [Trial], relation: Relation, features: [String: Double] = [:]
  ) {
    self.id = id
    self.space = space
    self.trials = trials
    self.relation = relation
    self.features = features
  }
}
