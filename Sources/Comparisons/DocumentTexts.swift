internal import Diagnostics
internal import Imports
internal import Syntax

/// What the documents of a run say about the arguments of its steps, in their own words.
struct DocumentTexts {
  private let trees: [SyntaxTree]
  private let workflow: String
  private let variants: [String: String]

  init(_ record: RunRecord) {
    trees = record.documents.map { DocumentJSON.recorded($0.text, path: $0.path) }
    workflow = record.workflow
    variants = Dictionary(record.variants.map { ($0.step, $0.variant) }) { first, _ in first }
  }

  /// The expressions that decide about an argument, by place: the step's own, and the arguments of the calls around it
  /// that it refers to. `parameter`: a parameter of the task, `@foreach` or `@when`.
  func expressions(path: String, parameter: String) -> [String: String] {
    guard var chain = chain(to: path), let last = chain.popLast() else { return [:] }
    var found: [String: String] = [:]
    var wanted: Set<String> = []
    if let (text, names) = argument(parameter, of: last) {
      found["\(path): \(parameter.drop { $0 == "@" })"] = text
      wanted = names
      // A binding stands for an item of the list.
      if let foreach = last.step.foreach, !names.isDisjoint(with: foreach.bindings.map(\.text)) {
        found["\(path): foreach"] = last.tree.text(foreach.source.span)
        wanted.formUnion(Self.names(foreach.source))
      }
    }
    var prefix = path
    var inner = last
    while !wanted.isEmpty, let caller = chain.popLast() {
      prefix = String(prefix.dropLast(inner.step.name.text.count + 1))
      var outer: Set<String> = []
      for input in inner.workflow.inputs where wanted.contains(input.name.text) {
        if let (text, names) = argument(input.name.text, of: caller) {
          found["\(prefix): \(input.name.text)"] = text
          outer.formUnion(names)
        } else if let standard = input.defaultValue {
          found["\(inner.workflow.name.text): \(input.name.text)"] = inner.tree.text(standard.span)
        }
      }
      wanted = outer
      inner = caller
    }
    return found
  }

  /// What the call of a step gives for a parameter, in its own words.
  func argument(_ parameter: String, path: String) -> String? {
    chain(to: path)?.last.flatMap { argument(parameter, of: $0)?.text }
  }

  /// The variant of a step that is taken where none is asked for.
  func defaultVariant(of path: String) -> String? {
    guard case .vary(let vary) = chain(to: path)?.last?.step.body else { return nil }
    return vary.defaultName?.text
  }

  // MARK: finding

  private struct Place {
    var tree: SyntaxTree
    var workflow: WorkflowSyntax
    var step: StepSyntax
    /// Of the step, or of its chosen variant.
    var call: CallSyntax?
    /// What all variants take.
    var shared: CallSyntax?
  }

  /// The steps that lead to one: `prep.clean` is `prep` of the workflow and `clean` of what it calls.
  private func chain(to path: String) -> [Place]? {
    guard let root = trees.first, let start = root.workflows.first(where: { $0.name.text == workflow }) else {
      return nil
    }
    var (tree, current) = (root, start)
    var chain: [Place] = []
    var prefix = ""
    for name in path.split(separator: ".") {
      guard let step = current.steps.first(where: { $0.name.text == name }) else { return nil }
      prefix += (prefix.isEmpty ? "" : ".") + name
      var place = Place(tree: tree, workflow: current, step: step)
      switch step.body {
      case .call(let call): place.call = call
      case .vary(let vary):
        let chosen = variants[prefix] ?? vary.defaultName?.text
        place.call = (vary.variants.first { $0.name.text == chosen } ?? vary.variants.first)?.call
        place.shared = vary.shared
      case .missing: break
      }
      chain.append(place)
      guard let callee = place.call?.callee.names.last?.text, let next = self.workflow(callee, near: tree) else {
        break
      }
      (tree, current) = next
    }
    return chain.count == path.split(separator: ".").count ? chain : nil
  }

  private func workflow(_ name: String, near tree: SyntaxTree) -> (SyntaxTree, WorkflowSyntax)? {
    for tree in [tree] + trees {
      if let found = tree.workflows.first(where: { $0.name.text == name }) { return (tree, found) }
    }
    return nil
  }

  private func argument(_ parameter: String, of place: Place) -> (text: String, names: Set<String>)? {
    let value: ExpressionSyntax? =
      switch parameter {
      case "@foreach": place.step.foreach?.source
      case "@when": place.step.condition
      default:
        [place.call, place.shared].compactMap { $0 }.flatMap(\.arguments).first { $0.name?.text == parameter }?.value
      }
    return value.map { (place.tree.text($0.span), Self.names($0)) }
  }

  /// The first words of all references.
  private static func names(_ expression: ExpressionSyntax) -> Set<String> {
    switch expression.kind {
    case .reference(let path): [path.names[0].text]
    case .call(let call): call.arguments.reduce(into: []) { $0.formUnion(names($1.value)) }
    case .list(let items): items.reduce(into: []) { $0.formUnion(names($1)) }
    case .record(let fields): fields.reduce(into: []) { $0.formUnion(names($1.value)) }
    case .field(let inner, _), .unary(_, let inner): names(inner)
    case .binary(_, let left, let right): names(left).union(names(right))
    case .missing, .null, .bool, .integer, .float, .quantity, .string: []
    }
  }
}
