internal import Diagnostics
internal import Syntax
internal import Values

extension WorkflowChecker {
  func unary(
    _ sign: Name, _ operand: ExpressionSyntax, _ expecting: ValueType, _ unit: String, _ span: Span,
    _ scope: inout ExpressionScope
  ) -> Expression {
    if sign.text == "not" {
      let value = require(check(operand, expecting: .bool, &scope), "`not`", .bool)
      return Expression(.unary(.not, value), .bool, span)
    }
    let value = check(operand, expecting: expecting, unit: unit, &scope)
    guard let number = numeric(value, "`-`") else { return invalid(span) }
    return Expression(.unary(.negate, value), number, span)
  }

  func binary(
    _ sign: Name, _ left: ExpressionSyntax, _ right: ExpressionSyntax, _ expecting: ValueType, _ span: Span,
    _ scope: inout ExpressionScope
  ) -> Expression {
    guard let symbol = BinaryOperator(rawValue: sign.text) else { return invalid(span) }
    let wanted: ValueType = symbol == .coalesce ? expecting : .any
    let a = check(left, expecting: wanted, &scope)
    // What `a and b` knows in `b`: the steps that ran when `a` is true.
    let known = scope.ran
    if symbol == .and { scope.ran.formUnion(stepsThatRan(left)) }
    let b = check(right, expecting: symbol == .coalesce && wanted == .any ? a.type.lowered : wanted, &scope)
    scope.ran = known
    switch symbol {
    case .coalesce: return coalesce(a, b, sign, span)
    case .or, .and:
      let word = "`\(symbol.rawValue)`"
      return Expression(.binary(symbol, require(a, word, .bool), require(b, word, .bool)), .bool, span)
    case .equal, .notEqual:
      if !a.type.accepts(b.type), !b.type.accepts(a.type), !a.type.lowered.accepts(b.type.lowered) {
        mismatch(a, b, sign, "are never equal")
      }
      return Expression(.binary(symbol, a, b), .bool, span)
    case .less, .greater, .lessOrEqual, .greaterOrEqual:
      if isText(a), isText(b) { return Expression(.binary(symbol, a, b), .bool, span) }
      guard numeric(a, "`\(sign.text)`") != nil, numeric(b, "`\(sign.text)`") != nil else {
        return Expression(.invalid, .bool, span)
      }
      return Expression(.binary(symbol, a, b), .bool, span)
    case .add, .subtract, .multiply, .divide: return arithmetic(symbol, a, b, sign, span)
    }
  }

  private func coalesce(_ a: Expression, _ b: Expression, _ sign: Name, _ span: Span) -> Expression {
    guard a.type != .any, b.type != .any else { return Expression(.binary(.coalesce, a, b), .any, span) }
    if !a.type.isOptional {
      let right = file.text(b.span)
      session.warning(
        "W0104", "this is never missing, so `\(right)` is never used", in: file, at: a.span, "is `\(a.type)`",
        help: "leave `?? \(right)` out")
    }
    if a.type == .null { return Expression(.binary(.coalesce, a, b), b.type, span) }
    guard let type = Self.covering(a.type.lowered, b.type.lowered) else {
      mismatch(a, b, sign, "do not go together")
      return invalid(span)
    }
    return Expression(.binary(.coalesce, a, b), b.type.isOptional ? type.lifted : type, span)
  }

  private func arithmetic(
    _ symbol: BinaryOperator, _ a: Expression, _ b: Expression, _ sign: Name, _ span: Span
  ) -> Expression {
    if symbol == .add, isText(a), isText(b) { return Expression(.binary(.add, a, b), .string, span) }
    if symbol == .add, case .list(let x) = a.type, case .list(let y) = b.type {
      guard let element = Self.covering(x, y) else {
        mismatch(a, b, sign, "do not go together")
        return invalid(span)
      }
      return Expression(.binary(.add, a, b), .list(element), span)
    }
    guard let x = numeric(a, "`\(sign.text)`"), let y = numeric(b, "`\(sign.text)`") else { return invalid(span) }
    // A quotient of whole numbers is no whole number.
    let type: ValueType = symbol == .divide ? .float(nil) : x == .any || y == .any ? .any : x == y ? x : .float(nil)
    return Expression(.binary(symbol, a, b), type, span)
  }

  // MARK: Operands

  /// `int` or `float` without range, `any` when that is all that is known; nil after saying that it is no number.
  func numeric(_ value: Expression, _ what: String) -> ValueType? {
    switch value.type {
    case .int: return .int(nil)
    case .float: return .float(nil)
    case .any: return .any
    case .optional(let wrapped):
      _ = require(value, what, wrapped)
    default:
      var help: String?
      if isText(value), what == "`+`" { help = "text is put together with `fmt(\"… {}\", x)`" }
      error(
        "E0207", "\(what) takes numbers, got `\(value.type)`", at: value.span, "this is `\(value.type)`", help: help)
    }
    return nil
  }

  func isText(_ value: Expression) -> Bool {
    switch value.type {
    case .string, .enumeration: true
    default: false
    }
  }

  /// The value, or after a message something invalid of the type.
  func require(_ value: Expression, _ what: String, _ type: ValueType) -> Expression {
    if type.accepts(value.type) { return value }
    if value.type.isOptional, type.accepts(value.type.lowered) {
      error(
        "E0401", "\(what) needs `\(type)`, but this may be missing", at: value.span, "is `\(value.type)`",
        help: "give a fallback with `??`")
    } else {
      error("E0207", "\(what) takes `\(type)`, got `\(value.type)`", at: value.span, "this is `\(value.type)`")
    }
    return Expression(.invalid, type, value.span)
  }

  private func mismatch(_ a: Expression, _ b: Expression, _ sign: Name, _ what: String) {
    error(
      "E0207", "`\(a.type)` and `\(b.type)` \(what)", at: sign.span, "these two do not fit",
      also: [.init(file, a.span, "this is `\(a.type)`"), .init(file, b.span, "this is `\(b.type)`")])
  }

  // MARK: What a condition says

  /// The steps (in the text) that ran if this is true: `trim.ran and …`.
  func stepsThatRan(_ condition: ExpressionSyntax) -> Set<Int> {
    switch condition.kind {
    case .reference(let path):
      guard path.names.count == 2, path.names[1].text == "ran", let step = stepIndex[path.names[0].text],
        facts[step].outputNames.place(of: "ran") == nil
      else { return [] }
      return [step]
    case .binary(let sign, let left, let right) where sign.text == "and":
      return stepsThatRan(left).union(stepsThatRan(right))
    default: return []
    }
  }
}
