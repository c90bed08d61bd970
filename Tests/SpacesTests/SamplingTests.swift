import Numbers
import Plans
import Spaces
import Testing
import Values
import Workflows

@Suite struct Sampling {
  static let spaces: [Space] = [Samples.nested, Samples.mixed, Samples.eight]

  @Test(arguments: spaces) func randomPointsAreOfTheSpace(_ space: Space) {
    for trial in 0..<300 {
      var draws = Draws(seed: 8, trial: trial)
      #expect(isOf(space, space.randomPoint(&draws)))
    }
  }

  @Test func randomPointsComeEverywhere() {
    var draws = Draws(seed: 1, trial: 0)
    let points = Set((0..<3000).map { _ in Samples.nested.randomPoint(&draws) })
    #expect(points.count == 42)
  }

  /// What a parameter gets does not depend on the choices before it.
  @Test func laterParametersAreTheirOwn() {
    var (a, b) = (Draws(seed: 3, trial: 0), Draws(seed: 3, trial: 0))
    let whole = Space(Samples.nested.parameters)
    let fixed = Space([Parameter("a", Samples.names(1))] + Samples.nested.parameters.dropFirst())
    #expect(whole.randomPoint(&a)[4] == fixed.randomPoint(&b)[4])
  }

  @Test(arguments: spaces) func neighborsAreOthersOfTheSpace(_ space: Space) {
    var draws = Draws(seed: 4, trial: 0)
    var point = space.randomPoint(&draws)
    for _ in 0..<2000 {
      let next = space.neighbor(of: point, &draws)
      #expect(next != point && isOf(space, next))
      // One changes, and with it what hangs on it.
      let changed = space.parameters.indices.filter { next[$0] != point[$0] }
      #expect(
        changed.dropFirst().allSatisfy { index in
          space.parameters[index].condition.map { changed.contains($0.parameter) } ?? false
        })
      point = next
    }
  }

  /// Ends, and axes of two values, have a neighbour on one side only.
  @Test(arguments: [
    Samples.steps(0, 1), Samples.steps(0, 2), Samples.steps(5, 9), Samples.floats(0, 1), Samples.names(2),
  ])
  func fromTheEnds(_ domain: Domain) {
    let space = Space([Parameter("x", domain)])
    var draws = Draws(seed: 5, trial: 0)
    for start in [domain.coordinate(at: 0), domain.coordinate(at: 1.0.nextDown)] {
      for _ in 0..<200 {
        let next = space.neighbor(of: Point([start]), &draws)
        #expect(next[0] != start && isOf(space, next))
      }
    }
  }

  @Test func whatHasNoNeighborStays() {
    var draws = Draws(seed: 1, trial: 0)
    let space = Space([Parameter("a", Samples.names(1)), Parameter("b", Samples.floats(2, 2))])
    let point = space.randomPoint(&draws)
    #expect(space.neighbor(of: point, &draws) == point)
    #expect(Space([]).neighbor(of: Point([]), &draws) == Point([]))
  }

  @Test func parametersExistExactlyWhenTheyShould() throws {
    let all = try #require(Enumeration(Samples.nested))
    for index in 0..<all.count {
      let point = all[index]
      let names = Samples.nested.configuration(at: point).map(\.name)
      #expect(names.contains("b") == [0, 2].contains(point[0]))
      #expect(names.contains("c") == (point[0] == 2))
      #expect(names.contains("d") == (point[0] == 2 && point[2] == 1))
      #expect(names.contains("e"))
    }
  }

  @Test func completionKeepsWhatIsLeftAndDrawsWhatIsNew() {
    var draws = Draws(seed: 2, trial: 0)
    var point = Point([0, 3, Point.inactive, Point.inactive, 1])
    point[0] = 2
    let completed = Samples.nested.completed(point, &draws)
    #expect(completed[1] == 3 && completed[2] != Point.inactive && completed[4] == 1)
    point = completed
    point[0] = 1
    #expect(
      Samples.nested.completed(point, &draws).coordinates == [1, Point.inactive, Point.inactive, Point.inactive, 1])
  }
}

@Suite struct Constraints {
  @Test func sumsAreLimited() throws {
    let all = try #require(Enumeration(Samples.eight))
    for index in 0..<all.count {
      let point = all[index]
      #expect(Samples.eight.allows(point) == (point[0] + point[1] <= 8))
    }
  }

  /// `d >= 20` where there is no `d` says nothing; `d == null` holds there.
  @Test func whatDoesNotExistSaysNothing() {
    let ordered = Formula.binary(.greaterOrEqual, .local(3), .constant(.int(20)), .integer)
    let missing = Formula.binary(.equal, .local(3), .constant(.null), .integer)
    let space = Samples.nested.with(constraints: [Constraint("d >= 20", ordered)])
    let (without, low, high) = (
      Point([0, 1, Point.inactive, Point.inactive, 0]), Point([2, 1, 1, 10, 0]), Point([2, 1, 1, 20, 0])
    )
    #expect(space.allows(without) && !space.allows(low) && space.allows(high))
    let never = Samples.nested.with(constraints: [Constraint("d == null", missing)])
    #expect(never.allows(without) && !never.allows(low))
  }

  /// A formula that speaks of something else than parameters cannot be decided, and forbids nothing.
  @Test func othersAreNotDecided() {
    let outside = Space([Parameter("x", Samples.steps(0, 1))], constraints: [Constraint("y", .local(5))])
    #expect(outside.allows(Point([0])))
  }
}
