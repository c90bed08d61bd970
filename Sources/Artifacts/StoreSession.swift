internal import Glibc
internal import Values

/// One process's stay in a store: from its beginning nothing that it adds or finds is collected.
///
/// ```
/// <directory>/sessions/<name>     locked while the session lasts; its time is the session's beginning
/// <directory>/tmp/<name>-…        what the session is writing
/// <directory>/artifacts.lock      the gate
/// ```
/// The kernel drops the lock with its process, so a session is never left behind. Times come from the file system's clock,
/// on both sides of every comparison.
final class StoreSession: Sendable {
  let name: String
  let started: FileTime
  private let file: Disk.File

  init(in directory: String) throws(StoreError) {
    try Disk.makeDirectories("\(directory)/sessions")
    name = "\(getpid())-\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"
    // Behind the gate nobody sees it before it is locked.
    let gate = try Gate(directory, .shared)
    defer { gate.open() }
    file = try Disk.File(creating: "\(directory)/sessions/\(name)")
    guard FileLock.take(file.descriptor, F_WRLCK, waits: false) else {
      throw StoreError.system(.unwritable, "cannot lock", path: file.path)
    }
    started = FileTime(try file.status())
  }

  deinit { unlink(file.path) }

  /// The live sessions of a store with their beginnings. Behind a closed gate none begins meanwhile.
  static func live(in directory: String) throws(StoreError) -> [(name: String, started: FileTime)] {
    guard try Disk.status("\(directory)/sessions") != nil else { return [] }
    var live: [(name: String, started: FileTime)] = []
    for name in try Disk.names(in: "\(directory)/sessions") {
      let descriptor = Glibc.open("\(directory)/sessions/\(name)", O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      var status = stat()
      if FileLock.isTaken(descriptor), fstat(descriptor, &status) == 0 { live.append((name, FileTime(status))) }
    }
    return live
  }

  /// Removes what dead sessions left; true when there was one. The gate has to be closed.
  static func sweep(_ directory: String) throws(StoreError) -> Bool {
    var hasDead = false
    let live = Set(try live(in: directory).map(\.name))
    for folder in ["sessions", "tmp"] {
      guard try Disk.status("\(directory)/\(folder)") != nil else { continue }
      for entry in try Disk.names(in: "\(directory)/\(folder)") {
        // `tmp/run-7` belongs to the engine, which is asked elsewhere.
        if entry.hasPrefix("run-") || live.contains(Self.session(of: entry)) { continue }
        try Disk.remove("\(directory)/\(folder)/\(entry)")
        hasDead = true
      }
    }
    return hasDead
  }

  /// `<process>-<random>` of `<process>-<random>-<number>`.
  private static func session(of entry: String) -> String {
    entry.split(separator: "-", maxSplits: 2, omittingEmptySubsequences: false).prefix(2).joined(separator: "-")
  }
}

/// Who looks whether an artifact is there, and touches it, holds the gate open; who removes artifacts closes it for a moment.
struct Gate: ~Copyable {
  enum Mode { case shared, exclusive }
  private let descriptor: Int32

  /// Blocks until it can be had. About 3 µs.
  init(_ directory: String, _ mode: Mode) throws(StoreError) {
    let path = "\(directory)/artifacts.lock"
    descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw StoreError.system(.unwritable, "cannot open the lock", path: path) }
    guard FileLock.take(descriptor, mode == .shared ? F_RDLCK : F_WRLCK, waits: true) else {
      let reason = errno
      close(descriptor)
      throw StoreError.system(.unwritable, "cannot lock", path: path, reason)
    }
  }

  /// Gives it back.
  func open() { FileLock.drop(descriptor) }

  // Closing the only descriptor of an open file drops its lock.
  deinit { close(descriptor) }
}

/// Locks of the open file, not of the process (Linux 3.15): two stores in one process see each other.
enum FileLock {
  static func take(_ descriptor: Int32, _ type: Int32, waits: Bool) -> Bool {
    var request = request(type)
    while fcntl(descriptor, waits ? 38 : 37, &request) != 0 { if errno != EINTR { return false } }
    return true
  }

  static func drop(_ descriptor: Int32) {
    var request = request(F_UNLCK)
    _ = fcntl(descriptor, 37, &request)
  }

  /// By anybody else.
  static func isTaken(_ descriptor: Int32) -> Bool {
    var request = request(F_RDLCK)
    return fcntl(descriptor, 36, &request) == 0 && request.l_type != Int16(F_UNLCK)
  }

  // 36, 37, 38: F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW.
  private static func request(_ type: Int32) -> flock {
    var request = flock()
    request.l_type = Int16(type)
    request.l_whence = Int16(SEEK_SET)
    return request
  }
}

/// When a file was last written or touched.
struct FileTime: Comparable, Sendable {
  var nanoseconds: Int64

  init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
  init(_ status: stat) {
    nanoseconds = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
  }

  static func < (a: FileTime, b: FileTime) -> Bool { a.nanoseconds < b.nanoseconds }
}
