internal import CProcess
internal import Glibc

/// A child process, as started. Owns its pidfd; someone has to `reap` it.
package struct Child: Sendable {
  package let pid: Int32
  /// Readable once the process has ended.
  package let handle: Int32

  /// Starts a program. The child's descriptor `i` is `descriptors[i]` (nil: `/dev/null`), all others are closed.
  package static func start(
    _ arguments: [String], environment: [String: String], descriptors: [Int32?], directory: String? = nil,
    ownGroup: Bool
  ) throws(SystemError) -> Child {
    guard let program = arguments.first else { throw SystemError("start a program without a name", number: EINVAL) }
    let table = descriptors.map { $0 ?? -1 }
    let variables = environment.map { "\($0.key)=\($0.value)" }.sorted()
    var pid: Int32 = 0
    var handle: Int32 = -1
    let status = withCStrings(arguments) { arguments in
      withCStrings(variables) { variables in
        table.withUnsafeBufferPointer { table in
          program.withCString { program in
            var request = cprocess_spawn()
            request.path = program
            request.arguments = arguments
            request.variables = variables
            request.descriptors = table.baseAddress
            request.descriptor_count = Int32(table.count)
            request.own_group = ownGroup ? 1 : 0
            guard let directory else { return cprocess_start(&request, &pid, &handle) }
            return directory.withCString { directory in
              request.directory = directory
              return cprocess_start(&request, &pid, &handle)
            }
          }
        }
      }
    }
    guard status == 0 else { throw SystemError("start \(program)", number: -status) }
    return Child(pid: pid, handle: handle)
  }

  /// Waits until it has ended or `milliseconds` have passed (-1: no limit).
  package func hasEnded(within milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: handle, events: Int16(POLLIN), revents: 0)
    while true {
      let count = poll(&entry, 1, milliseconds)
      if count < 0 && errno == EINTR { continue }
      return count > 0
    }
  }

  /// Waits for the end and takes the remains; the handle is closed. Once only.
  package func reap() -> Ending {
    var status: Int32 = 0
    var usage = rusage()
    while wait4(pid, &status, 0, &usage) < 0 && errno == EINTR {}
    close(handle)
    return Ending(status: status, usage: usage)
  }
}

/// How a process ended and what it had used.
package struct Ending: Sendable, Equatable {
  /// Signal that killed it, or 0.
  package var signal: Int32
  /// Exit status, when no signal killed it.
  package var code: Int32
  package var cpuNanoseconds: Int64
  package var peakMemoryBytes: Int64

  init(status: Int32, usage: rusage) {
    signal = status & 0x7F
    code = (status >> 8) & 0xFF
    func nanoseconds(_ time: timeval) -> Int64 { Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_usec) * 1000 }
    cpuNanoseconds = nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime)
    peakMemoryBytes = Int64(usage.ru_maxrss) * 1024
  }

  package var signalName: String {
    guard let name = cprocess_signal_name(signal) else { return "signal \(signal)" }
    return String(cString: name)
  }
}

/// `body` with a NULL-terminated array of C strings, valid during the call.
func withCStrings<R>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R) -> R {
  var bytes: [CChar] = []
  var starts: [Int] = []
  for string in strings {
    starts.append(bytes.count)
    bytes.append(contentsOf: string.utf8.lazy.map { CChar(bitPattern: $0) })
    bytes.append(0)
  }
  bytes.append(0)
  return bytes.withUnsafeBufferPointer { bytes in
    let pointers = starts.map { start in bytes.baseAddress.map { $0 + start } } + [nil]
    return pointers.withUnsafeBufferPointer { pointers in
      guard let base = pointers.baseAddress else { preconditionFailure("never empty") }
      return body(base)
    }
  }
}
