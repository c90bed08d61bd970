internal import Glibc
internal import Synchronization

/// The two streams: data goes to standard output, talk to standard error.
enum Output {
  /// The first error of a write of data, or 0.
  private static let failure = Atomic<Int32>(0)

  /// All data was written, or its reader has left, which is its right.
  static var isComplete: Bool { [0, EPIPE].contains(failure.load(ordering: .relaxed)) }
  static var reason: String { String(cString: strerror(failure.load(ordering: .relaxed))) }

  /// Writes all bytes, whatever it takes. False when nobody reads any more (or the disk is full): then the rest is lost.
  @discardableResult
  static func write(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { write(UnsafeRawBufferPointer($0), to: descriptor) }
  }

  @discardableResult
  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
    var rest = bytes
    while let base = rest.baseAddress, !rest.isEmpty {
      let count = Glibc.write(descriptor, base, rest.count)
      if count >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      } else if errno == EAGAIN {
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&wait, 1, -1)
      } else if errno != EINTR {
        if descriptor == STDOUT_FILENO {
          _ = failure.compareExchange(expected: 0, desired: errno, ordering: .relaxed)
        }
        return false
      }
    }
    return true
  }

  /// Data: a line break is added where it is missing.
  static func data(_ text: String) {
    write(text.hasSuffix("\n") || text.isEmpty ? text : text + "\n", to: STDOUT_FILENO)
  }

  /// Talk: a line break is added where it is missing.
  static func talk(_ text: String) {
    write(text.hasSuffix("\n") || text.isEmpty ? text : text + "\n", to: STDERR_FILENO)
  }
}
