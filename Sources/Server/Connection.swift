internal import Values
internal import Workspace

/// One client: request by request, on a thread of its own.
final class Connection {
  private let socket: Socket
  private let api: API
  private let limits: WebServer.Limits
  private let isStopped: () -> Bool
  private var reader = RequestReader()

  init(_ socket: Socket, _ api: API, _ limits: WebServer.Limits, isStopped: @escaping @Sendable () -> Bool) {
    self.socket = socket
    self.api = api
    self.limits = limits
    self.isStopped = isStopped
  }

  func serve() {
    while !isStopped() {
      let request: Request
      do throws(Refusal) {
        guard let next = try next() else { return }
        request = next
      } catch {
        return refuse(error, lingering: true)
      }
      let response = api.answer(request)
      guard send(response, to: request), request.isPersistent else { break }
    }
    socket.finish(until: Socket.now + 1_000_000_000)
  }

  /// The next request; nil: the client has gone, or was idle for long.
  private func next() throws(Refusal) -> Request? {
    var deadline = Socket.now + limits.idle.nanoseconds
    var isTimed = false
    var mayContinue = true
    while true {
      if let request = try reader.next() { return request }
      if reader.awaitsContinue, mayContinue {
        mayContinue = false
        guard socket.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), until: deadline) else { return nil }
      }
      // A request that has begun has to come to its end, however slowly its bytes drip.
      if !isTimed, !reader.isEmpty {
        isTimed = true
        deadline = Socket.now + limits.request.nanoseconds
      }
      switch socket.read(until: min(deadline, Socket.now + 500_000_000)) {
      case .bytes(let bytes): reader.push(bytes)
      case .end: return nil
      case .late:
        if isStopped() { return nil }
        guard Socket.now >= deadline else { continue }
        if isTimed { throw Refusal(408, "the request did not come to its end in time") }
        return nil
      }
    }
  }

  func refuse(_ refusal: Refusal, lingering: Bool) {
    let response = Response.error(refusal.status, refusal.message)
    guard case .bytes(let body, _) = response.body else { return }
    let deadline = Socket.now + limits.request.nanoseconds
    guard socket.write(response.head(length: body.count, isPersistent: false) + body, until: deadline), lingering
    else { return }
    socket.finish(until: Socket.now + 1_000_000_000)
  }

  private func send(_ response: Response, to request: Request) -> Bool {
    let deadline = Socket.now + limits.request.nanoseconds
    switch response.body {
    case .bytes(let body, _):
      let head = response.head(length: body.count, isPersistent: request.isPersistent)
      return socket.write(request.method == "HEAD" ? head : head + body, until: deadline)
    case .stream(let stream):
      guard socket.write(response.head(length: nil, isPersistent: false), until: deadline), request.method != "HEAD"
      else { return false }
      stream.run(isStopped: isStopped, isGone: { socket.isGone(within: $0) }) { bytes in
        socket.write(bytes, until: Socket.now + limits.request.nanoseconds)
      }
      return false
    }
  }
}

extension Duration {
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
