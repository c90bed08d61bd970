/// Diagnostics for programs: `assay check --json`.
///
/// ```
/// {"diagnostics": [{"code": "E0101", "severity": "error", "message": "…", "file": "churn.assay", "range": RANGE,
///    "label": "no such output", "related": [{"file": "…", "range": RANGE, "label": "…"}], "help": "…",
///    "fix": {"title": "…", "edits": [{"range": RANGE, "text": "…"}]}}], "more": 0}
/// RANGE = {"start": {"offset": 91, "line": 8, "column": 35}, "end": {…}}
/// ```
/// Offsets count bytes from 0; lines and columns (Unicode scalars) count from 1. `notes`, `help` and `fix` are left out when
/// there are none; edits belong to `file`.
package enum JSONRenderer {
  /// One line, without a line break at its end.
  package static func render(_ diagnostics: [Diagnostic], limit: Int = .max) -> String {
    let shown = diagnostics.prefix(max(0, limit)).map(object).joined(separator: ",")
    return #"{"diagnostics":[\#(shown)],"more":\#(max(0, diagnostics.count - max(0, limit)))}"#
  }

  private static func object(_ diagnostic: Diagnostic) -> String {
    var members = [
      #""code":\#(quoted(diagnostic.code))"#, #""severity":"\#(diagnostic.severity.rawValue)""#,
      #""message":\#(quoted(diagnostic.message))"#, place(diagnostic.primary),
      #""related":[\#(diagnostic.secondary.map { "{\(place($0))}" }.joined(separator: ","))]"#,
    ]
    if !diagnostic.notes.isEmpty {
      members.append(#""notes":[\#(diagnostic.notes.map(quoted).joined(separator: ","))]"#)
    }
    if let help = diagnostic.help { members.append(#""help":\#(quoted(help))"#) }
    if let fix = diagnostic.fix {
      let edits = fix.edits.map { edit in
        #"{"range":\#(range(edit.span, diagnostic.primary.file)),"text":\#(quoted(edit.text))}"#
      }
      members.append(#""fix":{"title":\#(quoted(fix.title)),"edits":[\#(edits.joined(separator: ","))]}"#)
    }
    return "{\(members.joined(separator: ","))}"
  }

  private static func place(_ label: Diagnostic.Label) -> String {
    #""file":\#(quoted(label.file.path)),"range":\#(range(label.span, label.file)),"label":\#(quoted(label.text))"#
  }

  private static func range(_ span: Span, _ file: SourceFile) -> String {
    #"{"start":\#(position(span.start, file)),"end":\#(position(span.end, file))}"#
  }

  private static func position(_ offset: Int, _ file: SourceFile) -> String {
    let (line, column) = file.position(at: offset)
    return #"{"offset":\#(offset),"line":\#(line),"column":\#(column)}"#
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let hexadecimal = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
