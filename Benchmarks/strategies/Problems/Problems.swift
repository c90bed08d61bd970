import Foundation
package import Spaces
import Values

/// Something to be minimised, whose lowest value is known.
package struct Problem: Sendable {
  package let name: String
  package let space: Space
  /// Regret that counts as solved.
  package let target: Double
  /// Regret after 100 trials that is the bar for TPE.
  package var bar: Double?
  /// How far a point is from the best.
  package let regret: @Sendable (Point) -> Double
}

extension Problem {
  package static let functions: [Problem] = [branin, hartmann6, ackley5, levy5, rosenbrock4]

  private static func box(_ dimensions: Int, _ low: Double, _ high: Double) -> Space {
    Space((0..<dimensions).map { Parameter("x\($0)", .axis(Axis(.floats, from: low, to: high))) })
  }

  static let branin = Problem(
    name: "branin",
    space: Space([
      Parameter("x0", .axis(Axis(.floats, from: -5, to: 10))), Parameter("x1", .axis(Axis(.floats, from: 0, to: 15))),
    ]), target: 0.05, bar: 0.05
  ) { point in
    let (x, y) = (point[0], point[1])
    let a = y - 5.1 / (4 * .pi * .pi) * x * x + 5 / .pi * x - 6
    return a * a + 10 * (1 - 1 / (8 * .pi)) * cos(x) + 10 - 0.39788735772973816
  }

  package static let hartmann6 = Problem(name: "hartmann6", space: box(6, 0, 1), target: 0.3, bar: 0.20) { point in
    let alpha = [1.0, 1.2, 3.0, 3.2]
    let a: [[Double]] = [
      [10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14],
    ]
    let p: [[Double]] = [
      [1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
      [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381],
    ]
    let sum = (0..<4).reduce(0.0) { sum, i in
      let inner = (0..<6).reduce(0.0) { $0 + a[i][$1] * (point[$1] - p[i][$1] * 1e-4) * (point[$1] - p[i][$1] * 1e-4) }
      return sum + alpha[i] * exp(-inner)
    }
    return 3.322368011415515 - sum
  }

  /// Its lowest point is not in the middle, where some strategies begin.
  static let ackley5 = Problem(name: "ackley5", space: box(5, -32.768, 32.768), target: 5, bar: 7.5) { point in
    let shift = [7.3, -11.9, 3.1, -5.7, 14.2]
    let z = (0..<5).map { point[$0] - shift[$0] }
    let squares = z.reduce(0) { $0 + $1 * $1 } / 5
    let waves = z.reduce(0) { $0 + cos(2 * .pi * $1) } / 5
    return -20 * exp(-0.2 * squares.squareRoot()) - exp(waves) + 20 + exp(1)
  }

  static let levy5 = Problem(name: "levy5", space: box(5, -10, 10), target: 1, bar: 0.8) { point in
    let w = (0..<5).map { 1 + (point[$0] - 1) / 4 }
    func square(_ x: Double) -> Double { x * x }
    let middle = (0..<4).reduce(0.0) { $0 + square(w[$1] - 1) * (1 + 10 * square(sin(.pi * w[$1] + 1))) }
    return square(sin(.pi * w[0])) + middle + square(w[4] - 1) * (1 + square(sin(2 * .pi * w[4])))
  }

  static let rosenbrock4 = Problem(name: "rosenbrock4", space: box(4, -5, 10), target: 50, bar: 40) { point in
    (0..<3).reduce(0.0) { sum, i in
      let a = point[i + 1] - point[i] * point[i]
      return sum + 100 * a * a + (1 - point[i]) * (1 - point[i])
    }
  }
}

/// What 1,125 configurations of one pipeline really cost on one data set: `Benchmarks/tuning`.
package struct Table: Sendable, Decodable {
  package let name: String
  package let fold_error: [[Double]]
  package let test_error: [Double]
  package let cost_s: [Double]
  package let meta_features: [String: Double]

  /// By cross-validation.
  package var errors: [Double] { fold_error.map { $0.reduce(0, +) / Double($0.count) } }
}

/// The pipeline of the tables, as a space with conditions.
package enum Pipeline {
  package static let space: Space = {
    func choices(_ names: [String]) -> Domain { .choices(names.map { .string($0) }) }
    func listed(_ values: [Double]) -> Domain { .axis(Axis(listed: values.map { .float($0) })) }
    func when(_ parameter: Int, _ choices: Int...) -> Parameter.Condition {
      Parameter.Condition(parameter: parameter, choices: choices)
    }
    let model = 3
    return Space([
      Parameter("scaler", choices(["none", "standard", "quantile"])),
      Parameter("prep", choices(["none", "pca", "kbest"])),
      Parameter("frac", listed([0.3, 0.7]), when: when(1, 1, 2)),
      Parameter("model", choices(["svm", "logit", "trees", "knn", "bayes"])),
      Parameter("svm_c", listed([-2, -1, 0, 1, 2, 3]), when: when(model, 0)),
      Parameter("svm_g", listed([-4, -3, -2, -1, 0, 1]), when: when(model, 0)),
      Parameter("lr_c", listed([-4, -3, -2, -1, 0, 1, 2]), when: when(model, 1)),
      Parameter("et_mf", listed([0.1, 0.3, 0.6, 1]), when: when(model, 2)),
      Parameter("et_leaf", listed([1, 2, 5, 12]), when: when(model, 2)),
      Parameter("knn_k", listed([1, 3, 5, 9, 17, 33]), when: when(model, 3)),
      Parameter("knn_w", choices(["uniform", "distance"]), when: when(model, 3)),
      Parameter("nb_vs", listed([1e-9, 1e-2, 1, 10]), when: when(model, 4)),
    ])
  }()
}
