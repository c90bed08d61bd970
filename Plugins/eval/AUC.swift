import AssayKit
import Numerics

/// Area under the ROC curve with its uncertainty.
struct AUC: AssayTask {
  enum Method: String, CaseIterable, AssayEnum { case bootstrap, delong }

  static let task = TaskInfo(
    "std.eval.auc", version: "1.0.0", title: "AUC", phase: "validation", traits: [.pure, .deterministic, .idempotent],
    doc: """
      Area under the ROC curve: the probability that a case of label 1 scores higher than one of label 0, ties \
      counting half. The interval is a percentile bootstrap that draws from each class on its own, or DeLong's, which \
      needs no random numbers. Fails with eval.shape, eval.labels, eval.scores, eval.one_class or eval.empty.

      assay> use std.table
      assay> p = table.tensor(values: [0.9, 0.8, 0.3, 0.6, 0.2])
      assay> y = table.tensor(values: [1.0, 1.0, 1.0, 0.0, 0.0])
      assay> eval.auc(scores: p.tensor, labels: y.tensor, interval: "delong")
      auc = 0.8333
      lower = 0.3714
      upper = 1.0
      """)

  @In("scores", type: "tensor<f64>[n]", doc: "higher means rather label 1") var scores: Tensor<Double>
  @In("labels", type: "tensor<f64>[n]", doc: "0 or 1") var labels: Tensor<Double>
  @In("interval", doc: "how the interval is found") var method = Method.bootstrap
  @In("bootstrap", doc: "resamples; 0: no interval, lower and upper are the AUC", in: 0...1_000_000) var bootstrap =
    1000
  @In("level", doc: "confidence level of the interval", in: 0...1) var level = 0.95
  @In("seed", doc: "the same seed gives the same interval") var seed = 42
  @Out("auc", doc: "within 0 and 1") var auc: Double
  @Out("lower", doc: "lower end of the interval") var lower: Double
  @Out("upper", doc: "upper end of the interval") var upper: Double

  mutating func run(_ context: Context) throws {
    let data = try Labelled(scores, labels)
    try data.requireBothClasses()
    let ranking = Ranking(data)
    auc = ranking.auc(weights: [Int](repeating: 1, count: data.labels.count))
    lower = auc
    upper = auc
    if method == .delong {
      let half = Normal.central(level) * deLongVariance(data).squareRoot()
      lower = max(0, auc - half)
      upper = min(1, auc + half)
      return
    }
    guard bootstrap > 0 else { return }
    var random = SeededGenerator(seed: seed)
    var values: [Double] = []
    for round in 0..<bootstrap {
      if round % 100 == 0 {
        try context.checkCancelled()
        context.progress(Double(round), of: Double(bootstrap), "bootstrap")
      }
      values.append(ranking.auc(weights: ranking.resample(&random)))
    }
    values.sort()
    lower = quantile(values, (1 - level) / 2)
    upper = quantile(values, (1 + level) / 2)
  }
}

/// DeLong, DeLong and Clarke-Pearson (1988), by the ranks of Sun and Xu (2014). NaN-free: a class of one case adds nothing.
private func deLongVariance(_ data: Labelled) -> Double {
  let positives = data.scores.indices.filter { data.labels[$0] }.map { data.scores[$0] }
  let negatives = data.scores.indices.filter { !data.labels[$0] }.map { data.scores[$0] }
  let all = ranks(positives + negatives).ranks
  let (m, n) = (Double(positives.count), Double(negatives.count))
  let within = (ranks(positives).ranks, ranks(negatives).ranks)
  let forPositives = zip(all, within.0).map { ($0 - $1) / n }
  let forNegatives = zip(all.dropFirst(positives.count), within.1).map { 1 - ($0 - $1) / m }
  let first = positives.count > 1 ? variance(forPositives) / m : 0
  let second = negatives.count > 1 ? variance(forNegatives) / n : 0
  return first + second
}

/// Points of the ROC curve.
struct ROC: AssayTask {
  static let task = TaskInfo(
    "std.eval.roc", version: "1.0.0", title: "ROC curve", phase: "validation",
    traits: [.pure, .deterministic, .idempotent],
    doc: """
      The ROC curve: one point for each distinct score, from (0, 0) to (1, 1).

      assay> use std.table
      assay> p = table.tensor(values: [0.9, 0.6, 0.6])
      assay> y = table.tensor(values: [1.0, 0.0, 1.0])
      assay> eval.roc(scores: p.tensor, labels: y.tensor)
      points:
      | fpr  tpr  threshold
      | 0.0  0.0  null
      | 0.0  0.5  0.9
      | 1.0  1.0  0.6
      """)

  @In("scores", type: "tensor<f64>[n]", doc: "higher means rather label 1") var scores: Tensor<Double>
  @In("labels", type: "tensor<f64>[n]", doc: "0 or 1") var labels: Tensor<Double>
  @Out(
    "points", type: "table{fpr: float, tpr: float, threshold: float?}",
    doc: "cases with at least the threshold count as 1; the first point has none")
  var points: Table

  mutating func run(_ context: Context) throws {
    let data = try Labelled(scores, labels)
    try data.requireBothClasses()
    let order = data.scores.indices.sorted { data.scores[$0] > data.scores[$1] }
    var hits = 0
    var alarms = 0
    var fpr = [0.0]
    var tpr = [0.0]
    var thresholds: [Double?] = [nil]
    for (position, index) in order.enumerated() {
      if data.labels[index] { hits += 1 } else { alarms += 1 }
      let isLastOfScore = position + 1 == order.count || data.scores[order[position + 1]] != data.scores[index]
      if isLastOfScore {
        fpr.append(Double(alarms) / Double(data.labels.count - data.positives))
        tpr.append(Double(hits) / Double(data.positives))
        thresholds.append(data.scores[index])
      }
    }
    points = try Table([Column("fpr", fpr), Column("tpr", tpr), Column("threshold", thresholds)])
  }
}

/// Cases in the order of their scores, so that each resample costs one pass.
private struct Ranking {
  private let scores: [Double]
  private let labels: [Bool]
  private let positives: [Int]
  private let negatives: [Int]

  init(_ data: Labelled) {
    let order = data.scores.indices.sorted { data.scores[$0] < data.scores[$1] }
    let ordered = order.map { data.labels[$0] }
    scores = order.map { data.scores[$0] }
    labels = ordered
    positives = ordered.indices.filter { ordered[$0] }
    negatives = ordered.indices.filter { !ordered[$0] }
  }

  /// How often each case was drawn.
  func resample(_ random: inout SeededGenerator) -> [Int] {
    var weights = [Int](repeating: 0, count: labels.count)
    for group in [positives, negatives] {
      for _ in group.indices { weights[group[random.below(group.count)]] += 1 }
    }
    return weights
  }

  /// The AUC when each case counts `weights` times. Exact: counts are whole numbers.
  func auc(weights: [Int]) -> Double {
    var below = 0
    var above = 0
    var doubled = 0
    var index = 0
    while index < scores.count {
      var hits = 0
      var misses = 0
      let score = scores[index]
      while index < scores.count, scores[index] == score {
        if labels[index] { hits += weights[index] } else { misses += weights[index] }
        index += 1
      }
      doubled += hits * (2 * below + misses)
      below += misses
      above += hits
    }
    return Double(doubled) / 2 / (Double(above) * Double(below))
  }
}
