internal import Diagnostics
internal import Syntax
internal import Tasks
internal import Values
internal import Workflows

// Completion of what is named: callees, parameters, values and their fields.

extension Completion {
  // MARK: Callees

  func callees(_ path: [String]) -> [CompletionItem] {
    guard let scope = analysis.index.scopes.first else { return [] }
    if let head = path.first {
      switch scope.namespaces[head] {
      case .tasks(let tasks):
        let rest = path.dropFirst().map { $0 + "." }.joined()
        return tasks.sorted { $0.key < $1.key }.compactMap { name, task in
          guard name.hasPrefix(rest) else { return nil }
          return callee(String(name.dropFirst(rest.count)), task.signature)
        }
      case .workflows(let names): return path.count == 1 ? names.sorted { $0.key < $1.key }.map(workflow) : []
      case .broken, nil: return []
      }
    }
    let aliases = scope.namespaces.keys.sorted().map {
      CompletionItem($0, .plugin, detail: "tasks of \($0)", insertion: $0 + ".", rank: 1)
    }
    // Not itself: a workflow cannot call itself.
    let workflows = scope.workflows.sorted { $0.key < $1.key }.filter { $0.value != entry?.number }.map(workflow)
    let vary = LanguageWord.named("vary", .declaration).map { word in
      CompletionItem(
        word, .keyword,
        insertion: allowsSnippets ? "vary($1) {\n  variant ${2:a} = $3\n  default ${2:a}\n}" : nil,
        isSnippet: allowsSnippets, rank: 2)
    }
    return workflows + aliases + (vary.map { [$0] } ?? [])
  }

  private func callee(_ name: String, _ task: TaskSignature) -> CompletionItem {
    CompletionItem(
      name, .task, detail: Markdown.line(Markdown.signature(of: task, as: name)), documentation: Markdown.manual(task),
      insertion: call(name, task.parameters.filter(\.isRequired).map(\.name)), isSnippet: snippetsFitCalls)
  }

  private func workflow(_ name: String, _ number: Int) -> CompletionItem {
    let workflow = analysis.index.workflows[number].workflow
    let required = workflow.inputs.filter { $0.default == nil && !$0.type.isOptional }.map(\.name)
    return CompletionItem(
      name, .workflow, detail: Markdown.line(Markdown.signature(of: workflow)), documentation: workflow.doc,
      insertion: call(name, required), isSnippet: snippetsFitCalls, rank: 0)
  }

  /// Not before parentheses that are there already.
  private var snippetsFitCalls: Bool {
    let bytes = analysis.file.bytes
    return allowsSnippets && !(caret.replaced.end < bytes.count && bytes[caret.replaced.end] == UInt8(ascii: "("))
  }

  private func call(_ name: String, _ required: [String]) -> String {
    guard snippetsFitCalls else { return name }
    let arguments = required.enumerated().map { "\($0.element): $\($0.offset + 1)" }.joined(separator: ", ")
    return "\(name)(\(arguments.isEmpty ? "$0" : arguments))" + (arguments.isEmpty ? "" : "$0")
  }

  // MARK: Parameters

  private struct Parameter {
    var name: String
    var type: ValueType
    var isRequired: Bool
    var declaration: String
    var doc: String
  }

  /// What a call may name; of a `vary`, what one of its variants may.
  private func parameters(of call: [String]) -> [Parameter] {
    if call == ["vary"] {
      guard let step, case .vary(let vary)? = entry?.entry.syntax.steps[step].body else { return [] }
      var seen: Set<String> = []
      return vary.variants.flatMap { parameters(of: $0.call.callee.names.map(\.text)) }.filter {
        seen.insert($0.name).inserted
      }
    }
    guard let scope = analysis.index.scopes.first, let head = call.first else { return [] }
    if call.count == 1 { return scope.workflows[head].map(inputs) ?? [] }
    switch scope.namespaces[head] {
    case .tasks(let tasks):
      return (tasks[call.dropFirst().joined(separator: ".")]?.signature.parameters ?? []).map { port in
        Parameter(
          name: port.name, type: port.type, isRequired: port.isRequired, declaration: Markdown.declaration(port),
          doc: port.doc)
      }
    case .workflows(let names): return call.count == 2 ? names[call[1]].map(inputs) ?? [] : []
    case .broken, nil: return []
    }
  }

  private func inputs(of workflow: Int) -> [Parameter] {
    analysis.index.workflows[workflow].workflow.inputs.map { input in
      Parameter(
        name: input.name, type: input.type, isRequired: input.default == nil && !input.type.isOptional,
        declaration: "\(input.name): \(input.type)" + (input.default == nil ? "" : " = …"), doc: input.doc)
    }
  }

  func parameters(_ call: [String], _ given: [String]) -> [CompletionItem] {
    parameters(of: call).filter { !given.contains($0.name) }.map { parameter in
      CompletionItem(
        parameter.name, .port, detail: parameter.declaration, documentation: parameter.doc,
        insertion: parameter.name + ": ", rank: parameter.isRequired ? 0 : 1)
    }
  }

  // MARK: Values

  func expected(_ expectation: Caret.Expectation) -> ValueType {
    switch expectation {
    case .anything: .any
    case .condition: .bool
    case .list: .list(.any)
    case .parameter(let call, let name): parameters(of: call).first { $0.name == name }?.type ?? .any
    case .input(let name): entry?.entry.workflow.inputs.first { $0.name == name }?.type ?? .any
    case .output(let name): entry?.entry.workflow.outputs.first { $0.name == name }?.type ?? .any
    }
  }

  /// More steps than this are offered without their outputs.
  private static let manySteps = 300
  /// More are not offered at all until something is written that chooses among them.
  private static let mostSteps = 600

  func values(_ type: ValueType) -> [CompletionItem] {
    var items = literals(type)
    let isDefault = caret.statement.map { caret.text($0) == "in" } ?? true
    if let entry = entry?.entry, !isDefault {
      // An item is known in the step's arguments only.
      let isInside = caret.isInArguments
      for (name, itemType) in self.items() where isInside { items.append(value(name, itemType, type, "item")) }
      for input in entry.workflow.inputs { items.append(value(input.name, input.type, type, "input", doc: input.doc)) }
      let isLarge = entry.syntax.steps.count > Self.manySteps
      let prefix = caret.prefix.lowercased()
      let chosen = entry.syntax.steps.enumerated().lazy.filter { number, syntax in
        number != step && (prefix.isEmpty || !isLarge || syntax.name.text.lowercased().contains(prefix))
      }
      for (number, syntax) in chosen.prefix(Self.mostSteps) {
        let outputs = entry.step(number).outputs
        items.append(
          CompletionItem(
            syntax.name.text, .step, detail: outputs.map { "\($0.name): \($0.type)" }.joined(separator: ", "),
            documentation: syntax.doc, rank: 2))
        guard !isLarge else { continue }
        for output in outputs where type == .any || type.accepts(output.type) {
          items.append(value("\(syntax.name.text).\(output.name)", output.type, type, ""))
        }
      }
    }
    let functions = isDefault ? ["file", "dir"] : LanguageWord.all(.function).map(\.text)
    for name in functions {
      guard let word = LanguageWord.named(name, .function) else { continue }
      items.append(
        CompletionItem(
          word, .function, insertion: allowsSnippets ? "\(name)($0)" : nil, isSnippet: allowsSnippets, rank: 4))
    }
    return items
  }

  private func value(
    _ name: String, _ found: ValueType, _ wanted: ValueType, _ what: String, doc: String = ""
  ) -> CompletionItem {
    let fits = wanted != .any && wanted.accepts(found)
    return CompletionItem(
      name, name.contains(".") ? .port : .value, detail: "\(found)" + (what.isEmpty ? "" : "  (\(what))"),
      documentation: doc, rank: fits ? 0 : wanted == .any ? 1 : 2)
  }

  private func literals(_ type: ValueType) -> [CompletionItem] {
    switch type.lowered {
    case .bool: ["true", "false"].map { CompletionItem($0, .word, rank: 1) }
    case .enumeration(let words): words.map { CompletionItem(StringLiteral.encode($0), .word, rank: 0) }
    case .any: ["true", "false", "null"].map { CompletionItem($0, .word, rank: 4) }
    default: type.isOptional ? [CompletionItem("null", .word, rank: 3)] : []
    }
  }

  func strings(_ type: ValueType) -> [CompletionItem] {
    guard case .enumeration(let words) = type.lowered else { return [] }
    return words.map { CompletionItem($0, .word, rank: 0) }
  }

  /// The names that the `foreach` of the step around gives to its items.
  private func items() -> [(name: String, type: ValueType)] {
    guard let step, let entry = entry?.entry, let foreach = entry.step(step).foreach else { return [] }
    let element = foreach.source.type.listElement ?? .any
    if foreach.bindings.count == 1 { return [(foreach.bindings[0], element)] }
    guard case .record(let fields) = element, fields.count == foreach.bindings.count else {
      return foreach.bindings.map { ($0, .any) }
    }
    return zip(foreach.bindings, fields).map { ($0, $1.type) }
  }

  // MARK: Fields

  func fields(_ path: [String]) -> [CompletionItem] {
    guard let head = path.first, let entry = entry?.entry else { return [] }
    var rest = path.dropFirst()
    var type: ValueType
    if caret.isInArguments, let item = items().first(where: { $0.name == head }) {
      type = item.type
    } else if let number = entry.syntax.steps.firstIndex(where: { $0.name.text == head }) {
      let typed = entry.step(number)
      guard let port = rest.popFirst() else { return outputs(of: typed, entry.callees[number]) }
      type = typed.outputs.first { $0.name == port }?.type ?? .any
    } else if let input = entry.workflow.inputs.first(where: { $0.name == head }) {
      type = input.type
    } else {
      return []
    }
    for name in rest { type = Self.fields(of: type).first { $0.name == name }?.type ?? .any }
    return Self.fields(of: type).map { CompletionItem($0.name, .field, detail: "\($0.type)") }
  }

  private static func fields(of type: ValueType) -> [ValueType.RecordField] {
    switch type {
    case .record(let fields): fields
    case .list(.record(let fields)): fields.map { .init($0.name, .list($0.type)) }
    default: []
    }
  }

  private func outputs(of step: Step, _ callees: [Step.Callee?]) -> [CompletionItem] {
    let items = step.outputs.map { output in
      CompletionItem(
        output.name, .port, detail: "\(output.type)",
        documentation: callees.lazy.compactMap { doc($0, output.name) }.first ?? "",
        rank: 0)
    }
    guard step.condition != nil || step.outputs.contains(where: \.type.isOptional) else { return items }
    return items + (LanguageWord.named("ran", .expression).map { [CompletionItem($0, .field)] } ?? [])
  }

  private func doc(_ callee: Step.Callee?, _ output: String) -> String? {
    switch callee {
    case .task(let task): analysis.index.tasks[task].signature.outputs.first { $0.name == output }?.doc
    case .workflow(let number): analysis.index.workflows[number].workflow.outputs.first { $0.name == output }?.doc
    case nil: nil
    }
  }
}
