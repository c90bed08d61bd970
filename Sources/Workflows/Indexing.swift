internal import Diagnostics
internal import Syntax
internal import Values

// What the checker leaves in an index; nothing of it changes what is checked.

extension WorkflowChecker {
  func note(
    _ symbol: @autoclosure () -> Symbol, at span: Span, isDeclaration: Bool = false, type: ValueType? = nil
  ) {
    guard !isQuiet else { return }
    session.note(symbol(), at: span, in: document, isDeclaration: isDeclaration, type: type)
  }

  /// A step's own names: its name, its variants, and what they call.
  func noteStep(_ index: Int) {
    let step = syntax.steps[index]
    note(.step(workflow: number, index), at: step.name.span, isDeclaration: true)
    switch step.body {
    case .missing: break
    case .call(let call): noteCallee(call, facts[index].signatures.first ?? nil)
    case .vary(let vary):
      for (variant, (syntax, signature)) in zip(vary.variants, facts[index].signatures).enumerated() {
        note(.variant(workflow: number, step: index, variant), at: syntax.name.span, isDeclaration: true)
        noteCallee(syntax.call, signature)
      }
      if let chosen = vary.defaultName, let match = vary.variants.firstIndex(where: { $0.name.text == chosen.text }) {
        note(.variant(workflow: number, step: index, match), at: chosen.span)
      }
    }
  }

  private func noteCallee(_ call: CallSyntax, _ signature: Signature?) {
    let names = call.callee.names
    var rest = names[...]
    // What is known was found behind the name of a plugin or file.
    if names.count > 1, signature != nil || entry.document.namespaces[names[0].text] != nil {
      note(.alias(document: entry.document.number, names[0].text), at: names[0].span)
      rest = rest.dropFirst()
    }
    guard let signature, let first = rest.first, let last = rest.last else { return }
    let span = first.span.joined(last.span)
    switch signature.callee {
    case .task(let task): note(.task(task), at: span)
    case .workflow(let workflow): note(.workflow(workflow), at: span)
    }
  }

  func indexed(_ workflow: Workflow) -> Index.Entry {
    Index.Entry(
      document: entry.document.number, syntax: syntax, workflow: workflow, position: position,
      callees: facts.map(\.callees))
  }
}
