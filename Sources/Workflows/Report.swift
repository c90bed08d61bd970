internal import Diagnostics

/// Collects what is to be said, each thing once.
final class Report {
  private struct Key: Hashable {
    var code: String
    var path: String
    var span: Span
  }

  private(set) var diagnostics: [Diagnostic] = []
  private var seen: Set<Key> = []
  /// Searching for something to suggest costs time: after so many mistakes it is not done any more.
  private var suggestions = 100

  func add(_ diagnostic: Diagnostic) {
    let primary = diagnostic.primary
    guard seen.insert(Key(code: diagnostic.code, path: primary.file.path, span: primary.span)).inserted else { return }
    diagnostics.append(diagnostic)
    // Corrections are edits of text.
    if !primary.file.isText { diagnostics[diagnostics.count - 1].fix = nil }
    if diagnostic.severity == .error { hasErrors = true }
  }

  private(set) var hasErrors = false

  /// True while it is worth looking for suggestions.
  func maySuggest() -> Bool {
    suggestions -= 1
    return suggestions >= 0
  }

  /// The nearest of the candidates, as long as suggestions are worth their time.
  func near(_ name: String, _ candidates: @autoclosure () -> [String]) -> String? {
    maySuggest() ? nearest(name, candidates()) : nil
  }
}

/// `a`, `b`, `c`, at most `limit` of them.
func enumerated(_ names: [String], limit: Int = 6) -> String {
  names.prefix(limit).map { "`\($0)`" }.joined(separator: ", ") + (names.count > limit ? ", …" : "")
}

/// Help and fix that replace `name` by `suggestion`.
func suggestion(_ suggestion: String?, for name: Span, written: String? = nil, otherwise: String?) -> (String?, Fix?) {
  guard let suggestion else { return (otherwise, nil) }
  return (
    "did you mean `\(written ?? suggestion)`?", Fix("write `\(suggestion)`", [TextEdit(name, suggestion)])
  )
}
