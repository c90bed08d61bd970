/// How the repeats of a trial hang together.
package enum Repeats: Sendable, Equatable {
  /// Seeds, fresh data: each says something of its own.
  case independent
  /// Folds of cross-validation, or random splits: their training sets overlap, so that the mean of n of them scatters
  /// more than 1/n of one, and does not become exact by splitting again. `testShare` is test rows to training rows:
  /// 1/(k - 1) for k folds.
  ///
  /// The variance of Nadeau and Bengio, "Inference for the generalization error", Machine Learning 52 (2003); for
  /// repeated cross-validation n counts all folds of all repeats (Bouckaert and Frank, PAKDD 2004).
  case splits(testShare: Double)

  package static func folds(_ count: Int) -> Repeats { .splits(testShare: 1 / Double(max(count, 2) - 1)) }

  /// By what the variance of one value is multiplied to give that of the mean of `count`.
  func varianceFactor(_ count: Int) -> Double {
    switch self {
    case .independent: 1 / Double(count)
    case .splits(let testShare): 1 / Double(count) + testShare
    }
  }
}
