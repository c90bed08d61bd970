/// What the names in the expressions of a function mean. Expressions are compiled by putting computed parameters in place
/// of their names, until only what a call brings is left: so there is no order of evaluation, and circles are found here.
struct Names {
  struct Trouble: Error {
    var code: String
    var message: String
    var name: String
    var help: String
  }

  private let parameters: [FunctionManifest.Parameter]
  private var indices: [String: Int] = [:]
  /// Named dimensions that are no parameters: the first input array that has one gives it its value.
  private var dimensions: [String: (parameter: Int, dimension: Int)] = [:]

  private static let longest = 400

  init(_ function: FunctionManifest.Function) {
    parameters = function.parameters
    for (index, parameter) in parameters.enumerated() where indices[parameter.name] == nil {
      indices[parameter.name] = index
    }
    for (index, parameter) in parameters.enumerated() where parameter.isInput {
      guard case .array(let array) = parameter.role else { continue }
      for (dimension, expression) in array.shape.enumerated() {
        guard let name = expression?.asName, indices[name] == nil, dimensions[name] == nil else { continue }
        dimensions[name] = (index, dimension)
      }
    }
  }

  var known: [String] { Array(indices.keys) + Array(dimensions.keys) }

  /// Whether this dimension gives its name the value: there is nothing to compare then.
  func isSource(_ parameter: Int, _ dimension: Int, _ expression: Expression) -> Bool {
    guard let name = expression.asName, let source = dimensions[name] else { return false }
    return source == (parameter, dimension)
  }

  func trouble(in expression: Expression, afterCall: Bool = false) -> Trouble? {
    do throws(Trouble) {
      _ = try compile(expression, afterCall: afterCall)
      return nil
    } catch { return error }
  }

  /// The first thing that is wrong with the expressions of a parameter.
  func trouble(of parameter: FunctionManifest.Parameter) -> Trouble? {
    if case .expression(let expression)? = parameter.value, let trouble = trouble(in: expression) { return trouble }
    switch parameter.role {
    case .array(let array):
      for expression in array.shape.compactMap({ $0 }) {
        if let trouble = trouble(in: expression) { return trouble }
      }
      return array.used.flatMap { trouble(in: $0, afterCall: true) }
    case .text(let capacity, let used):
      return capacity.flatMap { trouble(in: $0) } ?? used.flatMap { trouble(in: $0, afterCall: true) }
    default: return nil
    }
  }

  /// Postfix: numbers, `p3` (the value of parameter 3), `l3` (its length), `d3.1` (its dimension 1), operators.
  func compile(_ expression: Expression, afterCall: Bool = false) throws(Trouble) -> [String] {
    var code: [String] = []
    try emit(expression, afterCall, [], &code)
    return code
  }

  private func emit(
    _ expression: Expression, _ afterCall: Bool, _ open: [Int], _ code: inout [String]
  ) throws(Trouble) {
    guard code.count < Self.longest, open.count < 64 else {
      throw Trouble(
        code: "E0906", message: "the expression is too long with all its names put in", name: "",
        help: "make it simpler")
    }
    switch expression {
    case .number(let number): code.append("\(number)")
    case .binary(let operation, let left, let right):
      try emit(left, afterCall, open, &code)
      try emit(right, afterCall, open, &code)
      code.append(operation.rawValue)
    case .name(let name):
      if let index = indices[name] {
        try emitParameter(index, afterCall, open, &code)
      } else if let (index, dimension) = dimensions[name] {
        code.append("d\(index).\(dimension)")
      } else {
        throw unknown(name)
      }
    case .length(let name):
      let (index, shape) = try array(name)
      if parameters[index].isInput {
        code.append("l\(index)")
        return
      }
      guard !shape.isEmpty else { throw unknown(name) }
      for (position, part) in shape.enumerated() {
        try emit(part, afterCall, try opened(index, open, name), &code)
        if position > 0 { code.append("*") }
      }
    case .dimension(let name, let dimension):
      let (index, shape) = try array(name)
      if parameters[index].isInput {
        code.append("d\(index).\(dimension)")
      } else if shape.indices.contains(dimension) {
        try emit(shape[dimension], afterCall, try opened(index, open, name), &code)
      } else {
        throw Trouble(
          code: "E0906", message: "`\(name)` has no dimension \(dimension)", name: name, help: "they count from 0")
      }
    }
  }

  private func emitParameter(
    _ index: Int, _ afterCall: Bool, _ open: [Int], _ code: inout [String]
  ) throws(Trouble) {
    let parameter = parameters[index]
    guard case .scalar(let scalar) = parameter.role, scalar.isInteger || scalar == .bool || scalar == .logical else {
      throw Trouble(
        code: "E0906", message: "`\(parameter.name)` is no whole number", name: "",
        help: "`len(\(parameter.name))` is how many elements an array has")
    }
    if afterCall && parameter.isOutput {
      code.append("p\(index)")
    } else if !parameter.isInput {
      throw Trouble(
        code: "E0906", message: "`\(parameter.name)` is known only after the call", name: "",
        help: "`used` may name it, `len` may not")
    } else if case .expression(let value)? = parameter.value {
      try emit(value, false, try opened(index, open, parameter.name), &code)
    } else {
      code.append("p\(index)")
    }
  }

  private func opened(_ index: Int, _ open: [Int], _ name: String) throws(Trouble) -> [Int] {
    guard !open.contains(index) else {
      throw Trouble(
        code: "E0906", message: "the size of `\(name)` depends on itself", name: "",
        help: "let an input give one of them")
    }
    return open + [index]
  }

  private func array(_ name: String) throws(Trouble) -> (index: Int, shape: [Expression]) {
    guard let index = indices[name] else { throw unknown(name) }
    switch parameters[index].role {
    case .array(let array): return (index, array.shape.compactMap { $0 })
    case .text(let capacity, _): return (index, capacity.map { [$0] } ?? [])
    default:
      throw Trouble(code: "E0906", message: "`\(name)` has no length", name: "", help: "arrays and texts have one")
    }
  }

  private func unknown(_ name: String) -> Trouble {
    Trouble(
      code: "E0904", message: "there is no parameter or dimension `\(name)`", name: name,
      help: known.isEmpty ? "nothing has a name here" : "there are \(known.sorted().joined(separator: ", "))")
  }
}
