internal import Diagnostics
internal import TOML
internal import Values

/// What a pointer to many elements is: its elements, its size, and how it looks from outside.
struct ArrayReader {
  private let section: Section
  private let problems: Problems

  init(_ section: Section, _ problems: Problems) {
    self.section = section
    self.problems = problems
  }

  /// Whether the entry speaks of an array at all: a `char *` with a length is a text unless its port says otherwise.
  func isAsked(_ type: CType) -> Bool {
    if let port = section.table["port"]?.string {
      return port.hasPrefix("tensor") || port.hasPrefix("list") || port == "bytes"
    }
    if type.scalar == .character { return false }
    return section.has("shape") || section.has("len")
  }

  /// `scalar`: what C says the elements are, nil for `void`.
  func array(_ scalar: Scalar?, _ type: CType) -> FunctionManifest.ArraySpecification? {
    var array = FunctionManifest.ArraySpecification(
      flavour: .tensor, element: scalar ?? .u8, shape: [], used: section.expression("used"),
      isColumnMajor: section.word("order", of: ["row", "column"]) == "column")
    var shape: [Expression?] = [nil]
    if let text = section.table["port"]?.string {
      guard let port = parsed(text), let found = look(port, scalar, &array) else { return nil }
      shape = found
    } else if scalar?.element == nil {
      problems.add(
        "E0903", "`\(type.text)` has no elements that a tensor can hold", section.span("c"),
        help: "port = \"bytes\", or port = \"tensor<f64>[n]\"")
      return nil
    }
    array.shape = said(shape)
    if array.shape.count > 8 || array.shape.isEmpty {
      problems.add("E0905", "an array has 1 to 8 dimensions", section.span("shape"))
      return nil
    }
    if array.used != nil && array.shape.count != 1 {
      problems.add("E0905", "`used` is for arrays of one dimension", section.span("used"))
    }
    if array.flavour != .tensor && array.shape.count != 1 {
      problems.add("E0905", "a list and bytes have one dimension", section.span("shape"))
    }
    return array
  }

  private func parsed(_ text: String) -> ValueType? {
    do throws(TypeSyntaxError) { return try ValueType.parse(text) } catch {
      problems.add("E0903", "`\(text)` is no type: \(error.message)", section.span("port"), "not understood")
      return nil
    }
  }

  /// The shape that the port's type tells.
  private func look(
    _ port: ValueType, _ scalar: Scalar?, _ array: inout FunctionManifest.ArraySpecification
  ) -> [Expression?]? {
    func wrong(_ why: String) -> [Expression?]? {
      problems.add("E0903", "`\(section.text("c") ?? "")` cannot be a `\(port)`", section.span("port"), why)
      return nil
    }
    switch port {
    case .bytes:
      guard (scalar ?? .u8).size == 1 else { return wrong("its elements are no bytes") }
      array.flavour = .bytes
      array.element = .u8
      return [nil]
    case .list(let item):
      array.flavour = .list
      guard let scalar, scalar.element != nil else { return wrong("what are its elements in C?") }
      switch item {
      case .float where scalar.isFloat, .int where scalar.isInteger, .bool where scalar == .bool: return [nil]
      default: return wrong("a list<\(scalar.port)> can")
      }
    case .tensor(let element?, let dimensions):
      guard let own = Scalar.allCases.first(where: { $0.element == element.rawValue && $0 != .character }) else {
        return wrong("such elements cannot be bound")
      }
      guard scalar.map({ $0.element == element.rawValue || $0.size == 1 && own.size == 1 }) ?? true else {
        return wrong("its elements are \(scalar?.element ?? "void")")
      }
      array.element = own
      return dimensions?.map { dimension in
        switch dimension {
        case .fixed(let size): .number(Int64(size))
        case .named(let name): .name(name)
        case .unknown: nil
        }
      } ?? [nil]
    default: return wrong("a tensor with elements, a list or bytes can")
    }
  }

  /// `len` or `shape` say more than the type.
  private func said(_ shape: [Expression?]) -> [Expression?] {
    if section.has("len") {
      if section.has("shape") { problems.add("E0905", "`len` and `shape` exclude each other", section.span("shape")) }
      return [section.expression("len")]
    }
    guard let items = section.table["shape"]?.array else {
      if section.has("shape") { problems.add("E0902", "`shape` must be a list", section.span("shape")) }
      return shape
    }
    return items.map { item in
      if let number = item.integer { return .number(number) }
      return item.string.flatMap { section.expression($0, item.place.span, "shape") }
    }
  }
}
