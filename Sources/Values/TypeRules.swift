extension ValueType {
  package var isOptional: Bool {
    if case .optional = self { return true }
    return self == .null
  }

  /// `T?` of `T`; `T?`, `any` and `null` stay as they are. What `when` does to an output.
  package var lifted: ValueType {
    switch self {
    case .optional, .any, .null: self
    default: .optional(self)
    }
  }

  /// `T` of `T?`, otherwise the type itself. What `??` does.
  package var lowered: ValueType {
    if case .optional(let wrapped) = self { return wrapped }
    return self
  }

  /// `T` of `list<T>` or `list<T>?`; nil for other types. What `foreach` walks over.
  package var listElement: ValueType? {
    switch lowered {
    case .list(let element): element
    case .any: .any
    default: nil
    }
  }

  /// Whether a value of type `from` may flow into a place of this type.
  ///
  /// Refinements (ranges, enum words, element types, dimensions, columns, file formats) that both sides declare must
  /// agree; where `from` declares none, the flow is allowed here and `check` decides at run time. Only `int` widens, to
  /// `float`, and only outside tables, whose columns are never converted. Records agree field by field whatever their
  /// order; a missing field is fine when it is optional here, a field too many never is.
  package func accepts(_ from: ValueType) -> Bool {
    switch (self, from) {
    case (.any, _), (_, .any): return true
    case (.optional, .null): return true
    case (.optional(let to), .optional(let from)): return to.accepts(from)
    case (.optional(let to), _): return to.accepts(from)
    case (.int(let to), .int(let from)): return Self.contains(to, from)
    case (.float(let to), .float(let from)): return Self.contains(to, from)
    case (.float(let to), .int(let from)):
      return Self.contains(to, from.map { Bounds($0.lower.map(Double.init), $0.upper.map(Double.init)) })
    case (.string, .enumeration), (.enumeration, .string): return true
    case (.enumeration(let to), .enumeration(let from)): return Set(from).isSubset(of: to)
    case (.list(let to), .list(let from)): return to.accepts(from)
    case (.record(let to), .record(let from)): return Self.accepts(to, from)
    case (.tensor(let element, let shape), .tensor(let fromElement, let fromShape)):
      guard element == nil || fromElement == nil || element == fromElement else { return false }
      guard let shape, let fromShape else { return true }
      return Self.accepts(shape, fromShape)
    case (.table(let to), .table(let from)): return Self.accepts(to, from)
    case (.file(let to), .file(let from)): return to == nil || from == nil || to == from
    default: return self == from
    }
  }

  /// Each end that both declare must lie inside; an end that `from` leaves open is checked at run time.
  private static func contains<T: Comparable>(_ to: Bounds<T>?, _ from: Bounds<T>?) -> Bool {
    guard let to, let from else { return true }
    let ends = [from.lower, from.upper].compactMap { $0 }
    return ends.allSatisfy { end in to.lower.map { $0 <= end } ?? true && to.upper.map { end <= $0 } ?? true }
  }

  private static func accepts(_ to: [RecordField], _ from: [RecordField]) -> Bool {
    let given = Dictionary(from.map { ($0.name, $0.type) }) { first, _ in first }
    let wanted = Set(to.map(\.name))
    guard given.keys.allSatisfy(wanted.contains) else { return false }
    return to.allSatisfy { field in given[field.name].map(field.type.accepts) ?? field.type.isOptional }
  }

  private static func accepts(_ to: [Dimension], _ from: [Dimension]) -> Bool {
    guard to.count == from.count else { return false }
    var lengths: [String: Int] = [:]
    for (to, from) in zip(to, from) {
      guard case .fixed(let length) = from else { continue }
      switch to {
      case .fixed(let wanted):
        if wanted != length { return false }
      case .named(let name):
        if let known = lengths.updateValue(length, forKey: name), known != length { return false }
      case .unknown: continue
      }
    }
    return true
  }

  /// Every column wanted is there; more columns do no harm.
  private static func accepts(_ to: [Column]?, _ from: [Column]?) -> Bool {
    guard let to, let from else { return true }
    let given = Dictionary(from.map { ($0.name, $0.type) }) { first, _ in first }
    return to.allSatisfy { column in given[column.name].map { column.type.acceptsColumn($0) } ?? false }
  }

  /// Like `accepts`, but `int` and `float` stand for every width of their kind, and nothing is ever converted.
  func acceptsColumn(_ from: ValueType) -> Bool {
    switch (self, from) {
    case (.optional(let to), _): return to.acceptsColumn(from.lowered)
    case (_, .optional): return false
    case (.int, .opaque(let word)), (.opaque(let word), .int): return Self.integerWords.contains(word)
    case (.float, .opaque(let word)), (.opaque(let word), .float): return Self.floatWords.contains(word)
    case (.float, .int): return false
    case (.list(let to), .list(let from)): return to.acceptsColumn(from)
    default: return accepts(from)
    }
  }

  static let integerWords: Set<String> = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"]
  static let floatWords: Set<String> = ["f16", "f32", "f64"]
}
