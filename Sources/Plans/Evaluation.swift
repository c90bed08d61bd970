package import Values
internal import Workflows

/// Why an expression has no value at run time: a sentence for a person.
package struct EvaluationError: Error, Sendable, Equatable {
  package enum Kind: Sendable {
    case invalid
    /// It refers to something that was given up because a step before it failed.
    case upstreamFailed
  }
  package var kind: Kind
  package var message: String
  package init(_ message: String, kind: Kind = .invalid) {
    self.kind = kind
    self.message = message
  }
}

/// What the references of a formula mean in one frame.
package protocol FormulaContext {
  func local(_ index: Int) throws(EvaluationError) -> Value
  func output(step: Int, port: Int) throws(EvaluationError) -> Value
  func ran(step: Int) -> Bool
  func binding(_ index: Int) throws(EvaluationError) -> Value
}

extension Formula {
  /// Pure: the same context gives the same value.
  package func evaluate(in context: some FormulaContext) throws(EvaluationError) -> Value {
    switch self {
    case .constant(let value): return value
    case .local(let index): return try context.local(index)
    case .output(let step, let port): return try context.output(step: step, port: port)
    case .ran(let step): return .bool(context.ran(step: step))
    case .binding(let index): return try context.binding(index)
    case .unary(.not, let operand): return .bool(try !operand.truth(in: context))
    case .unary(.negate, let operand): return try Self.negate(operand.evaluate(in: context))
    case .binary(let symbol, let left, let right, let arithmetic):
      return try Self.binary(symbol, left, right, arithmetic, in: context)
    case .call(let function, let arguments, let arithmetic):
      var values: [Value] = []
      values.reserveCapacity(arguments.count)
      for argument in arguments { values.append(try argument.evaluate(in: context)) }
      return try function.apply(values, arithmetic)
    case .list(let items):
      var values: [Value] = []
      values.reserveCapacity(items.count)
      for item in items { values.append(try item.evaluate(in: context)) }
      return .list(values)
    case .record(let names, let formulas):
      var fields: [Value.Field] = []
      fields.reserveCapacity(names.count)
      for (name, formula) in zip(names, formulas) {
        fields.append(Value.Field(name, try formula.evaluate(in: context)))
      }
      return .record(fields)
    case .field(let record, let name): return try Self.field(name, of: record.evaluate(in: context))
    }
  }

  /// The value of a condition.
  package func truth(in context: some FormulaContext) throws(EvaluationError) -> Bool {
    let value = try evaluate(in: context)
    guard case .bool(let truth) = value else { throw EvaluationError("a condition is true or false, not \(value)") }
    return truth
  }

  private static func negate(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .int(let number) where number != .min: return .int(-number)
    case .float(let number): return .float(-number)
    default: throw EvaluationError("cannot negate \(value)")
    }
  }

  private static func field(_ name: String, of value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .record(let fields):
      if let field = fields.first(where: { $0.name == name }) { return field.value }
      throw EvaluationError("the record has no field `\(name)`")
    // A field of a list of records is the list of the fields: `foreach` lifts records like everything else.
    case .list(let items):
      var values: [Value] = []
      values.reserveCapacity(items.count)
      for item in items { values.append(try field(name, of: item)) }
      return .list(values)
    case .null: return .null
    default: throw EvaluationError("\(value) has no field `\(name)`")
    }
  }

  private static func binary(
    _ symbol: BinaryOperator, _ left: Formula, _ right: Formula, _ arithmetic: Arithmetic,
    in context: some FormulaContext
  ) throws(EvaluationError) -> Value {
    switch symbol {
    case .coalesce:
      let value = try left.evaluate(in: context)
      return value == .null ? try right.evaluate(in: context) : value
    case .and: return .bool(try left.truth(in: context) ? right.truth(in: context) : false)
    case .or: return .bool(try left.truth(in: context) ? true : right.truth(in: context))
    default: break
    }
    let a = try left.evaluate(in: context)
    let b = try right.evaluate(in: context)
    switch symbol {
    case .equal: return .bool(a.isSame(as: b))
    case .notEqual: return .bool(!a.isSame(as: b))
    case .less, .greater, .lessOrEqual, .greaterOrEqual: return .bool(try compare(a, b, symbol))
    default: return try arithmeticResult(a, b, symbol, arithmetic)
    }
  }

  private static func compare(_ a: Value, _ b: Value, _ symbol: BinaryOperator) throws(EvaluationError) -> Bool {
    func holds<T: Comparable>(_ x: T, _ y: T) -> Bool {
      switch symbol {
      case .less: x < y
      case .greater: x > y
      case .lessOrEqual: x <= y
      default: x >= y
      }
    }
    switch (a, b) {
    case (.int(let x), .int(let y)): return holds(x, y)
    case (.string(let x), .string(let y)): return holds(x, y)
    default:
      guard let x = a.number, let y = b.number else { throw EvaluationError("cannot compare \(a) with \(b)") }
      return holds(x, y)
    }
  }

  private static func arithmeticResult(
    _ a: Value, _ b: Value, _ symbol: BinaryOperator, _ arithmetic: Arithmetic
  ) throws(EvaluationError) -> Value {
    switch (a, b) {
    case (.string(let x), .string(let y)) where symbol == .add: return .string(x + y)
    case (.list(let x), .list(let y)) where symbol == .add: return .list(x + y)
    case (.int(let x), .int(let y)) where arithmetic == .integer:
      let (result, overflow): (Int64, Bool)
      switch symbol {
      case .add: (result, overflow) = x.addingReportingOverflow(y)
      case .subtract: (result, overflow) = x.subtractingReportingOverflow(y)
      case .multiply: (result, overflow) = x.multipliedReportingOverflow(by: y)
      default:
        if y == 0 { throw EvaluationError("division of \(x) by zero") }
        (result, overflow) = x.dividedReportingOverflow(by: y)
      }
      if overflow { throw EvaluationError("\(x) \(symbol.rawValue) \(y) does not fit in 64 bits") }
      return .int(result)
    default:
      guard let x = a.number, let y = b.number else {
        throw EvaluationError("cannot compute \(a) \(symbol.rawValue) \(b)")
      }
      switch symbol {
      case .add: return .float(x + y)
      case .subtract: return .float(x - y)
      case .multiply: return .float(x * y)
      default: return .float(x / y)
      }
    }
  }
}

extension Value {
  /// As a floating-point number, if it is one.
  fileprivate var number: Double? {
    switch self {
    case .int(let number): Double(number)
    case .float(let number): number
    default: nil
    }
  }

  /// Equality of the language: `1 == 1.0`.
  fileprivate func isSame(as other: Value) -> Bool {
    switch (self, other) {
    case (.int(let a), .float(let b)), (.float(let b), .int(let a)): Double(a) == b
    default: self == other
    }
  }
}

extension Builtin {
  fileprivate func apply(_ arguments: [Value], _ arithmetic: Formula.Arithmetic) throws(EvaluationError) -> Value {
    switch self {
    case .zip: return try Self.zipped(arguments)
    case .size: return try .int(Int64(Self.size(first(arguments))))
    case .contains: return .bool(try items(arguments).contains { arguments.count > 1 && $0.isSame(as: arguments[1]) })
    case .fmt: return .string(Self.formatted(arguments))
    case .range: return try range(arguments)
    case .min, .max, .sum, .mean: return try reduced(items(arguments), arithmetic)
    case .file, .dir:
      guard case .string(let path) = try first(arguments) else {
        throw EvaluationError("`\(rawValue)` takes a path")
      }
      let reference = FileReference(path: path, size: 0)
      return self == .file ? .file(reference) : .directory(reference)
    case .int: return try integer(first(arguments))
    case .float:
      let value = try first(arguments)
      if let number = value.number { return .float(number) }
      if case .string(let text) = value, let number = Double(text) { return .float(number) }
      throw EvaluationError("\(value) is not a number")
    case .string: return .string(Self.plain(try first(arguments)))
    }
  }

  private func first(_ arguments: [Value]) throws(EvaluationError) -> Value {
    guard let value = arguments.first else { throw EvaluationError("`\(rawValue)` needs an argument") }
    return value
  }

  private func items(_ arguments: [Value]) throws(EvaluationError) -> [Value] {
    guard case .list(let items) = try first(arguments) else { throw EvaluationError("`\(rawValue)` takes a list") }
    return items
  }

  private static func zipped(_ arguments: [Value]) throws(EvaluationError) -> Value {
    var lists: [[Value]] = []
    for argument in arguments {
      guard case .list(let items) = argument else { throw EvaluationError("`zip` takes lists, not \(argument)") }
      lists.append(items)
    }
    let counts = lists.map(\.count)
    guard let count = counts.first, counts.allSatisfy({ $0 == count }) else {
      throw EvaluationError("`zip` takes lists of one length, got \(counts.map(String.init).joined(separator: ", "))")
    }
    return .list(
      (0..<count).map { index in
        .record(lists.enumerated().map { Value.Field("_\($0.offset)", $0.element[index]) })
      })
  }

  private static func size(_ value: Value) throws(EvaluationError) -> Int {
    switch value {
    case .list(let items): return items.count
    case .record(let fields): return fields.count
    case .string(let text): return text.unicodeScalars.count
    case .bytes(let bytes): return bytes.count
    case .table(let table): return table.rowCount
    case .tensor(let tensor): return tensor.shape.first ?? 1
    default: throw EvaluationError("\(value) has no size")
    }
  }

  private func range(_ arguments: [Value]) throws(EvaluationError) -> Value {
    var bounds: [Int64] = []
    for argument in arguments {
      guard case .int(let bound) = argument else { throw EvaluationError("`range` takes whole numbers") }
      bounds.append(bound)
    }
    let lower = bounds.count > 1 ? bounds[0] : 0
    guard let upper = bounds.last else { throw EvaluationError("`range` needs an end") }
    let (count, overflow) = upper.subtractingReportingOverflow(lower)
    guard !overflow, count >= 0, count <= 10_000_000 else {
      throw EvaluationError("`range` goes from a smaller to a larger number, over at most 10,000,000")
    }
    return .list((lower..<upper).map { .int($0) })
  }

  private func reduced(_ items: [Value], _ arithmetic: Formula.Arithmetic) throws(EvaluationError) -> Value {
    var numbers: [Double] = []
    var integers: [Int64] = []
    for item in items {
      guard let number = item.number else { throw EvaluationError("`\(rawValue)` takes numbers, not \(item)") }
      numbers.append(number)
      if case .int(let integer) = item { integers.append(integer) }
    }
    if self == .sum, numbers.isEmpty { return arithmetic == .integer ? .int(0) : .float(0) }
    guard !numbers.isEmpty else { throw EvaluationError("`\(rawValue)` of an empty list") }
    if arithmetic == .integer, integers.count == numbers.count {
      switch self {
      case .min: return .int(integers.min() ?? 0)
      case .max: return .int(integers.max() ?? 0)
      case .sum:
        var total: Int64 = 0
        for integer in integers {
          let (sum, overflow) = total.addingReportingOverflow(integer)
          if overflow { throw EvaluationError("the sum does not fit in 64 bits") }
          total = sum
        }
        return .int(total)
      default: break
      }
    }
    switch self {
    case .min: return .float(numbers.min() ?? 0)
    case .max: return .float(numbers.max() ?? 0)
    case .sum: return .float(numbers.reduce(0, +))
    default: return .float(numbers.reduce(0, +) / Double(numbers.count))
    }
  }

  private func integer(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .int: return value
    case .bool(let truth): return .int(truth ? 1 : 0)
    case .float(let number):
      guard let integer = Int64(exactly: number.rounded(.towardZero)) else { break }
      return .int(integer)
    case .string(let text):
      guard let integer = Int64(text) else { break }
      return .int(integer)
    default: break
    }
    throw EvaluationError("\(value) is not a whole number")
  }

  /// Replaces each `{}` of the first argument by the next one; `{{` and `}}` are braces.
  private static func formatted(_ arguments: [Value]) -> String {
    guard case .string(let template)? = arguments.first else { return "" }
    var result = ""
    var rest = arguments.dropFirst()
    var scalars = template.unicodeScalars[...]
    while let scalar = scalars.popFirst() {
      switch (scalar, scalars.first) {
      case ("{", "{"), ("}", "}"):
        result.unicodeScalars.append(scalar)
        scalars.removeFirst()
      case ("{", "}"):
        scalars.removeFirst()
        result += rest.popFirst().map(plain) ?? "{}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A value as running text: strings without quotes.
  private static func plain(_ value: Value) -> String {
    if case .string(let text) = value { return text }
    return "\(value)"
  }
}
