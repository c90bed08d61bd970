internal import Diagnostics
internal import Syntax
internal import Tasks
internal import Values
internal import Workflows

// Completion between the braces of an experiment: its words, and the names of the workflow that it studies.

extension Completion {
  /// Words by the block that they stand in ("" is the experiment itself) and the word before them ("" begins a statement).
  private static let experimentWords: [String: [String: [String]]] = [
    "": [
      "": ["study", "intent", "space", "metrics", "stage", "gate", "budget", "knowledge", "accept"], "accept": ["when"],
    ],
    "space": ["": ["where"]],
    "stage": [
      "": ["strategy", "prune"], "strategy": ["sobol", "tpe", "repeat", "grid", "random"], "prune": ["median"],
    ],
    "gate": [
      "": ["ask", "show", "allow", "timeout"], "show": ["leaderboard", "importance", "pareto"],
      "allow": ["continue", "narrow", "stop"], "then": ["continue", "narrow", "stop"],
    ],
    "budget": ["": ["trials", "wall", "parallel"]],
    "knowledge": [
      "": ["reuse"], "reuse": ["trials", "queue", "priors", "all", "none"], "trials": ["from"], "queue": ["from"],
      "priors": ["from"], "all": ["from"], "none": ["from"], "from": ["experiments"], "when": ["same", "similar"],
    ],
    "accept": ["": ["promote", "approve"], "approve": ["by"]],
  ]
  /// What is named, or stands, between the parentheses behind a word.
  private static let experimentArguments: [String: [String]] = [
    "sobol": ["trials:"], "grid": ["trials:"], "random": ["trials:"], "tpe": ["trials:", "start:"],
    "repeat": ["best", "seeds:"], "median": ["after:"], "experiments": ["tag:"], "same": ["workflow", "data"],
    "similar": ["data"],
  ]

  func experiment(_ place: ExperimentCaret) -> [CompletionItem] {
    guard
      let body = analysis.tree.experiments.first(where: { $0.span.start < caret.offset && caret.offset <= $0.span.end })
    else { return [] }
    let declared = ExperimentDeclarations(analysis.tree, body.body)
    let studied = declared.workflow.flatMap { analysis.index.scopes.first?.workflows[$0] }
      .map { analysis.index.workflows[$0] }
    let names = experimentNames(place, declared, studied)
    let block = place.block ?? ""
    var key = place.isNewStatement ? "" : place.previous
    // `allow a, b`: what may follow the comma is what may follow the word.
    if key == ",", place.bracket == nil { key = place.first }
    var words = place.bracket == nil ? Self.experimentWords[block]?[key] ?? [] : []
    // Only stages and gates come more than once.
    if block.isEmpty, place.isNewStatement {
      words.removeAll { declared.members.contains($0) && !["stage", "gate"].contains($0) && $0 != caret.prefix }
    }
    return names + words.map(experimentWord)
  }

  private func experimentWord(_ text: String) -> CompletionItem {
    let name = text.hasSuffix(":") ? String(text.dropLast()) : text
    let word = LanguageWord.named(name, .experiment)
    return CompletionItem(
      name, text.hasSuffix(":") ? .port : .keyword, detail: word?.usage ?? "", documentation: word?.doc ?? "",
      insertion: text.hasSuffix(":") ? name + ": " : name, rank: 2)
  }

  private func experimentNames(
    _ place: ExperimentCaret, _ declared: ExperimentDeclarations, _ studied: Index.Entry?
  ) -> [CompletionItem] {
    let metrics = declared.metrics.map { CompletionItem($0.name, .value, detail: "metric", rank: 0) }
    let stages = declared.stages.filter { !place.words.prefix(2).contains($0.name) }
      .map { CompletionItem($0.name, .value, detail: "stage", rank: 0) }
    if let bracket = place.bracket, bracket.kind == .leftParenthesis, place.block != "space" {
      switch bracket.callee {
      case "best": return place.previous == "," ? stages : []
      case "pareto": return metrics
      case declared.workflow where place.block == nil:
        return ["(", ","].contains(place.previous) ? parameters([bracket.callee], []) : []
      default:
        if place.previous == ":" { return bracket.callee == "tpe" ? [experimentWord("best")] : [] }
        return ["(", ","].contains(place.previous)
          ? (Self.experimentArguments[bracket.callee] ?? []).map(experimentWord) : []
      }
    }
    switch (place.block, place.isNewStatement ? "" : place.first) {
    case (nil, "study"):
      return place.previous == "study" ? callees([]).filter { $0.kind == .workflow }.map(Self.nameOnly) : []
    case (nil, "stage"), (nil, "gate"):
      if place.previous == "after" { return stages }
      if place.words.contains("when") { return metrics + connectives(place) }
      return place.words.count == 2 ? [experimentWord("after"), CompletionItem("when", .keyword)] : []
    case (nil, "accept"): return place.words.count > 1 ? metrics + connectives(place) : []
    case ("space", ""): return studied.map { steps($0, preferring: \.isVariabilityPoint) } ?? []
    case ("space", _): return studied.map { spaceNames(place, $0) } ?? []
    case ("metrics", _), ("accept", "promote"): return studied.map { measured(place, $0) } ?? []
    default: return []
    }
  }

  private static func nameOnly(_ item: CompletionItem) -> CompletionItem {
    var item = item
    item.insertion = item.label
    item.isSnippet = false
    return item
  }

  private func connectives(_ place: ExperimentCaret) -> [CompletionItem] {
    ["and", "or", "not"].map { CompletionItem($0, .keyword, rank: 3) }
  }

  private func steps(_ entry: Index.Entry, preferring isBetter: (Step) -> Bool) -> [CompletionItem] {
    entry.syntax.steps.indices.map { number in
      let step = entry.step(number)
      let variants = step.variants.map(\.name).filter { !$0.isEmpty }.joined(separator: " | ")
      return CompletionItem(
        step.name, .step, detail: variants, documentation: step.doc, rank: isBetter(step) ? 0 : 1)
    }
  }

  private func step(_ name: String?, _ entry: Index.Entry) -> Step? {
    entry.workflow.steps.first { $0.name == name }
  }

  // MARK: space

  private func spaceNames(_ place: ExperimentCaret, _ entry: Index.Entry) -> [CompletionItem] {
    let head = place.head
    if place.previous == "." { return parts(of: place.path, entry) }
    if place.bracket?.kind == .leftBracket {
      return variants(of: step(head.first, entry)).filter { !place.words.contains($0.label) }
    }
    if place.first == "where" {
      if ["==", "!="].contains(place.previous) { return variants(of: step(place.operand, entry)) }
      let points = steps(entry, preferring: \.isVariabilityPoint).filter { $0.rank == 0 }
      let expectsValue = ["where", "and", "or", "not", "("].contains(place.previous)
      return expectsValue
        ? points + [CompletionItem("not", .keyword, rank: 3)] : connectives(place).filter { $0.label != "not" }
    }
    guard place.words.contains("in") else { return [CompletionItem("in", .keyword, rank: 0)] }
    guard place.previous == "in" else {
      return place.words.contains("..") ? [experimentWord("log"), CompletionItem("step", .keyword, rank: 2)] : []
    }
    let ranges = ["int", "float"].compactMap { LanguageWord.named($0, .type) }.map {
      CompletionItem($0, .type, rank: 1)
    }
    if head.count == 1, let point = step(head.first, entry), point.isVariabilityPoint {
      return [
        CompletionItem(
          "[\(point.variants.map(\.name).joined(separator: ", "))]", .value, detail: "all variants", rank: 0)
      ]
    }
    switch parameter(head, entry)?.type.lowered {
    case .bool: return [CompletionItem("[true, false]", .value, rank: 0)]
    case .enumeration(let words):
      return [CompletionItem("[\(words.map { StringLiteral.encode($0) }.joined(separator: ", "))]", .value, rank: 0)]
    case .int: return ranges.filter { $0.label == "int" }
    case .float: return ranges.filter { $0.label == "float" }
    default: return ranges
    }
  }

  private func variants(of step: Step?) -> [CompletionItem] {
    guard let step, step.isVariabilityPoint else { return [] }
    return step.variants.map { CompletionItem($0.name, .variant, detail: "variant of \(step.name)", rank: 0) }
  }

  /// What may follow the dot: variants of a step, parameters of a variant or of a step without variants.
  private func parts(of path: [String], _ entry: Index.Entry) -> [CompletionItem] {
    guard let step = step(path.first, entry) else { return [] }
    if path.count == 1, step.isVariabilityPoint { return variants(of: step) }
    return ports(of: path, entry).map {
      CompletionItem($0.name, .port, detail: Markdown.declaration($0), documentation: $0.doc, rank: 0)
    }
  }

  private func parameter(_ path: [String], _ entry: Index.Entry) -> Port? {
    ports(of: Array(path.dropLast()), entry).first { $0.name == path.last }
  }

  private func ports(of path: [String], _ entry: Index.Entry) -> [Port] {
    guard let step = step(path.first, entry), path.count == (step.isVariabilityPoint ? 2 : 1) else { return [] }
    switch step.variants.first(where: { $0.name == (path.count == 2 ? path[1] : "") })?.callee {
    case .task(let task): return analysis.index.tasks[task].signature.parameters
    case .workflow(let number):
      return analysis.index.workflows[number].workflow.inputs.map { Port($0.name, $0.type, doc: $0.doc) }
    case nil: return []
    }
  }

  // MARK: metrics

  /// A step's output, and in `metrics` what is better.
  private func measured(_ place: ExperimentCaret, _ entry: Index.Entry) -> [CompletionItem] {
    if place.previous == "." {
      return (step(place.path.last, entry)?.outputs ?? []).map {
        CompletionItem($0.name, .port, detail: "\($0.type)", rank: 0)
      }
    }
    if ["=", "promote"].contains(place.previous) { return steps(entry) { $0.outputs.contains { $0.type.isNumber } } }
    guard place.block == "metrics" else { return [CompletionItem("as", .keyword)] }
    guard place.words.contains("=") else { return [] }
    let hasGoal = place.words.contains("maximize") || place.words.contains("minimize")
    return (hasGoal ? ["limit"] : ["maximize", "minimize"]).map(experimentWord)
  }
}

extension ValueType {
  fileprivate var isNumber: Bool {
    switch lowered {
    case .int, .float, .any: true
    default: false
    }
  }
}

extension ExperimentCaret {
  /// What stands before a comparison.
  fileprivate var operand: String? { path(before: statement + words.count - 1).first }
}
