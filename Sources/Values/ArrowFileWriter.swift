/// Lays messages out one after the other and remembers where, for the footer.
struct ArrowFileWriter {
  private(set) var chunks: [Payload] = []
  private let schema: ArrowField
  private var position = 0
  private var dictionaries: [Int64] = []
  private var batches: [Int64] = []

  init(schema: ArrowField) { self.schema = schema }

  mutating func write(_ tables: [ArrowArray]) throws(FileFormatError) {
    for batch in tables {
      if let problem = batch.problem(as: schema) { throw FileFormatError(problem) }
      guard batch.countedNulls == 0 else { throw FileFormatError("rows of the table itself are null") }
    }
    append(Payload(ArrowFile.magic + [0, 0]))
    let schemaTable = try schemaTable()
    message(1, schemaTable, ArrowBody())
    try writeDictionaries(tables)
    for batch in tables {
      var body = ArrowBody()
      for (child, field) in zip(batch.children, schema.children) {
        try body.put(child, field, child.offset + batch.offset, batch.length)
      }
      batches += message(3, body.recordBatch(batch.length), body)
    }
    append(Payload([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]))
    let footer = FlatTable(
      .i16(4), .table(schemaTable), .words(dictionaries, count: dictionaries.count / 3),
      .words(batches, count: batches.count / 3)
    ).encoded
    append(Payload(footer))
    let size = UInt32(truncatingIfNeeded: footer.count)
    append(Payload((0..<4).map { UInt8(truncatingIfNeeded: size >> UInt32(8 * $0)) } + ArrowFile.magic))
  }

  private mutating func append(_ payload: Payload) {
    chunks.append(payload)
    position += payload.count
  }

  /// Writes an encapsulated message; returns its block for the footer.
  @discardableResult
  private mutating func message(_ kind: UInt8, _ header: FlatTable, _ body: ArrowBody) -> [Int64] {
    var metadata = FlatTable(.i16(4), .u8(kind), .table(header), .i64(Int64(body.size))).encoded
    let start = position
    while (start + 8 + metadata.count) % ArrowFile.alignment != 0 { metadata.append(0) }
    let size = UInt32(truncatingIfNeeded: metadata.count)
    let prefix = [0xFF, 0xFF, 0xFF, 0xFF] + (0..<4).map { UInt8(truncatingIfNeeded: size >> UInt32(8 * $0)) }
    append(Payload(prefix + metadata))
    for payload in body.contents { append(payload) }
    return [Int64(start), Int64(8 + metadata.count), Int64(body.size)]
  }

  // MARK: schema

  private func schemaTable() throws(FileFormatError) -> FlatTable {
    var next: Int64 = 0
    var fields: [FlatTable] = []
    for child in schema.children { fields.append(try fieldTable(child, &next)) }
    return FlatTable(.i16(0), .tables(fields), ArrowMetadata.keyValues(schema.metadata))
  }

  /// Dictionaries are numbered in the order in which `writeDictionaries` meets them.
  private func fieldTable(_ field: ArrowField, _ next: inout Int64) throws(FileFormatError) -> FlatTable {
    var encoding: FlatTable.Field?
    let shape = field.dictionary.first ?? field
    if !field.dictionary.isEmpty {
      guard let index = ArrowMetadata.type(field.format)?.table else { throw unsupported(field) }
      encoding = .table(FlatTable(.i64(next), .table(index), FlatTable.flag(field.flags & 1 != 0)))
      next += 1
    }
    guard let type = ArrowMetadata.type(shape.format) else { throw unsupported(field) }
    var children: [FlatTable] = []
    for child in shape.children { children.append(try fieldTable(child, &next)) }
    return FlatTable(
      .string(field.name), FlatTable.flag(field.isNullable), .u8(type.number), .table(type.table), encoding,
      .tables(children), ArrowMetadata.keyValues(field.metadata))
  }

  private func unsupported(_ field: ArrowField) -> FileFormatError {
    FileFormatError("column `\(field.name)`: the Arrow format `\(field.format)` cannot be written")
  }

  // MARK: dictionaries

  private mutating func writeDictionaries(_ tables: [ArrowArray]) throws(FileFormatError) {
    var next: Int64 = 0
    for (index, field) in schema.children.enumerated() {
      try writeDictionaries(tables.map { $0.children[index] }, field, &next)
    }
  }

  /// `arrays`: the same column of each batch.
  private mutating func writeDictionaries(
    _ arrays: [ArrowArray], _ field: ArrowField, _ next: inout Int64
  ) throws(FileFormatError) {
    var shape = field
    var holders = arrays
    let number = next
    if let values = field.dictionary.first {
      next += 1
      shape = values
      holders = arrays.map { $0.dictionary[0] }
      if let first = holders.first, holders.dropFirst().contains(where: { $0 != first }) {
        throw FileFormatError("column `\(field.name)`: its dictionary differs between batches")
      }
    }
    for (index, child) in shape.children.enumerated() {
      try writeDictionaries(holders.map { $0.children[index] }, child, &next)
    }
    guard !field.dictionary.isEmpty, let values = holders.first else { return }
    var body = ArrowBody()
    try body.put(values, shape, values.offset, values.length)
    dictionaries += message(2, FlatTable(.i64(number), .table(body.recordBatch(values.length))), body)
  }
}
