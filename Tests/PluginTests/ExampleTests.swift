import PluginHarness
import Processes
import Testing

/// `Examples/hello` through the command line, as a new user would run it.
@Suite struct ExampleTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  private func assay(_ arguments: [String]) throws -> (succeeded: Bool, lines: [String]) {
    var command = Command([Bench.product("assay")] + arguments)
    command.environment["ASSAY_STORE"] = bench.directory + "/store"
    command.environment["ASSAY_CACHE"] = bench.directory + "/cache"
    var lines: [String] = []
    let result = try command.run { lines.append($0) }
    return (result.succeeded, lines)
  }

  private let hello = Bench.package + "/Examples/hello/hello.assay"

  @Test func helloChecksWithoutAWarning() throws {
    let (succeeded, lines) = try assay(["check", hello])
    #expect(succeeded && lines.contains { $0.contains("no problems") }, "\(lines)")
  }

  @Test(arguments: [
    ([], "HELLO, ADA! HELLO, GRACE! HELLO, KATHERINE!", "Welcome, all 3 of you!"),
    (["--set", "each.tone=calm"], "hello, ada! hello, grace! hello, katherine!", "Welcome, all 3 of you!"),
    (["--set", "guests=[\"Bo\"]"], "HELLO, BO!", "a small party"),
  ])
  func helloRuns(options: [String], text: String, note: String) throws {
    let (succeeded, lines) = try assay(["run", hello] + options)
    #expect(succeeded && lines.contains { $0.contains(text) } && lines.contains { $0.contains(note) }, "\(lines)")
  }
}
