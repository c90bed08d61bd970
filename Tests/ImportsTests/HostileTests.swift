import Foundation
import Imports
import Syntax
import Testing
import Values

@Suite struct HostileTests {
  static let mistakes: [(json: String, place: String, message: String)] = [
    ("[]", "$", "expected an object"),
    ("{}", "$", "`schema` is missing"),
    (#"{"schema": "assay.document/2"}"#, "$.schema", "expected \"assay.document/1\""),
    (#"{"schema": "assay.document/1", "workflow": []}"#, "$", "unknown member `workflow`"),
    (#"{"schema": "assay.document/1", "workflows": {}}"#, "$.workflows", "expected an array, found an object"),
    (#"{"schema": "assay.document/1", "uses": [{"plugin": "a", "path": "b"}]}"#, "$.uses[0]", "either"),
    (#"{"schema": "assay.document/1", "uses": [{"plugin": "a b"}]}"#, "$.uses[0].plugin", "not a name"),
    (#"{"schema": "assay.document/1", "workflows": [{"name": "a {"}]}"#, "$.workflows[0].name", "not a name"),
    (
      #"{"schema": "assay.document/1", "workflows": [{"name": "a", "steps": [{"name": "s", "call": "vary"}]}]}"#,
      "$.workflows[0].steps[0].call", "variants"
    ),
    (
      #"{"schema": "assay.document/1", "workflows": [{"name": "a", "steps": [{"name": "s"}]}]}"#,
      "$.workflows[0].steps[0]", "`call` is missing"
    ),
    (
      #"{"schema": "assay.document/1", "workflows": [{"name": "a", "steps": [{"name": "s", "call": "t", "options": [[]]}]}]}"#,
      "$.workflows[0].steps[0].options[0]", "the name of an option"
    ),
  ]

  @Test(arguments: mistakes)
  func mistakesHaveAPlace(_ json: String, _ place: String, _ message: String) throws {
    let problem = try #require(throws: ImportProblem.self) { try DocumentJSON.tree(Array(json.utf8), path: "x") }
    #expect(problem.place.hasPrefix("line 1, column ") && problem.place.hasSuffix(" (\(place))"), "\(problem)")
    #expect(problem.message.contains(message), "\(problem)")
  }

  @Test(arguments: [
    (#"{"ref": []}"#, "value.ref"), (#"{"ref": ["not"]}"#, "value.ref"), (#"{"ref": ["a; b"]}"#, "value.ref[0]"),
    (#"{"op": "%", "of": [1, 2]}"#, "value.op"), (#"{"op": "<", "of": [1, 2, 3]}"#, "value.op"),
    (#"{"op": "+", "of": []}"#, "value.of"), (#"{"duration": "5 parsecs"}"#, "value.duration"),
    (#"{"size": "many"}"#, "value.size"), (#"{"x": 1}"#, "value"), (#"{"record": {"a b": 1}}"#, "value.record.a b"),
    (#"{"call": "f(", "arguments": []}"#, "value.call"), (#"{"field": "", "of": 1}"#, "value.field"),
    (#"[1, {"number": "twelve"}]"#, "value[1].number"),
  ])
  func expressionsToo(_ json: String, _ place: String) throws {
    let problem = try #require(throws: ImportProblem.self) { try DocumentJSON.decode(holding(try JSON.parse(json))) }
    #expect(problem.place.hasSuffix(" ($.workflows[0].outputs[0].\(place))"), "\(problem)")
  }

  @Test(arguments: [
    ("{\n  \"schema\": ,\n}", "line 2, column 13"), ("{\n  \"schema\": 5,\n}", "line 2, column 13 ($.schema)"),
    ("{\n  \"workflows\":\n [{\"name\": \"é\", \"x\": 1}]}", "line 3, column 13 ($.workflows[0].name)"),
  ])
  func whatIsWrongIsSaidByLineAndColumn(_ json: String, _ place: String) throws {
    let problem = try #require(throws: ImportProblem.self) { try DocumentJSON.tree(Array(json.utf8), path: "x") }
    #expect(problem.place == place)
  }

  /// No text in the JSON may become something else in the document.
  @Test(arguments: [
    #"{"name": "x", "type": "int\n step evil = t.run()", "value": 1}"#,
    #"{"name": "x", "type": "int = 2 out y: int", "value": 1}"#,
    #"{"name": "x", "type": "int # comment", "value": 1}"#,
    #"{"name": "x", "type": "", "value": 1}"#,
    #"{"name": "x", "type": "any", "value": {"quantity": "5m } workflow evil {"}}"#,
    #"{"name": "x", "type": "any", "value": {"number": "5-5"}}"#,
    #"{"name": "x", "type": "any", "value": {"quantity": "5"}}"#,
  ])
  func nothingIsSmuggledIn(_ output: String) throws {
    let json = try JSON.parse(
      #"{"schema": "assay.document/1", "workflows": [{"name": "w", "outputs": [\#(output)]}]}"#)
    if let text = try? DocumentJSON.decode(json) {
      // A comment in a type is no part of it.
      #expect(text == "assay 1\n\nworkflow w {\n  out x: int = 1\n}\n")
    }
  }

  @Test(arguments: ["} workflow evil { }\nexperiment y {", "\nworkflow evil {\n", "\"", "{", "}", "# open"])
  func experimentsCannotEscapeTheirBraces(_ text: String) {
    let json: JSON = ["schema": "assay.document/1", "experiments": [["name": "x", "text": .string(text)]]]
    #expect(throws: ImportProblem.self) { try DocumentJSON.decode(json) }
  }

  @Test(arguments: ["retry 1\ntimeout", "on failure\nskip", "variant", "x {", ""])
  func optionsCannotEscapeTheirLine(_ word: String) throws {
    let step: JSON = ["name": "s", "call": "t", "options": [["retry", .string(word)]]]
    let json: JSON = ["schema": "assay.document/1", "workflows": [["name": "w", "steps": [step]]]]
    if let text = try? DocumentJSON.decode(json) {
      #expect(try DocumentJSON.encode(parse(text)) == json)
    }
  }

  @Test(arguments: ["two\nlines", "\n", "ends\r", "a\r\nb", "#", " indented", "\u{0}"])
  func docsStayDocs(_ doc: String) throws {
    let json: JSON = ["schema": "assay.document/1", "workflows": [["name": "w", "doc": .string(doc)]]]
    if let text = try? DocumentJSON.decode(json) {
      #expect(try DocumentJSON.encode(parse(text)) == json)
    } else {
      // Line ends other than `\n` cannot be said.
      #expect(doc.unicodeScalars.contains("\r"))
    }
  }

  /// Whatever the JSON: a text that parses, or a problem.
  @Test(arguments: Corpus.names)
  func mutatedDocumentsNeverTrap(_ name: String) throws {
    let original = Array(try DocumentJSON.encode(parse(try Corpus.text(name))).bytes())
    var random = Generator(name.utf8.reduce(5) { $0 &* 31 &+ UInt64($1) })
    var accepted = 0
    for _ in 0..<400 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 32...126, using: &random)
        case 1: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...8, using: &random)))
        default:
          let pieces = ["null", "\"\"", "[]", "{}", "-1", "1e400", "\"\\n\"", "[[[[", "\"op\":", "}"]
          bytes.insert(contentsOf: Array((pieces.randomElement(using: &random) ?? "").utf8), at: at)
        }
        if bytes.isEmpty { bytes = original }
      }
      guard let text = try? DocumentJSON.decode(bytes) else { continue }
      accepted += 1
      #expect(parse(text).diagnostics.isEmpty)
    }
    #expect(accepted < 400)
  }
}
