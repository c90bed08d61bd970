package import Values
package import Workflows

/// A compiled expression: names are gone, references are indices into one body of the plan.
package indirect enum Formula: Sendable {
  case constant(Value)
  /// A local of the body: an argument of the enclosing call, or a shared sub-expression.
  case local(Int)
  /// An output of a step of the same body.
  case output(step: Int, port: Int)
  /// Whether a conditional step ran.
  case ran(step: Int)
  /// The item of the enclosing `foreach`, by binding.
  case binding(Int)
  case unary(UnaryOperator, Formula)
  case binary(BinaryOperator, Formula, Formula, Arithmetic)
  case call(Builtin, [Formula], Arithmetic)
  case list([Formula])
  case record([String], [Formula])
  case field(Formula, String)

  /// What the checker inferred for a numeric result: decides between integer and floating-point operations.
  package enum Arithmetic: Sendable { case integer, floating }
}

extension Formula {
  /// Calls `visit` for every node of the tree, parents first.
  package func forEach(_ visit: (Formula) -> Void) {
    visit(self)
    switch self {
    case .constant, .local, .output, .ran, .binding: break
    case .unary(_, let operand): operand.forEach(visit)
    case .binary(_, let left, let right, _):
      left.forEach(visit)
      right.forEach(visit)
    case .call(_, let arguments, _): for argument in arguments { argument.forEach(visit) }
    case .list(let items): for item in items { item.forEach(visit) }
    case .record(_, let values): for value in values { value.forEach(visit) }
    case .field(let record, _): record.forEach(visit)
    }
  }
}

extension Formula {
  /// An expression whose inputs are the locals, and that refers to nothing else.
  package init(closed expression: Expression) throws(PlanError) {
    func each(_ expressions: [Expression]) throws(PlanError) -> [Formula] {
      var formulas: [Formula] = []
      for expression in expressions { formulas.append(try Formula(closed: expression)) }
      return formulas
    }
    let arithmetic: Arithmetic = if case .int = expression.type.lowered { .integer } else { .floating }
    switch expression.kind {
    case .literal(let value): self = .constant(value)
    case .input(let index): self = .local(index)
    case .unary(let symbol, let operand): self = .unary(symbol, try Formula(closed: operand))
    case .binary(let symbol, let left, let right):
      self = .binary(symbol, try Formula(closed: left), try Formula(closed: right), arithmetic)
    case .call(let function, let arguments): self = .call(function, try each(arguments), arithmetic)
    case .list(let items): self = .list(try each(items))
    case .record(let fields): self = .record(fields.map(\.name), try each(fields.map(\.value)))
    case .field(let record, let name): self = .field(try Formula(closed: record), name)
    default: throw PlanError("a condition refers to nothing but names of its experiment")
    }
  }
}
