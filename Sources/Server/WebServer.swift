internal import Foundation
internal import Glibc
internal import Synchronization
package import Workspace

/// HTTP over a project: one thread listens, one serves each connection.
package final class WebServer: Sendable {
  package struct Limits: Sendable {
    /// For a request to come, once it has begun, and for an answer to be taken.
    package var request: Duration = .seconds(10)
    /// Between requests.
    package var idle: Duration = .seconds(60)
    package var connections = 128

    package init() {}
  }

  package let port: Int
  private let descriptor: Int32
  private let api: API
  private let limits: Limits
  private let state = Mutex(State())

  private struct State {
    var connections = 0
    var isStopped = false
  }

  /// Listens. Port 0: one that is free.
  ///
  /// - Parameter views: what commands say about an experiment.
  package init(
    _ workspace: Workspace, host: String, port: Int, tokens: [(name: String, token: String)],
    views: [ExperimentView] = [], limits: Limits = Limits()
  ) throws(WorkspaceError) {
    let (descriptor, isLocal) = try Self.listen(host, port)
    self.descriptor = descriptor
    self.limits = limits
    self.port = Self.port(of: descriptor)
    api = API(workspace, Access(tokens: tokens, isLocal: isLocal), views)
  }

  deinit { close(descriptor) }

  /// Until it is stopped.
  package func run() {
    while !state.withLock({ $0.isStopped }) {
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&request, 1, 200) > 0 else { continue }
      let client = accept(descriptor, nil, nil)
      if client >= 0 {
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        serve(client)
      } else if errno == EMFILE || errno == ENFILE || errno == ENOMEM {
        // Others will end; until then the queue of the system holds who comes.
        usleep(20_000)
      }
    }
  }

  /// Ends within a moment; streams of events too.
  package func stop() { state.withLock { $0.isStopped = true } }

  var isStopped: Bool { state.withLock { $0.isStopped } }

  private func serve(_ client: Int32) {
    let isWelcome = state.withLock { state in
      guard state.connections < limits.connections else { return false }
      state.connections += 1
      return true
    }
    guard isWelcome else {
      let refusal = Connection(Socket(client), api, limits) { true }
      return refusal.refuse(Refusal(503, "too many connections"), lingering: false)
    }
    // Made by the only thread that uses it.
    let thread = Thread { [self] in
      Connection(Socket(client), api, limits) { [weak self] in self?.isStopped ?? true }.serve()
      state.withLock { $0.connections -= 1 }
    }
    thread.stackSize = 2 << 20
    thread.name = "connection"
    thread.start()
  }

  // MARK: Listening

  private static func listen(_ host: String, _ port: Int) throws(WorkspaceError) -> (descriptor: Int32, isLocal: Bool) {
    var hints = addrinfo()
    hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let name = host == "localhost" ? "127.0.0.1" : host
    guard getaddrinfo(name, "\(port)", &hints, &found) == 0, let address = found else {
      throw WorkspaceError(
        .usage, "`\(host)` is no address of this machine", help: "127.0.0.1: this machine alone; 0.0.0.0: everybody")
    }
    defer { freeaddrinfo(found) }
    let info = address.pointee
    let descriptor = socket(info.ai_family, info.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), info.ai_protocol)
    guard descriptor >= 0 else { throw WorkspaceError(.failed, "cannot listen: \(reason)") }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard bind(descriptor, info.ai_addr, info.ai_addrlen) == 0, Glibc.listen(descriptor, 128) == 0 else {
      let number = errno
      let reason = reason
      close(descriptor)
      throw WorkspaceError(
        .failed, "cannot listen on \(host), port \(port): \(reason)",
        help: number == EADDRINUSE ? "another program does: `--port 0` takes one that is free" : "")
    }
    return (descriptor, name.hasPrefix("127.") || name == "::1")
  }

  private static func port(of descriptor: Int32) -> Int {
    var address = sockaddr_in6()
    var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
    }
    // The port stands at the same place for both families.
    return result == 0 ? Int(UInt16(bigEndian: address.sin6_port)) : 0
  }

  private static var reason: String { String(cString: strerror(errno)) }
}
