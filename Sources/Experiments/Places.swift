package import Spaces
internal import Workflows

/// Where a person's decision falls.
extension Study {
  /// The first stage that searches now: trials that people make belong to it.
  package var openSearch: Int? {
    stages.indices.first {
      guard stages[$0].status == .running, case .search = definition.experiment.stages[$0].kind else { return false }
      return true
    }
  }

  package var nextTrial: Int { (trials.last?.number ?? 0) + 1 }

  /// The coordinate to which a parameter is pinned.
  package func pin(of parameter: Int) -> Double? { limits.pins[parameter] }

  /// Constraints that people have added, in their words.
  package var restrictions: [String] { limits.constraints.map(\.text) }

  package var vetoes: [Point] { limits.vetoes }

  /// The trial that was made at a point, the last of several.
  package func trial(at point: Point) -> StudyTrial? { trials.last { $0.proposed.point == point } }
}

extension Study {
  /// A point of an earlier state of this study, in coordinates of now.
  package func moved(_ point: Point, in earlier: Study) -> Point {
    var moved = point
    for place in point.coordinates.indices { moved[place] = self.moved(point[place], of: place, in: earlier) }
    return moved
  }

  package func moved(_ coordinate: Double, of parameter: Int, in earlier: Study) -> Double {
    definition.moved(coordinate, from: earlier.definition.space.parameters[parameter].domain, parameter)
  }
}
