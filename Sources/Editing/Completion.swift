internal import Diagnostics
internal import Syntax
internal import Tasks
internal import Values
internal import Workflows

/// Finds what can be written at one caret of the root document.
struct Completion {
  let analysis: Analysis
  let caret: Caret
  let surroundings: Surroundings
  let allowsSnippets: Bool
  /// The workflow and step (of the text) around the caret.
  let entry: (number: Int, entry: Index.Entry)?
  let step: Int?

  init(_ analysis: Analysis, at offset: Int, _ surroundings: Surroundings, snippets: Bool) {
    self.analysis = analysis
    self.surroundings = surroundings
    allowsSnippets = snippets
    let caret = Caret(analysis.tree, at: offset)
    self.caret = caret
    let entry = analysis.workflow(at: offset)
    self.entry = entry
    step = caret.statement.flatMap { statement in
      entry?.entry.syntax.steps.firstIndex { $0.span.start == analysis.tree.tokens[statement].start }
    }
  }

  func items() -> [CompletionItem] {
    switch caret.spot {
    case .nowhere, .use(isString: true), .path: paths()
    case .file: declarations()
    case .member: members()
    case .experiment: ExperimentCaret(caret).map(experiment) ?? []
    case .use(isString: false): plugins() + paths()
    case .type: types()
    case .callee(let names): callees(names)
    case .clause(let isNewLine): clauses(isNewLine)
    case .phase: Phase.names.map { CompletionItem($0, .word, detail: "phase") }
    case .parameter(let call, let given): parameters(call, given)
    case .expression(let expectation): values(expected(expectation))
    case .field(let names): fields(names)
    case .option: options()
    case .optionValue(let option, let previous): optionValues(option, previous)
    case .variantName: variants()
    case .string(let expectation): strings(expected(expectation))
    }
  }

  // MARK: Words

  private func declarations() -> [CompletionItem] {
    let snippets = [
      "workflow": "workflow ${1:name} {\n  $0\n}", "use": "use $0", "experiment": "experiment ${1:name} {\n  $0\n}",
    ]
    let missing = analysis.tree.edition == nil ? ["assay"] : []
    return (["use", "workflow", "experiment"] + missing).compactMap { text in
      LanguageWord.named(text, .declaration).map { word in
        let snippet = allowsSnippets ? snippets[text] : nil
        return CompletionItem(
          word, .keyword, insertion: text == "assay" ? "assay 1" : snippet, isSnippet: snippet != nil)
      }
    }
  }

  private func members() -> [CompletionItem] {
    let snippets = ["in": "in ${1:name}: $0", "out": "out ${1:name}: ${2:type} = $0", "step": "step ${1:name} = $0"]
    return ["in", "step", "out"].compactMap { text in
      LanguageWord.named(text, .declaration).map {
        CompletionItem($0, .keyword, insertion: allowsSnippets ? snippets[text] : nil, isSnippet: allowsSnippets)
      }
    }
  }

  private func clauses(_ isNewLine: Bool) -> [CompletionItem] {
    // Behind the target of a `use`.
    guard let statement = caret.statement else {
      return LanguageWord.named("as", .declaration).map { [CompletionItem($0, .keyword)] } ?? []
    }
    guard caret.text(statement) == "step" else { return isNewLine ? members() : [] }
    let words = ["foreach", "when", "max"].compactMap { LanguageWord.named($0, .clause) }
    let clauses = words.map { CompletionItem($0, .keyword) } + [CompletionItem("in", .keyword, rank: 3)]
    return isNewLine ? members() + clauses.filter { $0.label != "in" } : clauses
  }

  private func options() -> [CompletionItem] {
    var given: Set<String> = []
    var isVary = false
    if let step, let syntax = entry?.entry.syntax.steps[step] {
      given = Set(syntax.options.map(\.name.text))
      if case .vary = syntax.body { isVary = true }
    }
    let words = LanguageWord.all(.option).filter { !given.contains($0.text) || $0.text == caret.prefix }
    let items = words.map { CompletionItem($0, .keyword, rank: 1) }
    guard isVary else { return items }
    return ["variant", "default"].compactMap { LanguageWord.named($0, .declaration) }.map {
      CompletionItem($0, .keyword, rank: 0)
    }
      + items
  }

  private func optionValues(_ option: String, _ previous: String) -> [CompletionItem] {
    let values: [String]
    switch option {
    case "reuse": values = previous == option ? ["inputs", "never"] : []
    case "isolation": values = previous == option ? Isolation.allCases.map(\.rawValue) : []
    case "on failure":
      values = previous == "failure" ? ["stop", "skip", "continue"] : previous == "on" ? ["failure"] : []
    case "on": values = ["failure"]
    case "resources": values = ["cpu", "memory", "gpu"]
    case "retry": values = previous == option ? [] : previous == "on" ? Self.failures : ["on"]
    case "backoff": values = previous == option ? [] : ["jitter"]
    default: values = []
    }
    return values.map { value in
      LanguageWord.named(value, .optionWord).map { CompletionItem($0, .word, rank: 1) } ?? CompletionItem(value, .word)
    }
  }

  private static let failures = [
    "crash", "timeout", "transient", "resource", "failed", "input", "contract", "io.timeout",
  ]

  private func variants() -> [CompletionItem] {
    guard let step, case .vary(let vary)? = entry?.entry.syntax.steps[step].body else { return [] }
    return vary.variants.map { CompletionItem($0.name.text, .variant, detail: $0.call.callee.text) }
  }

  // MARK: use and paths

  private func plugins() -> [CompletionItem] {
    surroundings.plugins().map { CompletionItem($0, .plugin, detail: "plugin") }
  }

  private func paths() -> [CompletionItem] {
    let isInString: Bool
    let isUse: Bool
    switch caret.spot {
    case .use(let string): (isInString, isUse) = (string, true)
    case .path: (isInString, isUse) = (true, false)
    default: return []
    }
    let written = isInString ? caret.prefix : "./"
    let folder = written.lastIndex(of: "/").map { String(written[...$0]) } ?? ""
    let usable = [".assay", ".assay.json", ".py", ".so", ".functions.toml"]
    return surroundings.files(folder.isEmpty ? "./" : folder).compactMap { name in
      let isFolder = name.hasSuffix("/")
      guard isFolder ? !name.hasPrefix("_") : !isUse || usable.contains(where: name.hasSuffix) else { return nil }
      let path = folder + name
      return CompletionItem(
        isInString ? path : "\"\(path)\"", isFolder ? .folder : .file, insertion: isInString ? nil : "\"\(path)\"",
        rank: isFolder ? 2 : 1)
    }
  }

  // MARK: Types

  private func types() -> [CompletionItem] {
    let words = LanguageWord.all(.type).map { word in
      let hasElement = word.text == "list" && allowsSnippets
      return CompletionItem(word, .type, insertion: hasElement ? "list<$0>" : nil, isSnippet: hasElement, rank: 1)
    }
    var seen: Set<String> = []
    for scope in analysis.index.scopes.prefix(1) {
      for case .tasks(let tasks) in scope.namespaces.values {
        for task in tasks.values {
          for port in task.signature.parameters + task.signature.outputs { Self.collect(port.type, &seen) }
        }
      }
    }
    let written = analysis.file.text(Span(caret.dottedStart, caret.offset))
    let named = seen.sorted().filter { !written.contains(".") || $0.hasPrefix(written) }
    return (written.contains(".") ? [] : words)
      + named.map { CompletionItem($0, .type, detail: "type of a task's port", rank: 2) }
  }

  /// The opaque types and formats of files in a type.
  private static func collect(_ type: ValueType, _ seen: inout Set<String>) {
    switch type {
    case .opaque, .file(.some): seen.insert("\(type)")
    case .list(let element), .optional(let element): collect(element, &seen)
    case .record(let fields): for field in fields { collect(field.type, &seen) }
    default: break
    }
  }
}

extension Analysis {
  /// What can be written at an offset, best first.
  package func completions(at offset: Int, _ surroundings: Surroundings, snippets: Bool) -> [CompletionItem] {
    let completion = Completion(self, at: offset, surroundings, snippets: snippets)
    let dotted = completion.caret.dottedStart
    return completion.items().map { item in
      var item = item
      let isDotted = item.kind == .plugin || item.kind == .type && item.label.contains(".")
      item.replaced = isDotted ? Span(dotted, completion.caret.replaced.end) : completion.caret.replaced
      return item
    }.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }.map(\.element)
  }
}
