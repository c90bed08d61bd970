import Experiments
import Testing

@testable import Workflows

@Suite struct StagesTests {
  @Test func stagesWithoutACommonAncestorGoSideBySide() throws {
    var trialled = Trialled(parallel: 4)
    trialled.stage("left", "random", 2)
    trialled.stage("right", "sobol", 2)
    trialled.stage("both", "lhs", 1, after: [0, 1])
    let laboratory = try Laboratory(trialled, width: 4)
    // Four trials are asked for before one has ended.
    #expect(!laboratory.run(entries: 6))
    #expect(laboratory.running.map(\.stage).sorted() == [0, 0, 1, 1])
    #expect(laboratory.run())
    #expect(laboratory.study.trials.map(\.proposed.stage).sorted() == [0, 0, 1, 1, 2])
    #expect(laboratory.study.trials.last?.proposed.stage == 2)
  }
}
