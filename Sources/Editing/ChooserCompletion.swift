internal import Tasks
internal import Values
internal import Workflows

// Behind `strategy` and `prune`: what the engine has, what used plugins have, and the options of both.

extension Completion {
  /// What may be chosen behind one of the two words.
  func choosers(_ place: ExperimentCaret) -> [CompletionItem] {
    let isStrategy = place.first == "strategy"
    if place.previous == "." {
      return tasks(of: place.path.first ?? "", isStrategy).map { name, task in
        CompletionItem(name, .task, detail: task.title, documentation: task.doc, rank: 0)
      }
    }
    let aliases = (analysis.index.scopes.first?.namespaces.keys.sorted() ?? []).filter {
      !tasks(of: $0, isStrategy).isEmpty
    }
    return (isStrategy ? StrategyCatalog.strategies : StrategyCatalog.prunings).map {
      CompletionItem($0.name, .keyword, detail: $0.summary, rank: 1)
    } + aliases.map { CompletionItem($0, .plugin, detail: "those of \($0)", insertion: $0 + ".", rank: 2) }
  }

  /// The tasks of a plugin that are strategies, or pruning rules: by the input that these take.
  private func tasks(of alias: String, _ isStrategy: Bool) -> [(name: String, task: TaskSignature)] {
    guard case .tasks(let tasks)? = analysis.index.scopes.first?.namespaces[alias] else { return [] }
    return tasks.sorted { $0.key < $1.key }.filter { _, task in
      task.signature.parameters.contains { $0.name == (isStrategy ? "space" : "curve") }
    }.map { ($0.key, $0.value.signature) }
  }

  /// Options that are not given yet.
  func chooserOptions(_ place: ExperimentCaret) -> [CompletionItem] {
    guard place.block == "stage", ["strategy", "prune"].contains(place.first) else { return [] }
    let isStrategy = place.first == "strategy"
    let callee = place.words.dropFirst().prefix { $0 != "(" }.joined()
    let given = Set(zip(place.words, place.words.dropFirst()).filter { $0.1 == ":" }.map(\.0))
    let entries = isStrategy ? StrategyCatalog.strategies : StrategyCatalog.prunings
    var options: [(name: String, detail: String)] = []
    if let entry = entries.first(where: { $0.name == callee }) {
      if entry.takesSource, place.previous == "(" {
        return [CompletionItem("best", .keyword, detail: "the best trials of a stage", insertion: "best(", rank: 0)]
      }
      if isStrategy, !entry.takesSource { options = Self.ofStages }
      options += entry.options.map { ($0.name, "\($0.type)") }
    } else if let dot = callee.firstIndex(of: "."),
      let task = tasks(of: String(callee[..<dot]), isStrategy).first(where: { $0.name == callee[dot...].dropFirst() })?
        .task
    {
      if isStrategy { options = Self.ofStages }
      let ports = isStrategy ? StrategyInterface.options(of: task) : JudgeInterface.options(of: task)
      options += ports.map { ($0.name, Markdown.declaration($0)) } + [("timeout", "how long it may think")]
    }
    return options.filter { !given.contains($0.name) }.map {
      CompletionItem($0.name, .port, detail: $0.detail, insertion: $0.name + ": ", rank: 1)
    }
  }

  private static let ofStages = [("trials", "int"), ("start", "best(N, stage)")]
}
