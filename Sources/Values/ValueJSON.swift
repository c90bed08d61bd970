/// Why a JSON document is not a value of the wanted type, and where in it.
package struct JSONMismatch: Error, Hashable, Sendable, CustomStringConvertible {
  /// `folds[2].train`; empty: the document itself.
  package var path: String
  package var message: String

  package init(path: String, _ message: String) {
    self.path = path
    self.message = message
  }

  package var description: String { path.isEmpty ? message : "`\(path)`: \(message)" }
}

extension Value {
  /// Reads a value of `type`: ints widen to floats, bytes are base64, tensors nested lists, tables lists of rows, files
  /// and directories paths (whose size and digest the caller completes), non-finite floats `"nan"`, `"inf"`, `"-inf"`.
  /// The result passes `type.check`.
  package init(json: JSON, type: ValueType) throws(JSONMismatch) {
    let value = try Self.read(json, type, "")
    if let problem = type.check(value) { throw JSONMismatch(path: "", problem) }
    self = value
  }

  private static func read(_ json: JSON, _ type: ValueType, _ path: String) throws(JSONMismatch) -> Value {
    switch (type, json) {
    case (.any, _): return try plain(json, path)
    case (.optional, .null), (.null, .null): return .null
    case (.optional(let wrapped), _): return try read(json, wrapped, path)
    case (.list(let element), .array(let items)):
      var values: [Value] = []
      values.reserveCapacity(items.count)
      for (index, item) in items.enumerated() { values.append(try read(item, element, "\(path)[\(index)]")) }
      return .list(values)
    case (.record(let fields), .object(let members)): return try record(fields, members, path)
    case (.tensor(let element, _), .array): return .tensor(try tensor(json, element, path))
    case (.tensor(let element, let shape), _) where shape?.isEmpty ?? true:
      return .tensor(try tensor(json, element, path))
    case (.table(let columns), .array(let rows)):
      do throws(JSONMismatch) { return .table(try Table(rows: rows, columns: columns)) } catch {
        throw JSONMismatch(path: path + error.path, error.message)
      }
    default: return try scalar(json, type, path)
    }
  }

  private static func scalar(_ json: JSON, _ type: ValueType, _ path: String) throws(JSONMismatch) -> Value {
    let value: Value?
    switch type {
    case .bool: value = json.asBool.map { .bool($0) }
    case .int: value = json.asInt.map { .int($0) }
    case .float: value = json.number.map { .float($0) }
    case .string, .enumeration: value = json.asString.map { .string($0) }
    case .bytes, .opaque: value = json.asString.flatMap(Base64.decode).map { .bytes(Payload($0)) }
    case .file(let format):
      let media = format.map(FileFormat.mediaType) ?? ""
      value = json.asString.map { .file(FileReference(path: $0, size: 0, mediaType: media)) }
    case .directory: value = json.asString.map { .directory(FileReference(path: $0, size: 0)) }
    default: value = nil
    }
    guard let value else { throw JSONMismatch(path: path, "expected \(type), got \(json.kindName)") }
    if let problem = type.check(value) { throw JSONMismatch(path: path, problem) }
    return value
  }

  private static func plain(_ json: JSON, _ path: String) throws(JSONMismatch) -> Value {
    switch json {
    case .null: .null
    case .bool(let flag): .bool(flag)
    case .int(let number): .int(number)
    case .float(let number): .float(number)
    case .string(let text): .string(text)
    case .array(let items): .list(try items.map { item throws(JSONMismatch) in try plain(item, path) })
    case .object(let members):
      .record(try members.map { member throws(JSONMismatch) in Field(member.name, try plain(member.value, path)) })
    }
  }

  private static func record(
    _ fields: [ValueType.RecordField], _ members: [JSON.Member], _ path: String
  ) throws(JSONMismatch) -> Value {
    func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
    var result: [Field] = []
    for field in fields {
      if let member = members.first(where: { $0.name == field.name }) {
        result.append(.init(field.name, try read(member.value, field.type, place(field.name))))
      } else if field.type.isOptional {
        result.append(.init(field.name, .null))
      } else {
        throw JSONMismatch(path: path, "field `\(field.name)` is missing")
      }
    }
    if let extra = members.first(where: { member in !fields.contains { $0.name == member.name } }) {
      throw JSONMismatch(path: path, "there is no field `\(extra.name)`")
    }
    return .record(result)
  }

  private static func tensor(_ json: JSON, _ element: ElementType?, _ path: String) throws(JSONMismatch) -> Tensor {
    var shape: [Int] = []
    var level = json
    while case .array(let items) = level, shape.count < Tensor.maximumRank {
      shape.append(items.count)
      guard let first = items.first else { break }
      level = first
    }
    if let element, element.isComplex, !shape.isEmpty, shape.last == 2 { shape.removeLast() }
    var leaves: [JSON] = []
    try gather(json, shape[...], path, &leaves)
    let element = element ?? inferred(leaves)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(leaves.count * element.byteCount)
    for leaf in leaves where !element.append(leaf, to: &bytes) {
      throw JSONMismatch(path: path, "\(leaf.compact) is not an element of tensor<\(element.rawValue)>")
    }
    return Tensor(element: element, shape: shape, data: Payload(bytes))
  }

  private static func gather(
    _ json: JSON, _ shape: ArraySlice<Int>, _ path: String, _ leaves: inout [JSON]
  ) throws(JSONMismatch) {
    guard let length = shape.first else { return leaves.append(json) }
    guard case .array(let items) = json, items.count == length else {
      throw JSONMismatch(path: path, "the nested lists of a tensor must all have the same length")
    }
    for item in items { try gather(item, shape.dropFirst(), path, &leaves) }
  }

  private static func inferred(_ leaves: [JSON]) -> ElementType {
    if leaves.allSatisfy({ $0.asInt != nil }), !leaves.isEmpty { return .i64 }
    return leaves.first?.asBool == nil ? .f64 : .bool
  }
}

extension Value {
  /// The value as JSON, in the form that `init(json:type:)` reads. With `limit`, bytes, tensors, tables and lists of
  /// more elements than that become `{"summary": "tensor<f64>[569, 30]"}`.
  package func json(limit: Int? = nil) -> JSON {
    func isLong(_ count: Int) -> Bool { limit.map { count > $0 } ?? false }
    var summary: JSON { ["summary": .string(description)] }
    switch self {
    case .null: return .null
    case .bool(let flag): return .bool(flag)
    case .int(let number): return .int(number)
    case .float(let number): return .float(number)
    case .string(let text): return .string(text)
    case .bytes(let payload):
      return isLong(payload.count) ? summary : .string(payload.withUnsafeBytes(Base64.encode))
    case .list(let items): return isLong(items.count) ? summary : .array(items.map { $0.json(limit: limit) })
    case .record(let fields): return .object(fields.map { .init($0.name, $0.value.json(limit: limit)) })
    case .tensor(let tensor): return isLong(tensor.elementCount) ? summary : tensor.json
    case .table(let table): return isLong(table.rowCount) ? summary : .array(table.rows)
    case .file(let file), .directory(let file):
      return .string(file.path.isEmpty ? file.digest.map { "sha256:" + $0.hex } ?? "" : file.path)
    }
  }
}

extension Tensor {
  /// Nested lists; a single element for a tensor without dimensions.
  package var json: JSON {
    data.withUnsafeBytes { bytes in
      guard Self.byteCount(element, shape) == bytes.count else { return .null }
      var next = 0
      return nested(shape[...], &next, bytes)
    }
  }

  private func nested(_ shape: ArraySlice<Int>, _ next: inout Int, _ bytes: UnsafeRawBufferPointer) -> JSON {
    guard let length = shape.first else {
      defer { next += 1 }
      return json(next, bytes)
    }
    // A tensor without elements may still be a billion rows long.
    if length > bytes.count, length > 1024 { return .array([]) }
    return .array((0..<length).map { _ in nested(shape.dropFirst(), &next, bytes) })
  }
}
