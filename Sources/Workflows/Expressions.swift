internal import Diagnostics
internal import Syntax
internal import Values

/// What names mean at a place, besides the inputs and steps of the workflow.
struct ExpressionScope {
  /// The step in the text that the place belongs to.
  var step: Int?
  var bindings: [(name: String, type: ValueType)] = []
  /// Steps (in the text) that surely ran when this place is evaluated: their outputs are there.
  var ran: Set<Int> = []
  /// Defaults of inputs refer to nothing.
  var isConstant = false
  /// Names of an experiment, with dots: there are no others then.
  var known: [String: Expression]?
  /// Outputs of the workflow by name, where they may be used: a step alone is no value, so an output comes before it.
  var outputs: [String: Expression] = [:]
}

extension WorkflowChecker {
  /// The typed form of an expression. `expecting` shapes literals (`[]`, `artifact("…")`, `5m`) and enforces nothing.
  func check(
    _ syntax: ExpressionSyntax, expecting: ValueType = .any, unit: String = "", _ scope: inout ExpressionScope
  ) -> Expression {
    let span = syntax.span
    switch syntax.kind {
    case .missing: return invalid(span)
    case .null: return Expression(.literal(.null), .null, span)
    case .bool(let flag): return Expression(.literal(.bool(flag)), .bool, span)
    case .string(let text): return Expression(.literal(.string(text)), .string, span)
    case .integer, .float, .quantity: return number(syntax, expecting, unit)
    case .reference(let path): return reference(path, span, &scope)
    case .call(let call): return builtin(call, expecting, &scope)
    case .list(let items): return list(items, expecting, span, &scope)
    case .record(let fields): return record(fields, expecting, span, &scope)
    case .field(let base, let name): return field(name, of: check(base, &scope), span)
    case .unary(let sign, let operand): return unary(sign, operand, expecting, unit, span, &scope)
    case .binary(let sign, let left, let right): return binary(sign, left, right, expecting, span, &scope)
    }
  }

  func invalid(_ span: Span) -> Expression { Expression(.invalid, .any, span) }

  func error(
    _ code: String, _ message: String, at span: Span, _ label: String, also: [Diagnostic.Label] = [],
    help: String? = nil, fix: Fix? = nil
  ) {
    session.error(code, message, in: file, at: span, label, also: also, help: help, fix: fix)
  }

  // MARK: Literals

  private func number(_ syntax: ExpressionSyntax, _ expecting: ValueType, _ unit: String) -> Expression {
    let text = file.text(syntax.span)
    // A number in parentheses keeps them in its span.
    let bare = String(text.filter { !"_() \t\r\n".contains($0) })
    switch syntax.kind {
    case .integer:
      if let value = Int64(bare) { return Expression(.literal(.int(value)), .int(nil), syntax.span) }
      error("E0004", "`\(bare)` does not fit in 64 bits", at: syntax.span, "too large")
    case .float:
      if let value = Double(bare), value.isFinite {
        return Expression(.literal(.float(value)), .float(nil), syntax.span)
      }
      error("E0004", "`\(bare)` is too large for a float", at: syntax.span, "too large")
    default:
      if let duration = DurationLiteral.parse(bare) {
        return Expression(.literal(.float(Self.number(duration, in: unit))), .float(nil), syntax.span)
      }
      if let size = ByteSize.parse(bare) { return Expression(.literal(.int(size)), .int(nil), syntax.span) }
      error(
        "E0004", "`\(bare)` has no unit that is known", at: syntax.span, "unknown unit", help: Self.unitHelp)
    }
    return invalid(syntax.span)
  }

  static let unitHelp = "durations are `ms`, `s`, `m`, `h`, `d` (`5m`), sizes `KiB`, `MiB`, `GiB`, `TiB` (`2GiB`)"

  /// Seconds, unless the parameter declares another unit of time.
  private static func number(_ duration: Duration, in unit: String) -> Double {
    let (seconds, attoseconds) = duration.components
    let value = Double(seconds) + Double(attoseconds) / 1e18
    switch unit {
    case "ns": return value * 1e9
    case "us": return value * 1e6
    case "ms": return value * 1e3
    case "min", "m": return value / 60
    case "h": return value / 3600
    case "d": return value / 86400
    default: return value
    }
  }

  private func list(
    _ items: [ExpressionSyntax], _ expecting: ValueType, _ span: Span, _ scope: inout ExpressionScope
  ) -> Expression {
    let wanted = expecting.listElement ?? .any
    var checked: [Expression] = []
    checked.reserveCapacity(items.count)
    for item in items { checked.append(check(item, expecting: wanted, &scope)) }
    guard let first = checked.first else { return Expression(.list([]), .list(wanted), span) }
    var element = first.type
    for item in checked.dropFirst() where item.type != element {
      guard let wider = Self.covering(element, item.type) else {
        error(
          "E0207", "a list holds values of one type: `\(element)` and `\(item.type)` do not mix", at: item.span,
          "this is `\(item.type)`", also: [.init(file, first.span, "this is `\(first.type)`")])
        return invalid(span)
      }
      element = wider
    }
    return Expression(.list(checked), .list(element), span)
  }

  private func record(
    _ fields: [ExpressionSyntax.Field], _ expecting: ValueType, _ span: Span, _ scope: inout ExpressionScope
  ) -> Expression {
    var wanted: [String: ValueType] = [:]
    if case .record(let declared) = expecting.lowered {
      for field in declared { wanted[field.name] = field.type }
    }
    var seen: [String: Span] = [:]
    var checked: [(name: String, value: Expression)] = []
    for field in fields {
      let value = check(field.value, expecting: wanted[field.name.text] ?? .any, &scope)
      if let first = seen[field.name.text] {
        error(
          "E0105", "field `\(field.name.text)` is given twice", at: field.name.span, "the second one",
          also: [.init(file, first, "the first one")])
        continue
      }
      seen[field.name.text] = field.name.span
      checked.append((field.name.text, value))
    }
    return Expression(.record(checked), .record(checked.map { .init($0.name, $0.value.type) }), span)
  }

  // MARK: Fields

  func field(_ name: Name, of base: Expression, _ span: Span) -> Expression {
    func found(_ fields: [ValueType.RecordField]) -> ValueType? { fields.first { $0.name == name.text }?.type }
    func noted(_ type: ValueType) -> Expression {
      note(.field(name.text), at: name.span, type: type)
      return Expression(.field(base, name.text), type, span)
    }
    let names: [String]
    switch base.type {
    case .any: return Expression(.field(base, name.text), .any, span)
    case .record(let fields):
      if let type = found(fields) { return noted(type) }
      names = fields.map(\.name)
    case .list(.record(let fields)):
      // `foreach` lifts records like everything else: a field of a list is the list of the fields.
      if let type = found(fields) { return noted(.list(type)) }
      names = fields.map(\.name)
    case .optional(let wrapped):
      error(
        "E0401", "`\(file.text(base.span))` may be missing, so it has no fields yet", at: base.span,
        "is `\(base.type)`", help: "give a fallback with `??` first, of type `\(wrapped)`")
      return invalid(span)
    default: names = []
    }
    let near = session.report.near(name.text, names)
    let (help, fix) = suggestion(
      near, for: name.span, otherwise: names.isEmpty ? "only records have fields" : "fields: \(enumerated(names))")
    error(
      "E0108", "`\(file.text(base.span))` has no field `\(name.text)`", at: name.span, "no such field",
      also: [.init(file, base.span, "this is `\(base.type)`")], help: help, fix: fix)
    return invalid(span)
  }
}
