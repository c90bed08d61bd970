internal import Diagnostics
package import Syntax
package import Values

/// Documents as JSON, and JSON as documents.
package enum DocumentJSON {
  package static let schema = "assay.document/1"

  /// The canonical JSON form of a document: all that it means, without layout and comments. O(size).
  ///
  /// Throws for a document with mistakes of form, which its diagnostics say better, and for one that is nested too deeply
  /// for JSON readers.
  package static func encode(_ tree: SyntaxTree) throws(ImportProblem) -> JSON {
    if let mistake = tree.diagnostics.first {
      let (line, column) = tree.file.position(at: mistake.primary.span.start)
      throw ImportProblem("line \(line), column \(column)", mistake.message)
    }
    let json = try TreeReader(tree: tree).document().json
    guard json.depth <= 120 else {
      throw ImportProblem("$", "this document is nested too deeply; take a part out into a step of its own")
    }
    return json
  }

  /// The tree of a document that is given as JSON, for the same checker as any other; its file is the JSON. O(size).
  ///
  /// Experiments are text: a document that has some is read as its own text, and places are places in that.
  ///
  /// - Parameter path: of the file.
  package static func tree(_ bytes: [UInt8], path: String) throws(ImportProblem) -> SyntaxTree {
    let (tree, experiments) = try read(bytes, path)
    guard !experiments.isEmpty else { return tree }
    return Parser.parse(SourceFile(path: path, text: try text(tree, experiments)))
  }

  /// The tree of a document on record, which may have been in either form.
  package static func recorded(_ text: String, path: String) -> SyntaxTree {
    let isJSON = path.hasSuffix(".json") && text.utf8.first { $0 > 0x20 } == UInt8(ascii: "{")
    if isJSON, let tree = try? tree(Array(text.utf8), path: path) { return tree }
    return Parser.parse(SourceFile(path: path, text: text))
  }

  /// The text of a document that is given as JSON, in canonical layout. O(size).
  package static func decode(_ bytes: [UInt8]) throws(ImportProblem) -> String {
    let (tree, experiments) = try read(bytes, "")
    return try text(tree, experiments)
  }

  package static func decode(_ json: JSON) throws(ImportProblem) -> String { try decode(json.bytes()) }

  private static func read(
    _ bytes: [UInt8], _ path: String
  ) throws(ImportProblem) -> (tree: SyntaxTree, experiments: [Document.Experiment]) {
    guard bytes.count <= Lexer.maximumBytes else { throw ImportProblem("$", "this document is longer than 1 GiB") }
    let whole: JSONReader.Whole
    do throws(JSONProblem) {
      whole = try bytes.withUnsafeBufferPointer { buffer throws(JSONProblem) in
        var reader = JSONReader(buffer)
        return try reader.document()
      }
    } catch {
      let (line, column) = SourceFile(path: "", bytes: bytes).position(at: error.offset)
      let place = JSONPath.of(error.offset, in: bytes).map { " (\($0))" } ?? ""
      throw ImportProblem("line \(line), column \(column)\(place)", error.message)
    }
    let tree = SyntaxTree(
      file: SourceFile(path: path, bytes: bytes, wording: wording), tokens: [], edition: whole.edition,
      uses: whole.uses,
      workflows: whole.workflows, experiments: [], diagnostics: [])
    return (tree, whole.experiments)
  }

  private static func text(
    _ tree: SyntaxTree, _ experiments: [Document.Experiment]
  ) throws(ImportProblem) -> String {
    var document = try TreeReader(tree: tree).document()
    document.experiments = experiments
    let tree = Parser.parse(SourceFile(path: "", text: document.text))
    // What is read back must be what was meant: no name, type or text may smuggle in anything else.
    if let mistake = tree.diagnostics.first {
      let (line, column) = tree.file.position(at: mistake.primary.span.start)
      throw ImportProblem("$", "line \(line), column \(column) of its text would be wrong: \(mistake.message)")
    }
    guard try TreeReader(tree: tree).document() == document else {
      throw ImportProblem("$", "this document cannot be said as text")
    }
    return tree.file.applying(Formatter.format(tree))
  }

  /// What stands at a place of the JSON, in the words of the language.
  @Sendable private static func wording(_ bytes: [UInt8], _ span: Span) -> String {
    let end = min(span.end, bytes.count)
    let part = bytes[min(span.start, end)..<end]
    switch part.first {
    case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""):
      if let text = expression(Array(part)) { return text }
    default: break
    }
    // Between quotes there may be escapes.
    if part.contains(UInt8(ascii: "\\")), case .string(let text)? = try? JSON.parse([0x22] + part + [0x22]) {
      return text
    }
    return String(decoding: part, as: UTF8.self)
  }

  private static func expression(_ bytes: [UInt8]) -> String? {
    let syntax = try? bytes.withUnsafeBufferPointer { buffer throws(JSONProblem) -> ExpressionSyntax in
      var reader = JSONReader(buffer)
      let syntax = try reader.expression()
      try reader.json.end()
      return syntax
    }
    let file = SourceFile(path: "", bytes: bytes, wording: wording)
    let tree = SyntaxTree(
      file: file, tokens: [], edition: nil, uses: [], workflows: [], experiments: [], diagnostics: [])
    return syntax.flatMap { try? TreeReader(tree: tree).read($0).text() }
  }
}

/// Where something stands in a JSON text: `$.workflows[0].steps[2].when`.
enum JSONPath {
  /// The path of the innermost value around an offset; nil: the text ends, or is none, before it. O(text).
  static func of(_ offset: Int, in bytes: [UInt8]) -> String? {
    let path = try? bytes.withUnsafeBufferPointer { buffer throws(JSONProblem) -> String? in
      var cursor = JSONCursor(buffer)
      return try find(offset, &cursor)
    }
    return path.flatMap { $0 }.map { "$" + $0 }
  }

  private static func find(_ offset: Int, _ cursor: inout JSONCursor) throws(JSONProblem) -> String? {
    let kind = try cursor.peek()
    let start = cursor.offset
    var isFirst = true
    switch kind {
    case .object:
      try cursor.enter()
      while let (name, _) = try cursor.nextName(&isFirst) {
        if let inner = try find(offset, &cursor) { return ".\(name)\(inner)" }
      }
    case .array:
      try cursor.enter()
      var index = 0
      while try cursor.nextItem(&isFirst) {
        if let inner = try find(offset, &cursor) { return "[\(index)]\(inner)" }
        index += 1
      }
    default: _ = try cursor.value()
    }
    return start <= offset && offset < cursor.offset ? "" : nil
  }
}

extension JSON {
  /// Levels of arrays and objects.
  fileprivate var depth: Int {
    switch self {
    case .array(let items): 1 + (items.map(\.depth).max() ?? 0)
    case .object(let members): 1 + (members.map(\.value.depth).max() ?? 0)
    default: 0
    }
  }
}

extension SourceFile {
  /// The text with edits in ascending order that do not overlap.
  fileprivate func applying(_ edits: [TextEdit]) -> String {
    var out: [UInt8] = []
    var end = 0
    for edit in edits.sorted(by: { $0.span.start < $1.span.start }) where edit.span.start >= end {
      out += bytes[end..<edit.span.start]
      out += edit.text.utf8
      end = edit.span.end
    }
    return String(decoding: out + bytes[end...], as: UTF8.self)
  }
}
