/// A reader of what comes from outside, as a function of any bytes. It must end, must not trap, and must keep its promises.
///
/// `Tests/Fuzz` runs these under libFuzzer (docs/reliability.md, "Fuzzing"); the ordinary tests feed them the kept corpora.
package struct FuzzTarget: Sendable {
  /// Also the directory of its corpus: `Tests/Fuzz/corpus/<name>`.
  package let name: String
  /// Throws `BrokenPromise`, and nothing else.
  package let run: @Sendable ([UInt8]) throws -> Void

  init(_ name: String, _ run: @escaping @Sendable ([UInt8]) throws -> Void) {
    self.name = name
    self.run = run
  }

  package static let all: [FuzzTarget] = [
    FuzzTarget("document", fuzzDocument),
    FuzzTarget("editor", fuzzEditor),
    FuzzTarget("types", fuzzTypes),
    FuzzTarget("toml", fuzzTOML),
    FuzzTarget("functions", fuzzFunctions),
    FuzzTarget("packets", fuzzPackets),
    FuzzTarget("describe", fuzzDescribe),
    FuzzTarget("database", fuzzDatabase),
    FuzzTarget("json", fuzzJSON),
    FuzzTarget("inputs", fuzzInputs),
    FuzzTarget("framing", fuzzFraming),
    FuzzTarget("files", fuzzFiles),
    FuzzTarget("archive", fuzzArchive),
    FuzzTarget("logs", fuzzLogs),
  ]

  package static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// A reader survived, and said something that cannot be.
package struct BrokenPromise: Error, CustomStringConvertible {
  package var description: String
  init(_ description: String) { self.description = description }
}

func promise(_ holds: Bool, _ what: @autoclosure () -> String) throws {
  if !holds { throw BrokenPromise(what()) }
}
