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

  /// The text of a document that was given as JSON, in canonical layout; it is parsed and checked like any other. O(size).
  package static func decode(_ json: JSON) throws(ImportProblem) -> String {
    let document = try JSONReader.document(json)
    let text = document.text
    let tree = Parser.parse(SourceFile(path: "", text: text))
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

  /// The text of a `*.assay.json` file.
  ///
  /// - Parameter path: for the message.
  package static func document(fromJSON text: String, path: String) -> Result<String, ImportProblem> {
    do throws(JSONSyntaxError) {
      let json = try JSON.parse(text)
      do throws(ImportProblem) { return .success(try decode(json)) } catch {
        return .failure(ImportProblem("\(path): \(error.place)", error.message))
      }
    } catch {
      return .failure(ImportProblem("\(path): line \(error.line), column \(error.column)", error.message))
    }
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
