package import Diagnostics
package import Syntax
package import Tasks
package import Values

/// What a name in a document stands for. Numbers are positions in `Index.workflows`, `Index.tasks` and `Checked.trees`;
/// inputs, steps, variants, items and outputs are counted in text order.
package enum Symbol: Hashable, Sendable {
  case workflow(Int)
  case input(workflow: Int, Int)
  case step(workflow: Int, Int)
  case variant(workflow: Int, step: Int, Int)
  /// One of the names that a `foreach` gives to an item.
  case item(workflow: Int, step: Int, Int)
  case output(workflow: Int, Int)
  /// The short name of a plugin or file.
  case alias(document: Int, String)
  /// The file that a `use` names; its path as the library knows it.
  case file(String)
  case task(Int)
  case parameter(task: Int, String)
  case result(task: Int, String)
  /// A field of a record.
  case field(String)
  /// A function of the expression language.
  case function(String)
  case phase(String)
  /// `trim.ran`.
  case ran
}

/// One place where a name stands.
package struct Occurrence: Sendable {
  package var symbol: Symbol
  package var span: Span
  package var isDeclaration: Bool
  /// Of the value that is meant here: a step's output is lifted by `foreach` and `when`, for example.
  package var type: ValueType?

  package init(_ symbol: Symbol, _ span: Span, isDeclaration: Bool = false, type: ValueType? = nil) {
    self.symbol = symbol
    self.span = span
    self.isDeclaration = isDeclaration
    self.type = type
  }
}

/// What the checker knows besides mistakes, also of documents that have some: for editors.
package struct Index: Sendable {
  package struct Entry: Sendable {
    /// Position in `Checked.trees`.
    package var document: Int
    package var syntax: WorkflowSyntax
    package var workflow: Workflow
    /// Position in `workflow.steps` of each step in the text.
    package var position: [Int]
    /// What each call of each step in the text calls (a `vary`: in the order of its variants); nil where that is unknown.
    package var callees: [[Step.Callee?]]

    /// The typed form of a step of the text.
    package func step(_ index: Int) -> Step { workflow.steps[position[index]] }
  }

  /// What the names at the head of a document mean.
  package struct Scope: Sendable {
    package enum Namespace: Sendable {
      case tasks([String: InstalledTask])
      case workflows([String: Int])
      case broken
    }
    package var namespaces: [String: Namespace]
    /// Workflows that are called by their plain name, own and imported.
    package var workflows: [String: Int]
  }

  package var workflows: [Entry]
  package var tasks: [InstalledTask]
  /// By document.
  package var scopes: [Scope]
  /// By document, in text order. A name of several variants at once has several occurrences.
  package var occurrences: [[Occurrence]]

  package init(
    workflows: [Entry] = [], tasks: [InstalledTask] = [], scopes: [Scope] = [], occurrences: [[Occurrence]] = []
  ) {
    self.workflows = workflows
    self.tasks = tasks
    self.scopes = scopes
    self.occurrences = occurrences
  }

  /// What stands at an offset, its end included: a caret is between two characters. O(log occurrences).
  package func occurrences(at offset: Int, in document: Int) -> ArraySlice<Occurrence> {
    let all = occurrences[document]
    var low = 0
    var high = all.count
    while low < high {
      let middle = (low + high) / 2
      if all[middle].span.start <= offset { low = middle + 1 } else { high = middle }
    }
    // The last name that starts at or before the offset.
    guard low > 0 else { return [] }
    let span = all[low - 1].span
    guard offset <= span.end else { return [] }
    var first = low - 1
    while first > 0, all[first - 1].span == span { first -= 1 }
    return all[first..<low]
  }
}

extension Occurrence {
  /// In text order, each once: what variants share was checked with every one of them. O(n) for what comes in order, as
  /// the steps of most documents do, O(n log n) otherwise.
  static func ordered(_ occurrences: [Occurrence]) -> [Occurrence] {
    let isOrdered = zip(occurrences, occurrences.dropFirst()).allSatisfy { $0.span.start < $1.span.start }
    if isOrdered { return occurrences }
    // Numbers are sorted, not what they stand for, which is large.
    let keys = occurrences.enumerated().map { (place: $1.span.start << 32 | $1.span.end, number: $0) }
      .sorted { ($0.place, $0.number) < ($1.place, $1.number) }
    var result: [Occurrence] = []
    result.reserveCapacity(keys.count)
    for (_, number) in keys {
      let occurrence = occurrences[number]
      var same = result.count - 1
      while same >= 0, result[same].span == occurrence.span, result[same].symbol != occurrence.symbol { same -= 1 }
      if same < 0 || result[same].span != occurrence.span { result.append(occurrence) }
    }
    return result
  }
}
