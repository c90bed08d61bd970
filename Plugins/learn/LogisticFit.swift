import AssayKit

#if canImport(Glibc)
  import Glibc
#endif

func sigmoid(_ z: Double) -> Double {
  if z >= 0 { return 1 / (1 + exp(-z)) }
  let e = exp(z)
  return e / (1 + e)
}

/// Newton's method on the penalised log loss.
struct LogisticFit {
  /// One per column, then the intercept.
  private(set) var weights: [Double]
  private let features: [Double]
  private let labels: [Double]
  private let columns: Int
  private let l2: Double

  init(features: [Double], labels: [Double], columns: Int, l2: Double) {
    self.features = features
    self.labels = labels
    self.columns = columns
    self.l2 = l2
    weights = [Double](repeating: 0, count: columns + 1)
  }

  /// Mean log loss without the penalty.
  var meanLoss: Double { logLoss(weights) / Double(labels.count) }

  /// One step, halved until it does not make things worse. Returns the largest change of a weight.
  mutating func step() throws -> Double {
    let (gradient, hessian) = derivatives()
    let direction = try solve(hessian, gradient)
    let before = objective(weights)
    var length = 1.0
    while length > 1e-10 {
      let candidate = zip(weights, direction).map { $0 - length * $1 }
      if objective(candidate) <= before + 1e-12 * abs(before) {
        weights = candidate
        return direction.reduce(0) { max($0, abs($1)) } * length
      }
      length /= 2
    }
    return 0
  }

  private func margin(_ row: Int, _ weights: [Double]) -> Double {
    var sum = weights[columns]
    for column in 0..<columns { sum += weights[column] * features[row * columns + column] }
    return sum
  }

  /// log(1 + exp(z)) - y z, summed, without overflow.
  private func logLoss(_ weights: [Double]) -> Double {
    var loss = 0.0
    for row in labels.indices {
      let z = margin(row, weights)
      loss += max(z, 0) - labels[row] * z + log1p(exp(-abs(z)))
    }
    return loss
  }

  private func objective(_ weights: [Double]) -> Double {
    logLoss(weights) + l2 / 2 * weights.dropLast().reduce(0) { $0 + $1 * $1 }
  }

  private func derivatives() -> (gradient: [Double], hessian: [Double]) {
    let size = columns + 1
    var gradient = [Double](repeating: 0, count: size)
    var hessian = [Double](repeating: 0, count: size * size)
    var x = [Double](repeating: 1, count: size)
    for row in labels.indices {
      for column in 0..<columns { x[column] = features[row * columns + column] }
      let p = sigmoid(margin(row, weights))
      let error = p - labels[row]
      for i in 0..<size {
        gradient[i] += error * x[i]
        let curvature = p * (1 - p) * x[i]
        for j in 0...i { hessian[i * size + j] += curvature * x[j] }
      }
    }
    for i in 0..<columns {
      gradient[i] += l2 * weights[i]
      hessian[i * size + i] += l2
    }
    return (gradient, hessian)
  }

  /// Cholesky: the solution of a symmetric system of which the lower triangle is given.
  private func solve(_ matrix: [Double], _ right: [Double]) throws -> [Double] {
    let size = right.count
    var lower = matrix
    let largest = (0..<size).reduce(0) { max($0, matrix[$1 * size + $1]) }
    for i in 0..<size {
      for j in 0...i {
        var sum = lower[i * size + j]
        for k in 0..<j { sum -= lower[i * size + k] * lower[j * size + k] }
        if i != j {
          lower[i * size + j] = sum / lower[j * size + j]
          continue
        }
        // A tiny ridge keeps redundant columns and saturated rows from ending the fit.
        let pivot = max(sum, 1e-12 * largest)
        guard pivot > 0, pivot.isFinite else {
          throw TaskFailure("the fit diverged; scale the features or raise l2", code: "learn.diverged")
        }
        lower[i * size + i] = pivot.squareRoot()
      }
    }
    var solution = right
    for i in 0..<size {
      for k in 0..<i { solution[i] -= lower[i * size + k] * solution[k] }
      solution[i] /= lower[i * size + i]
    }
    for i in (0..<size).reversed() {
      for k in stride(from: i + 1, to: size, by: 1) { solution[i] -= lower[k * size + i] * solution[k] }
      solution[i] /= lower[i * size + i]
    }
    return solution
  }
}
