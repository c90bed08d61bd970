internal import Diagnostics
internal import Syntax
internal import Values

extension WorkflowChecker {
  /// A call inside an expression: one of the language's own functions, or `artifact("…")`.
  func builtin(_ call: CallSyntax, _ expecting: ValueType, _ scope: inout ExpressionScope) -> Expression {
    let name = call.callee.text
    if name == "artifact" || Builtin(rawValue: name) != nil { note(.function(name), at: call.callee.span) }
    if name == "artifact" { return artifact(call, expecting, &scope) }
    guard let function = Builtin(rawValue: name) else {
      for argument in call.arguments { _ = check(argument.value, &scope) }
      reportUnknownFunction(call.callee)
      return invalid(call.span)
    }
    var arguments: [Expression] = []
    for argument in call.arguments {
      if let label = argument.name {
        error(
          "E0206", "`\(name)` takes its arguments by place, not by name", at: label.span, "leave the name out",
          fix: Fix("leave the name out", [TextEdit(Span(label.span.start, argument.value.span.start), "")]))
      }
      arguments.append(check(argument.value, &scope))
    }
    // A broken argument was reported; what the function gives is known all the same.
    guard let type = resultType(function, arguments, call, expecting) else {
      return Expression(.invalid, Self.fixedResult(function), call.span)
    }
    return Expression(.call(function, arguments), type, call.span)
  }

  private static func fixedResult(_ function: Builtin) -> ValueType {
    switch function {
    case .size, .int: .int(nil)
    case .contains: .bool
    case .fmt, .string: .string
    case .range: .list(.int(nil))
    case .mean, .float: .float(nil)
    case .zip, .min, .max, .sum, .file, .dir: .any
    }
  }

  private func artifact(_ call: CallSyntax, _ expecting: ValueType, _ scope: inout ExpressionScope) -> Expression {
    guard call.arguments.count == 1, case .string(let name)? = call.arguments.first?.value.kind, !name.isEmpty else {
      wrong(call, "`artifact` takes the name of an artifact in quotes", "such as `artifact(\"raw/churn@v3\")`")
      return invalid(call.span)
    }
    switch session.artifact(name) {
    case .success(let type): return Expression(.artifact(name), type ?? expecting.lowered, call.span)
    case .failure(let problem):
      let span = call.arguments[0].value.span
      let near = session.report.near(name, problem.candidates)
      let (help, fix) = suggestion(
        near.map { StringLiteral.encode($0) }, for: span, written: near, otherwise: problem.help)
      error("E0113", problem.message, at: span, "not in the store", help: help, fix: fix)
      return invalid(call.span)
    }
  }

  private func wrong(_ call: CallSyntax, _ message: String, _ help: String?) {
    // The parser said what is wrong with a call that is not closed.
    guard call.close != nil else { return }
    error("E0206", message, at: call.span, "wrong arguments", help: help)
  }

  private static let usage: [Builtin: (counts: ClosedRange<Int>, example: String)] = [
    .zip: (2...64, "zip(fit.model, split.folds)"), .size: (1...1, "size(list)"),
    .contains: (2...2, "contains(list, x)"), .fmt: (1...1000, "fmt(\"AUC {}\", mean.value)"),
    .range: (1...2, "range(5) or range(1, 6)"), .min: (1...1, "min(list)"), .max: (1...1, "max(list)"),
    .sum: (1...1, "sum(list)"), .mean: (1...1, "mean(list)"), .file: (1...1, "file(\"data.csv\")"),
    .dir: (1...1, "dir(\"images\")"), .int: (1...1, "int(x)"), .float: (1...1, "float(x)"),
    .string: (1...1, "string(x)"),
  ]

  /// Nil after a message.
  private func resultType(
    _ function: Builtin, _ arguments: [Expression], _ call: CallSyntax, _ expecting: ValueType
  ) -> ValueType? {
    let name = function.rawValue
    if let usage = Self.usage[function], !usage.counts.contains(arguments.count) {
      wrong(
        call, "`\(name)` does not take \(arguments.count) argument\(arguments.count == 1 ? "" : "s")",
        "write `\(usage.example)`")
      return nil
    }
    guard let first = arguments.first else { return nil }
    switch function {
    case .zip:
      let elements = arguments.compactMap { element($0, "`zip`") }
      guard elements.count == arguments.count else { return nil }
      return .list(.record(elements.enumerated().map { .init("_\($0.offset)", $0.element) }))
    case .size: return isSizable(first) ? .int(nil) : nil
    case .contains:
      guard let element = element(first, "`contains`") else { return nil }
      if !element.accepts(arguments[1].type), !arguments[1].type.accepts(element) {
        error(
          "E0207", "a `\(first.type)` never contains `\(arguments[1].type)`", at: arguments[1].span,
          "this is `\(arguments[1].type)`", also: [.init(file, first.span, "this is `\(first.type)`")])
      }
      return .bool
    case .fmt: return format(arguments, call) ? .string : nil
    case .range:
      for argument in arguments { _ = require(argument, "`range`", .int(nil)) }
      return .list(.int(nil))
    case .min, .max, .sum, .mean:
      guard let element = element(first, "`\(name)`"), let number = number(element, first, name) else { return nil }
      return function == .mean ? .float(nil) : number
    case .file, .dir:
      guard case .invalid = require(first, "`\(name)`", .string).kind else {
        return function == .dir ? .directory : fileType(expecting)
      }
      return nil
    case .int, .float, .string: return convert(function, first)
    }
  }

  private func fileType(_ expecting: ValueType) -> ValueType {
    if case .file = expecting.lowered { return expecting.lowered }
    return .file(nil)
  }

  private func element(_ value: Expression, _ what: String) -> ValueType? {
    if case .optional(let wrapped) = value.type, wrapped.listElement != nil {
      _ = require(value, what, wrapped)
      return nil
    }
    if let element = value.type.listElement { return element }
    error("E0207", "\(what) takes a list, got `\(value.type)`", at: value.span, "this is `\(value.type)`")
    return nil
  }

  private func number(_ element: ValueType, _ list: Expression, _ name: String) -> ValueType? {
    switch element {
    case .int: return .int(nil)
    case .float: return .float(nil)
    case .any: return .any
    default:
      error(
        "E0207", "`\(name)` takes a list of numbers, got `\(list.type)`", at: list.span, "this is `\(list.type)`")
      return nil
    }
  }

  private func isSizable(_ value: Expression) -> Bool {
    switch value.type {
    case .list, .string, .record, .table, .tensor, .bytes, .any: return true
    case .optional(let wrapped):
      _ = require(value, "`size`", wrapped)
      return false
    default:
      error("E0207", "`\(value.type)` has no size", at: value.span, "this is `\(value.type)`")
      return false
    }
  }

  private func convert(_ function: Builtin, _ value: Expression) -> ValueType? {
    switch value.type {
    case .int, .float, .string, .enumeration, .any: return Self.fixedResult(function)
    case .bool where function != .float: return Self.fixedResult(function)
    case .optional(let wrapped):
      _ = require(value, "`\(function.rawValue)`", wrapped)
      return nil
    default:
      error(
        "E0207", "`\(value.type)` cannot become `\(function.rawValue)`", at: value.span, "this is `\(value.type)`")
      return nil
    }
  }

  /// `fmt` needs its text written out, one `{}` for each value.
  private func format(_ arguments: [Expression], _ call: CallSyntax) -> Bool {
    guard case .literal(.string(let template)) = arguments[0].kind else {
      if arguments[0].type != .any { _ = require(arguments[0], "`fmt`", .string) }
      return true
    }
    for argument in arguments.dropFirst() {
      if case .optional(let wrapped) = argument.type { _ = require(argument, "`fmt`", wrapped) }
    }
    let places = Self.places(template)
    guard places == arguments.count - 1 else {
      wrong(
        call,
        "the text has \(places) place\(places == 1 ? "" : "s") `{}` for \(arguments.count - 1) value\(arguments.count == 2 ? "" : "s")",
        "write one `{}` for each value; `{{` is a brace")
      return false
    }
    return true
  }

  private static func places(_ template: String) -> Int {
    var count = 0
    var scalars = template.unicodeScalars[...]
    while let scalar = scalars.popFirst() {
      switch (scalar, scalars.first) {
      case ("{", "{"), ("}", "}"): scalars.removeFirst()
      case ("{", "}"):
        scalars.removeFirst()
        count += 1
      default: break
      }
    }
    return count
  }

  /// What people call functions elsewhere.
  private static let otherNames: [String: String] = [
    "length": "size", "lenght": "size", "len": "size", "count": "size", "format": "fmt", "avg": "mean",
    "average": "mean", "str": "string",
  ]

  private func reportUnknownFunction(_ path: NamePath) {
    if case .found = entry.document.callee(path, session) {
      error(
        "E0109", "`\(path.text)` is a task or workflow: it is called in a step", at: path.span,
        "not inside an expression", help: "write `step x = \(path.text)(…)` and refer to its outputs")
      return
    }
    let names = Builtin.allCases.map(\.rawValue) + ["artifact"]
    let meant = Self.otherNames[path.text] ?? session.report.near(path.text, names)
    let (help, fix) = suggestion(
      meant, for: path.span, otherwise: "functions: \(enumerated(names, limit: 20))")
    error("E0109", "there is no function `\(path.text)`", at: path.span, "unknown function", help: help, fix: fix)
  }
}
