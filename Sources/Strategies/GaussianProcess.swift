internal import Numbers
internal import Spaces

/// A Gaussian process over points of a space: what is likely between and beyond observations.
///
/// Matérn 5/2 with a length for each parameter. Choices are 1 apart when they differ; a parameter that exists in one of two
/// points only counts as a fixed distance. Scale and mean are profiled out. Rasmussen and Williams, "Gaussian processes for
/// machine learning" (2006), chapters 2 and 5.
struct GaussianProcess {
  /// Logarithms of lengths, one for each parameter, and of the share of noise.
  struct Settings {
    var lengths: [Double]
    var noise: Double

    init(parameters: Int) {
      // Wider with more parameters: Hvarfner et al., "Vanilla Bayesian optimization performs great in high dimensions" (2024).
      lengths = [Double](repeating: Elementary.log(0.5 * Double(max(parameters, 1)).squareRoot()), count: parameters)
      noise = -7
    }

    init?(memo: ArraySlice<Double>, parameters: Int) {
      guard memo.count == parameters + 1, memo.allSatisfy({ $0.magnitude <= 16 }) else { return nil }
      lengths = Array(memo.dropLast())
      noise = memo[memo.endIndex - 1]
    }

    var memo: [Double] { lengths + [noise] }
  }

  private let embedding: Embedding
  private let places: [Double]
  private let count: Int
  private let inverseLengths: [Double]
  private let cholesky: Cholesky
  private let weights: [Double]
  private let mean: Double
  private let scale: Double

  /// Nil when the matrix cannot be factored.
  init?(_ embedding: Embedding, _ points: [Point], _ values: [Double], _ settings: Settings) {
    self.embedding = embedding
    count = points.count
    places = points.flatMap(embedding.place)
    inverseLengths = settings.lengths.map { Elementary.exp(-2 * $0) }
    let system = Self.system(embedding, places, count, inverseLengths, noise: Elementary.exp(settings.noise))
    guard let cholesky = Cholesky(system, size: count) else { return nil }
    self.cholesky = cholesky
    (mean, weights, scale) = Self.profile(cholesky, values)
  }

  /// The mean that fits best, A⁻¹ (y − mean), and the variance.
  private static func profile(_ cholesky: Cholesky, _ values: [Double]) -> (Double, [Double], Double) {
    let ones = cholesky.solve([Double](repeating: 1, count: values.count))
    let mean = zip(ones, values).reduce(0) { $0 + $1.0 * $1.1 } / ones.reduce(0, +)
    let centered = values.map { $0 - mean }
    let weights = cholesky.solve(centered)
    let scale = zip(centered, weights).reduce(0) { $0 + $1.0 * $1.1 } / Double(values.count)
    return (mean, weights, max(scale, 1e-12))
  }

  private static func system(
    _ embedding: Embedding, _ places: [Double], _ count: Int, _ inverseLengths: [Double], noise: Double
  ) -> [Double] {
    let width = embedding.width
    var matrix = [Double](repeating: 0, count: count * count)
    for row in 0..<count {
      for column in 0..<row {
        var distance = 0.0
        for parameter in 0..<width {
          distance +=
            embedding.square(places[row * width + parameter], places[column * width + parameter], parameter)
            * inverseLengths[parameter]
        }
        matrix[row * count + column] = kernel(distance)
        matrix[column * count + row] = matrix[row * count + column]
      }
      matrix[row * count + row] = 1 + noise
    }
    return matrix
  }

  /// Of the squared distance.
  private static func kernel(_ square: Double) -> Double {
    let r = (5 * square).squareRoot()
    return (1 + r + r * r / 3) * Elementary.exp(-r)
  }

  /// Mean and standard deviation at a point. O(count²).
  func predict(_ point: Point) -> (mean: Double, deviation: Double) {
    let place = embedding.place(point)
    let near = similarities(place)
    var mean = mean
    for index in 0..<count { mean += near[index] * weights[index] }
    let solved = cholesky.forward(near)
    let explained = solved.reduce(0) { $0 + $1 * $1 }
    return (mean, (scale * max(1 - explained, 1e-12)).squareRoot())
  }

  /// The mean alone. O(count).
  func mean(at point: Point) -> Double {
    zip(similarities(embedding.place(point)), weights).reduce(mean) { $0 + $1.0 * $1.1 }
  }

  private func similarities(_ place: [Double]) -> [Double] {
    let width = embedding.width
    return (0..<count).map { index in
      var distance = 0.0
      for parameter in 0..<width {
        distance +=
          embedding.square(place[parameter], places[index * width + parameter], parameter) * inverseLengths[parameter]
      }
      return Self.kernel(distance)
    }
  }
}

extension GaussianProcess {
  /// Settings under which the values are likelier, by a few steps of resilient propagation from `settings` (Igel and Hüsken,
  /// "Improving the Rprop learning algorithm", 2000). O(steps × count³).
  static func improved(
    _ settings: Settings, _ embedding: Embedding, _ points: [Point], _ values: [Double], steps: Int
  ) -> Settings {
    let places = points.flatMap(embedding.place)
    var current = settings.memo
    var best: (settings: [Double], loss: Double)?
    var sizes = [Double](repeating: 0.2, count: current.count)
    var previous = [Double](repeating: 0, count: current.count)
    for _ in 0..<steps {
      guard let (loss, gradient) = loss(current, embedding, places, values) else { break }
      if best.map({ loss < $0.loss }) ?? true { best = (current, loss) }
      for index in current.indices {
        let product = gradient[index] * previous[index]
        sizes[index] =
          product > 0 ? min(sizes[index] * 1.3, 1) : product < 0 ? max(sizes[index] * 0.5, 1e-3) : sizes[index]
        let sign: Double = gradient[index] > 0 ? 1 : gradient[index] < 0 ? -1 : 0
        current[index] -= sign * sizes[index]
        previous[index] = product < 0 ? 0 : gradient[index]
      }
      for index in current.indices.dropLast() { current[index] = min(max(current[index], -4.6), 3) }
      current[current.count - 1] = min(max(current[current.count - 1], -16), 0)
    }
    return best.flatMap { Settings(memo: $0.settings[...], parameters: settings.lengths.count) } ?? settings
  }

  /// The negative logarithm of the likelihood and of what is likely before any value is seen, and its gradient.
  private static func loss(
    _ memo: [Double], _ embedding: Embedding, _ places: [Double], _ values: [Double]
  ) -> (Double, [Double])? {
    let count = values.count
    let width = embedding.width
    let inverseLengths = memo.dropLast().map { Elementary.exp(-2 * $0) }
    let noise = Elementary.exp(memo[memo.count - 1])
    let matrix = system(embedding, places, count, inverseLengths, noise: noise)
    guard let cholesky = Cholesky(matrix, size: count) else { return nil }
    let (_, weights, scale) = profile(cholesky, values)
    var loss = 0.5 * (Double(count) * Elementary.log(scale) + cholesky.logDeterminant)
    let inverse = cholesky.inverse()
    var gradient = [Double](repeating: 0, count: memo.count)
    for row in 0..<count {
      for column in 0..<row {
        var distance = 0.0
        for parameter in 0..<width {
          distance +=
            embedding.square(places[row * width + parameter], places[column * width + parameter], parameter)
            * inverseLengths[parameter]
        }
        let r = (5 * distance).squareRoot()
        // ∂k/∂ln l = 5/3 (1 + r) e⁻ʳ d²/l²; both triangles.
        let slope = 5.0 / 3 * (1 + r) * Elementary.exp(-r)
        let influence = (inverse[row * count + column] - weights[row] * weights[column] / scale) * slope
        for parameter in 0..<width {
          gradient[parameter] +=
            influence * inverseLengths[parameter]
            * embedding.square(places[row * width + parameter], places[column * width + parameter], parameter)
        }
      }
      gradient[width] += 0.5 * noise * (inverse[row * count + row] - weights[row] * weights[row] / scale)
    }
    // Lengths around a typical one, little noise: broad normal distributions of the logarithms.
    let typical = Settings(parameters: width)
    for parameter in 0..<width {
      let off = memo[parameter] - typical.lengths[parameter]
      loss += 0.5 * off * off / 1.5
      gradient[parameter] += off / 1.5
    }
    let off = memo[width] - typical.noise
    loss += 0.5 * off * off / 9
    gradient[width] += off / 9
    return (loss, gradient)
  }
}

/// Points as places between which distances are measured.
struct Embedding {
  private let space: Space
  private let isChoice: [Bool]
  var width: Int { isChoice.count }

  init(_ space: Space) {
    self.space = space
    isChoice = space.parameters.map { if case .choices = $0.domain { true } else { false } }
  }

  /// Axes from 0 to 1; choices by number; −1 where the parameter does not exist.
  func place(_ point: Point) -> [Double] {
    space.parameters.indices.map { index in
      guard point[index] != Point.inactive else { return -1 }
      guard case .axis(let axis) = space.parameters[index].domain else { return point[index] }
      return axis.unit(of: point[index])
    }
  }

  @inline(__always)
  func square(_ a: Double, _ b: Double, _ parameter: Int) -> Double {
    if a == b { return 0 }
    if a < 0 || b < 0 { return 0.2 }
    return isChoice[parameter] ? 1 : (a - b) * (a - b)
  }
}
