package import Values

/// What a stored directory consists of, in the order of a walk with sorted names.
///
/// Its bytes are text: a first line, then one line per entry; `%` and control characters of paths are escaped.
/// ```
/// assay tree 1
/// d sub
/// f <64 hex> 1234 sub/data.csv
/// x <64 hex> 99 sub/tool
/// ```
package struct TreeManifest: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
      case directory
      case file(Digest, size: Int, isExecutable: Bool)
    }
    /// Relative, with `/`.
    package var path: String
    package var kind: Kind
  }

  package var entries: [Entry] = []

  static let header = "assay tree 1"
  static let maximumDepth = 256

  init() {}

  /// Bytes of all files together.
  package var size: Int {
    entries.reduce(0) { if case .file(_, let size, _) = $1.kind { $0 + size } else { $0 } }
  }

  package var bytes: [UInt8] {
    var text = Self.header + "\n"
    for entry in entries {
      switch entry.kind {
      case .directory: text += "d "
      case .file(let digest, let size, let isExecutable): text += "\(isExecutable ? "x" : "f") \(digest.hex) \(size) "
      }
      text += Self.escaped(entry.path) + "\n"
    }
    return Array(text.utf8)
  }

  /// Nil unless the bytes are a manifest whose paths stay inside.
  package init?(_ bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 2, lines.removeFirst() == Self.header, lines.removeLast().isEmpty else { return nil }
    for line in lines {
      guard let entry = Self.entry(line) else { return nil }
      entries.append(entry)
    }
  }

  private static func entry(_ line: Substring) -> Entry? {
    let isDirectory = line.hasPrefix("d ")
    let words = line.split(separator: " ", maxSplits: isDirectory ? 1 : 3, omittingEmptySubsequences: false)
    guard words.count == (isDirectory ? 2 : 4), let last = words.last, let path = unescaped(last), isInside(path) else {
      return nil
    }
    if isDirectory { return Entry(path: path, kind: .directory) }
    guard ["f", "x"].contains(words[0]), let digest = Digest(hex: words[1]), let size = Int(words[2]), size >= 0 else {
      return nil
    }
    return Entry(path: path, kind: .file(digest, size: size, isExecutable: words[0] == "x"))
  }

  private static func isInside(_ path: String) -> Bool {
    path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0)
    }
  }

  private static func escaped(_ path: String) -> String {
    guard path.utf8.contains(where: { $0 < 0x20 || $0 == 0x25 || $0 == 0x7F }) else { return path }
    var text = ""
    for scalar in path.unicodeScalars {
      if scalar.value < 0x20 || scalar.value == 0x25 || scalar.value == 0x7F {
        text += "%" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  private static func unescaped(_ text: Substring) -> String? {
    guard text.utf8.contains(0x25) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == 0x25 else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst(), let low = rest.popFirst(),
        let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
      else { return nil }
      bytes.append(value)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
