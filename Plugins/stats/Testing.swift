import AssayKit
import Numerics

#if canImport(Glibc)
  import Glibc
#endif

func inverse(_ r: Double) -> Double { atanh(r) }
func hyperbolicTangent(_ z: Double) -> Double { tanh(z) }

/// Whether two means differ.
struct TTest: AssayTask {
  enum Kind: String, CaseIterable, AssayEnum { case welch, student, paired }

  static let task = TaskInfo(
    "std.stats.t_test", version: "1.0.0", title: "t-test", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Compares the means of two samples: Welch's test, Student's (equal variances) or of pairs, two-sided, with an \
      interval of the difference. Fails with stats.few, stats.values, stats.pairs or stats.constant.

      assay> stats.t_test(x: [5.1, 4.9, 6.2, 5.8], y: [4.2, 4.8, 4.4, 5.0], kind: "welch")
      t = 2.5456
      freedom = 4.927
      p = 0.0522
      difference = 0.9
      lower = -0.0129
      upper = 1.8129
      """)

  @In("x", doc: "two numbers or more") var x: [Double]
  @In("y", doc: "two numbers or more") var y: [Double]
  @In("kind", doc: "welch: any variances; student: equal ones; paired: the same cases twice") var kind = Kind.welch
  @In("level", doc: "confidence level of the interval", in: 0...1) var level = 0.95
  @Out("t", doc: "the difference in its standard errors") var t: Double
  @Out("freedom", doc: "degrees of freedom") var freedom: Double
  @Out("p", doc: "probability of such a difference, or a larger one, by chance") var p: Double
  @Out("difference", doc: "mean of x minus mean of y") var difference: Double
  @Out("lower", doc: "lower end of the difference's interval") var lower: Double
  @Out("upper", doc: "upper end of the difference's interval") var upper: Double

  mutating func run(_ context: Context) throws {
    let (first, second) = (try sample(x, "x", atLeast: 2), try sample(y, "y", atLeast: 2))
    let (n, m) = (Double(first.count), Double(second.count))
    difference = mean(first) - mean(second)
    let error: Double
    switch kind {
    case .paired:
      try requirePairs(first, second)
      error = (variance(zip(first, second).map { $0 - $1 }) / n).squareRoot()
      freedom = n - 1
    case .student:
      freedom = n + m - 2
      error = (((n - 1) * variance(first) + (m - 1) * variance(second)) / freedom * (1 / n + 1 / m)).squareRoot()
    case .welch:
      let (a, b) = (variance(first) / n, variance(second) / m)
      error = (a + b).squareRoot()
      freedom = (a + b) * (a + b) / (a * a / (n - 1) + b * b / (m - 1))
    }
    guard error > 0, freedom.isFinite else {
      throw TaskFailure("the numbers do not vary: there is nothing to test", code: "stats.constant", kind: .input)
    }
    t = difference / error
    p = StudentT.outside(t, freedom)
    let half = StudentT.central(level, freedom) * error
    lower = difference - half
    upper = difference + half
  }
}

/// Whether one sample tends to larger values.
struct MannWhitney: AssayTask {
  static let task = TaskInfo(
    "std.stats.mann_whitney", version: "1.0.0", title: "Mann-Whitney test", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Compares two samples by their order, two-sided. Exact where one has at most eight numbers and none is equal to \
      another, else with the normal approximation, corrected for ties and continuity (as scipy). Fails with stats.few or \
      stats.values.

      assay> stats.mann_whitney(x: [1.1, 2.2, 3.3], y: [4.4, 5.5, 6.6, 0.5])
      u = 3.0
      share = 0.25
      p = 0.4
      """)

  @In("x", doc: "at least one number") var x: [Double]
  @In("y", doc: "at least one number") var y: [Double]
  @Out("u", doc: "pairs in which x is larger; equal ones count half") var u: Double
  @Out("share", doc: "u over all pairs: 0.5 means no tendency") var share: Double
  @Out("p", doc: "probability of such a tendency, or a stronger one, by chance") var p: Double

  mutating func run(_ context: Context) throws {
    let (first, second) = (try sample(x, "x", atLeast: 1), try sample(y, "y", atLeast: 1))
    let (n, m) = (Double(first.count), Double(second.count))
    let (all, ties) = ranks(first + second)
    u = all.prefix(first.count).reduce(0, +) - n * (n + 1) / 2
    share = u / (n * m)
    let most = max(u, n * m - u)
    if ties == 0, min(first.count, second.count) <= 8, n * m <= 1e6 {
      p = min(1, 2 * Self.exact(first.count, second.count, atLeast: Int(most)))
      return
    }
    let total = n + m
    let deviation = (n * m / 12 * (total + 1 - ties / (total * (total - 1)))).squareRoot()
    p = deviation > 0 ? min(1, 2 * Normal.above((most - n * m / 2 - 0.5) / deviation)) : 1
  }

  /// P(U >= u): the coefficients of the Gaussian binomial, as in Mann and Whitney (1947). O(min² · max).
  private static func exact(_ n: Int, _ m: Int, atLeast u: Int) -> Double {
    let (small, large) = (min(n, m), max(n, m))
    var ways = [Double](repeating: 0, count: small * large + 1)
    ways[0] = 1
    for part in 1...small {
      // Times (1 - x^(large + part)), over (1 - x^part).
      for index in stride(from: ways.count - 1, through: large + part, by: -1) {
        ways[index] -= ways[index - large - part]
      }
      for index in stride(from: part, to: ways.count, by: 1) { ways[index] += ways[index - part] }
    }
    return ways[min(u, ways.count)...].reduce(0, +) / ways.reduce(0, +)
  }
}

/// Whether two classifiers err equally often on the same cases.
struct McNemar: AssayTask {
  static let task = TaskInfo(
    "std.stats.mcnemar", version: "1.0.0", title: "McNemar's test", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Compares two classifiers on the same cases, by those on which only one of them is right. Exact (binomial), or with \
      the chi-squared approximation and its continuity correction.

      assay> stats.mcnemar(only_first: 12, only_second: 4)
      p = 0.0768

      assay> stats.mcnemar(only_first: 40, only_second: 20, exact: false)
      p = 0.0142
      """)

  @In("only_first", type: "int(0..)", doc: "cases on which only the first is right") var onlyFirst: Int
  @In("only_second", type: "int(0..)", doc: "cases on which only the second is right") var onlySecond: Int
  @In("exact", doc: "binomial rather than chi-squared") var exact = true
  @Out("p", doc: "probability of such a difference, or a larger one, by chance") var p: Double

  mutating func run(_ context: Context) throws {
    let (sum, overflow) = onlyFirst.addingReportingOverflow(onlySecond)
    guard !overflow, sum <= 1 << 40 else {
      throw TaskFailure("so many cases there cannot be", code: "stats.counts", port: "only_first", kind: .input)
    }
    guard sum > 0 else { return p = 1 }
    if exact {
      p = min(1, 2 * binomialHalf(atMost: min(onlyFirst, onlySecond), of: sum))
    } else {
      let distance = max(0, Double((onlyFirst - onlySecond).magnitude) - 1)
      p = Normal.outside(distance / Double(sum).squareRoot())
    }
  }
}
