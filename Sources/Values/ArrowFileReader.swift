/// Reads an Arrow IPC file through its footer, checking every offset against the file.
struct ArrowFileReader {
  let file: Payload

  func table() throws(FileFormatError) -> Table {
    let footer = try footer()
    let schema = try ArrowSchemaReader(try required(footer.table(1), "schema"))
    if let problem = schema.table.field.tableProblem { throw FileFormatError(problem) }
    var dictionaries: [Int64: ArrowArray] = [:]
    for block in try footer.words(2, width: 3) {
      let message = try message(block, kind: 2)
      let number: Int64 = try message.header.number(0, default: 0)
      guard try !message.header.flag(2) else { throw FileFormatError("delta dictionaries are not supported") }
      guard let plan = schema.dictionaries[number] else { throw FileFormatError("dictionary \(number) has no column") }
      guard dictionaries[number] == nil else { throw FileFormatError("dictionary \(number) is there twice") }
      let batch = try required(message.header.table(1), "dictionary")
      var columns = try ArrowColumnReader(batch, message.body, dictionaries)
      dictionaries[number] = try columns.column(plan)
    }
    var batches: [ArrowArray] = []
    for block in try footer.words(3, width: 3) {
      let message = try message(block, kind: 3)
      var columns = try ArrowColumnReader(message.header, message.body, dictionaries)
      let batch = try columns.batch(schema.table)
      if let problem = batch.problem(as: schema.table.field) { throw FileFormatError(problem) }
      batches.append(batch)
    }
    return Table(schema: schema.table.field, batches: batches)
  }

  private func required(_ view: FlatView?, _ what: String) throws(FileFormatError) -> FlatView {
    guard let view else { throw FileFormatError("the Arrow file has no \(what)") }
    return view
  }

  private func footer() throws(FileFormatError) -> FlatView {
    let tail = file.part(file.count - 10, file.count).copied
    guard file.count >= 20, file.part(0, 6).copied == ArrowFile.magic, Array(tail.suffix(6)) == ArrowFile.magic else {
      throw FileFormatError("not an Arrow file (or one that was cut off)")
    }
    let size = (0..<4).reduce(0) { $0 | Int(tail[$1]) << (8 * $1) }
    guard size <= file.count - 18 else { throw FileFormatError("the footer of the Arrow file is damaged") }
    return try FlatView(root: file.part(file.count - 10 - size, file.count - 10).copied)
  }

  private func message(
    _ block: [Int64], kind: UInt8
  ) throws(FileFormatError) -> (header: FlatView, body: Payload) {
    let start = Int(block[0])
    // The length is a 32-bit number, followed by padding that may hold anything.
    let metadata = Int(Int32(truncatingIfNeeded: block[1]))
    let body = Int(block[2])
    guard start >= 0, metadata >= 8, body >= 0, start <= file.count, metadata <= file.count - start,
      body <= file.count - start - metadata
    else { throw FileFormatError("a block of the Arrow file lies outside it") }
    let bytes = file.part(start, start + metadata).copied
    let hasMark = bytes.prefix(4).allSatisfy { $0 == 0xFF }
    let view = try FlatView(root: Array(bytes.dropFirst(hasMark ? 8 : 4)))
    let version: Int16 = try view.number(0, default: 0)
    let found: UInt8 = try view.number(1, default: 0)
    guard version >= 3, found == kind, let header = try view.table(2) else {
      throw FileFormatError("a block of the Arrow file is not what the footer says")
    }
    return (header, file.part(start + metadata, start + metadata + body))
  }
}

/// A column as the file's schema describes it.
struct ArrowColumnPlan {
  var field: ArrowField
  /// Number of the dictionary that its values are in.
  var dictionary: Int64?
  var children: [ArrowColumnPlan]
}

struct ArrowSchemaReader {
  /// Fields of a schema: more than this is an attack (a vector may name one table many times).
  private static let maximumFields = 65_536

  private(set) var table: ArrowColumnPlan
  /// By dictionary number: its values.
  private(set) var dictionaries: [Int64: ArrowColumnPlan] = [:]
  private var fields = 0

  init(_ view: FlatView) throws(FileFormatError) {
    table = ArrowColumnPlan(field: ArrowField(format: "+s", name: "", flags: 0), children: [])
    guard try view.number(0, default: Int16(0)) == 0 else {
      throw FileFormatError("big-endian Arrow files are not supported")
    }
    for child in try view.tables(1) { table.children.append(try plan(child, depth: 1)) }
    table.field.children = table.children.map(\.field)
    table.field.metadata = try ArrowMetadata.metadata(try view.tables(2))
  }

  private mutating func plan(_ view: FlatView, depth: Int) throws(FileFormatError) -> ArrowColumnPlan {
    fields += 1
    guard depth <= Wire.maximumDepth, fields <= Self.maximumFields else {
      throw FileFormatError("the schema of the Arrow file is too large")
    }
    let format = try ArrowMetadata.format(try view.number(2, default: UInt8(0)), try view.table(3))
    var children: [ArrowColumnPlan] = []
    for child in try view.tables(5) { children.append(try plan(child, depth: depth + 1)) }
    var field = ArrowField(format: format, name: try view.string(0), flags: 2, children: children.map(\.field))
    field.metadata = try ArrowMetadata.metadata(try view.tables(6))
    field.flags = try view.flag(1) ? 2 : 0
    guard let encoding = try view.table(4) else { return ArrowColumnPlan(field: field, children: children) }

    let number: Int64 = try encoding.number(0, default: 0)
    let values = ArrowField(format: format, name: "", children: field.children)
    guard dictionaries[number] == nil else { throw FileFormatError("dictionary \(number) has two columns") }
    dictionaries[number] = ArrowColumnPlan(field: values, children: children)
    field.format = "i"
    if let index = try encoding.table(1) { field.format = try ArrowMetadata.format(2, index) }
    if try encoding.flag(2) { field.flags |= 1 }
    field.children = []
    field.dictionary = [values]
    return ArrowColumnPlan(field: field, dictionary: number, children: [])
  }
}

/// Takes the arrays of one record batch, column by column in the schema's order.
struct ArrowColumnReader {
  private let nodes: [[Int64]]
  private let buffers: [[Int64]]
  private let length: Int
  private let body: Payload
  private let dictionaries: [Int64: ArrowArray]
  private var nextNode = 0
  private var nextBuffer = 0

  init(_ batch: FlatView, _ body: Payload, _ dictionaries: [Int64: ArrowArray]) throws(FileFormatError) {
    guard try batch.table(3) == nil else {
      throw FileFormatError("compressed Arrow files are not supported: write it with compression=\"uncompressed\"")
    }
    length = Int(try batch.number(0, default: Int64(0)))
    nodes = try batch.words(1, width: 2)
    buffers = try batch.words(2, width: 2)
    self.body = body
    self.dictionaries = dictionaries
  }

  mutating func batch(_ table: ArrowColumnPlan) throws(FileFormatError) -> ArrowArray {
    var children: [ArrowArray] = []
    for child in table.children { children.append(try column(child)) }
    return ArrowArray(length: length, nullCount: 0, buffers: [nil], children: children)
  }

  mutating func column(_ plan: ArrowColumnPlan) throws(FileFormatError) -> ArrowArray {
    guard nextNode < nodes.count, let layout = ArrowLayout(format: plan.field.format) else {
      throw FileFormatError("a record batch lacks column `\(plan.field.name)`")
    }
    let node = nodes[nextNode]
    nextNode += 1
    var array = ArrowArray(length: Int(node[0]), nullCount: Int(node[1]), buffers: [])
    for index in 0..<layout.bufferCount { array.buffers.append(try buffer(isValidity: index == 0)) }
    for child in plan.children { array.children.append(try column(child)) }
    if let number = plan.dictionary {
      guard let values = dictionaries[number] else { throw FileFormatError("dictionary \(number) is missing") }
      array.dictionary = [values]
    }
    return array
  }

  private mutating func buffer(isValidity: Bool) throws(FileFormatError) -> Payload? {
    guard nextBuffer < buffers.count else { throw FileFormatError("a record batch lacks buffers") }
    let (start, count) = (buffers[nextBuffer][0], buffers[nextBuffer][1])
    nextBuffer += 1
    guard start >= 0, count >= 0, start <= body.count, count <= Int64(body.count) - start else {
      throw FileFormatError("a buffer of the Arrow file lies outside its batch")
    }
    if isValidity, count == 0 { return nil }
    return body.part(Int(start), Int(start + count))
  }
}
