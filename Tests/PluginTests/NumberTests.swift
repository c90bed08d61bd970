import PluginHarness
import Tasks
import Testing
import Values

/// std.scale, std.learn and std.eval against worked values and scikit-learn's results.
@Suite struct NumberTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  private func float(_ json: JSON?) throws -> Double {
    switch json {
    case .int(let number): Double(number)
    case .float(let number): number
    default: throw Unexpected("not a number: \(String(describing: json))")
    }
  }

  private func isClose(_ a: Double, _ b: Double, _ tolerance: Double = 1e-9) -> Bool { abs(a - b) <= tolerance }

  // MARK: std.scale

  @Test func fitsAndAppliesAScale() throws {
    let fit = try bench.json("std.scale.fit_standard", ["x": [[1.0, 5.0, "nan"], [3.0, 5.0, 2.0]]])
    #expect(fit["mean"] == [2.0, 5.0, 2.0] && fit["scale"] == [1.0, 1.0, 1.0])
    let scaled = try bench.json(
      "std.scale.apply", ["x": [[4.0, 6.0]], "mean": [2.0, 5.0], "scale": [2.0, 0.5]])
    #expect(scaled["x"] == [[1.0, 2.0]])
  }

  @Test func refusesScalesThatDoNotFit() throws {
    let width = try bench.failure("std.scale.apply", ["x": [[1.0]], "mean": [1.0, 2.0], "scale": [1.0]])
    #expect(width.code == "tensor.shape" && width.port == "mean" && width.kind == .input)
    #expect(try bench.failure("std.scale.apply", ["x": [[1.0]], "mean": [1.0], "scale": [0.0]]).code == "scale.zero")
  }

  // MARK: std.eval

  /// Expected: scikit-learn's roc_auc_score, log_loss and brier_score_loss of the same numbers.
  private let scores: JSON = [0.9, 0.8, 0.7, 0.6, 0.55, 0.54, 0.53, 0.4]
  private let labels: JSON = [1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0]

  @Test func measuresAgreeWithScikitLearn() throws {
    let inputs = ["scores": scores, "labels": labels]
    #expect(try bench.json("std.eval.auc", inputs)["auc"] == 0.875)
    #expect(isClose(try float(try bench.json("std.eval.log_loss", inputs)["value"]), 0.5854395616703254))
    #expect(isClose(try float(try bench.json("std.eval.brier", inputs)["value"]), 0.20437499999999997))
    #expect(try bench.json("std.eval.accuracy", inputs)["value"] == 0.625)
    let confusion = try bench.json("std.eval.confusion", inputs.merging(["threshold": 0.6]) { $1 })
    #expect(
      confusion == [
        "true_positives": 3, "false_positives": 1, "true_negatives": 3, "false_negatives": 1, "precision": 0.75,
        "recall": 0.75,
      ])
  }

  @Test func tiesCountHalf() throws {
    let auc = try bench.json("std.eval.auc", ["scores": [1.0, 1.0, 0.0, 1.0], "labels": [1.0, 0.0, 0.0, 1.0]])
    #expect(auc["auc"] == 0.75)
  }

  @Test func theIntervalHoldsTheValueAndRepeats() throws {
    let inputs: [String: JSON] = ["scores": scores, "labels": labels, "bootstrap": 500, "seed": 3]
    let first = try bench.json("std.eval.auc", inputs)
    let (lower, upper) = (try float(first["lower"]), try float(first["upper"]))
    #expect(lower > 0.4 && lower < 0.875 && upper > 0.875 && upper <= 1)
    #expect(try bench.json("std.eval.auc", inputs) == first)
    let none = try bench.json("std.eval.auc", inputs.merging(["bootstrap": 0]) { $1 })
    #expect(none["lower"] == 0.875 && none["upper"] == 0.875)
  }

  @Test func rocHasAPointForEachScore() throws {
    let points = try bench.json("std.eval.roc", ["scores": [0.9, 0.5, 0.5, 0.1], "labels": [1.0, 1.0, 0.0, 0.0]])
    #expect(
      points["points"] == [
        ["fpr": 0.0, "tpr": 0.0, "threshold": nil], ["fpr": 0.0, "tpr": 0.5, "threshold": 0.9],
        ["fpr": 0.5, "tpr": 1.0, "threshold": 0.5], ["fpr": 1.0, "tpr": 1.0, "threshold": 0.1],
      ])
  }

  @Test func averages() throws {
    let mean = try bench.json("std.eval.mean", ["values": [1.0, 2.0, 4.0]])
    #expect(isClose(try float(mean["value"]), 7.0 / 3))
    #expect(isClose(try float(mean["std"]), (7.0 / 3).squareRoot()))
    #expect(mean["min"] == 1.0 && mean["max"] == 4.0)
  }

  private static let nonsense: [(JSON, JSON, String)] = [
    ([0.5], [1.0, 0.0], "eval.shape"), ([0.5, 0.1], [1.0, 1.0], "eval.one_class"),
    ([0.5, 0.1], [1.0, 2.0], "eval.labels"), (["nan", 0.1], [1.0, 0.0], "eval.scores"), ([], [], "eval.empty"),
  ]

  @Test(arguments: nonsense)
  func refusesScoresThatMakeNoSense(scores: JSON, labels: JSON, code: String) throws {
    let failure = try bench.failure("std.eval.auc", ["scores": scores, "labels": labels])
    #expect(failure.code == code && failure.kind == .input)
  }

  // MARK: std.learn

  @Test func learnsWhatScikitLearnLearns() throws {
    // LogisticRegression(C=1.0, tol=1e-12) on the same rows.
    let x: JSON = [
      [-1.2, 0.3], [-0.4, -0.9], [0.1, 0.8], [0.5, -0.2], [1.1, 0.4], [1.6, -0.7], [-0.2, 0.1], [0.9, 1.3],
    ]
    let y: JSON = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0]
    let made = try bench.values(
      "std.learn.train",
      [
        "x": try Value(json: x, type: .tensor(.f64, nil)), "y": try Value(json: y, type: .tensor(.f64, nil)),
        "tolerance": .float(1e-12),
      ])
    let model = try #require(made["model"])
    guard case .record(let fields) = model, case .array(let weights) = fields[0].value.json() else {
      throw Unexpected("\(model)")
    }
    #expect(isClose(try float(weights[0]), 0.798454319410285, 1e-6))
    #expect(isClose(try float(weights[1]), -0.5289111754454254, 1e-6))
    #expect(isClose(try float(fields[1].value.json()), -0.1571408737815465, 1e-6))
    let scores = try bench.values(
      "std.learn.predict", ["model": model, "x": try Value(json: [[0.0, 0.0]], type: .tensor(.f64, nil))])
    let score = try float(scores["scores"]?.json().asArray?.first)
    #expect(isClose(score, 0.46079542242241056, 1e-6))
  }

  @Test func separableRowsAndRedundantColumnsEndToo() throws {
    let made = try bench.json("std.learn.train", ["x": [[1.0, 1.0], [2.0, 2.0]], "y": [0.0, 1.0], "l2": 0.0])
    #expect(try float(made["loss"]) < 0.01)
  }

  @Test func refusesLabelsThatAreNone() throws {
    #expect(try bench.failure("std.learn.train", ["x": [[1.0], [2.0]], "y": [1.0, 1.0]]).code == "learn.labels")
    #expect(try bench.failure("std.learn.train", ["x": [["inf"], [2.0]], "y": [1.0, 0.0]]).code == "learn.values")
  }
}
