internal import Diagnostics
internal import Syntax
internal import Values

extension WorkflowChecker {
  /// A typed place that a value goes to.
  struct Target {
    /// As said in messages: `table`, `output auc`.
    var what: String
    var type: ValueType
    var declaration: Diagnostic.Label?
    var missingHelp: String?
  }

  /// The expression as it arrives at a place of a type: constants are converted and checked against ranges; what cannot
  /// arrive is reported and becomes invalid. `target` is asked for only when there is something to report.
  func fit(
    _ expression: Expression, to type: ValueType, _ scope: ExpressionScope, _ target: () -> Target
  ) -> Expression {
    if case .invalid = expression.kind { return expression }
    guard type.accepts(expression.type) else {
      refuse(expression, target(), scope)
      return invalid(expression.span)
    }
    guard let constant = Self.constant(expression) else { return expression }
    let value = type.coerced(constant)
    if let problem = type.check(value) {
      let target = target()
      let (help, fix) = rangeHelp(value, target, expression.span)
      error(
        "E0202", "\(target.what) does not allow `\(file.text(expression.span))`: \(problem)", at: expression.span,
        "out of range", also: target.declaration.map { [$0] } ?? [], help: help, fix: fix)
      return invalid(expression.span)
    }
    return Expression(.literal(value), expression.type, expression.span)
  }

  private func refuse(_ expression: Expression, _ target: Target, _ scope: ExpressionScope) {
    let also = target.declaration.map { [$0] } ?? []
    // Of a list that is written out, the item that is wrong is to blame.
    if case .list(let items) = expression.kind, case .list(let element) = target.type.lowered {
      var part = target
      part.what = "an item of \(target.what)"
      part.type = element
      if part.missingHelp != nil { part.missingHelp = "give a fallback with `??`" }
      for item in items { _ = fit(item, to: element, scope) { part } }
    } else if expression.type.isOptional, !target.type.isOptional, target.type.accepts(expression.type.lowered) {
      reportMissing(expression, target, also)
    } else {
      reportMismatch(expression, target, also, scope)
    }
  }

  /// The value of an expression that is written out; nil for anything computed.
  static func constant(_ expression: Expression) -> Value? {
    switch expression.kind {
    case .literal(let value): return value
    case .unary(.negate, let operand):
      switch constant(operand) {
      case .int(let value) where value != .min: return .int(-value)
      case .float(let value): return .float(-value)
      default: return nil
      }
    case .list(let items):
      var values: [Value] = []
      for item in items {
        guard let value = constant(item) else { return nil }
        values.append(value)
      }
      return .list(values)
    case .record(let fields):
      var values: [Value.Field] = []
      for field in fields {
        guard let value = constant(field.value) else { return nil }
        values.append(.init(field.name, value))
      }
      return .record(values)
    default: return nil
    }
  }

  private func rangeHelp(_ value: Value, _ target: Target, _ span: Span) -> (String?, Fix?) {
    guard case .enumeration(let words) = target.type.lowered, case .string(let word) = value else { return (nil, nil) }
    let near = session.report.near(word, words)
    return suggestion(
      near.map { StringLiteral.encode($0) }, for: span, written: near,
      otherwise: "one of \(enumerated(words.map { StringLiteral.encode($0) }))")
  }

  // MARK: Mistakes

  private func reportMissing(_ expression: Expression, _ target: Target, _ also: [Diagnostic.Label]) {
    var labels = also
    var help = target.missingHelp ?? "give a fallback with `??`"
    if let step = stepBehind(expression) {
      let name = step.name.text
      if let span = step.conditionSpan {
        labels.append(.init(file, span, "`\(name)` is skipped when this is false"))
        if target.missingHelp == nil { help += ", or skip this step too with `when \(name).ran`" }
      } else if let option = step.options.first(where: { $0.name.text == "on failure" }) {
        labels.append(.init(file, option.span, "`\(name)` gives nothing when it fails"))
        if target.missingHelp == nil { help += ", or skip this step too with `when \(name).ran`" }
      }
    }
    error(
      "E0401", "\(target.what) needs `\(target.type)`, but this may be missing", at: expression.span,
      "is `\(expression.type)`", also: labels, help: help)
  }

  private func stepBehind(_ expression: Expression) -> StepSyntax? {
    switch expression.kind {
    case .output(let place, _): syntax.steps[order[place]]
    case .field(let base, _): stepBehind(base)
    default: nil
    }
  }

  private func reportMismatch(
    _ expression: Expression, _ target: Target, _ also: [Diagnostic.Label], _ scope: ExpressionScope
  ) {
    var help: String?
    var fix: Fix?
    if case .literal(.string) = expression.kind, let word = Self.pathWord(target.type) {
      help = "a path is written `\(word)(…)`"
      fix = Fix(
        "write `\(word)(…)`",
        [
          TextEdit(Span(expression.span.start, expression.span.start), "\(word)("),
          TextEdit(Span(expression.span.end, expression.span.end), ")"),
        ])
    } else if !scope.isConstant {
      let own = sameStep(expression, target.type)
      let found = own.isEmpty ? candidates(for: target.type, in: scope, limit: 4) : own
      help =
        found.isEmpty
        ? "nothing in scope has the type `\(target.type)`"
        : "values of type `\(target.type)` in scope: \(enumerated(found))"
      if found.count == 1, let only = found.first {
        fix = Fix("use `\(only)`", [TextEdit(expression.span, only)])
      }
    }
    error(
      "E0201", "type mismatch: \(target.what) takes `\(target.type)`, got `\(expression.type)`", at: expression.span,
      "this is `\(expression.type)`", also: also, help: help, fix: fix)
  }

  private static func pathWord(_ type: ValueType) -> String? {
    switch type.lowered {
    case .file: "file"
    case .directory: "dir"
    default: nil
    }
  }

  /// Other outputs of the step that the value comes from.
  private func sameStep(_ expression: Expression, _ type: ValueType) -> [String] {
    guard case .output(let place, _) = expression.kind else { return [] }
    let step = order[place]
    let name = syntax.steps[step].name.text
    return facts[step].outputs.filter { $0.type != .any && type.accepts($0.type) }.map { "\(name).\($0.name)" }
  }

  /// What could be connected to a place of a type, without making a circle.
  func candidates(for type: ValueType, in scope: ExpressionScope, limit: Int) -> [String] {
    guard type != .any, session.report.maySuggest() else { return [] }
    var result: [String] = []
    func add(_ name: String, _ found: ValueType) {
      if found != .any, result.count < limit, type.accepts(found) { result.append(name) }
    }
    for binding in scope.bindings {
      add(binding.name, binding.type)
      if case .record(let fields) = binding.type {
        for field in fields { add("\(binding.name).\(field.name)", field.type) }
      }
    }
    for (input, type) in zip(syntax.inputs, entry.inputTypes) { add(input.name.text, type) }
    for (index, step) in syntax.steps.enumerated() {
      // Steps behind this one may need it.
      if let own = scope.step, position[index] >= position[own] { continue }
      for output in facts[index].outputs { add("\(step.name.text).\(output.name)", output.type) }
    }
    return result
  }
}
