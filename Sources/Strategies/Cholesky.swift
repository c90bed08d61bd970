internal import Numbers
internal import Spaces

/// The lower triangular L with L Lᵀ = A, of a symmetric positive definite A, row by row.
struct Cholesky {
  private(set) var size: Int
  private var lower: [Double]

  /// Nil when A is not positive definite. O(size³ / 3).
  init?(_ matrix: [Double], size: Int) {
    self.size = size
    lower = matrix
    let isPositive = lower.withUnsafeMutableBufferPointer { l in
      guard let l = l.baseAddress else { return true }
      for row in 0..<size {
        for column in 0...row {
          let sum = l[row * size + column] - Self.dot(l + row * size, l + column * size, column)
          if row == column {
            guard sum > 0 else { return false }
            l[row * size + row] = sum.squareRoot()
          } else {
            l[row * size + column] = sum / l[column * size + column]
          }
        }
      }
      return true
    }
    if !isPositive { return nil }
  }

  /// Four sums side by side: the order of additions is fixed, and the processor need not wait for each.
  @inline(__always)
  private static func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int) -> Double {
    var sums = SIMD4<Double>.zero
    var index = 0
    while index + 4 <= count {
      let x = SIMD4(a[index], a[index + 1], a[index + 2], a[index + 3])
      let y = SIMD4(b[index], b[index + 1], b[index + 2], b[index + 3])
      sums += x * y
      index += 4
    }
    var sum = (sums[0] + sums[1]) + (sums[2] + sums[3])
    while index < count {
      sum += a[index] * b[index]
      index += 1
    }
    return sum
  }

  /// ln |A|.
  var logDeterminant: Double { 2 * (0..<size).reduce(0) { $0 + Elementary.log(lower[$1 * size + $1]) } }

  /// x with L x = b. O(size²).
  func forward(_ b: [Double]) -> [Double] {
    var x = b
    lower.withUnsafeBufferPointer { l in
      x.withUnsafeMutableBufferPointer { x in
        guard let l = l.baseAddress, let x = x.baseAddress else { return }
        for row in 0..<size {
          x[row] = (x[row] - Self.dot(l + row * size, x, row)) / l[row * size + row]
        }
      }
    }
    return x
  }

  /// x with Lᵀ x = b. O(size²).
  func backward(_ b: [Double]) -> [Double] {
    var x = b
    lower.withUnsafeBufferPointer { l in
      x.withUnsafeMutableBufferPointer { x in
        for row in (0..<size).reversed() {
          let value = x[row] / l[row * size + row]
          x[row] = value
          for column in 0..<row { x[column] -= l[row * size + column] * value }
        }
      }
    }
    return x
  }

  func solve(_ b: [Double]) -> [Double] { backward(forward(b)) }

  /// A⁻¹, symmetric. O(size³).
  func inverse() -> [Double] {
    var inverse = [Double](repeating: 0, count: size * size)
    // The rows of L⁻¹, of which A⁻¹ is the product with itself.
    var rows = inverse
    for column in 0..<size {
      var unit = [Double](repeating: 0, count: size)
      unit[column] = 1
      let x = forward(unit)
      for row in column..<size { rows[column * size + row] = x[row] }
    }
    rows.withUnsafeBufferPointer { r in
      guard let r = r.baseAddress else { return }
      for a in 0..<size {
        for b in 0...a {
          let value = Self.dot(r + a * size + a, r + b * size + a, size - a)
          inverse[a * size + b] = value
          inverse[b * size + a] = value
        }
      }
    }
    return inverse
  }
}
