internal import Diagnostics
internal import Values

extension FunctionManifest {
  /// What the bridge in a worker executes: lines of words; a word is a number, a letter or `key=text` with everything up to
  /// the space, `%` and what is no ASCII written as `%XX`. Sources/assay-functions/program.h tells what it means.
  ///
  /// Lines that begin with `@` say where something is written; they mean nothing and are no part of the code's identity.
  package var program: String {
    var lines = ["functions 1", "describe " + Self.escaped(head), "tasks " + Self.escaped(tasks)]
    lines.append("plugin id=\(Self.escaped(id)) version=\(Self.escaped(version))")
    for library in libraries {
      lines.append("library so=\(Self.escaped(library.path))")
      lines.append(place(library.span))
    }
    for structure in structures {
      lines.append("struct")
      for field in structure.fields { lines.append("field name=\(field.name) type=\(Self.word(field.type))") }
    }
    for function in functions {
      lines += FunctionProgram(function).lines
      lines.append(place(function.symbolSpan))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// `@ blas.functions.toml:3:1`, of the thing in the line before.
  private func place(_ span: Span) -> String {
    let (line, column) = file.position(at: span.start)
    return "@ " + Self.escaped("\(file.path):\(line):\(column)")
  }

  /// A program without what does not matter to its results.
  package static func identity(ofProgram program: String) -> String {
    program.split(separator: "\n").filter { !$0.hasPrefix("@") }.joined(separator: "\n")
  }

  static func word(_ type: CType) -> String {
    switch type.base {
    case .scalar(let scalar): scalar.rawValue
    case .structure(let index): "S\(index)"
    case .void, .function: "v"
    }
  }

  static func escaped(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      if byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "%") {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16)
        result += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return result
  }

  // MARK: the describe document (docs/wire.md), without the libraries, which are known when they are loaded

  private var head: String {
    JSON.object([
      .init("schema", "assay.plugin/1"), .init("id", .string(id)), .init("version", .string(version)),
      .init("license", .string(license)), .init("doc", .string(doc)), .init("generation", 1), .init("revision", 1),
    ]).compact
  }

  private var tasks: String { JSON.array(functions.map(task)).compact }

  private func task(_ function: Function) -> JSON {
    let flags = ["pure", "deterministic", "idempotent", "network", "reads_files"].enumerated()
      .filter { function.flags >> UInt32($0.offset) & 1 == 1 }.map { JSON.string($0.element) }
    return .object([
      .init("id", .string(function.id)), .init("version", .string(function.version)),
      .init("title", .string(function.title)), .init("doc", .string(function.doc)),
      .init("phase", .string(function.phase)), .init("flags", .array(flags)),
      .init("threads", .string(function.threads)),
      .init("inputs", .array(function.inputs.map(port))), .init("outputs", .array(function.outputs.map(port))),
    ])
  }

  private func port(_ port: Port) -> JSON {
    var members: [JSON.Member] = [
      .init("name", .string(port.name)), .init("type", .string(port.type)), .init("doc", .string(port.doc)),
      .init("unit", .string(port.unit)), .init("optional", .bool(port.isOptional)),
    ]
    if let text = port.defaultJSON { members.append(.init("default_json", .string(text))) }
    return .object(members)
  }
}

extension FunctionManifest.Function {
  var inputs: [FunctionManifest.Port] { parameters.compactMap(\.input) }
  /// The result first.
  var outputs: [FunctionManifest.Port] { (result?.output.map { [$0] } ?? []) + parameters.compactMap(\.output) }
}

/// The lines of one function.
private struct FunctionProgram {
  let function: FunctionManifest.Function
  private let names: Names

  init(_ function: FunctionManifest.Function) {
    self.function = function
    names = Names(function)
  }

  var lines: [String] {
    var lines = [
      "function id=\(text(function.id)) version=\(text(function.version)) flags=\(function.flags) "
        + "threads=\(function.threads == "free" ? 2 : 0) library=\(function.library) symbol=\(text(function.symbol)) "
        + "fortran=\(function.isFortran ? 1 : 0) errno=\(function.errno.rawValue) "
        + "fixed=\(function.fixedParameters ?? -1)"
    ]
    for port in function.inputs {
      lines.append("input name=\(port.name) type=\(text(port.type)) optional=\(port.isOptional ? 1 : 0)")
    }
    for port in function.outputs { lines.append("output name=\(port.name) type=\(text(port.type))") }
    lines += parameterLines
    lines += resultLines
    for (parameter, status) in function.statuses { lines += statusLines(status, on: parameter) }
    for requirement in function.requirements {
      lines.append("require code=\(code(requirement.expression)) text=\(text(requirement.text))")
    }
    return lines
  }

  private var parameterLines: [String] {
    var lines: [String] = []
    var input = 0
    var output = function.result?.output == nil ? 0 : 1
    for (index, parameter) in function.parameters.enumerated() {
      var line = "arg name=\(parameter.name) type=\(FunctionManifest.word(parameter.type))"
      line +=
        " dir=\((parameter.isInput ? 1 : 0) + (parameter.isOutput ? 2 : 0)) ref=\(parameter.isByReference ? 1 : 0)"
      line += " const=\(parameter.type.isConst ? 1 : 0)"
      if parameter.input != nil {
        line += " in=\(input)"
        input += 1
      }
      if parameter.output != nil {
        line += " out=\(output)"
        output += 1
      }
      switch parameter.value {
      case .expression(let expression): line += " value=\(code(expression))"
      case .text(let constant): line += " text=\(text(constant))"
      case .float(let number): line += " float=\(text("\(number)"))"
      case nil: break
      }
      lines.append(line + role(parameter.role, index))
      if case .callback = parameter.role, case .function(let result, let parameters) = parameter.type.base {
        lines.append(
          "signature result=\(word(result)) "
            + parameters.map { "p=\(word($0))" }.joined(separator: " "))
      }
    }
    return lines
  }

  /// A pointer, or a value.
  private func word(_ type: CType) -> String { type.isPointer ? "ptr" : FunctionManifest.word(type) }

  private func role(_ role: FunctionManifest.Role, _ index: Int) -> String {
    switch role {
    case .scalar: return " kind=scalar"
    case .null: return " kind=null"
    case .structure: return " kind=struct"
    case .text(let capacity, let used):
      return " kind=text" + (capacity.map { " len=\(code($0))" } ?? "")
        + (used.map { " used=\(code($0, afterCall: true))" } ?? "")
    case .array(let array): return " kind=array" + shape(array, index)
    case .callback(.log): return " kind=callback does=log"
    case .callback(.compare(let scalar, let descending)):
      return " kind=callback does=compare of=\(scalar.rawValue) descending=\(descending ? 1 : 0)"
    case .callback(.formula(let names)):
      return " kind=callback does=formula" + names.map { " arg=\($0)" }.joined()
    }
  }

  private func shape(_ array: FunctionManifest.ArraySpecification, _ index: Int?, afterCall: Bool = false) -> String {
    var line = " element=\(array.element.rawValue) look=\(array.flavour.rawValue) column=\(array.isColumnMajor ? 1 : 0)"
    for (dimension, expression) in array.shape.enumerated() {
      guard let expression, !(index.map { names.isSource($0, dimension, expression) } ?? false) else {
        line += " dim="
        continue
      }
      line += " dim=\(code(expression, afterCall: afterCall))"
    }
    if let used = array.used { line += " used=\(code(used, afterCall: true))" }
    return line
  }

  private var resultLines: [String] {
    guard let result = function.result else { return [] }
    var line = "result type=\(FunctionManifest.word(result.type)) ptr=\(result.type.isPointer ? 1 : 0)"
    if result.output != nil { line += " out=0" }
    if let free = result.free { line += " free=\(text(free))" }
    switch result.role {
    case .array(let array): line += " kind=array" + shape(array, nil, afterCall: true)
    case .text: line += " kind=text"
    case .structure: line += " kind=struct"
    case .scalar: line += " kind=scalar"
    case .null, .callback: line += " kind=null"
    }
    return [line] + (result.status.map { statusLines($0, on: -1) } ?? [])
  }

  private func statusLines(_ status: FunctionManifest.Status, on parameter: Int) -> [String] {
    var line = "status on=\(parameter) op=\(status.comparison.rawValue) value=\(status.constant ?? 0)"
    if let message = status.message { line += " message=\(text(message))" }
    if let (symbol, takesValue) = status.messageFunction { line += " asks=\(text(symbol)) takes=\(takesValue ? 1 : 0)" }
    return [line]
      + status.codes.map { "code value=\($0.code) message=\(text($0.message)) kind=\($0.kind)" }
  }

  /// What the reader has checked compiles.
  private func code(_ expression: Expression, afterCall: Bool = false) -> String {
    ((try? names.compile(expression, afterCall: afterCall)) ?? ["0"]).joined(separator: ",")
  }

  private func text(_ text: String) -> String { FunctionManifest.escaped(text) }
}
