internal import Glibc
internal import Values

/// What a power cut may take from a store, and how it is found out.
///
/// A store that synchronises has on disk what it has given a name to. One that does not leaves a mark, `<directory>/unsynchronised`:
/// since when, by its time, and in which life of the machine, by its contents. In another life everything that was added since
/// then is read again; in the same one nothing was lost yet, and whoever wants to rely on it writes it all to disk first.
extension ArtifactStore {
  private var mark: String { "\(directory)/unsynchronised" }

  /// Only for the one writer, behind the closed gate, before anything is added.
  ///
  /// - Parameter afterDeath: a session ended without its last word: between a name and its way to the disk, maybe.
  func settle(afterDeath: Bool) throws(StoreError) {
    let boot = Self.boot()
    var isMarked = false
    if let status = try Disk.status(mark) {
      isMarked = true
      if try Self.text(of: mark) != boot {
        try discardLost(since: FileTime(status))
        try Disk.remove(mark)
        isMarked = false
      }
    }
    guard synchronises else {
      if !isMarked { try setMark(boot) }
      return
    }
    guard isMarked || afterDeath else { return }
    try Disk.synchronise(fileSystemOf: directory)
    try Disk.remove(mark)
  }

  /// Reads what was added or found since `moment`, and removes what is not what it was.
  private func discardLost(since moment: FileTime) throws(StoreError) {
    try Disk.remove("\(directory)/trees")
    try Disk.makeDirectory("\(directory)/trees")
    for digest in try list() {
      guard let status = try Disk.status(path(of: digest)), FileTime(status) >= moment else { continue }
      do throws(StoreError) { try verify(digest) } catch {
        guard error.code == .torn else { throw error }
        try Disk.remove(path(of: digest))
      }
    }
  }

  private func setMark(_ boot: String) throws(StoreError) {
    let temporary = try temporaryPath()
    let file = try Disk.File(creating: temporary)
    try Payload(Array(boot.utf8)).withBytes { (bytes) throws(StoreError) in try file.write(bytes) }
    try file.synchronise()
    try Disk.rename(temporary, to: mark)
    try Disk.synchronise(directory: directory)
  }

  /// This life of the machine; empty where the kernel does not tell, and lives look the same.
  private static func boot() -> String { (try? text(of: "/proc/sys/kernel/random/boot_id")) ?? "" }

  private static func text(of path: String) throws(StoreError) -> String {
    var bytes: [UInt8] = []
    try Disk.File(reading: path).forEachChunk { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }
}
