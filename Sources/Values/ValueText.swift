extension Value: CustomStringConvertible {
  /// One line for people: long contents are cut. Not a form to read back.
  package var description: String { text(budget: 80) }

  private func text(budget: Int) -> String {
    switch self {
    case .null: "null"
    case .bool(let flag): flag ? "true" : "false"
    case .int(let number): String(number)
    case .float(let number): number.description
    case .string(let text): Self.quoted(text, limit: max(16, budget))
    case .bytes(let payload): "\(payload.count) bytes"
    case .list(let items): "[" + Self.joined(items.count, budget) { items[$0].text(budget: $1) } + "]"
    case .record(let fields):
      "{" + Self.joined(fields.count, budget) { "\(fields[$0].name): \(fields[$0].value.text(budget: $1))" } + "}"
    case .tensor(let tensor):
      "tensor<\(tensor.element.rawValue)>[" + tensor.shape.map(String.init).joined(separator: ", ") + "]"
    case .table(let table): "table{" + table.columnText(budget: budget) + "} \(table.rowCount) rows"
    case .file(let file): file.text("file")
    case .directory(let file): file.text("dir")
    }
  }

  private static func quoted(_ text: String, limit: Int) -> String {
    let json = JSON.string(text.count > limit ? String(text.prefix(limit - 1)) + "…" : text)
    return json.compact
  }

  /// Parts separated by commas while the budget lasts, then how many more there are.
  private static func joined(_ count: Int, _ budget: Int, _ part: (Int, Int) -> String) -> String {
    var result = ""
    for index in 0..<count {
      if result.utf8.count >= budget { return result + ", … \(count - index) more" }
      if index > 0 { result += ", " }
      result += part(index, max(0, budget - result.utf8.count))
    }
    return result
  }

  /// `int`, `string`, `tensor<f64>[3]`…: what a message calls the value.
  package var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .float: "float"
    case .string: "string"
    case .bytes: "bytes"
    case .list: "a list"
    case .record: "a record"
    case .tensor: description
    case .table: "a table"
    case .file: "a file"
    case .directory: "a directory"
    }
  }

  /// The narrowest unrefined type that describes the value. A list of several types is a `list<any>`, of ints and
  /// floats a `list<float>`; nulls among others make the element optional. O(elements).
  package var type: ValueType {
    switch self {
    case .null: .null
    case .bool: .bool
    case .int: .int(nil)
    case .float: .float(nil)
    case .string: .string
    case .bytes: .bytes
    case .list(let items): .list(Self.common(items))
    case .record(let fields): .record(fields.map { .init($0.name, $0.value.type) })
    case .tensor(let tensor): .tensor(tensor.element, tensor.shape.map { .fixed($0) })
    case .table(let table): .table(table.schema.children.map { .init($0.name, $0.columnType) })
    case .file(let file): .file(file.mediaType.isEmpty ? nil : FileFormat.word(for: file.mediaType))
    case .directory: .directory
    }
  }

  private static func common(_ items: [Value]) -> ValueType {
    guard let first = items.first else { return .any }
    return items.dropFirst().reduce(first.type) { $0 == .any ? .any : $0.joined($1.type) }
  }

  package var isNull: Bool { self == .null }
  package var asBool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  package var asInt: Int64? { if case .int(let number) = self { number } else { nil } }
  /// A float, or an int as one.
  package var asDouble: Double? {
    switch self {
    case .float(let number): number
    case .int(let number): Double(number)
    default: nil
    }
  }
  package var asString: String? { if case .string(let text) = self { text } else { nil } }
  package var asList: [Value]? { if case .list(let items) = self { items } else { nil } }
  package var asRecord: [Field]? { if case .record(let fields) = self { fields } else { nil } }
  /// The field of a record; nil for anything else.
  package subscript(field name: String) -> Value? { asRecord?.first { $0.name == name }?.value }
}

extension ValueType {
  /// The smallest type that accepts both, `any` when there is none.
  package func joined(_ other: ValueType) -> ValueType {
    switch (self, other) {
    case (.any, _), (_, .any): return .any
    case (.null, _): return other.lifted
    case (_, .null): return lifted
    case (.optional(let wrapped), _): return wrapped.joined(other.lowered).lifted
    case (_, .optional(let wrapped)): return joined(wrapped).lifted
    case (.list(let a), .list(let b)): return .list(a.joined(b))
    default: break
    }
    // `any` inside a type fits everything, which says nothing about which of the two is wider.
    if self == other || accepts(other) && !other.mentionsAny { return self }
    return other.accepts(self) && !mentionsAny ? other : .any
  }

  private var mentionsAny: Bool {
    switch self {
    case .any: true
    case .list(let element), .optional(let element): element.mentionsAny
    case .record(let fields): fields.contains { $0.type.mentionsAny }
    case .table(let columns?): columns.contains { $0.type.mentionsAny }
    default: false
    }
  }
}

extension Table {
  fileprivate func columnText(budget: Int) -> String {
    var text = ""
    for (index, column) in schema.children.enumerated() {
      if text.utf8.count > budget { return text + ", …" }
      text += (index > 0 ? ", " : "") + "\(column.name): \(column.columnType)"
    }
    return text
  }
}

extension FileReference {
  fileprivate func text(_ word: String) -> String {
    let name = path.isEmpty ? digest.map { "sha256:" + $0.short } ?? "" : path
    return "\(word) \(name) (\(ByteSize.text(size)))"
  }
}
