import Foundation
import Imports
import Testing
import Values

/// The published schema against what is really written and read, by Python's `jsonschema`.
@Suite struct SchemaTests {
  /// A Python with `jsonschema`, made once and kept between runs.
  static let python: String = {
    let home = ProcessInfo.processInfo.environment["HOME"] ?? NSTemporaryDirectory()
    let venv = home + "/.cache/assay-tests/schema-venv"
    let python = venv + "/bin/python"
    if (try? run(python, ["-c", "import jsonschema"]).status) != 0 {
      _ = try? run("/usr/bin/python3", ["-m", "venv", "--clear", venv])
      _ = try? run(python, ["-m", "pip", "install", "--quiet", "jsonschema"])
    }
    return python
  }()

  static func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, output)
  }

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
    let (status, output) = try Self.run(Self.python, ["-c", Self.script, schema, file.path])
    #expect(status == 0, "\(output)")
    return output.split(separator: "\n").map(String.init)
  }

  @Test func whatIsWrittenIsValid() throws {
    var documents = try Corpus.names.map { try DocumentJSON.encode(parse(try Corpus.text($0))) }
    var expressions = Expressions(random: Generator(77))
    documents += (0..<100).map { _ in holding(expressions.next(4)) }
    #expect(try verdicts(documents).allSatisfy { $0 == "valid" })
  }

  @Test func whatIsRefusedIsInvalid() throws {
    let documents = HostileTests.mistakes.compactMap { try? JSON.parse($0.json) }
    #expect(try verdicts(documents) == documents.map { _ in "invalid" })
  }

  @Test func theCommandPrintsWhatIsPublished() throws {
    let published = try String(
      contentsOf: Corpus.root.appending(path: "docs/assay.document.schema.json"), encoding: .utf8)
    #expect(DocumentJSON.jsonSchema == published)
  }

  /// What the schema accepts the reader understands, and what it refuses the reader refuses: over hundreds of documents that
  /// something was done to.
  @Test func schemaAndReaderAgree() throws {
    var random = Generator(2024)
    var expressions = Expressions(random: Generator(5))
    let originals = try Corpus.names.map { try DocumentJSON.encode(parse(try Corpus.text($0))) }
    var documents: [JSON] = []
    for number in 0..<450 {
      let original = number % 3 > 0 ? holding(expressions.next(3)) : originals[number / 3 % originals.count]
      var places = original.count
      documents.append(original.changed(at: &places, random: &random))
    }
    let verdicts = try verdicts(documents)
    var counts = [0, 0]
    for (document, verdict) in zip(documents, verdicts) {
      let isValid = verdict == "valid"
      counts[isValid ? 0 : 1] += 1
      let complaint = complaint(document)
      let agrees = isValid ? complaint.map(Self.isAboutText) ?? true : complaint != nil
      #expect(agrees, "\(verdict), \(complaint.map { "\($0)" } ?? "understood"): \(document.compact)")
    }
    // Both happen often enough to mean something.
    #expect(counts.allSatisfy { $0 > 15 }, "\(counts)")
  }

  private func complaint(_ json: JSON) -> ImportProblem? {
    do throws(ImportProblem) {
      _ = try DocumentJSON.decode(json)
      return nil
    } catch {
      return error
    }
  }

  /// The form is understood; what it says makes no text.
  private static func isAboutText(_ problem: ImportProblem) -> Bool {
    ["of its text", "as text", "not a word, a quantity"].contains { problem.message.contains($0) }
  }

  @Test func theExampleInTheManualIsADocument() throws {
    let manual = String(
      decoding: try Data(contentsOf: Corpus.root.appending(path: "docs/json.md")), as: UTF8.self)
    let example = try #require(
      manual.components(separatedBy: "```json\n").dropFirst().first?.components(separatedBy: "```").first)
    let text = try DocumentJSON.decode(Array(example.utf8))
    #expect(text.contains("step fit = churn.train(table: fold.train, trees: 200) foreach fold in split.folds max 4\n"))
    #expect(text.contains("    retry 4 on io.timeout\n    timeout 5m\n"))
    #expect(try DocumentJSON.encode(parse(text)) == JSON.parse(example))
  }
}

extension JSON {
  /// Values in it, itself included.
  fileprivate var count: Int {
    switch self {
    case .array(let items): items.reduce(1) { $0 + $1.count }
    case .object(let members): members.reduce(1) { $0 + $1.value.count }
    default: 1
    }
  }

  /// Something else in place of one value, or without one member, or with another one.
  fileprivate func changed(at places: inout Int, random: inout Generator) -> JSON {
    let isHere = Int.random(in: 0..<max(1, places), using: &random) == 0
    places -= 1
    if isHere { return other(&random) }
    switch self {
    case .array(let items): return .array(items.map { $0.changed(at: &places, random: &random) })
    case .object(let members):
      return .object(members.map { .init($0.name, $0.value.changed(at: &places, random: &random)) })
    default: return self
    }
  }

  private func other(_ random: inout Generator) -> JSON {
    if case .object(var members) = self, !members.isEmpty, Bool.random(using: &random) {
      let index = Int.random(in: 0..<members.count, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0: members.remove(at: index)
      case 1: members[index].name += "x"
      default: if members.allSatisfy({ $0.name != "default" }) { members.append(.init("default", "a")) }
      }
      return .object(members)
    }
    let others: [JSON] = [
      nil, true, 3, -1, 0.5, "", "name", "a.b", "no name", "vary", "5m", "2GiB", [], [1], ["x"], [:], ["ref": ["a"]],
      ["ref": []], ["record": ["a": 1]], ["call": "f"], ["op": "+", "of": [1, 2]], ["op": "not", "of": [1]],
      ["op": "<", "of": [1, 2, 3]], ["duration": "5m"], ["duration": "5"], ["size": "2GiB"], ["number": "12"],
      ["string": "x"], ["field": "a", "of": 1], ["a": 1, "ref": ["x"]],
    ]
    return others[Int.random(in: 0..<others.count, using: &random)]
  }
}
