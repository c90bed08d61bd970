internal import CProcess
internal import Glibc

/// A program that is run to its end while its output is read line by line.
package struct Command: Sendable {
  package var arguments: [String]
  package var environment: [String: String]
  package var directory: String?
  /// Nil: as long as it takes.
  package var limit: Duration?
  /// Stays open in the child as descriptor 3: locks that must outlive this process are passed this way.
  package var inherited: Int32?
  /// What it reads from its standard input: at most 64 KiB, which a pipe takes without a reader.
  package var input: [UInt8] = []

  package init(
    _ arguments: [String], environment: [String: String] = Command.environment, directory: String? = nil,
    limit: Duration? = nil, inherited: Int32? = nil
  ) {
    self.arguments = arguments
    self.environment = environment
    self.directory = directory
    self.limit = limit
    self.inherited = inherited
  }

  package struct Result: Sendable {
    package var ending: Ending
    /// It was killed because its time was up.
    package var timedOut: Bool
    package var succeeded: Bool { !timedOut && ending.signal == 0 && ending.code == 0 }
  }

  /// Runs it; standard output and error arrive interleaved, a line at a time, without line breaks.
  package func run(_ line: (String) -> Void) throws(SystemError) -> Result {
    var ends: [Int32] = [-1, -1]
    let status = cprocess_pipe(&ends)
    guard status == 0 else { throw SystemError("pipe", number: -status) }
    defer { close(ends[0]) }
    let source = input.isEmpty ? nil : try given()
    defer { if let source { close(source) } }
    let child: Child
    do throws(SystemError) {
      child = try Child.start(
        arguments, environment: environment, descriptors: [source, ends[1], ends[1]] + (inherited.map { [$0] } ?? []),
        directory: directory, ownGroup: true)
    } catch {
      close(ends[1])
      throw error
    }
    close(ends[1])
    let timedOut = follow(child, ends[0], line)
    // Whatever it left behind in its group goes with it.
    kill(-child.pid, SIGKILL)
    return Result(ending: child.reap(), timedOut: timedOut)
  }

  /// A pipe that has the input in it and no writer.
  private func given() throws(SystemError) -> Int32 {
    var ends: [Int32] = [-1, -1]
    let status = cprocess_pipe(&ends)
    guard status == 0 else { throw SystemError("pipe", number: -status) }
    defer { close(ends[1]) }
    // Who reads it waits like anybody else.
    _ = fcntl(ends[0], F_SETFL, 0)
    let room = input.prefix(64 << 10)
    let written = room.withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) }
    guard written == room.count else {
      close(ends[0])
      throw SystemError("write to a pipe", number: errno)
    }
    return ends[0]
  }

  /// Reads until the process has ended; true when the limit was reached.
  private func follow(_ child: Child, _ output: Int32, _ line: (String) -> Void) -> Bool {
    let deadline = limit.map { cprocess_clock() + $0.nanoseconds }
    var splitter = LineSplitter()
    var open = true
    defer { splitter.finish(line) }
    while true {
      var entries = [
        pollfd(fd: child.handle, events: Int16(POLLIN), revents: 0),
        pollfd(fd: open ? output : -1, events: Int16(POLLIN), revents: 0),
      ]
      let rest = deadline.map { Swift.max(0, ($0 - cprocess_clock() + 999_999) / 1_000_000) }
      let ready = poll(&entries, 2, rest.map { Int32(clamping: $0) } ?? -1)
      if ready < 0 && errno == EINTR { continue }
      if ready <= 0 { return true }
      if entries[1].revents != 0 { open = splitter.drain(output, line) }
      if entries[0].revents != 0 {
        if open { _ = splitter.drain(output, line) }
        return false
      }
    }
  }

  /// The variables of this process.
  package static var environment: [String: String] {
    var result: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let pair = String(cString: text)
      if let equals = pair.firstIndex(of: "=") {
        result[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
      }
      entry += 1
    }
    return result
  }
}

/// Cuts a stream of bytes into lines.
package struct LineSplitter: Sendable {
  /// Longer lines are cut into pieces of this many bytes.
  package static let longest = 16 << 10
  private var rest: [UInt8] = []

  package init() {}

  package mutating func add(_ bytes: UnsafeRawBufferPointer, _ line: (String) -> Void) {
    for byte in bytes {
      if byte == 0x0A {
        finish(line, force: true)
      } else {
        rest.append(byte)
        if rest.count >= Self.longest { finish(line) }
      }
    }
  }

  /// Hands over what has no line break yet.
  package mutating func finish(_ line: (String) -> Void, force: Bool = false) {
    guard force || !rest.isEmpty else { return }
    if rest.last == 0x0D { rest.removeLast() }
    line(String(decoding: rest, as: UTF8.self))
    rest.removeAll(keepingCapacity: true)
  }

  /// Reads all there is without waiting; false at the end of the stream. At most a megabyte a call, so that a writer
  /// that never pauses cannot keep the reader.
  package mutating func drain(_ descriptor: Int32, _ line: (String) -> Void) -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
      for _ in 0..<16 {
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        if count > 0 { add(UnsafeRawBufferPointer(rebasing: buffer[..<count]), line) }
        if count == 0 { return false }
        if count < 0 && errno != EINTR { return errno == EAGAIN }
      }
      return true
    }
  }
}

extension Duration {
  /// Saturates at 292 years.
  package var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return carry ? (seconds < 0 ? .min : .max) : sum
  }
}
