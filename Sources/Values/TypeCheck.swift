extension ValueType {
  /// Whether `value` is of this type: nil when it is, else one sentence such as `expected int in 2..20, got 31`.
  ///
  /// Exact: an int is not a float here; give the value to `coerced` first. O(elements) for lists and records; tensors
  /// and tables are judged by their headers.
  package func check(_ value: Value) -> String? {
    var dimensions: [String: Int] = [:]
    return check(value, dimensions: &dimensions)
  }

  /// `check` for one of several ports of a signature, in which a named dimension has one length: `dimensions` collects
  /// what the names stand for.
  package func check(_ value: Value, dimensions: inout [String: Int]) -> String? {
    switch (self, value) {
    case (.any, _), (.null, .null), (.bool, .bool), (.string, .string), (.bytes, .bytes): return nil
    case (.optional, .null): return nil
    case (.optional(let wrapped), _): return wrapped.check(value, dimensions: &dimensions)
    case (.int(let bounds), .int(let number)): return Self.inside(bounds, number) ? nil : expected(value)
    case (.float(let bounds), .float(let number)): return Self.inside(bounds, number) ? nil : expected(value)
    case (.enumeration(let words), .string(let word)): return words.contains(word) ? nil : expected(value)
    case (.list(let element), .list(let items)):
      for (index, item) in items.enumerated() {
        if let problem = element.check(item, dimensions: &dimensions) { return "item \(index): \(problem)" }
      }
      return nil
    case (.record(let fields), .record(let given)): return Self.check(fields, given, &dimensions)
    case (.tensor(let element, let shape), .tensor(let tensor)):
      return Self.matches(element, shape, tensor, &dimensions) ? nil : expected(value)
    case (.table(let columns), .table(let table)): return columns.flatMap { Self.check($0, table) }
    case (.file(let format), .file(let file)):
      guard let format, file.mediaType != "", FileFormat.word(for: file.mediaType) != format else { return nil }
      return "expected \(self), got a file of type \(file.mediaType)"
    case (.directory, .directory), (.opaque, .bytes), (.opaque, .file), (.opaque, .directory): return nil
    default: return expected(value)
    }
  }

  private func expected(_ value: Value) -> String {
    switch (self, value) {
    case (.int, .int), (.float, .float), (.enumeration, .string), (.tensor, .tensor):
      "expected \(phrase), got \(value)"
    default: "expected \(phrase), got \(value.kindName)"
    }
  }

  /// The type as a person would say it in a sentence.
  private var phrase: String {
    switch self {
    case .int(let bounds?): "int" + Self.phrase(bounds) { String($0) }
    case .float(let bounds?): "float" + Self.phrase(bounds, Self.number)
    case .enumeration(let words): "one of " + words.map { Value.string($0).description }.joined(separator: ", ")
    default: description
    }
  }

  private static func phrase<T>(_ bounds: Bounds<T>, _ number: (T) -> String) -> String {
    switch (bounds.lower, bounds.upper) {
    case (let lower?, let upper?): " in \(number(lower))..\(number(upper))"
    case (let lower?, nil): " of at least \(number(lower))"
    case (nil, let upper?): " of at most \(number(upper))"
    case (nil, nil): ""
    }
  }

  /// NaN is outside every range.
  private static func inside<T: Comparable>(_ bounds: Bounds<T>?, _ value: T) -> Bool {
    guard let bounds else { return true }
    return bounds.lower.map { $0 <= value } ?? true && bounds.upper.map { value <= $0 } ?? true
  }

  private static func check(
    _ fields: [RecordField], _ given: [Value.Field], _ dimensions: inout [String: Int]
  ) -> String? {
    for field in fields {
      guard let match = given.first(where: { $0.name == field.name }) else {
        if field.type.isOptional { continue }
        return "field `\(field.name)` is missing"
      }
      if let problem = field.type.check(match.value, dimensions: &dimensions) {
        return "field `\(field.name)`: \(problem)"
      }
    }
    let extra = given.first { candidate in !fields.contains { $0.name == candidate.name } }
    return extra.map { "there is no field `\($0.name)`" }
  }

  private static func matches(
    _ element: ElementType?, _ shape: [Dimension]?, _ tensor: Tensor, _ dimensions: inout [String: Int]
  ) -> Bool {
    if let element, element != tensor.element { return false }
    guard let shape else { return true }
    guard shape.count == tensor.shape.count else { return false }
    for (wanted, length) in zip(shape, tensor.shape) {
      switch wanted {
      case .fixed(let fixed): if fixed != length { return false }
      case .named(let name):
        if let known = dimensions.updateValue(length, forKey: name), known != length { return false }
      case .unknown: continue
      }
    }
    return true
  }

  private static func check(_ columns: [Column], _ table: Table) -> String? {
    for column in columns {
      guard let index = table.schema.children.firstIndex(where: { $0.name == column.name }) else {
        return "column `\(column.name)` is missing"
      }
      let found = table.schema.children[index]
      let type = found.columnType
      guard column.type.lowered.acceptsColumn(type.lowered) else {
        return "column `\(column.name)`: expected \(column.type), got \(type)"
      }
      guard !column.type.isOptional else { continue }
      if table.batches.contains(where: { index < $0.children.count && $0.children[index].countedNulls > 0 }) {
        return "column `\(column.name)`: expected \(column.type), but some rows have no value"
      }
    }
    return nil
  }

  /// The value with ints widened to floats, files of no media type labelled with that of this type, and record fields in declared order (missing optional ones as null) where
  /// this type asks for it. What does not fit is left for `check` to report. No copy when nothing changes.
  package func coerced(_ value: Value) -> Value {
    switch (self, value) {
    case (.optional(let wrapped), _): return wrapped.coerced(value)
    case (.float, .int(let number)): return .float(Double(number))
    case (.list(let element), .list(let items)):
      guard element.mayCoerce else { return value }
      return .list(items.map(element.coerced))
    case (.record(let fields), .record(let given)): return Self.coerced(fields, given)
    case (.file(let format?), .file(var file)) where file.mediaType.isEmpty:
      file.mediaType = FileFormat.mediaType(for: format)
      return .file(file)
    default: return value
    }
  }

  /// False when `coerced` never changes anything, so that long lists need no walk.
  private var mayCoerce: Bool {
    switch self {
    case .float, .record, .file(.some): true
    case .list(let element), .optional(let element): element.mayCoerce
    default: false
    }
  }

  private static func coerced(_ fields: [RecordField], _ given: [Value.Field]) -> Value {
    var result: [Value.Field] = []
    var used = 0
    for field in fields {
      if let match = given.first(where: { $0.name == field.name }) {
        result.append(.init(field.name, field.type.coerced(match.value)))
        used += 1
      } else if field.type.isOptional {
        result.append(.init(field.name, .null))
      }
    }
    return .record(used == given.count ? result : given)
  }
}
