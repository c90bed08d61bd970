internal import Numbers
package import Spaces

/// What a person believes about where good points are, as strategies weigh it: what they would choose by is multiplied by the
/// belief to the power of `weight`, which shrinks from trial to trial, so that a wrong belief wears off.
///
/// Hvarfner et al., "πBO: augmenting acquisition functions with user beliefs", ICLR 2022.
package struct ExpertPrior: Sendable {
  /// By parameter the coordinate that is believed to be good; nil: nothing is said of it.
  package let centers: [Double?]
  package let region: Constraint?
  package let weight: Double

  /// How far from the center, as a share of the scale, a value is still believed to be good.
  static let width = 0.15
  /// What is far from what is believed is this much as likely to be good: never impossible.
  static let floor = 0.05

  package init(_ centers: [Double?], region: Constraint? = nil, weight: Double) {
    self.centers = centers
    self.region = region
    self.weight = weight
  }

  /// For a person, behind a reason.
  package var words: String { ", drawn by a person's prior (weight \(rounded(weight)))" }

  /// The logarithm of the belief, 0 where it is highest.
  package func logarithm(at point: Point, in space: Space) -> Double {
    var sum = logarithm(ofRegionAt: point, in: space)
    for place in centers.indices { sum += logarithm(of: place, at: point, in: space) }
    return sum
  }

  func logarithm(ofRegionAt point: Point, in space: Space) -> Double {
    guard let region, !space.holds(region, at: point) else { return 0 }
    return Elementary.log(Self.floor)
  }

  /// Of one parameter. One that does not exist at the point says nothing.
  func logarithm(of parameter: Int, at point: Point, in space: Space) -> Double {
    guard centers.indices.contains(parameter), let center = centers[parameter], point[parameter] != Point.inactive
    else { return 0 }
    switch space.parameters[parameter].domain {
    case .choices: return point[parameter] == center ? 0 : Elementary.log(Self.floor)
    case .axis(let axis):
      let off = (axis.unit(of: point[parameter]) - axis.unit(of: center)) / Self.width
      return Elementary.log(Self.floor + (1 - Self.floor) * Elementary.exp(-0.5 * off * off))
    }
  }

  /// A point with some of the parameters, those of which something is said, drawn from what is believed.
  func drawn(_ point: Point, _ parameters: some Sequence<Int>, _ space: Space, _ draws: inout Draws) -> Point {
    var point = point
    for parameter in parameters {
      guard centers.indices.contains(parameter), let center = centers[parameter], point[parameter] != Point.inactive
      else { continue }
      switch space.parameters[parameter].domain {
      case .choices: point[parameter] = center
      case .axis(let axis):
        let (low, high) = axis.bounds
        let place = axis.warped(center) + draws.normal() * Self.width * (high - low)
        point[parameter] = axis.coordinate(warped: min(max(place, low), high))
      }
    }
    return point
  }

  /// Points from all over the space whose named parameters are drawn from what is believed.
  func points(_ count: Int, _ space: Space, _ draws: inout Draws) -> [Point] {
    (0..<count).map { _ in
      let anywhere = space.randomPoint(&draws)
      // A choice decides which parameters there are.
      let chosen = space.completed(drawn(anywhere, space.parameters.indices, space, &draws), &draws)
      return drawn(chosen, space.parameters.indices, space, &draws)
    }
  }

  /// A draw from the belief as it is weighed now, before there is a model: one of some points, each as likely as it is believed.
  func startup(_ question: Question) -> Answer {
    var draws = question.draws(.acquisition)
    let points = (0..<32).map { _ in question.space.randomPoint(&draws) } + self.points(32, question.space, &draws)
    var best: (point: Point, score: Double)?
    for point in points {
      let noise = -Elementary.log(-Elementary.log(min(max(draws.unit(), 1e-12), 1 - 1e-12)))
      guard question.admits(point) else { continue }
      let score = weight * logarithm(at: point, in: question.space) + noise
      if best.map({ score > $0.score }) ?? true { best = (point, score) }
    }
    return question.answer(best?.point ?? question.untried(near: nil), "at random")
  }
}
