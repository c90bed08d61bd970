/// The signatures of functions from DWARF, as `readelf --debug-dump=info` prints it, a line at a time.
///
/// readelf rather than a reader of one's own: it knows every version of DWARF, compressed sections and separate debug files.
package struct DebugInfo {
  private struct Entry {
    var tag: String
    var name = ""
    var type: Int?
    var size = 0
    var encoding = 0
    var isArtificial = false
  }

  private struct Subprogram {
    var result: Int?
    var parameters: [Int?] = []
    var isVariadic = false
    var isFortran = false
  }

  /// More than this is not read: a guess at what a person waits for.
  private static let limit = 4_000_000

  private let wanted: Set<String>
  private var entries: [Int: Entry] = [:]
  private var found: [String: Subprogram] = [:]
  private var current: (offset: Int, depth: Int, entry: Entry)?
  private var linkage = ""
  /// The function whose parameters come now.
  private var open: (names: [String], depth: Int, subprogram: Subprogram)?
  private var isFortran = false

  package init(symbols: some Sequence<String>) { wanted = Set(symbols) }

  /// There may be millions of lines: what is of no interest is passed over by its first bytes.
  package mutating func read(_ line: String) {
    var line = line
    let what = line.withUTF8 { bytes -> (at: Int, isTag: Bool)? in
      guard let start = bytes.firstIndex(where: { $0 != 0x20 }), bytes[start] == UInt8(ascii: "<") else { return nil }
      guard let at = bytes[start...].firstIndex(of: UInt8(ascii: "D")), at + 6 < bytes.count,
        bytes[at + 1] == UInt8(ascii: "W"), bytes[at + 2] == UInt8(ascii: "_")
      else { return nil }
      let isTag = bytes[at + 3] == UInt8(ascii: "T")
      return isTag || Self.letters.contains(bytes[at + 6]) ? (at + (isTag ? 7 : 6), isTag) : nil
    }
    guard let what, what.isTag || current != nil else { return }
    let rest = line.utf8.dropFirst(what.at)
    guard !what.isTag else {
      let tag = String(Substring(rest.prefix { $0 != UInt8(ascii: ")") }))
      return begin(tag, line)
    }
    let attribute = String(Substring(rest.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: ":") }))
    guard let colon = rest.firstIndex(of: UInt8(ascii: ":")) else { return }
    take(attribute, String(Substring(rest[rest.index(after: colon)...])).trimmed)
  }

  /// First letters of the attributes that `take` knows.
  private static let letters = Set("nltbea".utf8)

  private mutating func begin(_ tag: String, _ line: String) {
    finishEntry()
    let head = line.trimmed.split(separator: ">", maxSplits: 2)
    guard head.count == 3, let depth = Int(head[0].dropFirst()), let offset = Int(head[1].dropFirst(), radix: 16),
      entries.count < Self.limit
    else { return }
    if let open, depth <= open.depth { close() }
    let counts =
      tag.hasSuffix("_type")
      || ["subprogram", "formal_parameter", "typedef", "compile_unit", "unspecified_parameters"].contains(tag)
    current = counts ? (offset, depth, Entry(tag: tag)) : nil
    linkage = ""
  }

  private mutating func take(_ attribute: String, _ value: String) {
    switch attribute {
    case "name": current?.entry.name = Self.string(value)
    case "linkage_name": linkage = Self.string(value)
    case "type":
      if let start = value.firstRange(of: "<0x") {
        current?.entry.type = Int(value[start.upperBound...].prefix { $0 != ">" }, radix: 16)
      }
    case "byte_size": current?.entry.size = Self.number(value)
    case "encoding": current?.entry.encoding = Self.number(value)
    case "artificial": current?.entry.isArtificial = true
    case "language": isFortran = value.contains("ortran")
    default: break
    }
  }

  /// `(strp) (offset: 0x41): scale_all` and `(string) n`.
  private static func string(_ value: String) -> String {
    if let end = value.firstRange(of: "): "), value.contains("offset:") {
      return String(value[end.upperBound...]).trimmed
    }
    guard value.hasPrefix("("), let end = value.firstRange(of: ") ") else { return value }
    return String(value[end.upperBound...]).trimmed
  }

  private static func number(_ value: String) -> Int {
    let text =
      value.hasPrefix("(") ? value.split(separator: ")", maxSplits: 1).last.map { String($0).trimmed } ?? "" : value
    let word = text.prefix { $0 != " " && $0 != "\t" }
    return word.hasPrefix("0x") ? Int(word.dropFirst(2), radix: 16) ?? 0 : Int(word) ?? 0
  }

  private mutating func finishEntry() {
    guard let (offset, depth, entry) = current else { return }
    current = nil
    switch entry.tag {
    case "subprogram":
      let names = [entry.name, linkage].filter { wanted.contains($0) }
      open = nil
      if !names.isEmpty {
        open = (
          linkage.isEmpty ? names : names.filter { $0 == linkage }, depth,
          Subprogram(result: entry.type, isFortran: isFortran)
        )
      }
    case "formal_parameter":
      // Deeper ones belong to what was inlined.
      if let outer = open?.depth, depth == outer + 1, !entry.isArtificial {
        open?.subprogram.parameters.append(entry.type)
      }
    case "unspecified_parameters":
      if let outer = open?.depth, depth == outer + 1 { open?.subprogram.isVariadic = true }
    default: if entry.tag.hasSuffix("_type") || entry.tag == "typedef" { entries[offset] = entry }
    }
  }

  private mutating func close() {
    if let open {
      for name in open.names where found[name] == nil { found[name] = open.subprogram }
    }
    open = nil
  }

  /// The signatures that were found, by symbol.
  mutating func signatures() -> [String: RealSignature] {
    finishEntry()
    close()
    return found.mapValues { subprogram in
      RealSignature(
        result: subprogram.result.map { type($0) } ?? .void,
        parameters: subprogram.parameters.map { $0.map { type($0) } ?? .unknown("?") },
        isVariadic: subprogram.isVariadic, isFortran: subprogram.isFortran)
    }
  }

  private func type(_ offset: Int, depth: Int = 0) -> RealType {
    guard depth < 32, let entry = entries[offset] else { return .unknown("?") }
    let inner = entry.type.map { type($0, depth: depth + 1) } ?? .void
    switch entry.tag {
    case "base_type":
      switch entry.encoding {
      case 2: return .boolean(size: entry.size)
      case 3: return .unknown(entry.name)
      case 4: return .float(size: entry.size)
      case 5, 6: return .integer(size: entry.size, isSigned: true)
      case 7, 8, 16: return .integer(size: entry.size, isSigned: false)
      default: return .unknown(entry.name)
      }
    case "pointer_type", "reference_type": return .pointer(inner, isConst: isConst(entry.type))
    case "typedef":
      if case .structure = inner { return .structure(entry.name) }
      return inner
    case "const_type", "volatile_type", "restrict_type", "atomic_type": return inner
    case "structure_type", "class_type": return .structure(entry.name.isEmpty ? "struct" : "struct \(entry.name)")
    case "enumeration_type": return .enumeration(size: entry.size)
    case "array_type": return .array(inner)
    case "string_type": return .characters
    case "subroutine_type": return .unknown("a function")
    default: return .unknown(entry.name)
    }
  }

  private func isConst(_ offset: Int?) -> Bool {
    guard let offset, let entry = entries[offset] else { return false }
    if entry.tag == "const_type" { return true }
    return entry.tag == "volatile_type" || entry.tag == "typedef" ? isConst(entry.type) : false
  }

  package enum Verdict: Sendable, Hashable { case same, different, missing }

  /// Compares what was found with the declarations.
  package mutating func judge(
    _ manifest: FunctionManifest, library: Int
  ) -> (verdicts: [Int: Verdict], findings: [Finding]) {
    let signatures = signatures()
    var verdicts: [Int: Verdict] = [:]
    var findings: [Finding] = []
    for (index, function) in manifest.functions.enumerated() where function.library == library {
      guard let real = signatures[function.symbol] else {
        verdicts[index] = .missing
        continue
      }
      let differences = manifest.differences(function, real)
      for difference in differences { findings.append(Finding(index, function, difference, "the debug information")) }
      verdicts[index] = differences.isEmpty ? .same : .different
    }
    return (verdicts, findings)
  }
}
