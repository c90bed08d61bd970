internal import Numbers
internal import Spaces

/// A density over the parameters of one group: a kernel around each observation and a wide one over everything.
///
/// Kernels are products. On axes they are normal distributions, cut off at the ends, as wide as the larger gap to the
/// neighbouring observations; over choices they prefer the observed one. As in multivariate TPE of Optuna 5 (MIT).
struct Parzen {
  private let parameters: [Int]
  private let kernels: Int
  private var cumulative: [Double]
  private var dimensions: [Dimension] = []
  /// The logarithm of what does not depend on where a density is asked for, by kernel.
  private var constant: [Double]

  private enum Dimension {
    /// `observed` is the choice of each kernel; -1 for the wide one.
    case choices(observed: [Int32], count: Int, hit: Double, miss: Double, wide: Double)
    case axis(Axis, centers: [Double], widths: [Double])
  }

  /// - Parameters:
  ///   - points: the observations; all have all the parameters.
  ///   - weights: one for each of them; the wide kernel has 1.
  init(_ space: Space, _ parameters: [Int], _ points: [Point], weights: [Double]) {
    self.parameters = parameters
    kernels = points.count + 1
    let total = weights.reduce(1, +)
    constant = (weights + [1]).map { Elementary.log($0 / total) }
    var sum = 0.0
    cumulative = (weights + [1]).map {
      sum += $0 / total
      return sum
    }
    for parameter in parameters {
      switch space.parameters[parameter].domain {
      case .choices(let choices): add(choices: choices.count, points.map { Int32($0[parameter]) })
      case .axis(let axis): add(axis, points.map { axis.warped($0[parameter]) })
      }
    }
  }

  private mutating func add(choices count: Int, _ observed: [Int32]) {
    let share = 1 / Double(kernels)
    let total = 1 + share * Double(count)
    dimensions.append(
      .choices(
        observed: observed + [-1], count: count, hit: (1 + share) / total, miss: share / total, wide: 1 / Double(count))
    )
  }

  private mutating func add(_ axis: Axis, _ places: [Double]) {
    let (low, high) = axis.bounds
    let range = max(high - low, 1e-300)
    let centers = places + [(low + high) / 2]
    let widths = Self.widths(places, low, high, range) + [range]
    for kernel in 0..<kernels {
      let mass =
        Elementary.normal(below: (high - centers[kernel]) / widths[kernel])
        - Elementary.normal(below: (low - centers[kernel]) / widths[kernel])
      constant[kernel] -= Elementary.log(max(mass, 1e-300))
      // The density of a normal distribution; separate values have probabilities instead.
      if axis.step == nil { constant[kernel] -= Elementary.log(widths[kernel]) + 0.9189385332046727 }
    }
    dimensions.append(.axis(axis, centers: centers, widths: widths))
  }

  private static func widths(_ places: [Double], _ low: Double, _ high: Double, _ range: Double) -> [Double] {
    let count = places.count
    let narrowest = range / min(100, 2 + Double(count))
    let order = places.indices.sorted { places[$0] != places[$1] ? places[$0] < places[$1] : $0 < $1 }
    var widths = [Double](repeating: range, count: count)
    for (position, index) in order.enumerated() {
      let below = places[index] - (position > 0 ? places[order[position - 1]] : low)
      let above = (position + 1 < count ? places[order[position + 1]] : high) - places[index]
      // The outermost look inwards alone, once there is a neighbour.
      let gap =
        count < 2 ? max(below, above) : position == 0 ? above : position == count - 1 ? below : max(below, above)
      widths[index] = min(max(gap, narrowest), range)
    }
    return widths
  }

  /// Sets the parameters of a point to a draw from the density.
  func draw(into point: inout Point, _ draws: inout Draws) {
    let pick = draws.unit()
    let kernel = min(cumulative.firstIndex { pick < $0 } ?? kernels - 1, kernels - 1)
    for (parameter, dimension) in zip(parameters, dimensions) {
      let unit = draws.unit()
      switch dimension {
      case .choices(let observed, let count, let hit, let miss, _):
        point[parameter] = Double(Self.choice(unit, observed[kernel], count, hit, miss))
      case .axis(let axis, let centers, let widths):
        let (low, high) = axis.bounds
        let (center, width) = (centers[kernel], widths[kernel])
        let from = Elementary.normal(below: (low - center) / width)
        let to = Elementary.normal(below: (high - center) / width)
        let place = min(max(from + unit * (to - from), 1e-12), 1 - 1e-12)
        let warped = center + width * Elementary.normalQuantile(place)
        point[parameter] = axis.coordinate(warped: min(max(warped, low), high))
      }
    }
  }

  private static func choice(_ unit: Double, _ observed: Int32, _ count: Int, _ hit: Double, _ miss: Double) -> Int {
    guard observed >= 0 else { return min(Int(unit * Double(count)), count - 1) }
    if unit < hit || count == 1 { return Int(observed) }
    let other = min(Int((unit - hit) / miss), count - 2)
    return other < Int(observed) ? other : other + 1
  }

  /// The logarithm of the density at a point. O(kernels × parameters).
  func logarithm(at point: Point) -> Double {
    var terms = constant
    terms.withUnsafeMutableBufferPointer { terms in
      for (parameter, dimension) in zip(parameters, dimensions) { add(dimension, point[parameter], to: terms) }
    }
    return Self.logSumExp(terms)
  }

  private func add(_ dimension: Dimension, _ coordinate: Double, to terms: UnsafeMutableBufferPointer<Double>) {
    switch dimension {
    case .choices(let observed, _, let hit, let miss, let wide):
      let (hit, miss, wide) = (Elementary.log(hit), Elementary.log(miss), Elementary.log(wide))
      let choice = Int32(coordinate)
      for kernel in 0..<kernels - 1 { terms[kernel] += observed[kernel] == choice ? hit : miss }
      terms[kernels - 1] += wide
    case .axis(let axis, let centers, let widths):
      if let (low, high) = axis.cell(around: coordinate) {
        for kernel in 0..<kernels {
          let mass =
            Elementary.normal(below: (high - centers[kernel]) / widths[kernel])
            - Elementary.normal(below: (low - centers[kernel]) / widths[kernel])
          terms[kernel] += Elementary.log(max(mass, 1e-300))
        }
      } else {
        let place = axis.warped(coordinate)
        for kernel in 0..<kernels {
          let distance = (place - centers[kernel]) / widths[kernel]
          terms[kernel] -= 0.5 * distance * distance
        }
      }
    }
  }

  private static func logSumExp(_ terms: [Double]) -> Double {
    guard let largest = terms.max(), largest > -.infinity else { return -.infinity }
    var sum = 0.0
    // Beyond e⁻⁴⁰ a term changes nothing.
    for term in terms where term > largest - 40 { sum += Elementary.exp(term - largest) }
    return largest + Elementary.log(sum)
  }
}
