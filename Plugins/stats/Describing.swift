import AssayKit
import Numerics

/// The numbers of a sample, checked: at least so many, all finite.
func sample(_ values: [Double], _ port: String, atLeast least: Int) throws -> [Double] {
  guard values.count >= least else {
    throw TaskFailure(
      "there have to be \(least) numbers or more, not \(values.count)", code: "stats.few", port: port, kind: .input)
  }
  guard values.allSatisfy(\.isFinite) else {
    throw TaskFailure("a number is not finite", code: "stats.values", port: port, kind: .input)
  }
  return values
}

/// Figures of a sample.
struct Describe: AssayTask {
  static let task = TaskInfo(
    "std.stats.describe", version: "1.0.0", title: "Describe", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Mean, spread and quartiles of some numbers, and an interval of the mean (Student's t). Fails with stats.few or \
      stats.values.

      assay> stats.describe(values: [2.0, 4.0, 4.0, 5.0, 7.0, 8.0])
      count = 6
      mean = 5.0
      std = 2.1909
      lower = 2.7008
      upper = 7.2992
      min = 2.0
      q1 = 4.0
      median = 4.5
      q3 = 6.5
      max = 8.0
      """)

  @In("values", doc: "at least one number") var values: [Double]
  @In("level", doc: "confidence level of the interval", in: 0...1) var level = 0.95
  @Out("count", doc: "how many") var count: Int
  @Out("mean", doc: "the mean") var mean: Double
  @Out("std", doc: "standard deviation (n - 1); null for one number") var std: Double?
  @Out("lower", doc: "lower end of the mean's interval; null for one number") var lower: Double?
  @Out("upper", doc: "upper end of the mean's interval; null for one number") var upper: Double?
  @Out("min", doc: "the smallest") var least: Double
  @Out("q1", doc: "first quartile (linear interpolation, as numpy)") var q1: Double
  @Out("median", doc: "the median") var median: Double
  @Out("q3", doc: "third quartile") var q3: Double
  @Out("max", doc: "the largest") var most: Double

  mutating func run(_ context: Context) throws {
    let sorted = try sample(values, "values", atLeast: 1).sorted()
    count = sorted.count
    mean = Numerics.mean(sorted)
    if count > 1 {
      let deviation = variance(sorted).squareRoot()
      let half = StudentT.central(level, Double(count - 1)) * deviation / Double(count).squareRoot()
      std = deviation
      lower = mean - half
      upper = mean + half
    }
    least = sorted[0]
    q1 = quantile(sorted, 0.25)
    median = quantile(sorted, 0.5)
    q3 = quantile(sorted, 0.75)
    most = sorted[count - 1]
  }
}

/// Quantiles of a sample.
struct Quantiles: AssayTask {
  static let task = TaskInfo(
    "std.stats.quantiles", version: "1.0.0", title: "Quantiles", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Quantiles of some numbers, by linear interpolation (numpy's default). Fails with stats.few or stats.values.

      assay> stats.quantiles(values: [4.0, 1.0, 3.0, 2.0], at: [0.0, 0.5, 0.9])
      quantiles = [1.0, 2.5, 3.7]
      """)

  @In("values", doc: "at least one number, in any order") var values: [Double]
  @In("at", type: "list<float(0..1)>", doc: "shares of the numbers that lie below") var shares = [0.25, 0.5, 0.75]
  @Out("quantiles", doc: "one for each share, in their order") var quantiles: [Double]

  mutating func run(_ context: Context) throws {
    let sorted = try sample(values, "values", atLeast: 1).sorted()
    quantiles = shares.map { quantile(sorted, $0) }
  }
}

/// A share with its interval.
struct Proportion: AssayTask {
  static let task = TaskInfo(
    "std.stats.proportion", version: "1.0.0", title: "Proportion", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      A share of successes with Wilson's score interval, which is right for small numbers and shares near 0 and 1, too. \
      Fails with stats.counts.

      assay> stats.proportion(successes: 9, trials: 10)
      value = 0.9
      lower = 0.5958
      upper = 0.9821
      """)

  @In("successes", type: "int(0..)", doc: "how many") var successes: Int
  @In("trials", type: "int(1..)", doc: "of how many") var trials: Int
  @In("level", doc: "confidence level of the interval", in: 0...1) var level = 0.95
  @Out("value", doc: "successes / trials") var value: Double
  @Out("lower", doc: "lower end of the interval") var lower: Double
  @Out("upper", doc: "upper end of the interval") var upper: Double

  mutating func run(_ context: Context) throws {
    guard successes <= trials else {
      throw TaskFailure(
        "\(successes) successes of \(trials) trials", code: "stats.counts", port: "successes", kind: .input)
    }
    value = Double(successes) / Double(trials)
    (lower, upper) = wilson(successes, of: trials, level: level)
  }
}

/// How two samples go together.
struct Correlation: AssayTask {
  enum Method: String, CaseIterable, AssayEnum { case pearson, spearman }

  static let task = TaskInfo(
    "std.stats.correlation", version: "1.0.0", title: "Correlation", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      The correlation of paired numbers: Pearson's, or Spearman's of their ranks. p is of the t-test that there is none; \
      the interval is Fisher's (for ranks with Bonett and Wright's variance) and null below four pairs. Fails with \
      stats.few, stats.values, stats.pairs or stats.constant.

      assay> stats.correlation(x: [1.0, 2.0, 3.0, 4.0, 5.0], y: [2.0, 1.0, 4.0, 3.0, 6.0])
      r = 0.8220
      p = 0.0877
      lower = -0.2193
      upper = 0.9879
      """)

  @In("x", doc: "three numbers or more") var x: [Double]
  @In("y", doc: "as many, in the same order") var y: [Double]
  @In("method", doc: "pearson: on a line; spearman: in the same order") var method = Method.pearson
  @In("level", doc: "confidence level of the interval", in: 0...1) var level = 0.95
  @Out("r", doc: "from -1 to 1") var r: Double
  @Out("p", doc: "probability of so much correlation, or more, by chance") var p: Double
  @Out("lower", doc: "lower end of the interval") var lower: Double?
  @Out("upper", doc: "upper end of the interval") var upper: Double?

  mutating func run(_ context: Context) throws {
    var (first, second) = (try sample(x, "x", atLeast: 3), try sample(y, "y", atLeast: 3))
    try requirePairs(first, second)
    if method == .spearman { (first, second) = (ranks(first).ranks, ranks(second).ranks) }
    r = correlation(first, second)
    guard !r.isNaN else {
      throw TaskFailure("all numbers of a sample are the same", code: "stats.constant", kind: .input)
    }
    let n = Double(first.count)
    p = r.magnitude == 1 ? 0 : StudentT.outside(r * ((n - 2) / (1 - r * r)).squareRoot(), n - 2)
    guard n > 3, r.magnitude < 1 else { return }
    let half = Normal.central(level) * ((method == .spearman ? 1 + r * r / 2 : 1) / (n - 3)).squareRoot()
    lower = hyperbolicTangent(inverse(r) - half)
    upper = hyperbolicTangent(inverse(r) + half)
  }
}

func requirePairs(_ x: [Double], _ y: [Double]) throws {
  guard x.count == y.count else {
    throw TaskFailure(
      "\(x.count) numbers and \(y.count): they are no pairs", code: "stats.pairs", port: "y", kind: .input)
  }
}
