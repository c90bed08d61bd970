import Numbers
import Spaces
import Testing
import Values

@Suite struct Enumerations {
  @Test func everyPointOnce() throws {
    let all = try #require(Enumeration(Samples.nested))
    #expect(all.count == 42)
    #expect(Samples.nested.count == 42)
    let points = (0..<all.count).map { all[$0] }
    #expect(Set(points).count == 42)
    #expect(points.allSatisfy { isOf(Samples.nested, $0) })
  }

  @Test func theLastChangesFastest() throws {
    let all = try #require(Enumeration(Samples.nested))
    let first = (0..<3).map { Samples.nested.configuration(at: all[$0]).map(\.value) }
    #expect(first[0] == [.string("c0"), .int(1), .float(0.5)])
    #expect(first[1] == [.string("c0"), .int(1), .int(7)])
    #expect(first[2] == [.string("c0"), .int(2), .float(0.5)])
  }

  /// Trees of random shape: as many different points as the count says, which is what going through all combinations finds.
  @Test(arguments: 0..<30) func treesOfAnyShape(_ seed: Int) throws {
    var draws = Draws(seed: UInt64(seed), trial: 0)
    var parameters: [Parameter] = []
    for index in 0..<(1 + draws.index(below: 6)) {
      let count = 1 + draws.index(below: 4)
      let domain = draws.unit() < 0.6 ? Samples.names(count) : Samples.steps(3, Double(2 + count))
      var condition: Parameter.Condition?
      if index > 0, draws.unit() < 0.7 {
        let parent = draws.index(below: index)
        if case .choices(let choices) = parameters[parent].domain {
          // Also none, and one that does not exist.
          let those = (0...choices.count).filter { _ in draws.unit() < 0.5 }
          condition = Parameter.Condition(parameter: parent, choices: those)
        }
      }
      parameters.append(Parameter("p\(index)", domain, when: condition))
    }
    let space = Space(parameters)
    let all = try #require(Enumeration(space))
    let points = Set((0..<all.count).map { all[$0] })
    #expect(points.count == Int(all.count))
    #expect(points.allSatisfy { isOf(space, $0) })
    #expect(points == Self.combinations(space))
  }

  private static func combinations(_ space: Space) -> Set<Point> {
    var points = [Point([Double](repeating: Point.inactive, count: space.parameters.count))]
    for (index, parameter) in space.parameters.enumerated() {
      points = points.flatMap { point in
        guard space.isActive(index, in: point) else { return [point] }
        return (0..<(parameter.domain.count ?? 0)).map { cell in
          var next = point
          next[index] = parameter.domain.coordinate(cell: cell)
          return next
        }
      }
    }
    return Set(points)
  }

  @Test func continuaAreCut() throws {
    let space = Space([
      Parameter("x", Samples.floats(1e-3, 10, isLogarithmic: true)), Parameter("n", Samples.steps(1, 2)),
    ])
    #expect(Enumeration(space) == nil)
    #expect(space.count == nil)
    let all = try #require(Enumeration(space, levels: 5))
    let values = Set((0..<all.count).map { all[$0][0] }).sorted()
    #expect(all.count == 10)
    #expect(values.first == 1e-3 && values.last == 10)
    #expect(zip(values, [1e-3, 1e-2, 0.1, 1, 10]).allSatisfy { ($0 / $1 - 1).magnitude < 1e-12 })
    let middle = try #require(Enumeration(Space([Parameter("x", Samples.floats(2, 4))]), levels: 1))
    #expect(middle.count == 1 && middle[0][0] == 3)
  }

  @Test func fortyMillion() throws {
    let space = Space([
      Parameter("a", Samples.steps(1, 1000)), Parameter("b", Samples.steps(1, 1000)),
      Parameter("c", Samples.steps(1, 40)),
      Parameter("d", Samples.names(1)),
    ])
    let all = try #require(Enumeration(space))
    #expect(all.count == 40_000_000)
    #expect(all[39_999_999].coordinates == [1000, 1000, 40, 0])
    #expect(all[12_345_678].coordinates == [309, 642, 39, 0])
  }

  @Test func tooManyToCount() {
    let wide = Space((0..<7).map { Parameter("p\($0)", Samples.steps(1, 1000)) })
    #expect(Enumeration(wide) == nil)
    let almost = Space((0..<63).map { Parameter("p\($0)", Samples.names(2)) })
    #expect(almost.count == 1 << 63)
  }

  @Test func nothingAtAll() throws {
    let empty = try #require(Enumeration(Space([])))
    #expect(empty.count == 1 && empty[0].coordinates.isEmpty)
    #expect(Space([Parameter("none", .choices([]))]).count == 0)
  }
}
