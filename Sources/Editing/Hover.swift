package import Diagnostics
internal import Syntax
internal import Tasks
internal import Values
internal import Workflows

extension Analysis {
  /// What is to be said of what stands at an offset: Markdown, and the place that it is about.
  package func hover(at offset: Int) -> (text: String, span: Span)? {
    let mistakes = checked.diagnostics.filter { diagnostic in
      diagnostic.primary.file == file && diagnostic.primary.span.start <= offset
        && offset <= diagnostic.primary.span.end
    }
    let found = occurrences(at: offset)
    var parts: [String] = []
    for occurrence in found {
      // The path says less than what it is used as.
      if case .file = occurrence.symbol, found.count > 1 { continue }
      let text = describe(occurrence)
      if !parts.contains(text) { parts.append(text) }
    }
    var span = found.first?.span
    if found.isEmpty, let word = word(at: offset) {
      parts.append(word.text)
      span = word.span
    }
    for diagnostic in mistakes {
      if let rule = Explanations.explanation(for: diagnostic.code) {
        parts.append("**\(rule.code): \(rule.title)**\n\n\(rule.text)")
      }
    }
    guard !parts.isEmpty, let place = span ?? mistakes.first?.primary.span else { return nil }
    return (parts.joined(separator: "\n\n---\n\n"), place)
  }

  func describe(_ occurrence: Occurrence) -> String {
    switch occurrence.symbol {
    case .workflow(let number): return describe(workflow: number)
    case .input(let workflow, let position):
      let entry = index.workflows[workflow]
      let input = entry.workflow.inputs[position]
      let syntax = entry.syntax.inputs[position]
      let text = syntax.defaultValue.map { checked.trees[entry.document].text($0.span) }
      return Markdown.paragraphs([Markdown.code("in " + Markdown.declaration(input, text)), input.doc])
    case .output(let workflow, let position):
      let output = index.workflows[workflow].workflow.outputs[position]
      return Markdown.paragraphs([
        Markdown.code("out \(output.name): \(occurrence.type ?? output.type)"), output.doc,
      ])
    case .step(let workflow, let step): return describe(step: step, of: workflow)
    case .variant(let workflow, let step, let variant): return describe(variant: variant, of: step, of: workflow)
    case .item(let workflow, let step, let item):
      let syntax = index.workflows[workflow].syntax.steps[step]
      let name = syntax.foreach?.bindings[item].text ?? ""
      return Markdown.code("\(name): \(occurrence.type ?? .any)")
        + "\n\nOne item of the `foreach` of `\(syntax.name.text)`."
    case .alias(let document, let name): return describe(alias: name, of: document)
    case .file(let path): return "`\(path)`"
    case .task(let task):
      let signature = index.tasks[task].signature
      return Markdown.paragraphs([Markdown.code(Markdown.signature(of: signature)), Markdown.manual(signature)])
    case .parameter(let task, let name): return describe(port: name, of: task, occurrence.type) { $0.parameters }
    case .result(let task, let name): return describe(port: name, of: task, occurrence.type) { $0.outputs }
    case .field(let name): return Markdown.code("\(name): \(occurrence.type ?? .any)")
    case .function(let name): return LanguageWord.named(name, .function)?.markdown ?? name
    case .phase(let name): return "`@\(name)`: the phase of a machine-learning project that the step belongs to."
    case .ran: return LanguageWord.named("ran", .expression)?.markdown ?? "ran"
    }
  }

  private func describe(workflow number: Int) -> String {
    let workflow = index.workflows[number].workflow
    return Markdown.paragraphs([
      Markdown.code("workflow " + Markdown.signature(of: workflow)), workflow.doc,
      workflow.file == file ? "" : "in `\(workflow.file.path)`",
    ])
  }

  private func describe(step: Int, of workflow: Int) -> String {
    let entry = index.workflows[workflow]
    let typed = entry.step(step)
    let outputs = typed.outputs.map { "\($0.name): \($0.type)" }
    var head = "step \(typed.name)"
    if !outputs.isEmpty { head += " → " + outputs.joined(separator: ", ") }
    let callees = entry.callees[step].compactMap { $0 }
    return Markdown.paragraphs(
      [Markdown.code(head), typed.doc] + (callees.count == 1 ? callees.map(describe(callee:)) : variants(entry, step)))
  }

  private func variants(_ entry: Index.Entry, _ step: Int) -> [String] {
    guard case .vary(let vary) = entry.syntax.steps[step].body, !vary.variants.isEmpty else { return [] }
    let lines = vary.variants.map { variant in
      "- `\(variant.name.text)` = `\(variant.call.callee.text)`"
        + (variant.name.text == vary.defaultName?.text ? " (default)" : "")
    }
    return [lines.joined(separator: "\n")]
  }

  private func describe(variant: Int, of step: Int, of workflow: Int) -> String {
    let entry = index.workflows[workflow]
    guard case .vary(let vary) = entry.syntax.steps[step].body else { return "" }
    let syntax = vary.variants[variant]
    let callee = entry.callees[step][variant].map(describe(callee:)) ?? ""
    return Markdown.paragraphs([
      Markdown.code("variant \(syntax.name.text) = \(syntax.call.callee.text)"), syntax.doc, callee,
    ])
  }

  private func describe(callee: Step.Callee) -> String {
    switch callee {
    case .workflow(let number): describe(workflow: number)
    case .task(let task):
      Markdown.paragraphs([
        Markdown.code(Markdown.signature(of: index.tasks[task].signature)),
        Markdown.manual(index.tasks[task].signature),
      ])
    }
  }

  private func describe(
    port name: String, of task: Int, _ type: ValueType?, _ ports: (TaskSignature) -> [Port]
  ) -> String {
    let signature = index.tasks[task].signature
    guard var port = ports(signature).first(where: { $0.name == name }) else { return name }
    if let type { port.type = type }
    let unit = port.unit.isEmpty ? "" : "in \(port.unit)"
    return Markdown.paragraphs([
      Markdown.code(Markdown.declaration(port)), port.doc, unit, "of `\(signature.id)`",
    ])
  }

  private func describe(alias: String, of document: Int) -> String {
    switch index.scopes[document].namespaces[alias] {
    case .tasks(let tasks):
      let lines = tasks.sorted { $0.key < $1.key }.map { name, task in
        "- `\(alias).\(name)`" + (task.signature.title.isEmpty ? "" : " — \(Markdown.line(task.signature.title))")
      }
      let source = tasks.values.first?.source.path ?? ""
      return Markdown.paragraphs(["`\(source)`", lines.joined(separator: "\n")])
    case .workflows(let names):
      return names.keys.sorted().map { "- workflow `\(alias).\($0)`" }.joined(separator: "\n")
    case .broken, nil: return "`\(alias)` could not be loaded."
    }
  }

  /// A word of the language, where the token at the offset is one.
  private func word(at offset: Int) -> (text: String, span: Span)? {
    guard let number = tree.token(at: offset) else { return nil }
    let token = tree.tokens[number]
    guard token.kind == .name else { return nil }
    let text = tree.text(token.span)
    let follows = number > 0 ? tree.text(tree.tokens[number - 1].span) : ""
    let word: LanguageWord?
    switch token.role {
    case .opaque: return experimentWord(text, token, follows)
    case .declaration: word = LanguageWord.named(text, .declaration)
    case .option: word = LanguageWord.named(text == "on" ? "on failure" : text, .option)
    case .type, .typeEnd: word = follows == "." ? nil : LanguageWord.named(text, .type)
    case .plain where follows == "on" && text == "failure": word = LanguageWord.named("on failure", .option)
    default:
      word = LanguageWord.named(text, .clause, .optionWord, .expression) ?? LanguageWord.named(text, .declaration)
    }
    return word.map { ($0.markdown, token.span) }
  }
}

extension Analysis {
  /// A name that the experiment declares, as it is declared, or one of its words.
  private func experimentWord(_ text: String, _ token: Token, _ follows: String) -> (text: String, span: Span)? {
    guard follows != ".",
      let experiment = tree.experiments.first(where: { $0.span.start < token.start && token.end <= $0.span.end })
    else { return nil }
    let declared = ExperimentDeclarations(tree, experiment.body)
    guard let name = (declared.stages + declared.metrics).first(where: { $0.name == text }) else {
      return LanguageWord.named(text, .experiment).map { ($0.markdown, token.span) }
    }
    let line = file.line(file.position(at: tree.tokens[name.token].start).line)
    let head = line.drop { $0 == " " || $0 == "\t" }.prefix { $0 != "{" }
    return (Markdown.code(String(head)), token.span)
  }
}

extension SyntaxTree {
  /// The token that an offset is in or at the end of; the later one of two that meet there, unless only the earlier is a
  /// name.
  func token(at offset: Int) -> Int? {
    var low = 0
    var high = tokens.count
    while low < high {
      let middle = (low + high) / 2
      if tokens[middle].start <= offset { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let last = low - 1
    if last > 0, tokens[last].start == offset, tokens[last].kind != .name, tokens[last - 1].end == offset {
      return last - 1
    }
    return offset <= tokens[last].end ? last : nil
  }
}
