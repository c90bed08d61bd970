import Foundation
import Imports
import Syntax
import Testing
import Values

@Suite struct RoundTripTests {
  /// Text → JSON → text → JSON: nothing is lost, and the text is in canonical layout.
  @Test(arguments: Corpus.names)
  func documentsComeBack(_ name: String) throws {
    let json = try DocumentJSON.encode(parse(try Corpus.text(name)))
    let text = try DocumentJSON.decode(json)
    #expect(try DocumentJSON.encode(parse(text)) == json)
    #expect(try DocumentJSON.decode(try JSON.parse(json.pretty)) == text)
    #expect(Formatter.format(parse(text)).isEmpty)
  }

  @Test(arguments: 0..<300)
  func expressionsComeBack(_ seed: Int) throws {
    var expressions = Expressions(random: Generator(UInt64(seed + 1)))
    let json = holding(expressions.next(4))
    let text = try DocumentJSON.decode(json)
    #expect(try DocumentJSON.encode(parse(text))["workflows"] == json["workflows"], "\(text)")
  }

  /// The tree of the JSON is that of its text, and its places say the same.
  @Test(arguments: 0..<300)
  func placesInJSONSayWhatTheTextSays(_ seed: Int) throws {
    var expressions = Expressions(random: Generator(UInt64(seed + 1000)))
    let json = holding(expressions.next(4))
    for bytes in [json.bytes(), json.bytes(pretty: true)] {
      let tree = try DocumentJSON.tree(bytes, path: "x.assay.json")
      #expect(try DocumentJSON.encode(tree) == json)
      let value = tree.workflows[0].outputs[0].value
      #expect(
        "assay 1\n\nworkflow w {\n  out x: any = \(tree.text(value.span))\n}\n" == (try DocumentJSON.decode(json)))
      // The values inside, too: a list says what its items say.
      if case .list(let items) = value.kind {
        #expect("[\(items.map { tree.text($0.span) }.joined(separator: ", "))]" == tree.text(value.span))
      }
    }
  }

  @Test(arguments: [#""enum(\"a\", \"b\")""#, #""\u0069nt""#, #""list<{a: int}>""#])
  func typesMayHaveEscapes(_ type: String) throws {
    let json =
      #"{"schema": "assay.document/1", "workflows": [{"name": "w", "inputs": [{"name": "x", "type": \#(type)}]}]}"#
    let tree = try DocumentJSON.tree(Array(json.utf8), path: "x.assay.json")
    let span = try #require(tree.workflows[0].inputs[0].type).span
    #expect(try JSON.parse(type) == .string(tree.text(span)))
  }

  @Test(arguments: Corpus.names)
  func documentsAreTheSameTree(_ name: String) throws {
    let json = try DocumentJSON.encode(parse(try Corpus.text(name)))
    #expect(try DocumentJSON.encode(DocumentJSON.tree(json.bytes(), path: "x.assay.json")) == json)
  }

  @Test(arguments: [
    ("a - (b - c)", "a - (b - c)"), ("(a - b) - c", "a - b - c"), ("a - b - c", "a - b - c"),
    ("-(-5)", "-(-5)"), ("- 5", "-5"), ("1_000", "1000"), ("-9223372036854775808", "-9223372036854775808"),
    ("(a).b", "(a).b"), ("f(x).b", "f(x).b"), ("not (a and b)", "not (a and b)"), ("not a and b", "not a and b"),
    ("not a == b", "not a == b"), ("(not a) == b", "(not a) == b"), ("(a < b) == c", "(a < b) == c"),
    ("a ?? b ?? c", "a ?? b ?? c"), ("a ?? (b ?? c)", "a ?? (b ?? c)"), ("(a or b) and c", "(a or b) and c"),
    ("1.50e1", "15.0"), ("[1, (2), [3]]", "[1, 2, [3]]"), ("\"\\u{41}\"", "\"A\""), ("{}", "{}"),
    ("a >= b", "a >= b"), ("(5).x", "(5).x"), ("-a.b * c", "-a.b * c"), ("-(a * b)", "-(a * b)"),
  ])
  func textIsAsSimpleAsItsMeaning(_ written: String, _ expected: String) throws {
    let tree = parse("assay 1\nworkflow w { out x: any = \(written) }")
    let json = try DocumentJSON.encode(tree)
    let text = try DocumentJSON.decode(json)
    #expect(text == "assay 1\n\nworkflow w {\n  out x: any = \(expected)\n}\n")
  }

  @Test func optionsKeepTheirWords() throws {
    let text = """
      assay 1

      workflow w {
        step a = t.run() {
          retry 4 on io.timeout, io.unavailable
          backoff 2s..60s jitter 0.2
          resources cpu 1.5, memory 2GiB, gpu 1
          reuse never
          on failure continue
        }
      }

      """
    let json = try DocumentJSON.encode(parse(text))
    #expect(try DocumentJSON.decode(json) == text)
    let options = json["workflows"]?.asArray?.first?["steps"]?.asArray?.first?["options"]
    #expect(options?.asArray?.first == ["retry", 4, "on", "io.timeout", "io.unavailable"])
    #expect(options?.asArray?.last == ["on failure", "continue"])
  }

  @Test func aStepLooksLikeThis() throws {
    let tree = parse(
      """
      assay 1
      use std.table as t
      workflow w {
        ## Fits.
        step fit = t.fit(table: fold.train, seed: 1 + seed) foreach fold in split.folds max 4 when ok @development
      }
      """)
    #expect(
      try DocumentJSON.encode(tree).compact
        == #"{"schema":"assay.document/1","uses":[{"plugin":"std.table","as":"t"}],"workflows":[{"name":"w","steps":["#
        + #"{"name":"fit","doc":"Fits.","call":"t.fit","arguments":{"table":{"ref":["fold","train"]},"#
        + #""seed":{"op":"+","of":[1,{"ref":["seed"]}]}},"foreach":{"items":["fold"],"in":{"ref":["split","folds"]},"#
        + #""max":4},"when":{"ref":["ok"]},"phase":"development"}]}]}"#)
  }

  @Test func documentsWithMistakesAreNotEncoded() {
    #expect(throws: ImportProblem.self) { try DocumentJSON.encode(parse("assay 1\nworkflow {")) }
    #expect(throws: ImportProblem("line 3, column 21", "`a` is given twice")) {
      try DocumentJSON.encode(
        parse("assay 1\nworkflow w {\nout x: any = {a: 1, a: 2} }"))
    }
  }

  @Test func tooDeepIsSaid() throws {
    let deep = String(repeating: "[", count: 150) + String(repeating: "]", count: 150)
    #expect(throws: ImportProblem.self) {
      try DocumentJSON.encode(parse("assay 1\nworkflow w { out x: any = \(deep) }"))
    }
    // A long sum is one operation, however deep its tree.
    let long = Array(repeating: "a", count: 190).joined(separator: " + ")
    let json = try DocumentJSON.encode(parse("assay 1\nworkflow w { out x: any = \(long) }"))
    #expect(try JSON.parse(json.compact) == json)
    #expect(try DocumentJSON.decode(json).contains(long))
  }
}
