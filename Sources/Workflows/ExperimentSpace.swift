internal import Diagnostics
internal import Syntax
internal import Tasks
internal import Values

extension ExperimentChecker {
  func readSpace(_ block: [StatementSyntax]) {
    for statement in block {
      switch statement.kind {
      case .parameter(let path, let domain, let clauses): readParameter(path, domain, clauses, statement.span)
      case .clauses(let clauses) where clauses.first?.word.text == "where": break
      default:
        error(
          "E1001", "a space has parameters and `where`", at: statement.span, "not part of a space",
          help: "write `step in [a, b]`, `step.parameter in int 1..9` or `where CONDITION`")
      }
    }
    // Constraints may speak of parameters that are declared after them.
    for statement in block { if let clause = statement.first, clause.word.text == "where" { readConstraint(clause) } }
  }

  // MARK: Parameters

  private func readParameter(_ path: NamePath, _ domain: DomainSyntax, _ clauses: [ClauseSyntax], _ span: Span) {
    if let first = experiment.parameters.first(where: { $0.name == path.text }) {
      return error(
        "E0105", "`\(path.text)` is declared twice", at: path.span, "the second one",
        also: [.init(file, first.span, "the first one")])
    }
    guard let (target, type, variants) = resolve(path),
      let domain = variants.map({ choices($0, domain, path) }) ?? self.domain(domain, clauses, type, path)
    else {
      broken.insert(path.text)
      return
    }
    var parameter = Experiment.Parameter(
      name: path.text, target: target, domain: domain, condition: nil, span: path.span)
    if case .argument(let step, let variant?, _) = target {
      guard let condition = condition(step, variant, path) else {
        broken.insert(path.text)
        return
      }
      parameter.condition = condition.flatMap { $0 }
    }
    for clause in clauses where !["log", "step"].contains(clause.word.text) {
      unknown(clause.word, ["log", "step"], "a parameter has no `\(clause.word.text)`")
    }
    experiment.parameters.append(parameter)
  }

  /// What a path sets, the type of that, and for a variability point its variants.
  private func resolve(_ path: NamePath) -> (Experiment.Target, ValueType, variants: [String]?)? {
    let names = path.names.map(\.text)
    if names.count == 1, let input = workflow.inputs.first(where: { $0.name == names[0] }) {
      if let given = experiment.inputs.first(where: { $0.name == names[0] }) {
        error(
          "E0105", "`\(names[0])` is fixed by `study`, so it cannot vary", at: path.span, "varies here",
          also: [.init(file, given.value.span, "fixed here")])
        return nil
      }
      return (.input(names[0]), input.type, nil)
    }
    guard let step = workflow.steps.first(where: { $0.name == names[0] }) else {
      let known =
        workflow.steps.filter(\.isVariabilityPoint).map(\.name) + workflow.inputs.map(\.name)
        + workflow.steps.map(\.name)
      unknown(path.names[0], known, "workflow `\(workflow.name)` has no step or input `\(names[0])`", code: "E1003")
      return nil
    }
    let variants = step.variants.map(\.name)
    if names.count == 1 {
      guard step.isVariabilityPoint else {
        error(
          "E1003", "step `\(names[0])` has no variants", at: path.span, "not a variability point",
          help: "name one of its parameters: `\(names[0]).PARAMETER in …`")
        return nil
      }
      return (.point(names[0]), .string, variants)
    }
    var rest = path.names.dropFirst()
    var variant: String?
    if step.isVariabilityPoint, let name = rest.first, variants.contains(name.text) {
      variant = name.text
      rest = rest.dropFirst()
    }
    guard rest.count == 1, let name = rest.first else {
      let known = step.isVariabilityPoint ? variants : []
      unknown(
        rest.first ?? path.names[path.names.count - 1], known,
        "`\(path.text)` is not a parameter of step `\(names[0])`", code: "E1003")
      return nil
    }
    let offered = step.variants.filter { variant == nil || $0.name == variant }.flatMap(parameters)
    guard let parameter = offered.first(where: { $0.name == name.text }) else {
      let other = variant == nil && step.isVariabilityPoint ? variants : []
      unknown(
        name, offered.map(\.name) + other,
        "`\(names.dropLast().joined(separator: "."))` has no parameter `\(name.text)`", code: "E1003")
      return nil
    }
    return (.argument(step: names[0], variant: variant, name: name.text), parameter.type, nil)
  }

  private func parameters(_ variant: Step.Variant) -> [(name: String, type: ValueType)] {
    switch variant.callee {
    case .task(let index):
      session.tasks[index].signature.parameters.map { ($0.name, $0.isOptional ? $0.type.lifted : $0.type) }
    case .workflow(let index):
      zip(session.workflows[index].syntax.inputs, session.workflows[index].inputTypes).map { ($0.name.text, $1) }
    }
  }

  /// When the parameter of a variant exists: `.some(nil)` always, nil never (that was said).
  private func condition(
    _ step: String, _ variant: String, _ path: NamePath
  ) -> (parameter: Int, choices: [Int])?? {
    guard let point = experiment.parameters.firstIndex(where: { $0.target == .point(step) }) else {
      let isDefault =
        workflow.steps.first { $0.name == step }.map { $0.variants[$0.defaultVariant].name == variant } ?? false
      if isDefault || broken.contains(step) { return .some(nil) }
      error(
        "E1005", "`\(path.text)` is never used: `\(step)` is not varied, and `\(variant)` is not its default",
        at: path.span,
        "no effect", help: "add `\(step) in [\(variant), …]` before it")
      return nil
    }
    guard case .choices(let choices) = experiment.parameters[point].domain,
      let place = choices.firstIndex(of: .string(variant))
    else {
      error(
        "E1005", "`\(path.text)` is never used: `\(variant)` is not among the choices of `\(step)`", at: path.span,
        "no effect", also: [.init(file, experiment.parameters[point].span, "the choices are here")],
        help: "add `\(variant)` to them, or delete this line")
      return nil
    }
    return .some((point, [place]))
  }

  // MARK: Domains

  private func choices(_ variants: [String], _ domain: DomainSyntax, _ path: NamePath) -> Experiment.Domain? {
    guard case .choices(let items) = domain.kind else {
      error(
        "E1004", "`\(path.text)` has variants, not a range", at: domain.span, "a range",
        help: "variants: \(enumerated(variants))")
      return nil
    }
    var found: [Value] = []
    for item in items {
      guard case .reference(let name) = item.kind, name.names.count == 1 else {
        error("E1004", "a choice of `\(path.text)` is the name of a variant", at: item.span, "not a name")
        return nil
      }
      guard variants.contains(name.text) else {
        unknown(name.names[0], variants, "`\(path.text)` has no variant `\(name.text)`", code: "E1004")
        return nil
      }
      guard !found.contains(.string(name.text)) else {
        error("E0105", "`\(name.text)` is listed twice", at: item.span, "the second one")
        return nil
      }
      found.append(.string(name.text))
    }
    return nonempty(found, domain)
  }

  private func nonempty(_ choices: [Value], _ domain: DomainSyntax) -> Experiment.Domain? {
    guard choices.isEmpty else { return .choices(choices) }
    error("E1004", "a parameter has at least one choice", at: domain.span, "nothing to choose from")
    return nil
  }

  func domain(
    _ domain: DomainSyntax, _ clauses: [ClauseSyntax], _ type: ValueType, _ path: NamePath
  ) -> Experiment.Domain? {
    switch domain.kind {
    case .choices(let items): return listed(items, domain, type, path)
    case .range(let word, let low, let high): return range(word, low, high, domain, clauses, type, path)
    }
  }

  private func listed(
    _ items: [ExpressionSyntax], _ domain: DomainSyntax, _ type: ValueType, _ path: NamePath
  ) -> Experiment.Domain? {
    var values: [Value] = []
    var artifacts: [String] = []
    var scope = ExpressionScope(isConstant: true)
    for item in items {
      let expression = checked(item, expecting: type, &scope)
      let fitted = checker.reading(document) {
        $0.fit(expression, to: type, scope) { .init(what: "`\(path.text)`", type: type) }
      }
      switch fitted.kind {
      case .invalid: return nil
      case .artifact(let name): artifacts.append(name)
      default:
        guard let value = WorkflowChecker.constant(fitted) else {
          error("E1004", "a choice is written out", at: item.span, "not a constant")
          return nil
        }
        guard !values.contains(value) else {
          error("E0105", "`\(file.text(item.span))` is listed twice", at: item.span, "the second one")
          return nil
        }
        values.append(value)
      }
    }
    guard values.isEmpty || artifacts.isEmpty else {
      error("E1004", "choices are artifacts or constants, not both", at: domain.span, "mixed")
      return nil
    }
    return artifacts.isEmpty ? nonempty(values, domain) : .artifacts(artifacts)
  }

  private func range(
    _ word: Name, _ low: ExpressionSyntax, _ high: ExpressionSyntax, _ domain: DomainSyntax, _ clauses: [ClauseSyntax],
    _ type: ValueType, _ path: NamePath
  ) -> Experiment.Domain? {
    let isInteger = word.text == "int"
    guard type.lowered.accepts(isInteger ? .int(nil) : .float(nil)) else {
      error(
        "E1004", "`\(path.text)` takes `\(type)`, not numbers of type `\(word.text)`", at: word.span, "does not fit",
        help: "list what it may be: `\(path.text) in […]`")
      return nil
    }
    guard let from = number(low), let to = number(high) else { return nil }
    guard from <= to else {
      error("E1004", "this range is empty: it ends before it begins", at: domain.span, "empty")
      return nil
    }
    for (end, syntax) in [(from, low), (to, high)] {
      let value: Value = isInteger ? .int(Int64(end)) : .float(end)
      if isInteger, end != end.rounded() || end.magnitude > 0x1p53 {
        error("E1004", "the ends of `int` are whole numbers up to 2⁵³", at: syntax.span, "not one of them")
        return nil
      }
      if let problem = type.lowered.check(type.lowered.coerced(value)) {
        error(
          "E1004", "`\(path.text)` does not allow `\(file.text(syntax.span))`: \(problem)", at: syntax.span,
          "out of range")
        return nil
      }
    }
    let isLogarithmic = clauses.contains { $0.word.text == "log" }
    if isLogarithmic, from <= 0 {
      error("E1004", "a logarithmic range begins above 0", at: low.span, "not above 0")
      return nil
    }
    guard let step = step(clauses, isInteger) else { return nil }
    return isInteger
      ? .integers(Int64(from), Int64(to), step: step.map { Int64($0) } ?? 1, isLogarithmic: isLogarithmic)
      : .floats(from, to, step: step, isLogarithmic: isLogarithmic)
  }

  /// `.some(nil)`: there is none; nil: it is wrong, which was said.
  private func step(_ clauses: [ClauseSyntax], _ isInteger: Bool) -> Double?? {
    guard let clause = clauses.first(where: { $0.word.text == "step" }) else { return .some(nil) }
    guard let value = value(clause, "a number"), let step = number(value), step > 0,
      !isInteger || step == step.rounded()
    else {
      error("E1008", "`step` takes a \(isInteger ? "whole " : "")number greater than 0", at: clause.span, "not that")
      return nil
    }
    return .some(step)
  }

  // MARK: Constraints

  private func readConstraint(_ clause: ClauseSyntax) {
    guard let value = value(clause, "a condition") else { return }
    var scope = ExpressionScope(known: parameterNames)
    let condition = checked(value, expecting: .bool, &scope)
    let fitted = checker.reading(document) {
      $0.fit(condition, to: .bool, scope) { .init(what: "`where`", type: .bool) }
    }
    if case .invalid = fitted.kind { return }
    refuseImpossibleComparisons(fitted)
    experiment.constraints.append(.init(text: file.text(value.span), condition: fitted, span: value.span))
  }

  /// Parameters by name, and variants and words that they may be.
  var parameterNames: [String: Expression] {
    var names: [String: Expression] = [:]
    for name in broken { names[name] = Expression(.invalid, .any, syntax.name.span) }
    // Of a variability point with a mistake any variant may have been meant.
    for step in workflow.steps where broken.contains(step.name) {
      for variant in step.variants {
        names[variant.name] = Expression(.literal(.string(variant.name)), .string, step.span)
      }
    }
    for parameter in experiment.parameters {
      guard case .choices(let choices) = parameter.domain, case .point = parameter.target else { continue }
      for case .string(let name) in choices {
        names[name] = Expression(.literal(.string(name)), .string, parameter.span)
      }
    }
    for (index, parameter) in experiment.parameters.enumerated() {
      let type: ValueType =
        switch parameter.domain {
        case .integers: .int(nil)
        case .floats: .float(nil)
        case .choices(let choices): choices.first?.type ?? .any
        case .artifacts: .any
        }
      names[parameter.name] = Expression(.input(index), type, parameter.span)
    }
    return names
  }

  /// `prep == forest`, where `forest` is no choice of `prep`.
  private func refuseImpossibleComparisons(_ expression: Expression) {
    switch expression.kind {
    case .unary(_, let operand): refuseImpossibleComparisons(operand)
    case .binary(let symbol, let a, let b):
      refuseImpossibleComparisons(a)
      refuseImpossibleComparisons(b)
      guard symbol == .equal || symbol == .notEqual else { return }
      for (side, other) in [(a, b), (b, a)] {
        guard case .input(let index) = side.kind, case .literal(let value) = other.kind,
          case .choices(let choices) = experiment.parameters[index].domain,
          !choices.contains(where: { $0 == value || $0.number != nil && $0.number == value.number })
        else { continue }
        let names = choices.map { $0.plainText }
        let near = session.report.near(value.plainText, names)
        let (help, fix) = suggestion(near, for: other.span, otherwise: "choices: \(enumerated(names))")
        error(
          "E1004", "`\(experiment.parameters[index].name)` is never `\(file.text(other.span))`", at: other.span,
          "not one of its choices", help: help, fix: fix)
      }
    default: break
    }
  }
}

extension Value {
  fileprivate var number: Double? {
    switch self {
    case .int(let number): Double(number)
    case .float(let number): number
    default: nil
    }
  }

  fileprivate var plainText: String { if case .string(let text) = self { text } else { description } }

  fileprivate var type: ValueType {
    switch self {
    case .bool: .bool
    case .int: .int(nil)
    case .float: .float(nil)
    case .string: .string
    default: .any
    }
  }
}
