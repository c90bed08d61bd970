package import Spaces
internal import Strategies

/// What one past experiment lends to a new one, as its log keeps it: configurations of the new space with what came of them.
/// What was learnt does not change when the store grows, or when the past experiment is no longer there.
package struct Learnt: Sendable, Equatable {
  /// Where it came from, and how much of its log there was.
  package struct Origin: Sendable, Equatable {
    /// `12`, or `i3` of an imported one.
    package var label: String
    package var name: String
    package var uid: String
    package var entries: Int
    /// Of those entries.
    package var digest: String
    package init(label: String, name: String, uid: String, entries: Int, digest: String) {
      self.label = label
      self.name = name
      self.uid = uid
      self.entries = entries
      self.digest = digest
    }
  }

  /// A trial; the value is to be minimised, and +∞ of what failed or broke a limit.
  package struct Observation: Sendable, Equatable {
    package var trial: Int
    package var point: Point
    package var value: Double
    package init(_ trial: Int, _ point: Point, _ value: Double) {
      self.trial = trial
      self.point = point
      self.value = value
    }
  }

  package var origin: Origin
  package var relation: PastExperiment.Relation
  package var uses: PastExperiment.Uses
  /// Of the data, 0 to 1; nil: unknown.
  package var similarity: Double?
  package var features: [String: Double]
  package var observations: [Observation]
  /// How many of its trials were left out: excluded, of tainted runs, or impossible in the new space.
  package var leftOut: Int

  package init(
    _ origin: Origin, _ relation: PastExperiment.Relation, _ uses: PastExperiment.Uses, similarity: Double?,
    features: [String: Double] = [:], observations: [Observation], leftOut: Int = 0
  ) {
    self.origin = origin
    self.relation = relation
    self.uses = uses
    self.similarity = similarity
    self.features = features
    self.observations = observations
    self.leftOut = leftOut
  }

  /// - Parameter space: the one in which the observations are.
  package func past(_ space: Space) -> PastExperiment {
    let trials = observations.map { one in
      one.value.isFinite
        ? Trial(one.trial, one.point, .finished, values: [one.value]) : Trial(one.trial, one.point, .failed)
    }
    return PastExperiment(
      id: origin.label, space: space, trials: trials, relation: relation, features: features, uses: uses)
  }
}
