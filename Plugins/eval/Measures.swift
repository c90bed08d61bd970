import AssayKit

#if canImport(Glibc)
  import Glibc
#endif

/// Share of cases on the right side of a threshold.
struct Accuracy: AssayTask {
  static let task = TaskInfo(
    "std.eval.accuracy", version: "1.0.0", title: "Accuracy", phase: "validation",
    traits: [.pure, .deterministic, .idempotent], doc: "Share of cases whose score lies on the right side.")

  @In("scores", type: "tensor<f64>[n]", doc: "higher means rather label 1") var scores: Tensor<Double>
  @In("labels", type: "tensor<f64>[n]", doc: "0 or 1") var labels: Tensor<Double>
  @In("threshold", doc: "scores from here on count as 1") var threshold = 0.5
  @Out("value", doc: "within 0 and 1") var value: Double

  mutating func run(_ context: Context) throws {
    let counts = Counts(try Labelled(scores, labels), threshold)
    value = Double(counts.truePositives + counts.trueNegatives) / Double(counts.all)
  }
}

/// Counts of right and wrong decisions.
struct Confusion: AssayTask {
  static let task = TaskInfo(
    "std.eval.confusion", version: "1.0.0", title: "Confusion matrix", phase: "validation",
    traits: [.pure, .deterministic, .idempotent], doc: "Counts right and wrong decisions at a threshold.")

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
    traits: [.pure, .deterministic, .idempotent], doc: "Mean of -log of the probability given to the true label.")

  @In("scores", type: "tensor<f64>[n]", doc: "probabilities of label 1") var scores: Tensor<Double>
  @In("labels", type: "tensor<f64>[n]", doc: "0 or 1") var labels: Tensor<Double>
  @Out("value", doc: "0 is perfect; probabilities are kept 2^-52 away from 0 and 1", unit: "nat") var value: Double

  mutating func run(_ context: Context) throws {
    let data = try Labelled(scores, labels)
    try data.requireProbabilities()
    let least = Double.ulpOfOne
    var sum = 0.0
    for (score, label) in zip(data.scores, data.labels) {
      let p = min(max(score, least), 1 - least)
      sum -= label ? log(p) : log1p(-p)
    }
    value = sum / Double(data.scores.count)
  }
}

/// Mean squared error of probabilities.
struct Brier: AssayTask {
  static let task = TaskInfo(
    "std.eval.brier", version: "1.0.0", title: "Brier score", phase: "validation",
    traits: [.pure, .deterministic, .idempotent], doc: "Mean squared difference between probability and label.")

  @In("scores", type: "tensor<f64>[n]", doc: "probabilities of label 1") var scores: Tensor<Double>
  @In("labels", type: "tensor<f64>[n]", doc: "0 or 1") var labels: Tensor<Double>
  @Out("value", doc: "0 is perfect") var value: Double

  mutating func run(_ context: Context) throws {
    let data = try Labelled(scores, labels)
    try data.requireProbabilities()
    var sum = 0.0
    for (score, label) in zip(data.scores, data.labels) {
      let error = score - (label ? 1 : 0)
      sum += error * error
    }
    value = sum / Double(data.scores.count)
  }
}

/// Mean and spread of some numbers.
struct Mean: AssayTask {
  static let task = TaskInfo(
    "std.eval.mean", version: "1.0.0", title: "Mean", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: "Mean, standard deviation and range of some numbers, for example of the folds of a cross-validation.")

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
