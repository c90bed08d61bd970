import AssayKit
import Numerics

/// How far predictions are from the truth.
struct Regression: AssayTask {
  static let task = TaskInfo(
    "std.eval.regression", version: "1.0.0", title: "Regression", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Root mean squared error, mean absolute error and R² of predictions, each with a percentile bootstrap interval. \
      R² is 1 minus the squared error over that of the mean; it is null where all targets are the same. \
      Fails with eval.shape, eval.empty or eval.scores.

      assay> use std.table
      assay> p = table.tensor(values: [2.5, 0.0, 2.0, 8.0])
      assay> t = table.tensor(values: [3.0, -0.5, 2.0, 7.0])
      assay> eval.regression(predictions: p.tensor, targets: t.tensor)
      rmse = {value: 0.6124, lower: …, upper: …}
      mae = {value: 0.5, lower: …, upper: …}
      r2 = {value: 0.9486, lower: …, upper: …}
      """)

  @In("predictions", type: "tensor<f64>[n]", doc: "what was predicted") var predictions: Tensor<Double>
  @In("targets", type: "tensor<f64>[n]", doc: "what is true") var targets: Tensor<Double>
  @In("bootstrap", doc: "resamples; 0: no intervals", in: 0...1_000_000) var bootstrap = 1000
  @In("level", doc: "confidence level of the intervals", in: 0...1) var level = 0.95
  @In("seed", doc: "the same seed gives the same intervals") var seed = 42
  @Out("rmse", doc: "root mean squared error, in the unit of the target") var rmse: Estimate
  @Out("mae", doc: "mean absolute error, in the unit of the target") var mae: Estimate
  @Out("r2", doc: "share of the variance that is explained; may be negative") var r2: Estimate?

  mutating func run(_ context: Context) throws {
    let (guesses, truth) = try pair(predictions, targets)
    let errors = zip(guesses, truth).map { $0 - $1 }
    func measures(_ weights: [Int]) -> [Double] {
      var (count, squares, sizes, sum, sumOfSquares) = (0.0, 0.0, 0.0, 0.0, 0.0)
      for (index, weight) in weights.enumerated() where weight > 0 {
        let w = Double(weight)
        count += w
        squares += w * errors[index] * errors[index]
        sizes += w * errors[index].magnitude
        sum += w * truth[index]
      }
      let center = sum / count
      for (index, weight) in weights.enumerated() where weight > 0 {
        sumOfSquares += Double(weight) * (truth[index] - center) * (truth[index] - center)
      }
      return [
        (squares / count).squareRoot(), sizes / count, sumOfSquares > 0 ? 1 - squares / sumOfSquares : .nan,
      ]
    }
    let values = measures([Int](repeating: 1, count: truth.count))
    let method = Bootstrap(rounds: bootstrap, level: level, seed: seed, context: context)
    let estimates = try method.intervals(truth.count, values, measures)
    rmse = estimates[0]
    mae = estimates[1]
    r2 = values[2].isNaN ? nil : estimates[2]
  }
}

/// Two vectors of the same length whose elements are numbers.
private func pair(_ predictions: Tensor<Double>, _ targets: Tensor<Double>) throws -> ([Double], [Double]) {
  guard predictions.shape.count == 1, predictions.shape == targets.shape else {
    throw TaskFailure(
      "the predictions are \(predictions.shape), the targets \(targets.shape)", code: "eval.shape", port: "targets")
  }
  guard predictions.count > 0 else {
    throw TaskFailure("there are no predictions", code: "eval.empty", port: "predictions")
  }
  let (guesses, truth) = (predictions.elements, targets.elements)
  guard guesses.allSatisfy(\.isFinite), truth.allSatisfy(\.isFinite) else {
    throw TaskFailure("a prediction or target is not a finite number", code: "eval.scores", port: "predictions")
  }
  return (Array(guesses), Array(truth))
}
