internal import Diagnostics
internal import Syntax
internal import Tasks
internal import Values

extension WorkflowChecker {
  /// The typed form of a step of the text.
  func step(_ index: Int) -> Step {
    let syntax = syntax.steps[index]
    let facts = facts[index]
    noteStep(index)
    var outer = ExpressionScope(step: index)
    let foreach = syntax.foreach.map { self.foreach($0, &outer) }
    let condition = syntax.condition.map { condition -> Expression in
      let checked = check(condition, expecting: .bool, &outer)
      return fit(checked, to: .bool, outer) { Target(what: "`when`", type: .bool) }
    }
    var inner = outer
    inner.bindings = foreach?.types ?? []
    if let condition = syntax.condition { inner.ran = stepsThatRan(condition) }
    let options = syntax.options.isEmpty ? StepOptions() : OptionChecker(self, syntax, facts.signatures).check()
    let (variants, chosen) = variants(syntax, facts, &inner)
    return Step(
      name: syntax.name.text, doc: syntax.doc, variants: variants, defaultVariant: chosen, outputs: facts.outputs,
      foreach: foreach?.foreach, condition: condition, phase: phase(syntax.phase), options: options,
      span: syntax.name.span)
  }

  // MARK: Clauses

  private func foreach(
    _ syntax: ForeachSyntax, _ scope: inout ExpressionScope
  ) -> (foreach: Step.Foreach, types: [(name: String, type: ValueType)]) {
    var source = check(syntax.source, &scope)
    var element = ValueType.any
    if case .optional(let wrapped) = source.type, wrapped.listElement != nil {
      source = fit(source, to: wrapped, scope) { Target(what: "`foreach`", type: wrapped) }
    } else if let found = source.type.listElement {
      element = found
    } else {
      error(
        "E0204", "`foreach` walks over a list, got `\(source.type)`", at: source.span, "this is `\(source.type)`",
        help: "for a number of repetitions write `range(n)`")
      source = invalid(source.span)
    }
    var types: [(name: String, type: ValueType)] = []
    for (index, name) in syntax.bindings.enumerated() {
      declare(name, syntax.bindings[..<index])
      types.append((name.text, .any))
    }
    if syntax.bindings.count == 1 {
      types[0].type = element
    } else if case .record(let fields) = element, fields.count == syntax.bindings.count {
      for (index, field) in fields.enumerated() { types[index].type = field.type }
    } else if element != .any {
      error(
        "E0204", "\(syntax.bindings.count) names need items of \(syntax.bindings.count) parts, these are `\(element)`",
        at: source.span, "items of type `\(element)`", help: "walk over `zip(a, b)` with one name for each list")
    }
    var limit: Int?
    if let text = syntax.limit {
      limit = Int(text.text.filter { $0 != "_" })
      if limit.map({ $0 < 1 }) ?? true {
        error("E0801", "`max` needs a whole number of at least 1", at: text.span, "not possible")
        limit = nil
      }
    }
    for (index, (name, type)) in zip(syntax.bindings, types).enumerated() {
      note(
        .item(workflow: number, step: scope.step ?? 0, index), at: name.span, isDeclaration: true, type: type.type)
    }
    return (.init(bindings: syntax.bindings.map(\.text), source: source, limit: limit), types)
  }

  private func declare(_ binding: Name, _ earlier: ArraySlice<Name>) {
    let first =
      earlier.first { $0.text == binding.text }?.span ?? stepIndex[binding.text].map { syntax.steps[$0].name.span }
      ?? inputIndex[binding.text].map { syntax.inputs[$0].name.span }
    guard let first else { return }
    error(
      "E0105", "`\(binding.text)` is already the name of something else", at: binding.span, "the second one",
      also: [.init(file, first, "the first one")], help: "give the item another name")
  }

  private func phase(_ name: Name?) -> String? {
    guard let name else { return nil }
    let own = session.library.phases
    if let phase = own.first(where: { $0 == name.text }) ?? Phase.canonical(name.text) {
      note(.phase(phase), at: name.span)
      return phase
    }
    let near = session.report.near(name.text, own + Phase.names + Phase.aliases.keys.sorted())
    let (help, fix) = suggestion(
      near, for: name.span, otherwise: "phases: \(enumerated(own.isEmpty ? Phase.names : own, limit: 20))")
    error("E0111", "there is no phase `\(name.text)`", at: name.span, "unknown phase", help: help, fix: fix)
    return nil
  }

  // MARK: Calls

  private func variants(
    _ syntax: StepSyntax, _ facts: StepFacts, _ scope: inout ExpressionScope
  ) -> (variants: [Step.Variant], chosen: Int) {
    switch syntax.body {
    case .missing: return ([], 0)
    case .call(let call):
      let arguments = arguments(call, shared: nil, facts.signatures[0], syntax, &scope)
      let callee = facts.signatures[0]?.callee
      return (callee.map { [.init(name: "", callee: $0, arguments: arguments)] } ?? [], 0)
    case .vary(let vary):
      checkShared(vary, facts, &scope)
      var result: [Step.Variant] = []
      for (variant, signature) in zip(vary.variants, facts.signatures) {
        let arguments = arguments(variant.call, shared: vary.shared, signature, syntax, &scope)
        if let signature {
          result.append(.init(name: variant.name.text, callee: signature.callee, arguments: arguments))
        }
      }
      let chosen = checkDefault(vary, syntax)
      return (result, result.firstIndex { $0.name == chosen } ?? 0)
    }
  }

  /// The arguments of one call, those shared by all variants merged in.
  private func arguments(
    _ call: CallSyntax, shared: CallSyntax?, _ signature: Signature?, _ step: StepSyntax,
    _ scope: inout ExpressionScope
  ) -> [Step.Argument] {
    var given = GivenNames()
    var result: [Step.Argument] = []
    result.reserveCapacity(call.arguments.count)
    // Parameters that a misspelt name was probably meant to be: not missing.
    var meant: Set<String> = []
    for argument in call.arguments {
      guard let name = argument.name else {
        reportUnnamed(argument, call, signature)
        _ = check(argument.value, &scope)
        continue
      }
      if let first = given[name.text] {
        error(
          "E0105", "`\(name.text)` is given twice", at: name.span, "the second one",
          also: [.init(file, first, "the first one")], help: "keep one of them")
        continue
      }
      given.add(name)
      if let value = argumentValue(argument, name, call, signature, meant: &meant, &scope) {
        result.append(.init(name: name.text, value: value))
      }
    }
    for argument in shared?.arguments ?? [] {
      // A variant's own argument wins over the shared one.
      guard let name = argument.name, let signature, signature.parameter(name.text) != nil, given[name.text] == nil
      else { continue }
      given.add(name)
      if let value = argumentValue(argument, name, call, signature, meant: &meant, &scope) {
        result.append(.init(name: name.text, value: value))
      }
    }
    guard let signature, !step.isBroken else { return result }
    for parameter in signature.parameters where parameter.isRequired && given[parameter.name] == nil {
      if meant.contains(parameter.name) || call.arguments.contains(where: { $0.name == nil }) { continue }
      reportMissingArgument(parameter, call, step, scope)
    }
    warnAboutSeed(call, shared, signature, given)
    return result
  }

  private func argumentValue(
    _ argument: ArgumentSyntax, _ name: Name, _ call: CallSyntax, _ signature: Signature?,
    meant: inout Set<String>,
    _ scope: inout ExpressionScope
  ) -> Expression? {
    guard let signature else {
      _ = check(argument.value, &scope)
      return nil
    }
    guard let parameter = signature.parameter(name.text) else {
      _ = check(argument.value, &scope)
      let names = signature.parameters.map(\.name)
      let near = session.report.near(name.text, names)
      if let near { meant.insert(near) }
      let (help, fix) = suggestion(
        near, for: name.span, otherwise: names.isEmpty ? "it takes nothing" : "it takes \(enumerated(names, limit: 10))"
      )
      error(
        "E0104", "`\(call.callee.text)` has no parameter `\(name.text)`", at: name.span, "unknown parameter",
        help: help, fix: fix)
      return nil
    }
    note(signature.symbol(ofParameter: name.text), at: name.span, type: parameter.type)
    let checked = check(argument.value, expecting: parameter.type, unit: parameter.unit, &scope)
    return fit(checked, to: parameter.type, scope) {
      let declaration = Diagnostic.Label(
        file, call.callee.span, "`\(call.callee.text)` declares `\(parameter.name): \(parameter.type)`")
      return Target(what: "`\(parameter.name)`", type: parameter.type, declaration: declaration)
    }
  }

  private func reportUnnamed(_ argument: ArgumentSyntax, _ call: CallSyntax, _ signature: Signature?) {
    if case .missing = argument.value.kind { return }
    let given = Set(call.arguments.compactMap(\.name?.text))
    let free = (signature?.parameters ?? []).map(\.name).filter { !given.contains($0) }
    let only = free.count == 1 ? free.first : nil
    let start = Span(argument.value.span.start, argument.value.span.start)
    error(
      "E0208", "arguments of a step have names", at: argument.value.span, "which parameter is this?",
      help: free.isEmpty ? nil : "write \(enumerated(free.map { "\($0): …" }, limit: 4))",
      fix: only.map { Fix("name it `\($0)`", [TextEdit(start, "\($0): ")]) })
  }

  private func reportMissingArgument(
    _ parameter: Signature.Parameter, _ call: CallSyntax, _ step: StepSyntax, _ scope: ExpressionScope
  ) {
    let found = candidates(for: parameter.type, in: scope, limit: 4)
    let certain =
      found.count == 1 ? found.first : found.first { $0 == parameter.name && inputIndex[$0] != nil }
    var fix: Fix?
    if let certain, let edits = CallEdits.add(parameter.name, certain, to: call, in: file) {
      fix = Fix("connect `\(certain)`", edits)
    }
    error(
      "E0203", "step `\(step.name.text)`: `\(parameter.name): \(parameter.type)` of `\(call.callee.text)` is not given",
      at: call.callee.span, "`\(parameter.name)` is missing",
      help: certain.map { "connect `\($0)`" } ?? (found.isEmpty ? nil : "connect one of \(enumerated(found))"), fix: fix
    )
  }

  /// A workflow with a seed that a step ignores is not repeatable in the way that it looks.
  private func warnAboutSeed(
    _ call: CallSyntax, _ shared: CallSyntax?, _ signature: Signature, _ given: GivenNames
  ) {
    guard hasSeed, given["seed"] == nil, let parameter = signature.parameter("seed"),
      !parameter.isRequired
    else { return }
    let fix = CallEdits.add("seed", "seed", to: call, in: file).map { Fix("pass the seed on", $0) }
    session.warning(
      "W0102", "`\(call.callee.text)` has a `seed` that is not connected to the workflow's `seed`", in: file,
      at: call.callee.span, "uses a seed of its own", help: "pass it on: `seed: seed`", fix: fix)
  }

  // MARK: vary

  private func checkShared(_ vary: VarySyntax, _ facts: StepFacts, _ scope: inout ExpressionScope) {
    let signatures = facts.signatures.compactMap { $0 }
    let all = signatures.flatMap { $0.parameters.map(\.name) }
    var given: [String: Span] = [:]
    for argument in vary.shared.arguments {
      guard let name = argument.name else {
        reportUnnamed(argument, vary.shared, nil)
        _ = check(argument.value, &scope)
        continue
      }
      if let first = given[name.text] {
        error(
          "E0105", "`\(name.text)` is given twice", at: name.span, "the second one",
          also: [.init(file, first, "the first one")], help: "keep one of them")
        continue
      }
      given[name.text] = name.span
      guard !all.contains(name.text) else { continue }
      // Not checked with any variant: check it for its own mistakes.
      _ = check(argument.value, &scope)
      guard !facts.isOpen else { continue }
      let (help, fix) = suggestion(
        session.report.near(name.text, all), for: name.span,
        otherwise: all.isEmpty ? nil : "they take \(enumerated(Array(Set(all)).sorted(), limit: 10))")
      error(
        "E0504", "no variant has a parameter `\(name.text)`", at: name.span, "goes to no variant", help: help, fix: fix)
    }
  }

  /// The name of the default variant.
  private func checkDefault(_ vary: VarySyntax, _ step: StepSyntax) -> String? {
    var seen: [String: Span] = [:]
    for variant in vary.variants {
      if let first = seen[variant.name.text] {
        error(
          "E0105", "two variants are called `\(variant.name.text)`", at: variant.name.span, "the second one",
          also: [.init(file, first, "the first one")], help: "give one another name")
      } else {
        seen[variant.name.text] = variant.name.span
      }
    }
    guard !step.isBroken else { return vary.defaultName?.text }
    guard let first = vary.variants.first else {
      error(
        "E0502", "`\(step.name.text)` has no variants", at: step.name.span, "add at least one `variant`",
        help: "write `variant a = …(…)` and `default a` in its braces")
      return nil
    }
    let names = vary.variants.map(\.name.text)
    guard let chosen = vary.defaultName else {
      var fix: Fix?
      if names.count == 1 {
        let edit = TextEdit(Span(first.span.end, first.span.end), "\n    default \(first.name.text)")
        fix = Fix("make it the default", [edit])
      }
      error(
        "E0503", "`\(step.name.text)` does not say which variant is the default", at: step.name.span,
        "no `default` in its braces",
        help: "outside experiments one variant runs: add `default` and one of \(enumerated(names))", fix: fix)
      return nil
    }
    if !names.contains(chosen.text) {
      let (help, fix) = suggestion(
        session.report.near(chosen.text, names), for: chosen.span, otherwise: "variants: \(enumerated(names))")
      error(
        "E0604", "`\(step.name.text)` has no variant `\(chosen.text)`", at: chosen.span, "unknown variant",
        help: help, fix: fix)
    }
    return chosen.text
  }
}
