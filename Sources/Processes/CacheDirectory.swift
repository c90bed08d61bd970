/// Small remembered facts, one file each: a fact is valid for as long as its stamp is the same.
///
/// Engines may share the directory: entries are replaced by renaming, and anything unreadable counts as missing.
package struct CacheDirectory: Sendable {
  package let path: String

  /// The directory is created at the first `put`.
  package init(_ path: String) { self.path = path }

  private static let magic = "assay-cache 1"

  /// The fact of this name and stamp, or nil.
  package func get(_ name: String, stamp: String) -> [UInt8]? {
    guard let bytes = try? Files.read(path + "/" + name, limit: 64 << 20) else { return nil }
    let head = Array(Self.header(stamp, bytes: 0, sum: 0).prefix { $0 != 0x0A })
    guard bytes.starts(with: head) else { return nil }
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    while lines.count < 3, let end = bytes[start...].firstIndex(of: 0x0A) {
      lines.append(bytes[start..<end])
      start = end + 1
    }
    let content = Array(bytes[start...])
    guard lines.count == 3, bytes[..<start].elementsEqual(Self.header(stamp, bytes: content.count, sum: sum(content)))
    else { return nil }
    return content
  }

  /// Remembers a fact. A directory that cannot be written makes things slow, not wrong: failures are left unsaid.
  package func put(_ name: String, stamp: String, _ content: [UInt8]) {
    do throws(SystemError) {
      try Files.makeDirectory(path)
      try Files.writeAtomically(
        path + "/" + name, Self.header(stamp, bytes: content.count, sum: sum(content)) + content)
    } catch {
      return
    }
  }

  private static func header(_ stamp: String, bytes: Int, sum: UInt64) -> [UInt8] {
    Array("\(magic)\n\(stamp)\n\(bytes) \(sum)\n".utf8)
  }

  /// FNV-1a: notices torn and damaged files, not attacks.
  private func sum(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
  }
}
