internal import Diagnostics
internal import TOML

/// What is wrong with a manifest, gathered.
final class Problems {
  let file: SourceFile
  private(set) var diagnostics: [Diagnostic] = []

  init(_ file: SourceFile) { self.file = file }

  func add(_ code: String, _ message: String, _ span: Span, _ label: String = "", help: String? = nil) {
    diagnostics.append(Diagnostic(code, message, at: .init(file, span, label), help: help))
  }

  /// A name that is not among the known ones.
  func unknown(
    _ code: String, _ message: String, _ name: String, _ span: Span, known: some Sequence<String>, help: String
  ) {
    let near = nearest(name, known)
    add(code, message, span, "not known", help: near.map { "did you mean `\($0)`?" } ?? help)
  }

  var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

extension TOMLPlace {
  var span: Span { Span(start, end) }
}

/// One table of a manifest with the names that may stand in it.
struct Section {
  let table: TOMLTable
  let span: Span
  /// `[[function]]`, for messages.
  let what: String
  let problems: Problems

  init(_ table: TOMLTable, _ span: Span, _ what: String, allowed: [String], _ problems: Problems) {
    self.table = table
    self.span = span
    self.what = what
    self.problems = problems
    for entry in table.entries where !allowed.contains(entry.key) {
      problems.unknown(
        "E0902", "\(what) has no `\(entry.key)`", entry.key, entry.keyPlace.span, known: allowed,
        help: "it has \(allowed.joined(separator: ", "))")
    }
  }

  func has(_ key: String) -> Bool { table[key] != nil }

  func span(_ key: String) -> Span { table[key]?.place.span ?? span }

  private func wrong(_ value: TOMLValue, _ key: String, _ wanted: String) {
    problems.add(
      "E0902", "`\(key)` must be \(wanted), not \(value.kindName)", value.place.span, "\(wanted) is expected")
  }

  func text(_ key: String) -> String? {
    guard let value = table[key] else { return nil }
    guard let text = value.string else {
      wrong(value, key, "a string")
      return nil
    }
    guard !text.unicodeScalars.contains("\0") else {
      problems.add("E0902", "`\(key)` contains a NUL character", value.place.span)
      return nil
    }
    return text
  }

  func required(_ key: String) -> String? {
    if !has(key) { problems.add("E0902", "\(what) needs `\(key)`", span, "`\(key)` is missing") }
    return text(key)
  }

  func flag(_ key: String) -> Bool {
    guard let value = table[key] else { return false }
    guard let flag = value.boolean else {
      wrong(value, key, "true or false")
      return false
    }
    return flag
  }

  func word(_ key: String, of words: [String]) -> String? {
    guard let text = text(key) else { return nil }
    guard words.contains(text) else {
      problems.unknown(
        "E0902", "`\(key)` is `\(text)`", text, span(key), known: words,
        help: "it is one of \(words.joined(separator: ", "))")
      return nil
    }
    return text
  }

  /// A string or a list of strings.
  func texts(_ key: String) -> [(text: String, span: Span)] {
    guard let value = table[key] else { return [] }
    if let text = value.string { return [(text, value.place.span)] }
    guard let items = value.array else {
      wrong(value, key, "a string or a list of strings")
      return []
    }
    return items.compactMap { item in
      guard let text = item.string else {
        wrong(item, key, "a list of strings")
        return nil
      }
      return (text, item.place.span)
    }
  }

  func table(_ key: String) -> (table: TOMLTable, span: Span)? {
    guard let value = table[key] else { return nil }
    guard let table = value.table else {
      wrong(value, key, "a table { … }")
      return nil
    }
    return (table, value.place.span)
  }

  func tables(_ key: String) -> [(table: TOMLTable, span: Span)] {
    guard let value = table[key] else { return [] }
    guard let items = value.array else {
      wrong(value, key, "a list of tables")
      return []
    }
    return items.compactMap { item in
      guard let table = item.table else {
        wrong(item, key, "a list of tables")
        return nil
      }
      return (table, item.place.span)
    }
  }

  /// Of an expression in a string; nil when there is none or a wrong one, which is said.
  func expression(_ key: String) -> Expression? {
    if case .integer(let number)? = table[key]?.content { return .number(number) }
    guard let text = text(key) else { return nil }
    return expression(text, span(key), key)
  }

  func expression(_ text: String, _ span: Span, _ key: String) -> Expression? {
    do throws(ExpressionError) { return try Expression.parse(text) } catch {
      // In a string without escapes the place of the mistake is known exactly.
      let plain = span.end - span.start == text.utf8.count + 2
      let at = min(span.start + 1 + error.offset, max(span.start, span.end - 1))
      problems.add(
        "E0906", "`\(key)`: \(error.message)", plain ? Span(at, at + 1) : span, "not understood",
        help: "such as `2*n + 1`, `len(x)`, `dim(a, 0)`, `min(m, n)`, `lda >= m`")
      return nil
    }
  }
}
