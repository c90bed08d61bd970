internal import Numbers
package import Values

/// The fingerprint of one input of a study: enough to say whether it is the same data, a new version of it, or how alike it is.
package struct DataPrint: Sendable, Equatable {
  package struct Column: Sendable, Hashable {
    package var name: String
    /// `number` or `text`.
    package var kind: String
    package init(_ name: String, _ kind: String) {
      self.name = name
      self.kind = kind
    }
  }

  /// Of the input, or of the artifact.
  package var name: String
  /// A name of artifacts or a path, without version: the next version of the data has the same. Empty: unknown.
  package var origin: String
  /// Of the content; empty when it has none.
  package var digest: String
  package var bytes: Int64
  /// Of a table; empty when it is none, or too large to be read.
  package var columns: [Column] = []
  package var rows = 0
  /// What is known of a table by number: `TableMeasures`.
  package var features: [String: Double] = [:]

  package init(name: String, origin: String = "", digest: String, bytes: Int64) {
    self.name = name
    self.origin = origin
    self.digest = digest
    self.bytes = bytes
  }

  package var isTable: Bool { !columns.isEmpty }

  /// The same data, or another version of it: the same content, columns or origin.
  package func isSame(as other: DataPrint) -> Bool {
    if !digest.isEmpty, digest == other.digest { return true }
    if isTable, other.isTable { return columns == other.columns }
    return !origin.isEmpty && origin == other.origin
  }

  /// 0 to 1; nil when nothing can be compared.
  package func similarity(to other: DataPrint) -> Double? {
    if !digest.isEmpty, digest == other.digest { return 1 }
    guard isTable, other.isTable else { return isSame(as: other) ? 0.5 : nil }
    let distances = distances(to: other).map(\.distance)
    guard !distances.isEmpty else { return nil }
    let alike = Elementary.exp(-distances.reduce(0, +) / Double(distances.count))
    let (a, b) = (Set(columns), Set(other.columns))
    let shared = Double(a.intersection(b).count) / Double(a.union(b).count)
    // Columns in common make up for half of what the numbers say apart.
    return 1 - (1 - alike) * (1 - shared / 2)
  }

  /// How far apart two tables are, feature by feature, the farthest first; 1 is much.
  package func distances(
    to other: DataPrint
  ) -> [(feature: String, here: Double, there: Double, distance: Double)] {
    let all = features.compactMap { name, here in
      other.features[name].map { (name, here, $0, (here - $0).magnitude / (TableMeasures.scales[name] ?? 1)) }
    }
    return all.sorted { $0.3 != $1.3 ? $0.3 > $1.3 : $0.0 < $1.0 }
  }

  package var json: JSON {
    .object([
      .init("name", .string(name)), .init("origin", .string(origin)), .init("digest", .string(digest)),
      .init("bytes", .int(bytes)), .init("rows", .int(Int64(rows))),
      .init(
        "columns",
        .array(columns.map { .object([.init("name", .string($0.name)), .init("kind", .string($0.kind))]) })),
      .init("features", .object(features.keys.sorted().map { .init($0, .float(features[$0] ?? 0)) })),
    ])
  }

  package init?(json: JSON) {
    guard let name = json["name"]?.asString, let digest = json["digest"]?.asString else { return nil }
    self.init(
      name: name, origin: json["origin"]?.asString ?? "", digest: digest, bytes: json["bytes"]?.asInt ?? 0)
    rows = Int(json["rows"]?.asInt ?? 0)
    columns = (json["columns"]?.asArray ?? []).compactMap { column in
      column["name"]?.asString.map { Column($0, column["kind"]?.asString ?? "text") }
    }
    for member in json["features"]?.asObject ?? [] {
      if let value = member.value.asDouble, value.isFinite { features[member.name] = value }
    }
  }
}

extension [DataPrint] {
  /// The input of another experiment that is to be compared with one of these: of the same name, or the only one.
  private func partner(of mine: DataPrint, in other: [DataPrint]) -> DataPrint? {
    count == 1 && other.count == 1 ? other.first : other.first { $0.name == mine.name }
  }

  /// Whether each input is the same data, or another version of it.
  package func areSame(as other: [DataPrint]) -> Bool {
    count == other.count && allSatisfy { mine in partner(of: mine, in: other).map(mine.isSame) ?? false }
  }

  /// The mean over inputs; what one of both has not is not alike. Nil when nothing can be compared.
  package func similarity(to other: [DataPrint]) -> Double? {
    let pairs = compactMap { mine in partner(of: mine, in: other).map { (mine, $0) } }
    let known = pairs.compactMap { $0.similarity(to: $1) }
    let unmatched = count + other.count - 2 * pairs.count
    guard !known.isEmpty else { return nil }
    return known.reduce(0, +) / Double(known.count + unmatched)
  }

  /// Of the tables, what decides which experiments are near.
  package var features: [String: Double] { first { $0.isTable }?.features ?? [:] }
}
