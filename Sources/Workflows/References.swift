internal import Diagnostics
internal import Syntax
internal import Values

extension WorkflowChecker {
  /// `data`, `split.train`, `fold.train`, `trim.ran`.
  func reference(_ path: NamePath, _ span: Span, _ scope: inout ExpressionScope) -> Expression {
    let head = path.names[0]
    if scope.isConstant {
      error(
        "E0209", "a default is a constant: it cannot refer to `\(path.text)`", at: path.span, "refers to something",
        help: "compute it in a step, or where it is used")
      return invalid(span)
    }
    if let known = scope.known { return self.known(path, span, known) }
    if let index = scope.bindings.firstIndex(where: { $0.name == head.text }) {
      let base = Expression(.binding(index), scope.bindings[index].type, head.span)
      note(.item(workflow: number, step: scope.step ?? 0, index), at: head.span, type: base.type)
      return fields(path.names.dropFirst(), of: base, span)
    }
    if path.names.count == 1, inputIndex[head.text] == nil, let output = scope.outputs[head.text] {
      return Expression(output.kind, output.type, span)
    }
    if let step = stepIndex[head.text] { return output(step, path, span, scope) }
    if let index = inputIndex[head.text] {
      let base = Expression(.input(index), entry.inputTypes[index], head.span)
      note(.input(workflow: number, index), at: head.span, type: base.type)
      return fields(path.names.dropFirst(), of: base, span)
    }
    reportUnknownName(head, scope)
    return invalid(span)
  }

  private func known(_ path: NamePath, _ span: Span, _ known: [String: Expression]) -> Expression {
    if var found = known[path.text] {
      found.span = span
      return found
    }
    let near = session.report.near(path.text, known.keys.sorted())
    let (help, fix) = suggestion(
      near, for: path.span, otherwise: known.isEmpty ? nil : "known here: \(enumerated(known.keys.sorted(), limit: 10))"
    )
    error(
      "E0106", "cannot find `\(path.text)` in this experiment", at: path.span, "not known here", help: help, fix: fix)
    return invalid(span)
  }

  private func fields(_ names: some Sequence<Name>, of base: Expression, _ span: Span) -> Expression {
    var result = base
    for name in names {
      result = field(name, of: result, base.span.joined(name.span))
      if case .invalid = result.kind { break }
    }
    result.span = span
    return result
  }

  private func output(_ step: Int, _ path: NamePath, _ span: Span, _ scope: ExpressionScope) -> Expression {
    used[step] = true
    note(.step(workflow: number, step), at: path.names[0].span)
    let facts = facts[step]
    let name = path.names[0].text
    guard path.names.count > 1 else {
      if facts.isOpen { return invalid(span) }
      let names = facts.outputs.map(\.name)
      let only = names.count == 1 ? names.first : nil
      error(
        "E0102", "`\(name)` is a step, not a value", at: path.span, "name one of its outputs",
        help: names.isEmpty
          ? "this step has no outputs" : "outputs: \(enumerated(names.map { "\(name).\($0)" }))",
        fix: only.map { Fix("use its only output", [TextEdit(Span(path.span.end, path.span.end), ".\($0)")]) })
      return invalid(span)
    }
    let port = path.names[1]
    if let index = facts.outputNames.place(of: port.text) {
      let type = scope.ran.contains(step) ? facts.outputs[index].type.lowered : facts.outputs[index].type
      for signature in facts.signatures.lazy.compactMap({ $0 }) {
        note(signature.symbol(ofOutput: port.text), at: port.span, type: type)
      }
      let base = Expression(
        .output(step: position[step], port: index), type, path.names[0].span.joined(port.span))
      return fields(path.names.dropFirst(2), of: base, span)
    }
    if port.text == "ran", path.names.count == 2 {
      note(.ran, at: port.span, type: .bool)
      let isSkippable = syntax.steps[step].condition != nil || facts.outputs.contains { $0.type.isOptional }
      if !isSkippable, !facts.isOpen {
        session.warning(
          "W0103", "`\(name)` always runs", in: file, at: path.span, "always true",
          also: [.init(file, syntax.steps[step].name.span, "it has no `when`")], help: "leave `\(name).ran` out")
      }
      return Expression(.ran(step: position[step]), .bool, span)
    }
    if !facts.isOpen { reportUnknownOutput(step, port) }
    return invalid(span)
  }

  // MARK: Mistakes

  private func reportUnknownOutput(_ step: Int, _ port: Name) {
    let facts = facts[step]
    let name = syntax.steps[step].name
    if case .vary(let vary) = syntax.steps[step].body, reportPartialOutput(step, port, vary) { return }
    let near = session.report.near(port.text, facts.outputs.map(\.name))
    let gives = facts.outputs.prefix(6).map { "`\($0.name)`: \($0.type)" }.joined(separator: ", ")
    let (help, fix) = suggestion(near, for: port.span, written: near.map { "\(name.text).\($0)" }, otherwise: nil)
    error(
      "E0101", "step `\(name.text)` has no output `\(port.text)`", at: port.span, "no such output",
      also: [.init(file, name.span, gives.isEmpty ? "`\(name.text)` has no outputs" : "`\(name.text)` gives \(gives)")],
      help: help, fix: fix)
  }

  /// An output that some variants have, or have with types that do not go together.
  private func reportPartialOutput(_ step: Int, _ port: Name, _ vary: VarySyntax) -> Bool {
    var labels: [Diagnostic.Label] = []
    var without: [String] = []
    for (variant, signature) in zip(vary.variants, facts[step].signatures) {
      guard let signature else { return false }
      if let output = signature.outputs.first(where: { $0.name == port.text }) {
        labels.append(.init(file, variant.name.span, "`\(variant.name.text)` gives `\(port.text)`: \(output.type)"))
      } else {
        without.append(variant.name.text)
      }
    }
    guard !labels.isEmpty else { return false }
    let step = syntax.steps[step].name.text
    let reason =
      without.isEmpty
      ? "its variants give it different types"
      : "variant\(without.count == 1 ? "" : "s") \(enumerated(without)) of `\(step)` \(without.count == 1 ? "does" : "do") not give it"
    error(
      "E0505", "`\(step).\(port.text)` cannot be used: \(reason)", at: port.span, "not the same in all variants",
      also: Array(labels.prefix(4)), help: "all variants must offer what the workflow uses, with one type")
    return true
  }

  private func reportUnknownName(_ name: Name, _ scope: ExpressionScope) {
    if let index = bindingOwner[name.text] {
      let owner = syntax.steps[index]
      let isOwn = scope.step == index
      error(
        "E0107",
        isOwn
          ? "`\(name.text)` is not known here: it is one item of this step's `foreach`"
          : "`\(name.text)` is known in step `\(owner.name.text)` only", at: name.span, "not in scope",
        also: [.init(file, owner.foreach?.span ?? owner.name.span, "it stands for one item of this list")],
        help: isOwn
          ? "`when` and `foreach` decide about the step as a whole"
          : "refer to an output of `\(owner.name.text)`, or repeat its `foreach` here")
      return
    }
    let near = session.report.near(
      name.text, scope.bindings.map(\.name) + syntax.steps.map(\.name.text) + syntax.inputs.map(\.name.text))
    let known = scope.bindings.map(\.name) + syntax.inputs.map(\.name.text) + syntax.steps.prefix(8).map(\.name.text)
    let (help, fix) = suggestion(
      near, for: name.span, otherwise: known.isEmpty ? nil : "known here: \(enumerated(known, limit: 8))")
    error(
      "E0106", "cannot find `\(name.text)` in workflow `\(syntax.name.text)`", at: name.span,
      "not an input, a step or an item", help: help, fix: fix)
  }

  func reportUnknownCallee(_ path: NamePath) {
    let document = entry.document
    let names = session.report.maySuggest() ? calleeNames(document, like: path) : []
    var near = session.report.near(path.text, names)
    // A full plugin id instead of its short name, or the right task of another plugin.
    if near == nil { near = names.first { $0.hasSuffix("." + (path.names.last?.text ?? "")) } }
    let head = path.names[0].text
    if path.names.count > 1, document.namespaces[head] == nil, near == nil {
      guard document.unknownAliases.insert(head).inserted else { return }
      let alias = session.report.near(head, document.namespaces.keys.sorted())
      let (help, fix) = suggestion(
        alias, for: path.names[0].span,
        otherwise: "add `use …` for it at the top; `assay plugin list` shows what is installed")
      error(
        "E0110", "nothing here is called `\(head)`", at: path.names[0].span, "no plugin or file is used by this name",
        help: help, fix: fix)
      return
    }
    if path.names.count == 1, let target = document.targets[head] {
      error(
        "E0103", "`\(head)` is all of `\(target)`, not a task", at: path.span, "name one of its tasks",
        help: names.isEmpty ? nil : "such as \(enumerated(names.filter { $0.hasPrefix(head + ".") }, limit: 4))")
      return
    }
    let (help, fix) = suggestion(
      near, for: path.span, otherwise: names.isEmpty ? nil : "there are \(enumerated(names, limit: 8))")
    error(
      "E0103", "there is no task or workflow `\(path.text)`", at: path.span, "not found in what this file uses",
      help: help, fix: fix)
  }

  /// Everything that can be called here, what shares the first name first.
  private func calleeNames(_ document: Document, like path: NamePath) -> [String] {
    var near: [String] = []
    var far: [String] = document.workflows.keys.sorted()
    for alias in document.namespaces.keys.sorted() {
      let names: [String]
      switch document.namespaces[alias] {
      case .tasks(let tasks): names = tasks.keys.sorted().map { "\(alias).\($0)" }
      case .workflows(let workflows): names = workflows.keys.sorted().map { "\(alias).\($0)" }
      case .broken, nil: names = []
      }
      if alias == path.names[0].text { near += names } else { far += names }
    }
    return near + far
  }
}
