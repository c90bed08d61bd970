import Numbers
import Spaces
import Testing
import Values

@Suite struct Axes {
  static let separate: [Axis] = [
    Axis(.integers, from: 0, to: 0), Axis(.integers, from: -5, to: 5),
    Axis(.integers, from: 1, to: 1000, isLogarithmic: true),
    Axis(.integers, from: 2, to: 64, step: 2), Axis(.integers, from: 2, to: 65, step: 7),
    Axis(.integers, from: 1, to: 100, step: 3, isLogarithmic: true), Axis(.floats, from: 0, to: 1, step: 0.1),
    Axis(.floats, from: 0.1, to: 0.7, step: 0.1), Axis(.floats, from: 0.5, to: 40, step: 0.25, isLogarithmic: true),
    Axis(.floats, from: -0.3, to: 0.9, step: 0.3), Axis(listed: [.int(1)]),
    Axis(listed: [.float(0.1), .int(3), .float(1e9)]),
  ]

  @Test(arguments: separate) func everyCellIsItself(_ axis: Axis) throws {
    #expect(axis.problem == nil)
    let domain = Domain.axis(axis)
    let count = try #require(domain.count)
    for cell in 0..<count {
      let coordinate = domain.coordinate(cell: cell)
      #expect(domain.cell(of: coordinate) == cell)
      #expect(axis.coordinate(warped: axis.warped(coordinate)) == coordinate)
      #expect(domain.coordinate(of: domain.value(at: coordinate)) == coordinate)
      let (low, high) = try #require(axis.cell(around: coordinate))
      #expect(low < axis.warped(coordinate) && axis.warped(coordinate) < high)
    }
    #expect(domain.coordinate(cell: 0) == axis.low)
    #expect(domain.coordinate(cell: count - 1) == axis.high)
  }

  /// From end to end along the scale every value comes, in order, and the ends come first and last.
  @Test(arguments: separate) func everyValueCanBeDrawn(_ axis: Axis) throws {
    let domain = Domain.axis(axis)
    let drawn = (0..<20_000).map { domain.coordinate(at: Double($0) / 20_000) }
    #expect(drawn == drawn.sorted())
    #expect(Set(drawn).count == Int(try #require(domain.count)))
    #expect(drawn.first == axis.low && drawn.last == axis.high)
  }

  @Test func stepsThatDoNotFitEndBefore() {
    #expect(Axis(.integers, from: 2, to: 65, step: 7).high == 65)
    #expect(Axis(.integers, from: 2, to: 64, step: 7).high == 58)
    #expect(Axis(.floats, from: 0, to: 1, step: 0.3).count == 4)
    // 0.7 / 0.1 is 6.999…
    #expect(Axis(.floats, from: 0, to: 0.7, step: 0.1).count == 8)
  }

  @Test func logarithmicContinuaAreEvenInRatios() {
    let axis = Axis(.floats, from: 1e-4, to: 1, isLogarithmic: true)
    let domain = Domain.axis(axis)
    for (unit, expected) in [(0.0, 1e-4), (0.25, 1e-3), (0.5, 1e-2), (0.75, 0.1), (1.0, 1.0)] {
      #expect((domain.coordinate(at: unit) / expected - 1).magnitude < 1e-12)
      #expect((axis.unit(of: expected) - unit).magnitude < 1e-12)
    }
    #expect(domain.count == nil)
    #expect(domain.coordinate(at: 0) >= 1e-4 && domain.coordinate(at: 1.0.nextDown) <= 1)
  }

  @Test func logarithmicIntegersAreFairInRatios() {
    let domain = Domain.axis(Axis(.integers, from: 1, to: 1000, isLogarithmic: true))
    let drawn = (0..<10_000).map { domain.coordinate(at: Double($0) / 10_000) }
    let share = Double(drawn.count { $0 <= 31 }) / 10_000
    #expect((share - 0.545).magnitude < 0.01)
  }

  @Test func valuesOfADomain() {
    let names = Domain.choices([.string("a"), .int(3), .float(0.5)])
    #expect(names.coordinate(of: .string("a")) == 0)
    #expect(names.coordinate(of: .float(3)) == 1)
    #expect(names.coordinate(of: .string("b")) == nil)
    #expect(names.coordinate(of: .null) == nil)
    let tenths = Domain.axis(Axis(.floats, from: 0, to: 1, step: 0.1))
    #expect(tenths.coordinate(of: .float(0.3)).map { ($0 - 0.3).magnitude < 1e-9 } == true)
    #expect(tenths.coordinate(of: .float(0.35)) == nil)
    #expect(tenths.coordinate(of: .float(1.1)) == nil)
    let integers = Domain.axis(Axis(.integers, from: 1, to: 10))
    #expect(integers.coordinate(of: .int(10)) == 10)
    #expect(integers.coordinate(of: .float(2.5)) == nil)
    #expect(integers.coordinate(of: .int(0)) == nil)
    #expect(integers.value(at: 4) == .int(4))
  }

  @Test(arguments: [
    (Axis(.floats, from: 1, to: 0), "empty"), (Axis(.floats, from: 0, to: .infinity), "finite"),
    (Axis(.floats, from: .nan, to: 1), "finite"), (Axis(.floats, from: 0, to: 1, isLogarithmic: true), "above 0"),
    (Axis(.floats, from: 0, to: 1, step: 0), "greater than 0"),
    (Axis(.floats, from: 0, to: 1, step: -1), "greater than 0"),
    (Axis(.floats, from: 0, to: 1, step: 1e-300), "2⁵³ steps"), (Axis(.integers, from: 0, to: 1e300), "2⁵³"),
    (Axis(.integers, from: 0.5, to: 4), "begins at one"), (Axis(.integers, from: 0, to: 9, step: 1.5), "whole steps"),
    (Axis(listed: []), "empty"),
  ])
  func problemsAreTold(_ axis: Axis, _ part: String) throws {
    #expect(try #require(axis.problem).contains(part))
    #expect(Domain.axis(axis).problem == axis.problem)
  }

  @Test func nothingToChooseFrom() {
    #expect(Domain.choices([]).problem != nil)
    #expect(Domain.choices([.null]).problem == nil)
  }
}
