import Diagnostics
import Experiments
import Spaces
import Values

@testable import Workflows

/// An experiment that was never run: what its trials measured is written down.
struct Sample {
  var experiment = Experiment(name: "test", file: Self.file, nameSpan: Self.span)
  private static let file = SourceFile(path: "test.assay", text: "")
  private static let span = Span(0, 0)
  private(set) var entries: [Entry] = []
  private var trial = 0

  /// - Parameter folds: the first metric is the mean of the items of a `foreach`.
  init(_ metrics: [(name: String, isMaximized: Bool)] = [("loss", false)], folds: Bool = false) {
    experiment.parameters.append(
      .init(
        name: "model", target: .point("model"), domain: .choices([.string("forest"), .string("logit")]),
        condition: nil, span: Self.span))
    experiment.parameters.append(
      .init(
        name: "x", target: .input("x"), domain: .integers(0, 99, step: 1, isLogarithmic: false), condition: nil,
        span: Self.span))
    for (index, metric) in metrics.enumerated() {
      experiment.metrics.append(
        .init(
          name: metric.name, doc: "", isMaximized: metric.isMaximized, limit: nil, isWatched: false,
          output: "metric.\(metric.name)", items: folds && index == 0 ? ("fit", 0) : nil, span: Self.span))
    }
    stage("search", .init(strategy: .init(name: "tpe", options: [], span: Self.span)))
    stage(
      "confirm",
      .init(
        strategy: .init(
          name: "repeat", options: [("seeds", .list((1...5).map { .int($0) }))], source: .init(count: 3, stage: 0),
          span: Self.span)))
  }

  mutating func stage(_ name: String, _ search: Experiment.Search) {
    experiment.stages.append(.init(name: name, doc: "", kind: .search(search), span: Self.span))
  }

  var study: Study {
    get throws {
      var study = Study(try Definition(experiment))
      for entry in entries { study.apply(entry) }
      return study
    }
  }

  mutating func add(_ fact: Entry.Fact, by actor: Actor = .engine, after seconds: Double = 1) {
    let last = entries.last?.at ?? 1_700_000_000_000_000_000
    entries.append(Entry(at: last + Int64(seconds * 1e9), actor: actor, fact))
  }

  /// A trial at (model, x), with the values of all metrics; nil: it failed.
  @discardableResult
  mutating func trial(
    _ x: Double, model: Double = 0, _ metrics: [Double?]?, seed: Int64? = nil, items: [Double] = [],
    seconds: Double = 1
  ) -> Int {
    trial += 1
    add(
      .proposed(
        Proposed(
          trial: trial, stage: seed == nil ? 0 : 1, point: Point([model, x]), seed: seed,
          source: seed == nil ? .strategy : .repeated, reason: "")))
    var sum = 0.0
    let curve = items.enumerated().map { index, item in
      sum += item
      return sum / Double(index + 1)
    }
    add(
      .ended(
        Ended(
          trial: trial, metrics == nil ? .failed : .finished,
          metrics: metrics ?? experiment.metrics.map { _ in nil }, curve: curve, run: Int64(trial + 100),
          taskSeconds: seconds, message: metrics == nil ? "no" : "")), after: seconds)
    return trial
  }

  mutating func folds(_ x: Double, _ items: [Double]) {
    trial(x, [items.reduce(0, +) / Double(items.count)], items: items)
  }
}

/// Deviates from 0 without chance.
func wave(_ index: Int) -> Double { Double((index * 37) % 19) / 9.5 - 0.95 }
