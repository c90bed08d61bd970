package import Values

/// How two values differ, place by place.
///
/// Two values are the same when their content digests are (bit for bit; `Value.contentDigest`). This says where they are
/// not, and by how much: floats count as equal within a tolerance, everything else only when it is the same.
package struct ValueComparison: Sendable, Equatable {
  /// One place where the values differ.
  package struct Difference: Sendable, Equatable {
    /// `[3].name`, `row 5, column b`, `[2, 7]`, `line 3`; empty: the value itself.
    package var place: String
    package var before: String
    package var after: String
    /// Of two floats |a − b| / max(1, |a|, |b|): absolute for small numbers, relative for large ones.
    package var deviation: Double?

    package init(place: String, before: String, after: String, deviation: Double? = nil) {
      self.place = place
      self.before = before
      self.after = after
      self.deviation = deviation
    }
  }

  /// The first ones, in order.
  package internal(set) var differences: [Difference] = []
  package internal(set) var count = 0
  /// The largest deviation among floats.
  package internal(set) var deviation = 0.0
  /// Some difference is not one of floats.
  package internal(set) var isStructural = false

  /// Differences that are kept; the others are counted.
  package static let kept = 8

  package init() {}

  package var isSame: Bool { count == 0 }
  package var first: Difference? { differences.first }

  /// Same but for floats that are so close (`Difference.deviation`).
  package func isWithin(_ tolerance: Double) -> Bool { !isStructural && deviation <= tolerance }

  /// - Parameter contents: the bytes of a file, where they are worth a look; nil: files differ as a whole.
  /// Cost: linear in the values. Tables become rows on the way.
  package init(_ before: Value?, _ after: Value?, contents: (FileReference) -> [UInt8]? = { _ in nil }) {
    switch (before, after) {
    case (nil, nil): break
    case (let before?, let after?): compare(before, after, "", contents)
    default: differ("", before?.description ?? "not set", after?.description ?? "not set")
    }
  }

  package mutating func differ(_ place: String, _ before: String, _ after: String, deviation: Double? = nil) {
    count += 1
    if let deviation { self.deviation = max(self.deviation, deviation) } else { isStructural = true }
    guard differences.count < Self.kept else { return }
    differences.append(Difference(place: place, before: before, after: after, deviation: deviation))
  }

  /// Whether two floats are the same is a matter of bits; how far they are apart is not: NaN is far from any number.
  mutating func compare(floats a: Double, _ b: Double, _ place: @autoclosure () -> String) {
    guard a.bitPattern != b.bitPattern else { return }
    differ(place(), a.description, b.description, deviation: Self.deviation(a, b))
  }

  package static func deviation(_ a: Double, _ b: Double) -> Double {
    if a == b || a.isNaN && b.isNaN { return 0 }
    guard a.isFinite, b.isFinite else { return .infinity }
    let scale = max(1, abs(a), abs(b))
    return abs(a / scale - b / scale)
  }

  // MARK: values

  private mutating func compare(
    _ before: Value, _ after: Value, _ place: String, _ contents: (FileReference) -> [UInt8]?
  ) {
    switch (before, after) {
    case (.float(let a), .float(let b)): compare(floats: a, b, place)
    case (.list(let a), .list(let b)):
      if a.count != b.count { differ(place, "\(a.count) items", "\(b.count) items") }
      for (index, (x, y)) in zip(a, b).enumerated() { compare(x, y, "\(place)[\(index)]", contents) }
    case (.record(let a), .record(let b)) where a.map(\.name) == b.map(\.name):
      for (x, y) in zip(a, b) { compare(x.value, y.value, place.isEmpty ? x.name : "\(place).\(x.name)", contents) }
    case (.tensor(let a), .tensor(let b)): compare(a, b, place)
    case (.table(let a), .table(let b)): compare(a, b, place)
    case (.string(let a), .string(let b)): compare(text: a, b, place)
    case (.bytes(let a), .bytes(let b)): compare(bytes: a, b, place)
    case (.file(let a), .file(let b)): compare(a, b, place, contents)
    case (.directory(let a), .directory(let b)):
      if a.digest == nil || a.digest != b.digest { differ(place, a.words, b.words) }
    default: if before != after { differ(place, before.description, after.description) }
    }
  }

  private mutating func compare(_ a: Tensor, _ b: Tensor, _ place: String) {
    guard a.element == b.element, a.shape == b.shape else {
      return differ(place, Value.tensor(a).description, Value.tensor(b).description)
    }
    let size = a.element.byteCount
    a.data.withUnsafeBytes { x in
      b.data.withUnsafeBytes { y in
        for index in 0..<min(x.count, y.count) / max(1, size) {
          let range = index * size..<(index + 1) * size
          if x[range].elementsEqual(y[range]) { continue }
          let (p, q) = (a.json(index, x), b.json(index, y))
          compare(p, q, "\(place)[\(Self.position(index, a.shape))]", isFloat: true)
        }
      }
    }
  }

  private static func position(_ index: Int, _ shape: [Int]) -> String {
    var rest = index
    var parts: [String] = []
    for length in shape.reversed() where length > 0 {
      parts.insert(String(rest % length), at: 0)
      rest /= length
    }
    return parts.joined(separator: ", ")
  }

  private mutating func compare(_ a: Table, _ b: Table, _ place: String) {
    let lead = place.isEmpty ? "" : place + ": "
    guard a.schema.children.map(\.name) == b.schema.children.map(\.name),
      a.schema.children.map(\.format) == b.schema.children.map(\.format)
    else { return differ(place, Value.table(a).description, Value.table(b).description) }
    if a.rowCount != b.rowCount { differ(lead + "rows", String(a.rowCount), String(b.rowCount)) }
    let before = count
    for (row, (x, y)) in zip(a.rows, b.rows).enumerated() where x != y {
      for (p, q) in zip(x.asObject ?? [], y.asObject ?? []) where p.value != q.value {
        compare(p.value, q.value, "\(lead)row \(row), column \(p.name)", isFloat: true)
      }
    }
    // What rows do not show: metadata, the cut into batches, an unusual type.
    if count == before, a.rowCount == b.rowCount, a != b {
      let (p, q) = (Value.table(a).contentDigest(), Value.table(b).contentDigest())
      if p != q { differ(lead + "layout or metadata", p?.short ?? "?", q?.short ?? "?") }
    }
  }

  /// Cells and elements.
  private mutating func compare(_ a: JSON, _ b: JSON, _ place: @autoclosure () -> String, isFloat: Bool) {
    switch (a, b) {
    case (.float(let x), .float(let y)): compare(floats: x, y, place())
    case (.array(let x), .array(let y)) where x.count == y.count:
      for (p, q) in zip(x, y) { compare(p, q, place(), isFloat: isFloat) }
    default: if a != b { differ(place(), a.compact, b.compact) }
    }
  }

  // MARK: text and bytes

  private mutating func compare(text a: String, _ b: String, _ place: String) {
    guard !a.utf8.elementsEqual(b.utf8) else { return }
    let lead = place.isEmpty ? "" : place + ": "
    let x = a.split(separator: "\n", omittingEmptySubsequences: false)
    let y = b.split(separator: "\n", omittingEmptySubsequences: false)
    if x.count == 1, y.count == 1 {
      return differ(
        place, Value.string(Self.around(x[0], y[0])).description, Value.string(Self.around(y[0], x[0])).description)
    }
    for (line, (p, q)) in zip(x, y).enumerated() where !p.utf8.elementsEqual(q.utf8) {
      differ("\(lead)line \(line + 1)", Self.around(p, q), Self.around(q, p))
    }
    if x.count != y.count { differ(lead + "lines", String(x.count), String(y.count)) }
  }

  /// A long line from shortly before the place where it differs.
  private static func around(_ text: Substring, _ other: Substring) -> String {
    guard text.utf8.count > 72 else { return String(text) }
    let same = zip(text, other).prefix { $0 == $1 }.count
    guard same > 24 else { return String(text.prefix(72)) + (text.count > 72 ? "…" : "") }
    let tail = text.dropFirst(same - 16)
    return "…" + tail.prefix(70) + (tail.count > 70 ? "…" : "")
  }

  private mutating func compare(bytes a: Payload, _ b: Payload, _ place: String) {
    guard a != b else { return }
    let index = a.withUnsafeBytes { x in b.withUnsafeBytes { y in zip(x, y).prefix { $0 == $1 }.count } }
    differ((place.isEmpty ? "" : place + ": ") + "byte \(index)", "\(a.count) bytes", "\(b.count) bytes")
  }

  private mutating func compare(
    _ a: FileReference, _ b: FileReference, _ place: String, _ contents: (FileReference) -> [UInt8]?
  ) {
    if let x = a.digest, x == b.digest, a.mediaType == b.mediaType { return }
    guard a.digest != b.digest, let x = contents(a), let y = contents(b) else { return differ(place, a.words, b.words) }
    let before = count
    if let p = String(validating: x, as: UTF8.self), let q = String(validating: y, as: UTF8.self) {
      compare(text: p, q, place)
    } else {
      compare(bytes: Payload(x), Payload(y), place)
    }
    if count == before { differ(place, a.words, b.words) }
  }
}

extension FileReference {
  fileprivate var words: String {
    "\(digest?.short ?? path) (\(ByteSize.text(size))\(mediaType.isEmpty ? "" : ", " + mediaType))"
  }
}
