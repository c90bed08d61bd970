/// What a test of "no difference" found.
package struct TestResult: Sendable, Equatable {
  package enum Method: String, Sendable {
    /// Student's t of differences between pairs.
    case pairedT = "paired t"
    /// The same with the variance of Nadeau and Bengio.
    case correctedT = "corrected paired t"
    /// Welch's t of two samples.
    case welchT = "Welch's t"
    /// t of two samples with the noise of all trials, when one of them was measured once.
    case pooledT = "t with pooled noise"
    case signedRank = "Wilcoxon signed rank"
    case rankSum = "Mann-Whitney"
    case signFlip = "sign permutation"
  }

  package let method: Method
  /// By how much the first is greater: the mean difference.
  package let difference: Double
  /// Of the difference; nil of tests that do not estimate it.
  package let interval: Interval?
  /// How often, if there were no difference, one at least as large would come about in either direction.
  package let p: Double
  /// Pairs, or values of both samples.
  package let count: Int
}
