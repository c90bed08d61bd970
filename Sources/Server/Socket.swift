internal import Glibc

/// A connection's descriptor, used by one thread. What takes longer than its deadline is given up.
final class Socket {
  private let descriptor: Int32

  init(_ descriptor: Int32) { self.descriptor = descriptor }
  deinit { close(descriptor) }

  /// Nanoseconds of the monotonic clock.
  static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  enum Input {
    case bytes([UInt8])
    case end
    case late
  }

  /// What has come, at the latest at `deadline`.
  func read(until deadline: Int64) -> Input {
    while true {
      switch wait(Int16(POLLIN), until: deadline) {
      case .late: return .late
      case .broken: return .end
      case .ready: break
      }
      var buffer = [UInt8](repeating: 0, count: 16 << 10)
      let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      if count > 0 { return .bytes(Array(buffer.prefix(count))) }
      if count == 0 { return .end }
      guard errno == EAGAIN || errno == EINTR else { return .end }
    }
  }

  /// False: the client is gone, or takes nothing.
  func write(_ bytes: [UInt8], until deadline: Int64) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { part in
        send(descriptor, part.baseAddress, part.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
        continue
      }
      guard errno == EAGAIN || errno == EINTR else { return false }
      guard case .ready = wait(Int16(POLLOUT), until: deadline) else { return false }
    }
    return true
  }

  /// Says that nothing more will come, and takes what the client still sends, so that it can read the last answer.
  func finish(until deadline: Int64) {
    shutdown(descriptor, Int32(SHUT_WR))
    while case .bytes = read(until: deadline) {}
  }

  /// Whether the client has gone away; waits for at most so many milliseconds. What it sends is ignored.
  func isGone(within milliseconds: Int64) -> Bool {
    switch read(until: Self.now + milliseconds * 1_000_000) {
    case .end: true
    case .bytes, .late: false
    }
  }

  private enum Readiness { case ready, late, broken }

  private func wait(_ events: Int16, until deadline: Int64) -> Readiness {
    while true {
      let left = deadline - Self.now
      guard left > 0 else { return .late }
      var request = pollfd(fd: descriptor, events: events, revents: 0)
      let count = poll(&request, 1, Int32(clamping: left / 1_000_000 + 1))
      if count > 0 { return .ready }
      if count < 0, errno != EINTR { return .broken }
    }
  }
}
