import Foundation
import Imports
import Testing
import Values

/// The published schema against what is really written, by Python's `jsonschema` where it is installed.
@Suite struct SchemaTests {
  static let python = "/usr/bin/env"

  static func run(_ script: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: python)
    process.arguments = ["python3", "-W", "ignore", "-c", script] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, output)
  }

  static let isInstalled =
    FileManager.default.isExecutableFile(atPath: python) && (try? run("import jsonschema", []).status) == 0

  private static let script = """
    import json, sys
    from jsonschema import Draft202012Validator
    schema = json.load(open(sys.argv[1]))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for line in open(sys.argv[2]):
        print("valid" if validator.is_valid(json.loads(line)) else "invalid")
    """

  private func verdicts(_ documents: [JSON]) throws -> [String] {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).jsonl")
    try Data(documents.map(\.compact).joined(separator: "\n").utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let schema = Corpus.root.appending(path: "docs/assay.document.schema.json").path
    let (status, output) = try Self.run(Self.script, [schema, file.path])
    #expect(status == 0, "\(output)")
    return output.split(separator: "\n").map(String.init)
  }

  @Test(.enabled(if: isInstalled))
  func whatIsWrittenIsValid() throws {
    var documents = try Corpus.names.map { try DocumentJSON.encode(parse(try Corpus.text($0))) }
    var expressions = Expressions(random: Generator(77))
    documents += (0..<100).map { _ in holding(expressions.next(4)) }
    #expect(try verdicts(documents).allSatisfy { $0 == "valid" })
  }

  @Test(.enabled(if: isInstalled))
  func whatIsRefusedIsInvalid() throws {
    let documents = HostileTests.mistakes.compactMap { try? JSON.parse($0.json) }
    #expect(try verdicts(documents) == documents.map { _ in "invalid" })
  }

  @Test func theExampleInTheManualIsADocument() throws {
    let manual = String(
      decoding: try Data(contentsOf: Corpus.root.appending(path: "docs/json.md")), as: UTF8.self)
    let example = try #require(
      manual.components(separatedBy: "```json\n").dropFirst().first?.components(separatedBy: "```").first)
    let text = try DocumentJSON.document(fromJSON: example, path: "docs/json.md").get()
    #expect(text.contains("step fit = churn.train(table: fold.train, trees: 200) foreach fold in split.folds max 4\n"))
    #expect(text.contains("    retry 4 on io.timeout\n    timeout 5m\n"))
    #expect(try DocumentJSON.encode(parse(text)) == JSON.parse(example))
  }
}
