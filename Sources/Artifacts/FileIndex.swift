internal import Glibc
internal import Values

/// How much of a long piece of work was done: to be added up.
package struct StoreProgress: Sendable, Equatable {
  package var files = 0
  package var bytes: Int64 = 0
  /// Bytes that had to be read; the others were known.
  package var read: Int64 = 0

  package init(files: Int = 0, bytes: Int64 = 0, read: Int64 = 0) {
    self.files = files
    self.bytes = bytes
    self.read = read
  }

  package static func += (a: inout StoreProgress, b: StoreProgress) {
    a.files += b.files
    a.bytes += b.bytes
    a.read += b.read
  }
}

/// What the files of a directory came to when it was last stored, so that unchanged ones are not read again.
///
/// A file counts as unchanged when device, inode, size, modification *and change time* are the same: a program can set the
/// modification time back, the change time only the kernel sets. A file that was changed within two seconds before it was
/// looked at is not remembered: a second change within the clock's grain could go unseen. On network file systems, whose
/// times come from another machine, nothing is remembered.
///
/// `<store>/index/<digest of the directory's path>`: a cache, to be lost without harm.
struct FileIndex {
  private struct Entry {
    var stamp: Stamp
    var digest: Digest
  }
  private struct Stamp: Equatable {
    var words: [Int64]
    init(words: [Int64]) { self.words = words }
    init(_ status: stat) {
      words = [
        Int64(bitPattern: UInt64(status.st_dev)), Int64(bitPattern: UInt64(status.st_ino)), Int64(status.st_size),
        FileTime(status).nanoseconds,
        Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec),
      ]
    }
    var newest: Int64 { max(words[3], words[4]) }
  }

  private let path: String
  private var old: [String: Entry] = [:]
  private var new: [String: Entry] = [:]
  private let isSound: Bool
  private let now: Int64

  private static let header = "assay file index 1"
  private static let grain: Int64 = 2_000_000_000

  /// - Parameter now: Unix nanoseconds; nil: the clock's.
  init(of directory: String, in store: String, now given: Int64? = nil) {
    let real = realpath(directory, nil)
    defer { free(real) }
    let name = real.map { String(cString: $0) } ?? directory
    path = "\(store)/index/\(Hasher256.digest(Array(name.utf8)).hex)"
    isSound = Self.isLocal(directory)
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    now = given ?? Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    if isSound { old = Self.read(path) }
  }

  /// Of a file that has not changed since; it is remembered further.
  mutating func digest(of file: String, _ status: stat) -> Digest? {
    guard let entry = old[file], entry.stamp == Stamp(status) else { return nil }
    new[file] = entry
    return entry.digest
  }

  /// - Parameter status: from before the file was read.
  mutating func remember(_ digest: Digest, of file: String, _ status: stat) {
    let stamp = Stamp(status)
    guard isSound, stamp.newest < now - Self.grain else { return }
    new[file] = Entry(stamp: stamp, digest: digest)
  }

  /// Best effort: without an index all files are read next time.
  func save(temporary: String) {
    guard isSound, !new.isEmpty else { return }
    var text = Self.header + "\n"
    for (file, entry) in new where !file.utf8.contains(0x0A) {
      text += "\(entry.digest.hex) \(entry.stamp.words.map { String($0) }.joined(separator: " ")) \(file)\n"
    }
    // The last line tells a torn index.
    let bytes = Array(text.utf8)
    do throws(StoreError) {
      if let slash = path.lastIndex(of: "/") { try Disk.makeDirectories(String(path[..<slash])) }
      let file = try Disk.File(creating: temporary)
      let sealed = bytes + Array((Hasher256.digest(bytes).hex + "\n").utf8)
      try Payload(sealed).withBytes { (bytes) throws(StoreError) in try file.write(bytes) }
      try Disk.rename(temporary, to: path)
    } catch {
      unlink(temporary)
    }
  }

  private static func read(_ path: String) -> [String: Entry] {
    guard let file = try? Disk.File(reading: path) else { return [:] }
    var bytes: [UInt8] = []
    guard (try? file.forEachChunk { bytes += $0 }) != nil, bytes.count > 65 else { return [:] }
    let body = Array(bytes.dropLast(65))
    guard Digest(hex: String(decoding: bytes.suffix(65).dropLast(), as: UTF8.self)) == Hasher256.digest(body) else {
      return [:]
    }
    var entries: [String: Entry] = [:]
    for line in String(decoding: body, as: UTF8.self).split(separator: "\n").dropFirst() {
      let words = line.split(separator: " ", maxSplits: 6, omittingEmptySubsequences: false)
      guard words.count == 7, let digest = Digest(hex: words[0]) else { continue }
      let numbers = words[1...5].compactMap { Int64($0) }
      guard numbers.count == 5 else { continue }
      entries[String(words[6])] = Entry(stamp: Stamp(words: numbers), digest: digest)
    }
    return entries
  }

  private static let remote = [
    "nfs", "cifs", "smb", "fuse", "ceph", "lustre", "afs", "9p", "gpfs", "beegfs", "glusterfs",
  ]

  /// Whether the file system's times are this machine's.
  private static func isLocal(_ directory: String) -> Bool {
    guard let real = realpath(directory, nil), let mounts = fopen("/proc/self/mounts", "r") else { return false }
    defer {
      free(real)
      fclose(mounts)
    }
    let path = String(cString: real) + "/"
    var best = (length: -1, type: "")
    var line = [CChar](repeating: 0, count: 8192)
    while fgets(&line, Int32(line.count), mounts) != nil {
      let text = line.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
      let words = text.split(separator: " ")
      guard words.count > 2 else { continue }
      let point = words[1].hasSuffix("/") ? String(words[1]) : words[1] + "/"
      if path.hasPrefix(point), point.utf8.count >= best.length { best = (point.utf8.count, String(words[2])) }
    }
    return best.length > 0 && !remote.contains { best.type.hasPrefix($0) }
  }
}
