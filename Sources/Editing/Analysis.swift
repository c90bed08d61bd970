package import Diagnostics
package import Syntax
internal import Tasks
package import Workflows

/// A checked document with what its names mean: what all questions of an editor are answered from. Its root is document 0.
package struct Analysis: Sendable {
  package let checked: Checked
  package let index: Index

  /// Checks a document for an editor. As expensive as a check.
  package static func of(_ file: SourceFile, library: some Library) -> Analysis {
    let checked = check(file, library: library, indexing: true)
    return Analysis(checked: checked, index: checked.index ?? Index(occurrences: checked.trees.map { _ in [] }))
  }

  package var tree: SyntaxTree { checked.trees[0] }
  package var file: SourceFile { tree.file }

  /// What stands at an offset of the root document.
  package func occurrences(at offset: Int) -> ArraySlice<Occurrence> { index.occurrences(at: offset, in: 0) }

  /// The workflow of the root document around an offset.
  func workflow(at offset: Int) -> (number: Int, entry: Index.Entry)? {
    index.workflows.enumerated().lazy
      .first {
        $0.element.document == 0 && $0.element.syntax.span.start <= offset && offset <= $0.element.syntax.span.end
      }
      .map { ($0.offset, $0.element) }
  }
}

/// A place in a file.
package struct Place: Hashable, Sendable {
  package var path: String
  package var span: Span

  package init(_ path: String, _ span: Span) {
    self.path = path
    self.span = span
  }
}

/// What a symbol is called in every analysis of the same texts.
package enum SymbolIdentity: Hashable, Sendable {
  /// By the place of its declaration.
  case declared(Place)
  case task(String, id: String)
  case parameter(String, id: String, name: String)
  case result(String, id: String, name: String)
  case other(Symbol)
}

extension Analysis {
  package func identity(of symbol: Symbol) -> SymbolIdentity {
    if let place = declaration(of: symbol) { return .declared(place) }
    switch symbol {
    case .task(let task): return .task(index.tasks[task].source.path, id: index.tasks[task].signature.id)
    case .parameter(let task, let name):
      return .parameter(index.tasks[task].source.path, id: index.tasks[task].signature.id, name: name)
    case .result(let task, let name):
      return .result(index.tasks[task].source.path, id: index.tasks[task].signature.id, name: name)
    default: return .other(symbol)
    }
  }

  /// The name in a document that declares a symbol; nil for what plugins and the language declare.
  package func declaration(of symbol: Symbol) -> Place? {
    switch symbol {
    case .workflow(let number): return place(number) { $0.name }
    case .input(let workflow, let index): return place(workflow) { $0.inputs[index].name }
    case .output(let workflow, let index): return place(workflow) { $0.outputs[index].name }
    case .step(let workflow, let index): return place(workflow) { $0.steps[index].name }
    case .item(let workflow, let step, let index): return place(workflow) { $0.steps[step].foreach?.bindings[index] }
    case .variant(let workflow, let step, let index):
      return place(workflow) { syntax in
        guard case .vary(let vary) = syntax.steps[step].body else { return nil }
        return vary.variants[index].name
      }
    case .alias(let document, _):
      return index.occurrences[document].first { $0.isDeclaration && $0.symbol == symbol }
        .map { Place(checked.trees[document].file.path, $0.span) }
    case .file, .task, .parameter, .result, .field, .function, .phase, .ran: return nil
    }
  }

  private func place(_ workflow: Int, _ name: (WorkflowSyntax) -> Name?) -> Place? {
    let entry = index.workflows[workflow]
    return name(entry.syntax).map { Place(checked.trees[entry.document].file.path, $0.span) }
  }
}
