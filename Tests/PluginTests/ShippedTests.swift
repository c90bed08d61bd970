import PluginHarness
import Processes
import Testing

/// What is shipped besides shared objects: the Python tasks, and an example of standard tasks alone. Environments are
/// those of the user, so that they are built once.
@Suite struct ShippedTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  private func assay(_ arguments: [String]) throws -> (succeeded: Bool, lines: [String]) {
    var command = Command([Bench.product("assay")] + arguments)
    command.environment["ASSAY_STORE"] = bench.directory + "/store"
    var lines: [String] = []
    let result = try command.run { lines.append($0) }
    return (result.succeeded, lines)
  }

  @Test func parquetKeepsItsExamples() throws {
    let (succeeded, lines) = try assay(["task", "test", Bench.package + "/Plugins/parquet/parquet.py"])
    #expect(succeeded && lines.contains("5 examples: 5 passed, 0 failed"), "\(lines)")
  }

  @Test func exploreFindsWhatIsKnown() throws {
    let document = Bench.package + "/Examples/breast-cancer/explore.assay"
    let (succeeded, lines) = try assay(["run", document, "--progress", "none"])
    #expect(succeeded && lines.contains { $0.contains("{value: 0.9378270175994926") }, "\(lines)")
  }
}
