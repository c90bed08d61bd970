import AssayKit

/// Whether probabilities mean what they say.
struct Calibration: AssayTask {
  static let task = TaskInfo(
    "std.eval.calibration", version: "1.0.0", title: "Calibration", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      Compares probabilities with how often label 1 comes, in bins of equal width; empty bins are left out. Also the \
      expected calibration error: the mean distance between the two, weighted by the cases of a bin.

      assay> use std.table
      assay> p = table.tensor(values: [0.1, 0.15, 0.8, 0.9])
      assay> y = table.tensor(values: [0.0, 0.0, 1.0, 0.0])
      assay> eval.calibration(scores: p.tensor, labels: y.tensor, bins: 2)
      points:
      | predicted  observed  cases
      | 0.125      0.0       2
      | 0.85       0.5       2
      error = 0.2375
      """)

  @In("scores", type: "tensor<f64>[n]", doc: "probabilities of label 1") var scores: Tensor<Double>
  @In("labels", type: "tensor<f64>[n]", doc: "0 or 1") var labels: Tensor<Double>
  @In("bins", doc: "parts of the range from 0 to 1", in: 1...1000) var bins = 10
  @Out(
    "points", type: "table{predicted: float, observed: float, cases: int}", doc: "mean probability and share of label 1"
  )
  var points: Table
  @Out("error", doc: "0 is perfect") var error: Double

  mutating func run(_ context: Context) throws {
    let data = try Labelled(scores, labels)
    try data.requireProbabilities()
    var sums = [Double](repeating: 0, count: bins)
    var hits = [Int](repeating: 0, count: bins)
    var cases = [Int](repeating: 0, count: bins)
    for (score, label) in zip(data.scores, data.labels) {
      let bin = min(bins - 1, Int(score * Double(bins)))
      sums[bin] += score
      hits[bin] += label ? 1 : 0
      cases[bin] += 1
    }
    let used = (0..<bins).filter { cases[$0] > 0 }
    let predicted = used.map { sums[$0] / Double(cases[$0]) }
    let observed = used.map { Double(hits[$0]) / Double(cases[$0]) }
    error = zip(used, zip(predicted, observed)).reduce(0) { sum, next in
      sum + (next.1.0 - next.1.1).magnitude * Double(cases[next.0]) / Double(data.scores.count)
    }
    points = try Table([
      Column("predicted", predicted), Column("observed", observed), Column("cases", used.map { cases[$0] }),
    ])
  }
}
