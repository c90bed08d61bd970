package import Values

/// How two artifacts differ, in the terms of what they are.
package enum ArtifactComparison: Sendable, Equatable {
  case same
  /// Two texts, to be compared line by line.
  case text(before: String, after: String)
  /// Values, place by place: those that differ, are new, or are gone.
  case json([Place], more: Int)
  case table(TableComparison)
  case tensor(TensorComparison)
  /// Files of a directory.
  case directory([File])
  /// Bytes of which nothing more is known; `offset`: the first that differs.
  case bytes(before: Int, after: Int, offset: Int)
  /// They are not of one kind.
  case kinds(before: String, after: String)

  package struct Place: Sendable, Equatable {
    /// `a.b[3]`; empty: the value itself.
    package var path: String
    /// Nil: not there.
    package var before: JSON?
    package var after: JSON?

    package init(path: String, before: JSON?, after: JSON?) {
      self.path = path
      self.before = before
      self.after = after
    }
  }

  package struct File: Sendable, Equatable {
    package enum Change: String, Sendable { case added, removed, changed }
    package var path: String
    package var change: Change

    package init(path: String, change: Change) {
      self.path = path
      self.change = change
    }
  }

  /// Differences that are kept; the others are counted.
  package static let kept = 100

  package init(_ before: Value, _ after: Value) {
    switch (before, after) {
    case (.tensor(let a), .tensor(let b)):
      let comparison = TensorComparison(a, b)
      self = comparison.isSame ? .same : .tensor(comparison)
    case (.table(let a), .table(let b)):
      let comparison = TableComparison(a, b)
      self = comparison.isSame ? .same : .table(comparison)
    case (.string(let a), .string(let b)): self = a == b ? .same : .text(before: a, after: b)
    case (.bytes(let a), .bytes(let b)): self = Self.compare(a, b)
    default:
      self =
        before.kindName == after.kindName || before.isData && after.isData
        ? Self(before.json(), after.json()) : .kinds(before: before.kindName, after: after.kindName)
    }
  }

  /// Linear in both values.
  package init(_ before: JSON, _ after: JSON) {
    var places: [Place] = []
    var more = 0
    Self.walk(before, after, "") { place in
      if places.count < Self.kept { places.append(place) } else { more += 1 }
    }
    self = places.isEmpty ? .same : .json(places, more: more)
  }

  /// Bytes of files: `.npy`, Arrow, JSON and text are known by what they look like and by what they are called.
  ///
  /// - Parameter isText: they are called text, whatever they look like.
  package init(bytes before: Payload, _ after: Payload) {
    if let a = try? NumpyFile.read(before), let b = try? NumpyFile.read(after) {
      self = Self(.tensor(a), .tensor(b))
    } else if let a = try? ArrowFile.read(before), let b = try? ArrowFile.read(after) {
      self = Self(.table(a), .table(b))
    } else if let a = Self.text(before), let b = Self.text(after) {
      if a == b {
        self = .same
      } else if let x = Self.structure(a), let y = Self.structure(b), case .json(let places, let more) = Self(x, y) {
        self = .json(places, more: more)
      } else {
        self = .text(before: a, after: b)
      }
    } else {
      self = Self.compare(before, after)
    }
  }

  private static func text(_ payload: Payload) -> String? {
    guard payload.count <= 64 << 20 else { return nil }
    let bytes = payload.copied
    return bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
  }

  /// JSON of several values; a number alone is text.
  private static func structure(_ text: String) -> JSON? {
    guard let json = try? JSON.parse(text) else { return nil }
    return json.asArray != nil || json.asObject != nil ? json : nil
  }

  private static func compare(_ a: Payload, _ b: Payload) -> ArtifactComparison {
    let offset = a.withUnsafeBytes { x in
      b.withUnsafeBytes { y in zip(x, y).lazy.prefix { $0 == $1 }.reduce(0) { n, _ in n + 1 } }
    }
    return offset == a.count && a.count == b.count ? .same : .bytes(before: a.count, after: b.count, offset: offset)
  }

  private static func walk(_ before: JSON, _ after: JSON, _ path: String, _ visit: (Place) -> Void) {
    if before == after { return }
    switch (before, after) {
    case (.object(let a), .object(let b)):
      let later = Dictionary(b.map { ($0.name, $0.value) }) { first, _ in first }
      let earlier = Set(a.map(\.name))
      for member in a {
        let place = path.isEmpty ? member.name : "\(path).\(member.name)"
        if let other = later[member.name] {
          walk(member.value, other, place, visit)
        } else {
          visit(Place(path: place, before: member.value, after: nil))
        }
      }
      for member in b where !earlier.contains(member.name) {
        visit(Place(path: path.isEmpty ? member.name : "\(path).\(member.name)", before: nil, after: member.value))
      }
    case (.array(let a), .array(let b)):
      for index in 0..<max(a.count, b.count) {
        let place = "\(path)[\(index)]"
        if index >= b.count {
          visit(Place(path: place, before: a[index], after: nil))
        } else if index >= a.count {
          visit(Place(path: place, before: nil, after: b[index]))
        } else {
          walk(a[index], b[index], place, visit)
        }
      }
    default: visit(Place(path: path, before: before, after: after))
    }
  }
}

extension Value {
  /// Shown as JSON, whatever its shape.
  fileprivate var isData: Bool {
    switch self {
    case .null, .bool, .int, .float, .string, .list, .record: true
    default: false
    }
  }
}

/// How two tables differ: columns, and rows as a whole wherever they stand.
package struct TableComparison: Sendable, Equatable {
  package struct Column: Sendable, Equatable {
    package var name: String
    /// Nil: not there.
    package var before: String?
    package var after: String?
  }
  package struct Cell: Sendable, Equatable {
    /// From 0.
    package var row: Int
    package var column: String
    package var before: JSON
    package var after: JSON

    package init(row: Int, column: String, before: JSON, after: JSON) {
      self.row = row
      self.column = column
      self.before = before
      self.after = after
    }
  }

  /// Columns that are new, gone, or of another type.
  package var columns: [Column] = []
  package var rowsBefore: Int
  package var rowsAfter: Int
  /// Rows that only one of them has, by the columns that both have; the first ones, and how many.
  package var onlyBefore: [JSON] = []
  package var onlyAfter: [JSON] = []
  package var onlyBeforeCount = 0
  package var onlyAfterCount = 0
  /// Of tables of the same length the first cells that differ, row by row, and how many.
  package var cells: [Cell] = []
  package var cellCount = 0
  /// The same rows in another order.
  package var isReordered = false

  package static let kept = 10

  package var isSame: Bool {
    columns.isEmpty && onlyBeforeCount == 0 && onlyAfterCount == 0 && !isReordered && rowsBefore == rowsAfter
  }

  /// Linear in the cells of both.
  init(_ before: Table, _ after: Table) {
    (rowsBefore, rowsAfter) = (before.rowCount, after.rowCount)
    let a = before.schema.children.map { ($0.name, $0.columnType.description) }
    let b = after.schema.children.map { ($0.name, $0.columnType.description) }
    let later = Dictionary(b) { first, _ in first }
    let earlier = Dictionary(a) { first, _ in first }
    for (name, type) in a where later[name] != type {
      columns.append(Column(name: name, before: type, after: later[name]))
    }
    for (name, type) in b where earlier[name] == nil { columns.append(Column(name: name, before: nil, after: type)) }
    let shared = a.map(\.0).filter { later[$0] != nil }
    let (x, y) = (Self.rows(before, shared), Self.rows(after, shared))
    compareRows(x, y)
    if x.count == y.count, !isReordered { compareCells(x, y) }
  }

  private static func rows(_ table: Table, _ columns: [String]) -> [JSON] {
    table.rows.map { row in .object(columns.map { .init($0, row[$0] ?? .null) }) }
  }

  private mutating func compareRows(_ a: [JSON], _ b: [JSON]) {
    var counts: [String: Int] = [:]
    let (x, y) = (a.map(\.compact), b.map(\.compact))
    for row in y { counts[row, default: 0] += 1 }
    for (index, row) in x.enumerated() {
      if let left = counts[row], left > 0 {
        counts[row] = left - 1
      } else {
        onlyBeforeCount += 1
        if onlyBefore.count < Self.kept { onlyBefore.append(a[index]) }
      }
    }
    // What is left over, last occurrences first.
    for index in y.indices.reversed() {
      guard let left = counts[y[index]], left > 0 else { continue }
      counts[y[index]] = left - 1
      onlyAfterCount += 1
      onlyAfter.insert(b[index], at: 0)
      if onlyAfter.count > Self.kept { onlyAfter.removeLast() }
    }
    isReordered = onlyBeforeCount == 0 && onlyAfterCount == 0 && x != y
  }

  private mutating func compareCells(_ a: [JSON], _ b: [JSON]) {
    for (row, (x, y)) in zip(a, b).enumerated() where x != y {
      for (p, q) in zip(x.asObject ?? [], y.asObject ?? []) where p.value != q.value {
        cellCount += 1
        if cells.count < Self.kept { cells.append(Cell(row: row, column: p.name, before: p.value, after: q.value)) }
      }
    }
  }
}

/// How two tensors differ, in numbers.
package struct TensorComparison: Sendable, Equatable {
  /// `tensor<f64>[142]`.
  package var before: String
  package var after: String
  /// False: of different shapes; nothing else is known.
  package var isComparable: Bool
  package var elements = 0
  /// Elements that are not the same bit for bit.
  package var differing = 0
  /// The largest |a - b|, where, and the two.
  package var largest: Spot?
  /// The largest |a - b| / max(|a|, |b|).
  package var largestRelative: Spot?
  /// Elements of which one is a number and the other is not, or an infinity.
  package var incomparable = 0
  /// The first element that differs.
  package var first: Spot?

  package struct Spot: Sendable, Equatable {
    package var index: [Int]
    package var before: JSON
    package var after: JSON
    package var difference: Double
  }

  package var isSame: Bool { isComparable && differing == 0 && before == after }

  /// Linear in the elements. Tensors of one shape and different element types are compared as numbers.
  init(_ a: Tensor, _ b: Tensor) {
    before = Value.tensor(a).type.description
    after = Value.tensor(b).type.description
    isComparable = a.shape == b.shape
    guard isComparable else { return }
    elements = a.elementCount
    let (n, m) = (a.element.byteCount, b.element.byteCount)
    a.data.withUnsafeBytes { x in
      b.data.withUnsafeBytes { y in
        for index in 0..<min(x.count / n, y.count / m, elements) {
          let isEqual =
            a.element == b.element && x[index * n..<(index + 1) * n].elementsEqual(y[index * n..<(index + 1) * n])
          if !isEqual { add(a.json(index, x), b.json(index, y), index, a.shape) }
        }
      }
    }
  }

  private mutating func add(_ a: JSON, _ b: JSON, _ index: Int, _ shape: [Int]) {
    if a == b { return }
    let (p, q) = (Self.parts(a), Self.parts(b))
    if p.count == q.count, zip(p, q).allSatisfy({ $0 == $1 }) { return }
    differing += 1
    let spot = Spot(index: Self.position(index, shape), before: a, after: b, difference: .nan)
    if first == nil { first = spot }
    guard p.count == q.count, (p + q).allSatisfy(\.isFinite) else {
      incomparable += 1
      return
    }
    let distance = zip(p, q).reduce(0.0) { max($0, abs($1.0 - $1.1)) }
    let scale = (p + q).reduce(0.0) { max($0, abs($1)) }
    keep(&largest, spot, distance)
    keep(&largestRelative, spot, scale == 0 ? 0 : distance / scale)
  }

  private func keep(_ best: inout Spot?, _ spot: Spot, _ difference: Double) {
    if let best, best.difference >= difference { return }
    best = spot
    best?.difference = difference
  }

  private static func parts(_ json: JSON) -> [Double] {
    switch json {
    case .bool(let flag): [flag ? 1 : 0]
    case .int(let number): [Double(number)]
    case .float(let number): [number]
    case .array(let items): items.flatMap(parts)
    default: []
    }
  }

  private static func position(_ index: Int, _ shape: [Int]) -> [Int] {
    var rest = index
    var parts: [Int] = []
    for length in shape.reversed() where length > 0 {
      parts.append(rest % length)
      rest /= length
    }
    return parts.reversed()
  }
}
