/// Arrow's schema between the C data interface (format strings) and the IPC format (FlatBuffers tables).
enum ArrowMetadata {
  /// The `Type` union member of a format: its number and table.
  static func type(_ format: String) -> (number: UInt8, table: FlatTable)? {
    if let (bits, signed) = integers[format] { return (2, FlatTable(.i32(bits), FlatTable.flag(signed))) }
    switch format {
    case "n": return (1, FlatTable())
    case "e": return (3, FlatTable(.i16(0)))
    case "f": return (3, FlatTable(.i16(1)))
    case "g": return (3, FlatTable(.i16(2)))
    case "z": return (4, FlatTable())
    case "u": return (5, FlatTable())
    case "b": return (6, FlatTable())
    case "tdD": return (8, FlatTable(.i16(0)))
    case "tdm": return (8, FlatTable(.i16(1)))
    case "tiM": return (11, FlatTable(.i16(0)))
    case "tiD": return (11, FlatTable(.i16(1)))
    case "tin": return (11, FlatTable(.i16(2)))
    case "+l": return (12, FlatTable())
    case "+s": return (13, FlatTable())
    case "+m": return (17, FlatTable(FlatTable.flag(false)))
    case "Z": return (19, FlatTable())
    case "U": return (20, FlatTable())
    case "+L": return (21, FlatTable())
    default: return parameterised(format)
    }
  }

  private static func parameterised(_ format: String) -> (number: UInt8, table: FlatTable)? {
    let parts = format.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let parameter = parts.count == 2 ? String(parts[1]) : ""
    let unit = format.utf8.dropFirst(2).first.flatMap { units.firstIndex(of: $0) }.map { Int16($0) }
    switch parts.first.map(String.init) ?? "" {
    case "d":
      let numbers = parameter.split(separator: ",").compactMap { Int32($0) }
      guard numbers.count >= 2 else { return nil }
      return (7, FlatTable(.i32(numbers[0]), .i32(numbers[1]), .i32(numbers.count > 2 ? numbers[2] : 128)))
    case "tts", "ttm", "ttu", "ttn": return unit.map { (9, FlatTable(.i16($0), .i32($0 < 2 ? 32 : 64))) }
    case "tss", "tsm", "tsu", "tsn":
      return unit.map { (10, FlatTable(.i16($0), parameter.isEmpty ? nil : .string(parameter))) }
    case "tDs", "tDm", "tDu", "tDn": return unit.map { (18, FlatTable(.i16($0))) }
    case "w": return Int32(parameter).map { (15, FlatTable(.i32($0))) }
    case "+w": return Int32(parameter).map { (16, FlatTable(.i32($0))) }
    default: return nil
    }
  }

  private static let units = Array("smun".utf8)
  private static let integers: [String: (bits: Int32, signed: Bool)] = [
    "c": (8, true), "C": (8, false), "s": (16, true), "S": (16, false), "i": (32, true), "I": (32, false),
    "l": (64, true), "L": (64, false),
  ]

  /// The format string of a `Type` union member.
  static func format(_ number: UInt8, _ table: FlatView?) throws(FileFormatError) -> String {
    func short(_ slot: Int, _ value: Int16) throws(FileFormatError) -> Int16 {
      try table?.number(slot, default: value) ?? value
    }
    func int(_ slot: Int, _ value: Int32) throws(FileFormatError) -> Int32 {
      try table?.number(slot, default: value) ?? value
    }
    func unit(_ value: Int16) throws(FileFormatError) -> String {
      let index = try short(0, value)
      guard (0..<4).contains(index) else { throw FileFormatError("unknown time unit \(index)") }
      return String(Unicode.Scalar(units[Int(index)]))
    }
    switch number {
    case 1: return "n"
    case 2:
      let bits = try int(0, 0)
      let signed = try table?.flag(1) ?? false
      if let match = integers.first(where: { $0.value == (bits, signed) }) { return match.key }
    case 3:
      let precision = try short(0, 0)
      if (0..<3).contains(precision) { return ["e", "f", "g"][Int(precision)] }
    case 4: return "z"
    case 5: return "u"
    case 6: return "b"
    case 7:
      let bits = try int(2, 128)
      let numbers = "\(try int(0, 0)),\(try int(1, 0))"
      return bits == 128 ? "d:\(numbers)" : "d:\(numbers),\(bits)"
    case 8: return try short(0, 1) == 0 ? "tdD" : "tdm"
    case 9: return "tt" + (try unit(1))
    case 10: return "ts" + (try unit(0)) + ":" + (try table?.string(1) ?? "")
    case 11:
      let kind = try short(0, 0)
      if (0..<3).contains(kind) { return ["tiM", "tiD", "tin"][Int(kind)] }
    case 12: return "+l"
    case 13: return "+s"
    case 15: return "w:\(try int(0, 0))"
    case 16: return "+w:\(try int(0, 0))"
    case 17: return "+m"
    case 18: return "tD" + (try unit(1))
    case 19: return "Z"
    case 20: return "U"
    case 21: return "+L"
    default: break
    }
    let names: [UInt8: String] = [
      14: "union", 22: "run-end encoded", 23: "binary view", 24: "string view", 25: "list view", 26: "list view",
    ]
    throw FileFormatError("the Arrow type \(names[number] ?? "number \(number)") is not supported")
  }

  // MARK: key-value metadata

  /// `[KeyValue]` of the encoded metadata of the C data interface; nil when it is empty or damaged.
  static func keyValues(_ metadata: [UInt8]) -> FlatTable.Field? {
    var at = 0
    func number() -> Int? {
      guard at + 4 <= metadata.count else { return nil }
      defer { at += 4 }
      return Int(metadata.withUnsafeBytes { Int32(littleEndian: $0.loadUnaligned(fromByteOffset: at, as: Int32.self)) })
    }
    func text() -> String? {
      guard let count = number(), count >= 0, count <= metadata.count - at else { return nil }
      defer { at += count }
      return String(decoding: metadata[at..<at + count], as: UTF8.self)
    }
    guard let count = number(), count > 0, count <= metadata.count / 8 else { return nil }
    var pairs: [FlatTable] = []
    for _ in 0..<count {
      guard let key = text(), let value = text() else { return nil }
      pairs.append(FlatTable(.string(key), .string(value)))
    }
    return .tables(pairs)
  }

  static func metadata(_ pairs: [FlatView]) throws(FileFormatError) -> [UInt8] {
    guard !pairs.isEmpty else { return [] }
    var bytes: [UInt8] = []
    func put(_ number: Int) { withUnsafeBytes(of: Int32(truncatingIfNeeded: number).littleEndian) { bytes += $0 } }
    put(pairs.count)
    for pair in pairs {
      for text in [try pair.string(0), try pair.string(1)] {
        put(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
      }
      // A vector may name one pair many times: what it holds is bounded by what it says, not by the file.
      guard bytes.count <= 16 << 20 else { throw FileFormatError("the Arrow metadata is too large") }
    }
    return bytes
  }
}
