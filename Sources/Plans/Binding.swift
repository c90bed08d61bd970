package import Values
package import Workflows

extension Plan {
  /// The values of the workflow's inputs: given ones checked against their types, the others by default.
  ///
  /// - Parameter given: values by input name. A name that is not an input is an error.
  package func bind(_ given: [String: Value]) throws(PlanError) -> [Value] {
    if let unknown = given.keys.sorted().first(where: { name in !inputs.contains { $0.name == name } }) {
      throw PlanError("workflow `\(workflow)` has no input `\(unknown)`", help: inputList)
    }
    var values: [Value] = []
    for input in inputs {
      var value = Value.null
      if let present = given[input.name] {
        value = present
      } else if let formula = input.default {
        do { value = try constant(formula) } catch { throw PlanError("input `\(input.name)`: \(error.message)") }
      } else if !input.type.isOptional {
        throw PlanError(
          "input `\(input.name)` of workflow `\(workflow)` has no value",
          help: "give it with `--set \(input.name)=…` (\(input.type))")
      }
      value = input.type.coerced(value)
      if let mismatch = input.type.check(value) { throw PlanError("input `\(input.name)`: \(mismatch)") }
      values.append(value)
    }
    return values
  }

  /// For messages.
  package var inputList: String {
    inputs.isEmpty
      ? "it has no inputs" : "inputs: " + inputs.map { "\($0.name): \($0.type)" }.joined(separator: ", ")
  }

  /// Of an expression that refers to nothing.
  package func value(of expression: Expression) throws(PlanError) -> Value {
    do { return try constant(expression) } catch { throw PlanError(error.message) }
  }

  private func constant(_ expression: Expression) throws(EvaluationError) -> Value {
    switch expression.kind {
    case .literal(let value): return value
    case .unary(let symbol, let operand):
      return try Formula.unary(symbol, .constant(constant(operand))).evaluate(in: Nothing())
    case .binary(let symbol, let left, let right):
      let arithmetic: Formula.Arithmetic = if case .int = expression.type { .integer } else { .floating }
      return try Formula.binary(symbol, .constant(constant(left)), .constant(constant(right)), arithmetic)
        .evaluate(in: Nothing())
    case .list(let items):
      var values: [Value] = []
      for item in items { values.append(try constant(item)) }
      return .list(values)
    case .record(let fields):
      var values: [Value.Field] = []
      for field in fields { values.append(Value.Field(field.name, try constant(field.value))) }
      return .record(values)
    case .call(let function, let arguments):
      var values: [Formula] = []
      for argument in arguments { values.append(.constant(try constant(argument))) }
      if function == .file || function == .dir, case .constant(.string(let path))? = values.first {
        values[0] = .constant(.string(file.resolve(path)))
      }
      let arithmetic: Formula.Arithmetic = if case .int = expression.type { .integer } else { .floating }
      return try Formula.call(function, values, arithmetic).evaluate(in: Nothing())
    case .artifact(let name):
      guard let value = artifacts[name] else { throw EvaluationError("`artifact(\"\(name)\")` has no value") }
      return value
    default: throw EvaluationError("a default refers to nothing but constants")
    }
  }

  private struct Nothing: FormulaContext {
    func local(_ index: Int) throws(EvaluationError) -> Value { throw EvaluationError("not a constant") }
    func output(step: Int, port: Int) throws(EvaluationError) -> Value { throw EvaluationError("not a constant") }
    func ran(step: Int) -> Bool { false }
    func binding(_ index: Int) throws(EvaluationError) -> Value { throw EvaluationError("not a constant") }
  }
}

extension Value {
  /// A value written on a command line: bare text for strings, files and enumerations, JSON for everything else.
  package init(text: String, type: ValueType) throws(PlanError) {
    switch type {
    case .optional(let inner):
      if text == "null" {
        self = .null
        return
      }
      try self.init(text: text, type: inner)
    case .string, .enumeration: self = .string(text)
    case .file: self = .file(FileReference(path: text, size: 0))
    case .directory: self = .directory(FileReference(path: text, size: 0))
    case .bool:
      guard let value = ["true": true, "false": false, "yes": true, "no": false][text] else {
        throw PlanError("`\(text)` is not `true` or `false`")
      }
      self = .bool(value)
    case .int:
      guard let value = Int64(text.filter { $0 != "_" }) else { throw PlanError("`\(text)` is not a whole number") }
      self = .int(value)
    case .float:
      guard let value = Double(text.filter { $0 != "_" }) else { throw PlanError("`\(text)` is not a number") }
      self = .float(value)
    default:
      do {
        self = try Value(json: JSON.parse(text), type: type)
      } catch {
        throw PlanError("`\(text)` is not \(type) in JSON: \(error)")
      }
    }
  }
}
