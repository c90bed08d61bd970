/// What one trial measured of one metric, to be minimised: once for each fold or seed.
package struct Measured: Sendable, Equatable {
  package let trial: Int
  /// By the name of the fold or seed: what two trials have under one name was measured under the same conditions.
  package let values: [String: Double]
  /// What it takes (time, money, size), by which one of several equally good trials is chosen; in any one unit.
  package let cost: Double?

  /// Values that are not finite are left out.
  package init(trial: Int, values: [String: Double], cost: Double? = nil) {
    self.trial = trial
    self.values = values.filter { $0.value.isFinite }
    self.cost = cost
  }

  /// The first fold or seed is "1".
  package init(trial: Int, _ values: [Double], cost: Double? = nil) {
    let named = values.enumerated().map { (String($0 + 1), $1) }
    self.init(trial: trial, values: Dictionary(uniqueKeysWithValues: named), cost: cost)
  }

  /// In the order of their names, so that sums have one order.
  var ordered: [Double] { values.sorted { $0.key < $1.key }.map(\.value) }

  package var summary: Summary? { Summary(ordered) }

  /// This minus the other, for each fold or seed that both have.
  package func differences(to other: Measured) -> [Double] {
    values.sorted { $0.key < $1.key }.compactMap { name, value in other.values[name].map { value - $0 } }
  }
}
