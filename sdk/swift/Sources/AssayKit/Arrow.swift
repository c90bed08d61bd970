internal import CAssay
internal import CAssayLayouts

/// The type of a column, as Arrow describes it.
struct ArrowType: Sendable {
  var format: String
  var name: String
  var flags: Int64 = 2
  var children: [ArrowType] = []
  var dictionary: [ArrowType] = []
}

/// A piece of a column in Arrow's memory layout. Immutable, and valid for as long as it is referred to.
final class ArrowPiece: @unchecked Sendable {
  let length, nullCount, offset: Int
  let buffers: [UnsafeRawPointer?]
  let children: [ArrowPiece]
  let dictionary: ArrowPiece?
  /// Frees the buffers.
  private let owner: AnyObject

  init(
    length: Int, nullCount: Int, offset: Int = 0, buffers: [UnsafeRawPointer?], children: [ArrowPiece] = [],
    dictionary: ArrowPiece? = nil, owner: AnyObject
  ) {
    self.length = length
    self.nullCount = nullCount
    self.offset = offset
    self.buffers = buffers
    self.children = children
    self.dictionary = dictionary
    self.owner = owner
  }

  /// Whether there is a value at `row`.
  func isValid(_ row: Int) -> Bool {
    guard nullCount != 0, let bits = buffers.first ?? nil else { return true }
    return bit(bits, offset + row)
  }

  func bit(_ bits: UnsafeRawPointer, _ index: Int) -> Bool {
    bits.load(fromByteOffset: index >> 3, as: UInt8.self) >> UInt8(index & 7) & 1 == 1
  }
}

/// A record batch that came over the C data interface; released with the last piece of it.
private final class ImportedBatch {
  var array = kit_arrow_array()
  deinit { array.release?(&array) }
}

/// Reads a whole Arrow stream. Column buffers stay where they are.
func readStream(_ stream: UnsafeMutablePointer<kit_arrow_stream>) throws -> (types: [ArrowType], batches: [ArrowBatch])
{
  guard let getSchema = stream.pointee.get_schema, let getNext = stream.pointee.get_next else {
    throw TaskFailure("the table was read before", code: "table.consumed", kind: .contract)
  }
  func check(_ status: Int32) throws {
    guard status != 0 else { return }
    let text = stream.pointee.get_last_error?(stream).map { String(cString: $0) } ?? "error \(status)"
    throw TaskFailure("the table cannot be read: \(text)", code: "table.read", kind: .input, number: status)
  }
  var schema = kit_arrow_schema()
  try check(getSchema(stream, &schema))
  defer { schema.release?(&schema) }
  let root = try arrowType(schema, depth: 0)
  guard root.format == "+s" else { throw TaskFailure("not a table but `\(root.format)`", kind: .contract) }
  var batches: [ArrowBatch] = []
  while true {
    let batch = ImportedBatch()
    try check(getNext(stream, &batch.array))
    guard batch.array.release != nil else { return (root.children, batches) }
    let piece = try arrowPiece(batch.array, root, owner: batch, depth: 0)
    let rows = piece.length
    let columns = piece.children.map { $0.sliced(from: piece.offset, rows) }
    batches.append(ArrowBatch(rows: rows, columns: columns))
  }
}

/// Some rows of a table.
struct ArrowBatch: Sendable {
  var rows: Int
  var columns: [ArrowPiece]
}

extension ArrowPiece {
  /// The rows from `start` on: how a struct's own offset applies to its fields.
  fileprivate func sliced(from start: Int, _ count: Int) -> ArrowPiece {
    start == 0 && count == length
      ? self
      : ArrowPiece(
        length: count, nullCount: nullCount == 0 ? 0 : -1, offset: offset + start, buffers: buffers, children: children,
        dictionary: dictionary, owner: owner)
  }
}

private func arrowType(_ schema: kit_arrow_schema, depth: Int) throws -> ArrowType {
  guard depth < 64, let format = schema.format else { throw TaskFailure("malformed table schema", kind: .contract) }
  let children = try (0..<Int(schema.n_children)).map { index in
    guard let child = schema.children?[index] else { throw TaskFailure("malformed table schema", kind: .contract) }
    return try arrowType(child.pointee, depth: depth + 1)
  }
  return ArrowType(
    format: String(cString: format), name: schema.name.map { String(cString: $0) } ?? "", flags: schema.flags,
    children: children, dictionary: try schema.dictionary.map { [try arrowType($0.pointee, depth: depth + 1)] } ?? [])
}

private func arrowPiece(_ array: kit_arrow_array, _ type: ArrowType, owner: AnyObject, depth: Int) throws -> ArrowPiece
{
  guard array.n_children == type.children.count, array.length >= 0, array.offset >= 0, array.n_buffers >= 0,
    array.n_buffers == 0 || array.buffers != nil, (array.dictionary != nil) == !type.dictionary.isEmpty
  else { throw TaskFailure("a batch does not fit the table's schema", kind: .contract) }
  let children = try type.children.indices.map { index in
    guard let child = array.children?[index] else {
      throw TaskFailure("a batch does not fit the table's schema", kind: .contract)
    }
    return try arrowPiece(child.pointee, type.children[index], owner: owner, depth: depth + 1)
  }
  return ArrowPiece(
    length: Int(array.length), nullCount: Int(array.null_count), offset: Int(array.offset),
    buffers: (0..<Int(array.n_buffers)).map { array.buffers?[$0] }, children: children,
    dictionary: try type.dictionary.first.flatMap { type in
      try array.dictionary.map { try arrowPiece($0.pointee, type, owner: owner, depth: depth + 1) }
    }, owner: owner)
}
