package import Diagnostics
internal import Syntax
package import Workflows

/// Why a name cannot be changed.
package struct RenameProblem: Error, Sendable, Hashable {
  package var message: String
  package init(_ message: String) { self.message = message }
}

extension Analysis {
  /// The name at an offset that may be changed, and what it stands for.
  package func renamed(at offset: Int) throws(RenameProblem) -> (span: Span, symbols: [Symbol]) {
    let found = occurrences(at: offset)
    guard let first = found.first else { throw RenameProblem("there is no name here that can be changed") }
    // What `use "…"` says is a path, and the name that is made of it too.
    if file.text(first.span).hasPrefix("\"") { throw RenameProblem("a path is changed by moving the file") }
    for occurrence in found {
      if let reason = Self.fixed(occurrence.symbol) { throw RenameProblem(reason) }
      guard let place = declaration(of: occurrence.symbol) else {
        throw RenameProblem("where this is declared is not known")
      }
      guard let declared = tree(at: place.path), declared.file.text(place.span) == file.text(first.span) else {
        throw RenameProblem("`\(file.text(first.span))` is made of the name of a file: write `as` and a name first")
      }
    }
    return (first.span, found.map(\.symbol))
  }

  private static func fixed(_ symbol: Symbol) -> String? {
    switch symbol {
    case .task, .parameter, .result: "this is declared by a plugin: it is changed there"
    case .field: "this is a field of a record: it is part of a type"
    case .function, .phase, .ran: "this is a word of the language"
    case .file: "a path is changed by moving the file"
    default: nil
    }
  }

  private func tree(at path: String) -> SyntaxTree? { checked.trees.first { $0.file.path == path } }

  /// Refuses a new name that is no name, or that is taken where one of the symbols is known.
  package func checkFree(_ name: String, for symbols: [Symbol]) throws(RenameProblem) {
    guard Lexer.isName(name) else {
      throw RenameProblem("`\(name)` is no name: names are letters, digits and `_`, and begin with no digit")
    }
    guard !["true", "false", "null", "not", "and", "or"].contains(name) else {
      throw RenameProblem("`\(name)` is a word of the language")
    }
    for symbol in symbols {
      if let other = taken(name, besides: symbol) { throw RenameProblem("`\(name)` is already the name of \(other)") }
    }
  }

  private func taken(_ name: String, besides symbol: Symbol) -> String? {
    switch symbol {
    case .input(let workflow, _), .step(let workflow, _), .item(let workflow, _, _):
      let syntax = index.workflows[workflow].syntax
      if syntax.inputs.contains(where: { $0.name.text == name }) { return "an input" }
      if syntax.steps.contains(where: { $0.name.text == name }) { return "a step" }
      let items = syntax.steps.flatMap { $0.foreach?.bindings ?? [] }
      return items.contains { $0.text == name } ? "an item of a `foreach`" : nil
    case .output(let workflow, _):
      return index.workflows[workflow].syntax.outputs.contains { $0.name.text == name } ? "an output" : nil
    case .variant(let workflow, let step, _):
      guard case .vary(let vary) = index.workflows[workflow].syntax.steps[step].body else { return nil }
      return vary.variants.contains { $0.name.text == name } ? "a variant" : nil
    case .workflow:
      if name == "vary" { return "what has variants" }
      return index.scopes.contains { $0.workflows[name] != nil } ? "a workflow" : nil
    case .alias(let document, _):
      return index.scopes[document].namespaces[name] != nil ? "something that is used here" : nil
    default: return nil
    }
  }
}
