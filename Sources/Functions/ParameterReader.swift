internal import Diagnostics
internal import TOML
internal import Values

/// Reads one entry of `params`.
struct ParameterReader {
  private static let keys = [
    "name", "c", "dir", "by", "value", "len", "len_of", "shape", "used", "port", "order", "doc", "unit", "default",
    "optional", "ok", "message", "codes", "callback", "of", "args",
  ]

  let section: Section
  private let problems: Problems
  private let types: CTypeParser
  private let structures: [FunctionManifest.Structure]
  private let isFortran: Bool

  init(
    _ table: TOMLTable, _ span: Span, _ problems: Problems, types: CTypeParser,
    structures: [FunctionManifest.Structure], isFortran: Bool
  ) {
    section = Section(table, span, "a parameter", allowed: Self.keys, problems)
    self.problems = problems
    self.types = types
    self.structures = structures
    self.isFortran = isFortran
  }

  func parameter() -> (FunctionManifest.Parameter, FunctionManifest.Status?)? {
    guard let name = section.required("name"), let text = section.required("c") else { return nil }
    guard name.isPortName else {
      problems.add("E0902", "`\(name)` is no name for a port", section.span("name"), "a-z, 0-9 and _ are")
      return nil
    }
    let type: CType
    do throws(CTypeError) { type = try types.parse(text) } catch {
      problems.add("E0903", error.message, section.span("c"), "not understood", help: error.help)
      return nil
    }
    let direction = section.word("dir", of: ["in", "out", "inout"]) ?? "in"
    var parameter = FunctionManifest.Parameter(
      name: name, type: type, role: .null, isInput: direction != "out", isOutput: direction != "in",
      isByReference: section.word("by", of: ["value", "ref"]).map { $0 == "ref" } ?? isFortran,
      span: section.span("name"),
      typeSpan: section.span("c"))
    guard let role = role(&parameter) else { return nil }
    parameter.role = role
    if parameter.isOutput && type.isConst {
      problems.add("E0905", "`\(name)` is const and cannot be an output", section.span("dir"), "`const` in its type")
    }
    readValue(&parameter)
    let status = StatusReader(section, problems).status(of: parameter.role)
    if status != nil && !parameter.isOutput {
      problems.add("E0902", "`ok` judges what the function gives: `\(name)` is an input", section.span("ok"))
    }
    readPorts(&parameter, judged: status != nil)
    return (parameter, status)
  }

  // MARK: role

  private func role(_ parameter: inout FunctionManifest.Parameter) -> FunctionManifest.Role? {
    let type = parameter.type
    if section.has("callback") || isFunction(type) { return callback(type) }
    if type.isPointer, section.table["value"]?.string == "null" { return .null }
    let arrays = ArrayReader(section, problems)
    let isArray = arrays.isAsked(type) && (type.isPointer || isFortran)
    let isText = type.scalar == .character && !isArray && (type.isPointer || section.has("len"))
    switch type.base {
    case .scalar where isText:
      parameter.isByReference = false
      let capacity = section.expression("len")
      if parameter.isOutput && capacity == nil {
        problems.add(
          "E0905", "how long may the text `\(parameter.name)` become?", parameter.span, "`len` is missing",
          help: "len = 256 makes room for 256 bytes")
      }
      return .text(capacity: capacity, used: section.expression("used"))
    case .scalar(let scalar) where isArray: return array(arrays, scalar, &parameter)
    case .void where type.isPointer && isArray: return array(arrays, nil, &parameter)
    case .scalar(let scalar):
      if type.isPointer {
        if parameter.isInput && !parameter.isOutput && section.word("by", of: ["value", "ref"]) != "ref" {
          problems.add(
            "E0905", "how long is `\(parameter.name)`?", parameter.typeSpan, "a pointer without `len`",
            help: "len = \"n\" for an array, by = \"ref\" for one value, dir = \"out\" for a result")
        }
        parameter.isByReference = true
      }
      return addressable(.scalar(scalar), parameter)
    case .structure(let index):
      if type.isPointer { parameter.isByReference = true }
      return addressable(.structure(index), parameter)
    case .void, .function:
      problems.add(
        "E0903", "`\(type.text)` says nothing about what is passed", parameter.typeSpan, "not bound",
        help: "port = \"bytes\" or port = \"tensor<f64>[n]\" says what it is, value = \"null\" passes nothing")
      return nil
    }
  }

  private func addressable(
    _ role: FunctionManifest.Role, _ parameter: FunctionManifest.Parameter
  ) -> FunctionManifest.Role {
    if parameter.isOutput && !parameter.isByReference {
      problems.add(
        "E0905", "`\(parameter.name)` is passed by value and cannot be an output", section.span("dir"), "no pointer",
        help: "its type is `\(parameter.type.text)*`")
    }
    return role
  }

  private func isFunction(_ type: CType) -> Bool { if case .function = type.base { true } else { false } }

  private func array(
    _ reader: ArrayReader, _ scalar: Scalar?, _ parameter: inout FunctionManifest.Parameter
  ) -> FunctionManifest.Role? {
    parameter.isByReference = false
    guard let array = reader.array(scalar, parameter.type) else { return nil }
    if parameter.isOutput && array.shape.contains(nil) {
      problems.add(
        "E0905", "how large is `\(parameter.name)`?", parameter.span, "an output whose size is not said",
        help: "len = \"n\", or shape = [\"m\", \"n\"]; expressions may use integer parameters, len(x) and dim(x, 0)")
    }
    return .array(array)
  }

  private func callback(_ type: CType) -> FunctionManifest.Role? {
    guard case .function(let result, let parameters) = type.base else {
      problems.add("E0903", "`\(type.text)` is no pointer to a function", section.span("c"), "`callback` needs one")
      return nil
    }
    guard section.has("callback") else {
      problems.add(
        "E0902", "what does the callback do?", section.span("c"), "`callback` is missing",
        help: "callback = \"ascending\", \"descending\", \"log\" or \"formula\"")
      return nil
    }
    func refuse(_ text: String) -> FunctionManifest.Role? {
      problems.add("E0903", "`\(type.text)` does not fit this callback", section.span("c"), text)
      return nil
    }
    switch section.word("callback", of: ["ascending", "descending", "log", "formula"]) {
    case "formula":
      guard result.scalar?.isFloat == true, !result.isPointer else {
        return refuse("a formula gives a float or double")
      }
      let numbers = parameters.filter { !$0.isPointer }
      guard numbers.allSatisfy({ $0.scalar?.isFloat == true || $0.scalar?.isInteger == true }), parameters.count <= 8
      else {
        return refuse("a formula takes numbers")
      }
      let given = section.texts("args").map(\.text)
      let names = given.isEmpty ? Array(["x", "y", "z", "u", "v", "w", "s", "t"].prefix(numbers.count)) : given
      guard names.count == numbers.count, names.allSatisfy(\.isWord) else {
        problems.add("E0902", "`args` names the \(numbers.count) numbers of the formula", section.span("args"))
        return nil
      }
      return .callback(.formula(names))
    case "log":
      guard parameters.contains(where: { $0.isPointer && ($0.scalar?.size == 1 || $0.base == .void) }) else {
        return refuse("a log callback takes a text")
      }
      return .callback(.log)
    case let word?:
      guard result.scalar == .i32, parameters.count >= 2, parameters[0].isPointer, parameters[1].isPointer else {
        return refuse("a comparison is `int (*)(const void *, const void *)`")
      }
      guard let text = section.required("of") else { return nil }
      guard let scalar = try? types.parse(text).scalar, scalar.element != nil else {
        problems.add("E0903", "`\(text)` cannot be compared", section.span("of"), "a scalar C type is expected")
        return nil
      }
      return .callback(.compare(scalar, descending: word == "descending"))
    case nil: return nil
    }
  }

  // MARK: value

  private func readValue(_ parameter: inout FunctionManifest.Parameter) {
    if let text = section.text("len_of") {
      let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      if parts.count == 2, let dimension = Int(parts[1]), (0..<8).contains(dimension) {
        parameter.value = .expression(.dimension(parts[0], dimension))
      } else {
        parameter.value = .expression(.length(text))
      }
      if section.has("value") {
        problems.add("E0902", "`len_of` and `value` exclude each other", section.span("value"))
      }
    }
    guard let value = section.table["value"], parameter.role != .null else { return }
    if !parameter.isInput {
      problems.add(
        "E0902", "`\(parameter.name)` is an output: `value` has no use", value.place.span,
        help: "dir = \"inout\" passes one")
    }
    func wrong(_ wanted: String) {
      problems.add(
        "E0902", "`value` of `\(parameter.type.text)` must be \(wanted)", value.place.span, "\(value.kindName)")
    }
    switch parameter.role {
    case .text:
      if let text = section.text("value") { parameter.value = .text(text) }
    case .scalar(.character):
      if let text = section.text("value") {
        if text.utf8.count != 1 { wrong("one character") }
        parameter.value = .text(text)
      }
    case .scalar(let scalar):
      switch value.content {
      case .integer(let number) where scalar.isFloat: parameter.value = .float(Double(number))
      case .integer(let number): parameter.value = .expression(.number(number))
      case .boolean(let flag): parameter.value = .expression(.number(flag ? 1 : 0))
      case .float(let number) where scalar.isFloat: parameter.value = .float(number)
      case .string where !scalar.isFloat: parameter.value = section.expression("value").map { .expression($0) }
      default: wrong(scalar.isFloat ? "a number" : "a whole number or an expression")
      }
    default: wrong("left out: this is no scalar or text")
    }
  }

  // MARK: ports

  private func readPorts(_ parameter: inout FunctionManifest.Parameter, judged: Bool) {
    let isHidden = section.table["port"]?.boolean == false
    switch parameter.role {
    case .null, .callback(.log), .callback(.compare): return
    default: break
    }
    let ports = PortReader(section, problems, structures)
    guard let type = ports.type(of: parameter.role, isInput: parameter.isInput) else { return }
    var port = FunctionManifest.Port(
      name: parameter.name, type: type, doc: section.text("doc") ?? "", unit: section.text("unit") ?? "")
    if parameter.isOutput && !isHidden && (!judged || section.has("port")) { parameter.output = port }
    guard parameter.isInput, parameter.value == nil else {
      if section.has("default") {
        problems.add("E0902", "`default` is for inputs", section.span("default"), "`\(parameter.name)` is none")
      }
      return
    }
    if isHidden {
      problems.add("E0902", "where does `\(parameter.name)` come from?", section.span("port"), "no port and no `value`")
    }
    port.isOptional = section.flag("optional")
    if port.isOptional && !(parameter.type.isPointer) {
      problems.add(
        "E0902", "only a pointer can be left out", section.span("optional"), "`\(parameter.type.text)` is none")
    }
    port.defaultJSON = ports.defaultJSON(type)
    parameter.input = port
  }
}
