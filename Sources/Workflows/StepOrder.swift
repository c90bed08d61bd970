internal import Diagnostics
internal import Syntax

/// Puts steps behind those that they refer to, and finds circles. Iterative; O(steps + references).
struct StepOrder {
  private struct Edge {
    var to: Int
    var span: Span
  }

  private let checker: WorkflowChecker
  private var edges: [[Edge]] = []

  init(_ checker: WorkflowChecker) {
    self.checker = checker
    edges.reserveCapacity(checker.syntax.steps.count)
    for step in checker.syntax.steps { edges.append(references(of: step)) }
  }

  /// Indices into the text's steps. Steps in a circle come in some order; the circle is reported.
  func sorted() -> [Int] {
    enum Mark: UInt8 { case new, open, done }
    var marks = [Mark](repeating: .new, count: edges.count)
    var order: [Int] = []
    order.reserveCapacity(edges.count)
    // The path from the root of this walk, and for each step on it the next edge to follow.
    var path: [(step: Int, next: Int)] = []
    var circles = 0
    for root in edges.indices where marks[root] == .new {
      marks[root] = .open
      path.append((root, 0))
      while let (step, next) = path.last {
        guard next < edges[step].count else {
          marks[step] = .done
          order.append(step)
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        let edge = edges[step][next]
        switch marks[edge.to] {
        case .done: break
        case .new:
          marks[edge.to] = .open
          path.append((edge.to, 0))
        case .open:
          circles += 1
          if circles <= 10 { report(path, closing: edge) }
        }
      }
    }
    return order
  }

  private func report(_ path: [(step: Int, next: Int)], closing: Edge) {
    guard let start = path.firstIndex(where: { $0.step == closing.to }) else { return }
    let circle = path[start...].map { (step: $0.step, edge: edges[$0.step][$0.next - 1]) }
    let steps = checker.syntax.steps
    func name(_ step: Int) -> String { steps[step].name.text }
    // Drawn in the direction in which data flows.
    let names = [name(closing.to)] + circle.reversed().map { name($0.step) }
    let shown = names.count > 12 ? Array(names[..<6]) + ["…"] + Array(names[(names.count - 5)...]) : names
    let parts = circle.prefix(8)
    let labels = parts.enumerated().map { index, part in
      let lead = index == 0 ? "" : "…"
      let trail = index == circle.count - 1 ? "" : "…"
      return Diagnostic.Label(
        checker.file, part.edge.span, "\(lead)`\(name(part.step))` needs `\(name(part.edge.to))`\(trail)")
    }
    guard let primary = labels.first else { return }
    let message =
      circle.count == 1
      ? "step `\(name(closing.to))` needs itself"
      : "steps depend on each other in a circle: \(shown.joined(separator: " → "))"
    checker.session.report.add(
      Diagnostic(
        "E0301", .error, message, at: primary, also: Array(labels.dropFirst()),
        help: "break one of these references; to repeat work use `foreach`, or a strategy in an experiment"))
  }

  // MARK: References

  private func references(of step: StepSyntax) -> [Edge] {
    var result: [Edge] = []
    let bindings = Set(step.foreach?.bindings.map(\.text) ?? [])
    if let foreach = step.foreach { collect(foreach.source, [], &result) }
    if let condition = step.condition { collect(condition, [], &result) }
    switch step.body {
    case .call(let call): for argument in call.arguments { collect(argument.value, bindings, &result) }
    case .vary(let vary):
      for argument in vary.shared.arguments { collect(argument.value, bindings, &result) }
      for variant in vary.variants {
        for argument in variant.call.arguments { collect(argument.value, bindings, &result) }
      }
    case .missing: break
    }
    return result
  }

  /// Expressions are at most `Parser.maximumDepth` high.
  private func collect(_ expression: ExpressionSyntax, _ bindings: Set<String>, _ result: inout [Edge]) {
    switch expression.kind {
    case .reference(let path):
      let head = path.names[0].text
      if !bindings.contains(head), let step = checker.stepIndex[head] {
        result.append(Edge(to: step, span: expression.span))
      }
    case .call(let call): for argument in call.arguments { collect(argument.value, bindings, &result) }
    case .list(let items): for item in items { collect(item, bindings, &result) }
    case .record(let fields): for field in fields { collect(field.value, bindings, &result) }
    case .field(let base, _): collect(base, bindings, &result)
    case .unary(_, let operand): collect(operand, bindings, &result)
    case .binary(_, let left, let right):
      collect(left, bindings, &result)
      collect(right, bindings, &result)
    case .missing, .null, .bool, .integer, .float, .quantity, .string: break
    }
  }
}
