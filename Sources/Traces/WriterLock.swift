internal import Glibc
internal import Synchronization

/// The right to write to a store: a lock that the kernel drops with its process, on a file that says who holds it.
final class WriterLock: Sendable {
  /// -1 once released.
  private let descriptor: Mutex<Int32>

  /// Takes the lock of the database at `path`, or throws `locked`. Blocks when `waiting`.
  init(database path: String, waiting: Bool) throws(TraceError) {
    let file = path + ".lock"
    let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw TraceError(errno == ENOSPC ? .full : .unwritable, "cannot open the lock: \(Self.reason)", path: file)
    }
    var request = Self.request(F_WRLCK)
    var result: Int32
    repeat {
      result = fcntl(descriptor, waiting ? Self.setAndWait : Self.set, &request)
    } while result != 0 && errno == EINTR
    guard result == 0 else {
      let reason = errno
      let holder = Self.readHolder(descriptor)
      close(descriptor)
      guard reason == EAGAIN || reason == EACCES else {
        throw TraceError(.unwritable, "cannot lock: \(String(cString: strerror(reason)))", path: file)
      }
      var error = TraceError(
        .locked(process: holder.process),
        "another engine writes to this store (process \(holder.process), \(holder.command)); wait for it or stop it",
        path: path)
      error.holder = holder
      throw error
    }
    self.descriptor = Mutex(descriptor)
    // Only for people and messages: who holds the lock is the kernel's knowledge.
    ftruncate(descriptor, 0)
    let command = CommandLine.arguments.joined(separator: " ").prefix(500).split(whereSeparator: \.isNewline)
    let text = Array("\(getpid())\n\(command.joined(separator: " "))\n\(time(nil))\n".utf8)
    _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  deinit { release() }

  func release() {
    descriptor.withLock { descriptor in
      if descriptor < 0 { return }
      // Explicitly: a process that is just being spawned has a copy of the descriptor until it executes its program.
      var request = Self.request(F_UNLCK)
      _ = fcntl(descriptor, Self.set, &request)
      close(descriptor)
      descriptor = -1
    }
  }

  /// Whether some process holds the lock now, without taking it.
  static func isHeld(database path: String) -> Bool {
    let descriptor = open(path + ".lock", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var request = request(F_RDLCK)
    return fcntl(descriptor, get, &request) == 0 && request.l_type != Int16(F_UNLCK)
  }

  private static func readHolder(_ descriptor: Int32) -> StoreHolder {
    // Five hundred characters of four bytes, and two numbers.
    var buffer = [UInt8](repeating: 0, count: 2100)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    let lines = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
    return StoreHolder(
      process: lines.first.flatMap { Int32($0) } ?? 0, command: lines.count > 1 ? String(lines[1]) : "unknown",
      since: lines.count > 2 ? Int64(lines[2]) : nil)
  }

  private static func request(_ type: Int32) -> flock {
    var request = flock()
    request.l_type = Int16(type)
    request.l_whence = Int16(SEEK_SET)
    return request
  }

  private static var reason: String { String(cString: strerror(errno)) }

  // F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW: locks of the open file, not of the process (Linux 3.15), so that a second
  // journal in the same process is refused as well and closing another descriptor of the file changes nothing.
  private static let get: Int32 = 36
  private static let set: Int32 = 37
  private static let setAndWait: Int32 = 38
}
