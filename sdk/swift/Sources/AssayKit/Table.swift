internal import CAssay
internal import CAssayLayouts

/// Rows and named, typed columns, in Arrow's memory layout.
///
/// ```swift
/// let ages = try people["age"].values(Double.self)       // [Double?]
/// scored = try Table([Column("id", ids), Column("score", scores)])
/// ```
/// A value type: columns are shared, never copied.
public struct Table: Sendable {
  private let types: [ArrowType]
  private let batches: [ArrowBatch]

  /// The number of rows.
  public let rowCount: Int
  /// The columns' names, in order.
  public var names: [String] { types.map(\.name) }
  /// The columns, in order.
  public var columns: [Column] { types.indices.map(column) }

  /// A table of columns. Throws when their lengths differ or a name comes twice.
  public init(_ columns: [Column]) throws {
    let rows = columns.first?.count ?? 0
    for (index, column) in columns.enumerated() {
      guard column.count == rows else {
        throw TaskFailure(
          "column `\(column.name)` has \(column.count) rows, the first one \(rows)", code: "table.ragged")
      }
      guard !columns[..<index].contains(where: { $0.name == column.name }) else {
        throw TaskFailure("there are two columns `\(column.name)`", code: "table.names")
      }
    }
    types = columns.map(\.type)
    rowCount = rows
    if let first = columns.first, columns.allSatisfy({ $0.pieces.map(\.length) == first.pieces.map(\.length) }) {
      batches = first.pieces.indices.map { index in
        ArrowBatch(rows: first.pieces[index].length, columns: columns.map { $0.pieces[index] })
      }
    } else {
      batches = rows == 0 ? [] : [ArrowBatch(rows: rows, columns: try columns.map { try $0.joined() })]
    }
  }

  /// The column of that name. Throws `table.column` with the names there are.
  public subscript(name: String) -> Column {
    get throws {
      guard let index = types.firstIndex(where: { $0.name == name }) else {
        let known = names.map { "`\($0)`" }.joined(separator: ", ")
        throw TaskFailure("there is no column `\(name)`; there are \(known)", code: "table.column", kind: .input)
      }
      return column(index)
    }
  }

  private func column(_ index: Int) -> Column { Column(type: types[index], pieces: batches.map { $0.columns[index] }) }
}

extension Table: AssayValue {
  /// `table`; `type:` may name the columns.
  public static var assayType: String { "table" }

  /// Reads a table; its columns stay where they are.
  public init(assay value: Incoming) throws {
    try value.expect(ASSAY_TABLE, "a table")
    guard let data = value.raw.pointee.data else { throw TaskFailure("the table is not there", kind: .contract) }
    let stream = UnsafeMutableRawPointer(mutating: data).assumingMemoryBound(to: kit_arrow_stream.self)
    (types, batches) = try readStream(stream)
    rowCount = batches.reduce(0) { $0 + $1.rows }
  }

  /// Makes an output of it, without a copy.
  public func encode(_ outlet: Outlet) -> Encoded { encodeTable(types: types, batches: batches) }
}

/// A named column of a table.
public struct Column: Sendable {
  let type: ArrowType
  let pieces: [ArrowPiece]

  /// Its name.
  public var name: String { type.name }
  /// The number of rows.
  public var count: Int { pieces.reduce(0) { $0 + $1.length } }
  /// `bool`, `int`, `float`, `string`, or Arrow's format string for anything else.
  public var typeName: String { (type.dictionary.first ?? type).kind?.rawValue ?? type.format }

  init(type: ArrowType, pieces: [ArrowPiece]) {
    self.type = type
    self.pieces = pieces
  }

  /// A column of values.
  public init<Value: ColumnValue>(_ name: String, _ values: [Value]) { self.init(name, values.map(Optional.some)) }

  /// A column in which values may be missing.
  public init<Value: ColumnValue>(_ name: String, _ values: [Value?]) {
    self.init(
      type: ArrowType(format: Value.arrowFormat, name: name), pieces: values.isEmpty ? [] : [makePiece(values)])
  }

  /// The values, nil where one is missing. Throws `table.type` when the column holds something else;
  /// an int is widened to a float. O(rows).
  public func values<Value: ColumnValue>(_: Value.Type = Value.self) throws -> [Value?] {
    var result: [Value?] = []
    result.reserveCapacity(count)
    for piece in pieces {
      guard let read = Value.reader(type, piece) else {
        throw TaskFailure(
          "column `\(name)` holds \(typeName), not \(Value.arrowKind.rawValue)", code: "table.type", kind: .input)
      }
      for row in 0..<piece.length { result.append(piece.isValid(row) ? read(row) : nil) }
    }
    return result
  }

  /// The values of a column in which none may be missing. Throws `table.null` with the row of the first that is.
  public func present<Value: ColumnValue>(_ type: Value.Type = Value.self) throws -> [Value] {
    try values(type).enumerated().map { row, value in
      guard let value else {
        throw TaskFailure("column `\(name)` has no value in row \(row + 1)", code: "table.null", kind: .input)
      }
      return value
    }
  }

  /// All pieces as one.
  func joined() throws -> ArrowPiece {
    if pieces.count == 1 { return pieces[0] }
    switch (type.dictionary.first ?? type).kind {
    case .bool: return makePiece(try values(Bool.self))
    case .int: return makePiece(try values(Int.self))
    case .float: return makePiece(try values(Double.self))
    case .string: return makePiece(try values(String.self))
    case nil:
      throw TaskFailure(
        "columns of different batches cannot be joined: `\(name)`", code: "table.type", kind: .unsupported)
    }
  }
}
