internal import Numbers
internal import Spaces

/// One parameter cut into cells, and densities of trials over them: the estimator of PED-ANOVA.
struct Grid {
  private static let finest = 50

  private let domain: Domain
  private let parameter: Int
  let count: Int

  init(_ space: Space, _ parameter: Int) {
    self.parameter = parameter
    domain = space.parameters[parameter].domain
    switch domain {
    case .choices(let choices): count = choices.count
    case .axis(let axis): count = axis.count.flatMap { $0 <= UInt64(Self.finest) ? Int($0) : nil } ?? Self.finest
    }
  }

  /// Nil where the parameter does not exist.
  func cell(of point: Point) -> Int? {
    let coordinate = point[parameter]
    guard coordinate != Point.inactive else { return nil }
    guard case .axis(let axis) = domain, axis.count != UInt64(count) else { return Int(domain.cell(of: coordinate)) }
    let (low, high) = (axis.warped(axis.low), axis.warped(axis.high))
    let place = (axis.warped(coordinate) - low) / (high - low) * Double(count - 1)
    return min(max(Int((place - 0.5).rounded(.up)), 0), count - 1)
  }

  /// - Parameter counts: trials in each cell; at least one.
  func density(_ counts: [Int]) -> [Double] {
    if case .choices = domain { Self.choices(counts) } else { Self.smooth(counts) }
  }

  /// Each choice as often as it occurs, with a little for those that do not.
  private static func choices(_ counts: [Int]) -> [Double] {
    let total = Double(counts.reduce(1, +))
    let share = 1 / Double(counts.count { $0 > 0 } + 1)
    let row = 1 + Double(counts.count) * share
    let elsewhere = (total - 1) * share / row
    return counts.map { (elsewhere + Double($0) / row + 1 / Double(counts.count)) / total }
  }

  /// A normal kernel on each cell that was hit, by the rule of Scott (1992), and a wide one over all.
  private static func smooth(_ counts: [Int]) -> [Double] {
    let total = Double(counts.reduce(0, +))
    let width = max(scott(counts), 0.5 / 1.64)
    var density = [Double](repeating: 0, count: counts.count)
    for (cell, hits) in counts.enumerated() where hits > 0 {
      add(Double(cell), width, Double(hits) / (total + 1), to: &density)
    }
    add(Double(counts.count - 1) / 2, Double(counts.count), 1 / (total + 1), to: &density)
    return density
  }

  private static func scott(_ counts: [Int]) -> Double {
    let hit = counts.indices.filter { counts[$0] > 0 }
    let total = counts.reduce(0, +)
    let mean = hit.reduce(0) { $0 + Double($1 * counts[$1]) } / Double(total)
    let squares = hit.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) * Double(counts[$1]) }
    var below = 0
    let sums = hit.map { cell in
      below += counts[cell]
      return below
    }
    let lower = hit[sums.firstIndex { $0 >= total / 4 } ?? 0]
    let upper = hit[sums.firstIndex { $0 > total * 3 / 4 } ?? hit.count - 1]
    let deviation = (squares / Double(max(1, total - 1))).squareRoot()
    return 1.059 * min(Double(upper - lower) / 1.34, deviation)
      * Elementary.exp(-0.2 * Elementary.log(Double(total)))
  }

  /// A normal distribution, cut off at the ends, in cells of width 1.
  private static func add(_ center: Double, _ width: Double, _ weight: Double, to density: inout [Double]) {
    func below(_ cell: Int) -> Double { Elementary.normal(below: (Double(cell) - 0.5 - center) / width) }
    let mass = below(density.count) - below(0)
    // Further out nothing is left of it.
    let first = max(0, Int(center - 9 * width))
    let last = min(density.count - 1, Int(center + 9 * width) + 1)
    var before = below(first)
    for cell in first...last {
      let after = below(cell + 1)
      density[cell] += weight * (after - before) / mass
      before = after
    }
  }
}
