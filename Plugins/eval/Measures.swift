import AssayKit
import Numerics

#if canImport(Glibc)
  import Glibc
#endif

/// Share of cases on the right side of a threshold.
struct Accuracy: AssayTask {
  static let task = TaskInfo(
    "std.eval.accuracy", version: "1.0.0", title: "Accuracy", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Share of cases whose score lies on the right side, with Wilson's interval.

      assay> use std.table
      assay> p = table.tensor(values: [0.9, 0.8, 0.3, 0.6, 0.2])
      assay> y = table.tensor(values: [1.0, 1.0, 1.0, 0.0, 0.0])
      assay> eval.accuracy(scores: p.tensor, labels: y.tensor)
      value = 0.6
      lower = 0.2307
      upper = 0.8824
      """)

  @In("scores", type: "tensor<f64>[n]", doc: "higher means rather label 1") var scores: Tensor<Double>
  @In("labels", type: "tensor<f64>[n]", doc: "0 or 1") var labels: Tensor<Double>
  @In("threshold", doc: "scores from here on count as 1") var threshold = 0.5
  @In("level", doc: "confidence level of the interval", in: 0...1) var level = 0.95
  @Out("value", doc: "within 0 and 1") var value: Double
  @Out("lower", doc: "lower end of the interval") var lower: Double
  @Out("upper", doc: "upper end of the interval") var upper: Double

  mutating func run(_ context: Context) throws {
    let counts = Counts(try Labelled(scores, labels), threshold)
    let right = counts.truePositives + counts.trueNegatives
    value = Double(right) / Double(counts.all)
    (lower, upper) = wilson(right, of: counts.all, level: level)
  }
}

/// Harmonic mean of precision and recall.
struct F1: AssayTask {
  static let task = TaskInfo(
    "std.eval.f1", version: "1.0.0", title: "F1", phase: "validation", traits: [.pure, .deterministic, .idempotent],
    doc: """
      The harmonic mean of precision and recall at a threshold, with a percentile bootstrap interval. 0 where no case of \
      label 1 is found.

      assay> use std.table
      assay> p = table.tensor(values: [0.9, 0.8, 0.3, 0.6, 0.2])
      assay> y = table.tensor(values: [1.0, 1.0, 1.0, 0.0, 0.0])
      assay> eval.f1(scores: p.tensor, labels: y.tensor)
      value = 0.6667
      """)

  @In("scores", type: "tensor<f64>[n]", doc: "higher means rather label 1") var scores: Tensor<Double>
  @In("labels", type: "tensor<f64>[n]", doc: "0 or 1") var labels: Tensor<Double>
  @In("threshold", doc: "scores from here on count as 1") var threshold = 0.5
  @In("bootstrap", doc: "resamples; 0: no interval", in: 0...1_000_000) var bootstrap = 1000
  @In("level", doc: "confidence level of the interval", in: 0...1) var level = 0.95
  @In("seed", doc: "the same seed gives the same interval") var seed = 42
  @Out("value", doc: "within 0 and 1") var value: Double
  @Out("lower", doc: "lower end of the interval") var lower: Double
  @Out("upper", doc: "upper end of the interval") var upper: Double

  mutating func run(_ context: Context) throws {
    let data = try Labelled(scores, labels)
    let taken = data.scores.map { $0 >= threshold }
    func measure(_ weights: [Int]) -> [Double] {
      var (hits, wrong) = (0, 0)
      for (index, weight) in weights.enumerated() where weight > 0 {
        if taken[index] && data.labels[index] {
          hits += weight
        } else if taken[index] != data.labels[index] {
          wrong += weight
        }
      }
      return [hits == 0 ? 0 : 2 * Double(hits) / Double(2 * hits + wrong)]
    }
    let method = Bootstrap(rounds: bootstrap, level: level, seed: seed, context: context)
    let plain = measure([Int](repeating: 1, count: taken.count))
    let estimate = try method.intervals(taken.count, plain, measure)[0]
    (value, lower, upper) = (estimate.value, estimate.lower, estimate.upper)
  }
}

/// Counts of right and wrong decisions.
struct Confusion: AssayTask {
  static let task = TaskInfo(
    "std.eval.confusion", version: "1.0.0", title: "Confusion matrix", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Counts right and wrong decisions at a threshold.

      assay> use std.table
      assay> p = table.tensor(values: [0.9, 0.8, 0.3, 0.6, 0.2])
      assay> y = table.tensor(values: [1.0, 1.0, 1.0, 0.0, 0.0])
      assay> eval.confusion(scores: p.tensor, labels: y.tensor)
      true_positives = 2
      false_positives = 1
      true_negatives = 1
      false_negatives = 1
      precision = 0.667
      recall = 0.667
      """)

  @In("scores", type: "tensor<f64>[n]", doc: "higher means rather label 1") var scores: Tensor<Double>
  @In("labels", type: "tensor<f64>[n]", doc: "0 or 1") var labels: Tensor<Double>
  @In("threshold", doc: "scores from here on count as 1") var threshold = 0.5
  @Out("true_positives", doc: "1 taken for 1") var truePositives: Int
  @Out("false_positives", doc: "0 taken for 1") var falsePositives: Int
  @Out("true_negatives", doc: "0 taken for 0") var trueNegatives: Int
  @Out("false_negatives", doc: "1 taken for 0") var falseNegatives: Int
  @Out("precision", doc: "share of 1 among the cases taken for 1; null when there are none") var precision: Double?
  @Out("recall", doc: "share taken for 1 among the cases that are 1; null when there are none") var recall: Double?

  mutating func run(_ context: Context) throws {
    let counts = Counts(try Labelled(scores, labels), threshold)
    truePositives = counts.truePositives
    falsePositives = counts.falsePositives
    trueNegatives = counts.trueNegatives
    falseNegatives = counts.falseNegatives
    let taken = truePositives + falsePositives
    let real = truePositives + falseNegatives
    precision = taken == 0 ? nil : Double(truePositives) / Double(taken)
    recall = real == 0 ? nil : Double(truePositives) / Double(real)
  }
}

private struct Counts {
  var truePositives = 0
  var falsePositives = 0
  var trueNegatives = 0
  var falseNegatives = 0
  var all: Int { truePositives + falsePositives + trueNegatives + falseNegatives }

  init(_ data: Labelled, _ threshold: Double) {
    for (score, label) in zip(data.scores, data.labels) {
      switch (score >= threshold, label) {
      case (true, true): truePositives += 1
      case (true, false): falsePositives += 1
      case (false, false): trueNegatives += 1
      case (false, true): falseNegatives += 1
      }
    }
  }
}

/// Mean surprise at the labels.
struct LogLoss: AssayTask {
  static let task = TaskInfo(
    "std.eval.log_loss", version: "1.0.0", title: "Log loss", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Mean of -log of the probability given to the true label. The interval is a percentile bootstrap.

      assay> use std.table
      assay> p = table.tensor(values: [0.9, 0.8, 0.3, 0.6, 0.2])
      assay> y = table.tensor(values: [1.0, 1.0, 1.0, 0.0, 0.0])
      assay> eval.log_loss(scores: p.tensor, labels: y.tensor)
      value = 0.5344
      """)

  @In("scores", type: "tensor<f64>[n]", doc: "probabilities of label 1") var scores: Tensor<Double>
  @In("labels", type: "tensor<f64>[n]", doc: "0 or 1") var labels: Tensor<Double>
  @In("bootstrap", doc: "resamples; 0: no interval", in: 0...1_000_000) var bootstrap = 1000
  @In("level", doc: "confidence level of the interval", in: 0...1) var level = 0.95
  @In("seed", doc: "the same seed gives the same interval") var seed = 42
  @Out("value", doc: "0 is perfect; probabilities are kept 2^-52 away from 0 and 1", unit: "nat") var value: Double
  @Out("lower", doc: "lower end of the interval") var lower: Double
  @Out("upper", doc: "upper end of the interval") var upper: Double

  mutating func run(_ context: Context) throws {
    let data = try Labelled(scores, labels)
    try data.requireProbabilities()
    let least = Double.ulpOfOne
    let terms = zip(data.scores, data.labels).map { score, label in
      let p = min(max(score, least), 1 - least)
      return label ? -log(p) : -log1p(-p)
    }
    let estimate = try Bootstrap(rounds: bootstrap, level: level, seed: seed, context: context).mean(terms)
    (value, lower, upper) = (estimate.value, estimate.lower, estimate.upper)
  }
}

/// Mean squared error of probabilities.
struct Brier: AssayTask {
  static let task = TaskInfo(
    "std.eval.brier", version: "1.0.0", title: "Brier score", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Mean squared difference between probability and label. The interval is a percentile bootstrap.

      assay> use std.table
      assay> p = table.tensor(values: [0.9, 0.8, 0.3, 0.6, 0.2])
      assay> y = table.tensor(values: [1.0, 1.0, 1.0, 0.0, 0.0])
      assay> eval.brier(scores: p.tensor, labels: y.tensor)
      value = 0.188
      """)

  @In("scores", type: "tensor<f64>[n]", doc: "probabilities of label 1") var scores: Tensor<Double>
  @In("labels", type: "tensor<f64>[n]", doc: "0 or 1") var labels: Tensor<Double>
  @In("bootstrap", doc: "resamples; 0: no interval", in: 0...1_000_000) var bootstrap = 1000
  @In("level", doc: "confidence level of the interval", in: 0...1) var level = 0.95
  @In("seed", doc: "the same seed gives the same interval") var seed = 42
  @Out("value", doc: "0 is perfect") var value: Double
  @Out("lower", doc: "lower end of the interval") var lower: Double
  @Out("upper", doc: "upper end of the interval") var upper: Double

  mutating func run(_ context: Context) throws {
    let data = try Labelled(scores, labels)
    try data.requireProbabilities()
    let terms = zip(data.scores, data.labels).map { score, label in
      let error = score - (label ? 1 : 0)
      return error * error
    }
    let estimate = try Bootstrap(rounds: bootstrap, level: level, seed: seed, context: context).mean(terms)
    (value, lower, upper) = (estimate.value, estimate.lower, estimate.upper)
  }
}

/// Mean and spread of some numbers.
struct Mean: AssayTask {
  static let task = TaskInfo(
    "std.eval.mean", version: "1.0.0", title: "Mean", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Mean, standard deviation and range of some numbers, for example of the folds of a cross-validation.

      assay> eval.mean(values: [1.0, 2.0, 6.0])
      value = 3.0
      std = 2.6458
      min = 1.0
      max = 6.0
      """)

  @In("values", doc: "at least one number") var values: [Double]
  @Out("value", doc: "the mean") var value: Double
  @Out("std", doc: "sample standard deviation (n - 1); 0 for one number") var deviation: Double
  @Out("min", doc: "the smallest") var least: Double
  @Out("max", doc: "the largest") var most: Double

  mutating func run(_ context: Context) throws {
    guard let first = values.first else {
      throw TaskFailure("there are no numbers", code: "eval.empty", port: "values")
    }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    value = mean
    deviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0
    least = values.reduce(first, min)
    most = values.reduce(first, max)
  }
}
