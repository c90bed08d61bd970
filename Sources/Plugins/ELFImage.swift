internal import Values

/// As much of the ELF format as identity needs: the sections that are loaded into memory.
struct ELFImage {
  struct Section {
    var name: String
    var type: UInt32
    var flags: UInt64
    var address: UInt64
    var size: UInt64
    /// Empty for sections without contents (`.bss`).
    var contents: Range<Int>

    var isAllocated: Bool { flags & 2 != 0 }
  }

  let bytes: [UInt8]
  private(set) var sections: [Section] = []
  /// Hexadecimal GNU build id, or empty.
  private(set) var buildID = ""

  private static let noBits: UInt32 = 8

  /// Nil for anything but a sound 64-bit little-endian image with section headers. O(sections).
  init?(_ bytes: [UInt8]) {
    self.bytes = bytes
    guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]), let table = read(UInt64.self, at: 40),
      let size = read(UInt16.self, at: 58), let count = read(UInt16.self, at: 60),
      let names = read(UInt16.self, at: 62), size >= 64, count > 0, names < count,
      let start = Int(exactly: table), start <= bytes.count - Int(size) * Int(count)
    else { return nil }
    var raw: [(name: Int, section: Section)] = []
    for index in 0..<Int(count) {
      guard let found = section(at: start + index * Int(size)) else { return nil }
      raw.append(found)
    }
    let text = raw[Int(names)].section.contents
    for (offset, section) in raw {
      var section = section
      guard offset <= text.count else { return nil }
      let name = bytes[text].dropFirst(offset).prefix { $0 != 0 }
      section.name = String(decoding: name, as: UTF8.self)
      sections.append(section)
      // Name size 4, description size, type, "GNU\0", then the id.
      if section.name == ".note.gnu.build-id", section.contents.count > 16 {
        buildID = bytes[section.contents].dropFirst(16).map { byte in
          String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
      }
    }
  }

  private func section(at offset: Int) -> (name: Int, section: Section)? {
    guard let name = read(UInt32.self, at: offset), let type = read(UInt32.self, at: offset + 4),
      let flags = read(UInt64.self, at: offset + 8), let address = read(UInt64.self, at: offset + 16),
      let start = read(UInt64.self, at: offset + 24), let size = read(UInt64.self, at: offset + 32)
    else { return nil }
    var contents = 0..<0
    if type != Self.noBits && type != 0 {
      guard let first = Int(exactly: start), let length = Int(exactly: size), first <= bytes.count,
        length <= bytes.count - first
      else { return nil }
      contents = first..<first + length
    }
    return (Int(name), Section(name: "", type: type, flags: flags, address: address, size: size, contents: contents))
  }

  private func read<T: FixedWidthInteger>(_ type: T.Type, at offset: Int) -> T? {
    guard offset >= 0, offset <= bytes.count - MemoryLayout<T>.size else { return nil }
    return T(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: T.self) })
  }
}

extension ELFImage {
  /// Sections that differ between two builds of the same sources.
  private static let accidental: Set<String> = [".note.gnu.build-id", ".swift_modhash", "swift_modhash"]

  /// The identity of what is loaded: names, places and contents of the allocated sections, without build ids. Debug
  /// information is not loaded and does not count.
  var identity: Digest {
    var hasher = Hasher256()
    hasher.update("assay.elf/1\n")
    for section in sections where section.isAllocated && !Self.accidental.contains(section.name) {
      hasher.update("\(section.name) \(section.type) \(section.flags) \(section.address) \(section.size)\n")
      bytes.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[section.contents])) }
    }
    return hasher.digest()
  }
}
