/// What a compiler or debug information says that a type is.
indirect enum RealType: Hashable {
  case void
  case integer(size: Int, isSigned: Bool)
  case float(size: Int)
  case boolean(size: Int)
  case pointer(RealType, isConst: Bool)
  case function(RealSignature)
  /// By name: `struct point`, or that of a typedef.
  case structure(String)
  case enumeration(size: Int)
  case array(RealType)
  /// Fortran's `character(len=*)`.
  case characters
  case unknown(String)
}

struct RealSignature: Hashable {
  var result: RealType
  var parameters: [RealType]
  var isVariadic = false
  /// Everything by reference, and `parameters` are what is referred to.
  var isFortran = false
}

extension RealType {
  /// Words for a message, in the C of the manifest.
  var text: String {
    switch self {
    case .void: return "void"
    case .integer(let size, let isSigned):
      let name = [1: "char", 2: "short", 4: "int", 8: "long"][size] ?? "int\(size * 8)_t"
      return (isSigned ? (size == 1 ? "signed " : "") : "unsigned ") + name
    case .float(let size): return size == 4 ? "float" : size == 8 ? "double" : "long double"
    case .boolean(let size): return size == 1 ? "bool" : "logical"
    case .pointer(.function(let signature), _): return signature.text
    case .pointer(let inner, let isConst): return (isConst ? "const " : "") + inner.text + " *"
    case .function(let signature): return signature.text
    case .structure(let name): return name
    case .enumeration: return "enum"
    case .array(let element): return element.text + " *"
    case .characters: return "char *"
    case .unknown(let text): return text
    }
  }

  /// Whether a value declared like this arrives as it should. Names of integers of one size do not matter, nor does a
  /// `const` that the manifest leaves out.
  func takes(_ declared: CType, _ structures: [FunctionManifest.Structure]) -> Bool {
    switch self {
    case .unknown: return true
    case .pointer(let inner, let isConst):
      if case .function(let signature) = inner { return signature.isCalled(as: declared, structures) }
      if case .function = declared.base, case .unknown = inner { return true }
      guard declared.isPointer, isConst || !declared.isConst else { return false }
      return inner.isPointee(declared, structures)
    case .array(let element): return declared.isPointer && element.isPointee(declared, structures)
    case .characters: return declared.isPointer && declared.scalar?.size == 1
    case .function(let signature): return signature.isCalled(as: declared, structures)
    case .void: return declared.base == .void && !declared.isPointer
    default: return !declared.isPointer && isValue(declared, structures)
    }
  }

  private func isPointee(_ declared: CType, _ structures: [FunctionManifest.Structure]) -> Bool {
    if declared.base == .void || self == .void { return true }
    if case .unknown = self { return true }
    if case .integer(let size, _) = self, size == 1, declared.scalar?.size == 1 { return true }
    if case .array(let element) = self { return element.isPointee(declared, structures) }
    if case .characters = self { return declared.scalar?.size == 1 }
    return isValue(declared, structures)
  }

  private func isValue(_ declared: CType, _ structures: [FunctionManifest.Structure]) -> Bool {
    switch (self, declared.base) {
    case (.integer(let size, let isSigned), .scalar(let scalar)):
      if scalar == .character { return size == 1 }
      if scalar == .logical || scalar == .bool { return size == scalar.size }
      return scalar.isInteger && scalar.size == size && isSigned == scalar.rawValue.hasPrefix("i")
    case (.enumeration(let size), .scalar(let scalar)): return scalar.isInteger && scalar.size == size
    case (.float(let size), .scalar(let scalar)): return scalar.isFloat && scalar.size == size
    case (.boolean(let size), .scalar(let scalar)):
      return scalar.size == size && (scalar == .bool || scalar == .logical || scalar.isInteger)
    case (.structure(let name), .structure(let index)):
      let bare = name.hasPrefix("struct ") ? String(name.dropFirst(7)) : name
      return [structures[index].cName, structures[index].name].contains {
        $0 == name || $0 == bare || $0 == "struct " + bare
      }
    default: return false
    }
  }
}

extension RealSignature {
  var text: String {
    let list = parameters.map { isFortran ? $0.byReference.text : $0.text } + (isVariadic ? ["..."] : [])
    return "\(result.text) (*)(\(list.isEmpty ? "void" : list.joined(separator: ", ")))"
  }

  func isCalled(as declared: CType, _ structures: [FunctionManifest.Structure]) -> Bool {
    guard case .function(let result, let own) = declared.base else {
      return declared.base == .void && declared.isPointer
    }
    return self.result.takes(result, structures) && parameters.count == own.count
      && zip(parameters, own).allSatisfy { $0.takes($1, structures) }
  }
}

extension RealType {
  var byReference: RealType {
    switch self {
    case .pointer, .array, .characters: self
    default: .pointer(self, isConst: false)
    }
  }
}

/// One difference between a declaration and what is real.
struct Difference {
  enum Place: Hashable {
    case parameter(Int)
    case result
    case whole
  }
  var place: Place
  var declared: String
  var real: String
}

extension FunctionManifest {
  /// Nothing: they agree.
  func differences(_ function: Function, _ real: RealSignature) -> [Difference] {
    let own = function.parameters
    guard own.count == real.parameters.count || (real.isVariadic && own.count > real.parameters.count) else {
      let count = real.parameters.count
      return [
        Difference(
          place: .whole, declared: "\(own.count) parameter\(own.count == 1 ? "" : "s")", real: "\(count): \(real.text)")
      ]
    }
    var differences: [Difference] = []
    for (index, parameter) in own.enumerated() where index < real.parameters.count {
      let wanted = passed(parameter, function.isFortran)
      let found = real.isFortran ? real.parameters[index].byReference : real.parameters[index]
      if !found.takes(wanted, structures) {
        differences.append(Difference(place: .parameter(index), declared: wanted.text, real: found.text))
      }
    }
    if real.isVariadic != (function.fixedParameters != nil) {
      differences.append(
        Difference(
          place: .whole, declared: real.isVariadic ? "no `variadic`" : "`variadic`",
          real: real.isVariadic ? "`...` after \(real.parameters.count) parameters" : "none"))
    }
    let nothing = CType(base: .void, isPointer: false, isConst: false, text: "void")
    // A result that is not asked for does no harm.
    if let result = function.resultType, !real.result.takes(result, structures) {
      differences.append(Difference(place: .result, declared: result.text, real: real.result.text))
    } else if function.resultType == nil, case .structure = real.result {
      differences.append(Difference(place: .result, declared: nothing.text, real: real.result.text))
    }
    return differences
  }

  /// A parameter as it is passed: Fortran passes addresses.
  func passed(_ parameter: Parameter, _ isFortran: Bool) -> CType {
    var type = parameter.type
    if isFortran && parameter.isByReference && !type.isPointer {
      type.isPointer = true
      type.text += " *"
    }
    if isFortran, !type.isPointer, case .text = parameter.role {
      type.isPointer = true
      type.text += " *"
    }
    return type
  }
}
