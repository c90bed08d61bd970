extension ValueType: CustomStringConvertible {
  /// The canonical text, which `parse` reads back to an equal type.
  package var description: String {
    switch self {
    case .any: "any"
    case .null: "null"
    case .bool: "bool"
    case .int(let bounds): "int" + Self.text(bounds) { String($0) }
    case .float(let bounds): "float" + Self.text(bounds, Self.number)
    case .string: "string"
    case .bytes: "bytes"
    case .list(let element): "list<\(element)>"
    case .record(let fields): "{" + fields.map { "\(Self.name($0.name)): \($0.type)" }.joined(separator: ", ") + "}"
    case .enumeration(let words): "enum(" + words.map(Self.quoted).joined(separator: ", ") + ")"
    case .tensor(let element, let shape):
      "tensor" + (element.map { "<\($0.rawValue)>" } ?? "")
        + (shape.map { "[" + $0.map(\.description).joined(separator: ", ") + "]" } ?? "")
    case .table(nil): "table"
    case .table(let columns?):
      "table{" + columns.map { "\(Self.name($0.name)): \($0.type)" }.joined(separator: ", ") + "}"
    case .file(let format): format.map { "file<\($0)>" } ?? "file"
    case .directory: "dir"
    case .opaque(let name): name
    case .optional(let wrapped): "\(wrapped)?"
    }
  }

  private static func text<T>(_ bounds: Bounds<T>?, _ number: (T) -> String) -> String {
    guard let bounds, bounds.lower != nil || bounds.upper != nil else { return "" }
    return "(\(bounds.lower.map(number) ?? "")..\(bounds.upper.map(number) ?? ""))"
  }

  /// `1` rather than `1.0`: how people write bounds.
  static func number(_ value: Double) -> String {
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func name(_ name: String) -> String {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return quoted(name) }
    let isPlain = name.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
    }
    return isPlain ? name : quoted(name)
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension ValueType.Dimension: CustomStringConvertible {
  package var description: String {
    switch self {
    case .fixed(let length): String(length)
    case .named(let name): name
    case .unknown: "?"
    }
  }
}

/// Format words of `file<…>` and the media types that they stand for.
package enum FileFormat {
  private static let pairs: [(word: String, media: String)] = [
    ("csv", "text/csv"), ("tsv", "text/tab-separated-values"), ("text", "text/plain"), ("html", "text/html"),
    ("markdown", "text/markdown"), ("json", "application/json"), ("jsonl", "application/jsonl"),
    ("xml", "application/xml"), ("yaml", "application/yaml"), ("pdf", "application/pdf"), ("zip", "application/zip"),
    ("gzip", "application/gzip"), ("png", "image/png"), ("jpeg", "image/jpeg"), ("svg", "image/svg+xml"),
    ("arrow", "application/vnd.apache.arrow.file"), ("parquet", "application/vnd.apache.parquet"),
    ("npy", "application/x-npy"), ("bytes", "application/octet-stream"),
  ]

  /// The format word of a media type (parameters such as `; charset` ignored); anything unknown stays as it is.
  package static func word(for format: String) -> String {
    let bare = String(format.prefix { $0 != ";" && $0 != " " })
    return pairs.first { $0.media == bare }?.word ?? bare
  }

  /// The media type that a format word stands for; a media type, or an unknown word, stays as it is.
  package static func mediaType(for word: String) -> String { pairs.first { $0.word == word }?.media ?? word }
}
