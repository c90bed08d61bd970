internal import Glibc
internal import Values
package import Workspace

/// Who may do what. Everybody on this machine may read as long as the server listens to this machine alone; who decides shows a
/// token, and decides in the name that belongs to it.
package struct Access: Sendable {
  private let tokens: [(name: String, token: [UInt8])]
  private let readsNeedTokens: Bool

  package init(tokens: [(name: String, token: String)], isLocal: Bool) {
    self.tokens = tokens.map { ($0.name, Array($0.token.utf8)) }
    readsNeedTokens = !isLocal
  }

  enum Verdict {
    /// In somebody's name; nil: nobody's, who may only read.
    case granted(String?)
    case refused(Response)
  }

  func verdict(_ request: Request, isWrite: Bool) -> Verdict {
    if let refusal = refusal(request) { return .refused(refusal) }
    guard let given = request.header("authorization") else {
      guard isWrite || readsNeedTokens else { return .granted(nil) }
      return .refused(unauthorized("this needs a token", isNew: true))
    }
    let parts = given.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer", let name = name(of: parts[1]) else {
      return .refused(unauthorized("this token is not known", isNew: false))
    }
    return .granted(name)
  }

  private func name(of token: Substring) -> String? {
    let given = Array(token.utf8)
    var found: String?
    // All are compared, and wholly: how long it takes says nothing about how much was right.
    for (name, token) in tokens where token.count == given.count {
      if zip(token, given).reduce(UInt8(0), { $0 | ($1.0 ^ $1.1) }) == 0 { found = name }
    }
    return found
  }

  private func unauthorized(_ message: String, isNew: Bool) -> Response {
    var response = Response.error(
      401, message, help: "send `Authorization: Bearer TOKEN`; `assay serve` says where the token is")
    response.headers.append(("WWW-Authenticate", isNew ? "Bearer" : "Bearer error=\"invalid_token\""))
    return response
  }

  /// A page of another site must not reach this server through the browser of somebody who may: not under a name of its own
  /// that leads here (DNS rebinding), and not as a request from there.
  private func refusal(_ request: Request) -> Response? {
    let host = request.header("host") ?? ""
    guard Self.isOurs(Self.name(host)) else {
      return .error(421, "this server is not `\(host.prefix(100))`", help: "use its address, or localhost")
    }
    if let origin = request.header("origin"), origin.lowercased() != "http://" + host.lowercased() {
      return .error(403, "pages of other sites may not use this server")
    }
    if request.header("sec-fetch-site") == "cross-site" {
      return .error(403, "pages of other sites may not use this server")
    }
    return nil
  }

  /// Without the port.
  private static func name(_ host: String) -> String {
    if host.hasPrefix("[") { return String(host.prefix { $0 != "]" }.dropFirst()) }
    return String(host.prefix { $0 != ":" }).lowercased()
  }

  /// An address is no name that somebody could have made lead here.
  private static func isOurs(_ name: String) -> Bool {
    if name == "localhost" { return true }
    var four = in_addr()
    var six = in6_addr()
    return inet_pton(AF_INET, name, &four) == 1 || inet_pton(AF_INET6, name, &six) == 1
  }
}

/// The token that is made when the server starts first, and kept: for the user who started it.
package enum TokenFile {
  package static func token(at path: String) throws(WorkspaceError) -> String {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      guard errno == EEXIST else { throw WorkspaceError(.store, "cannot make \(path): \(reason)") }
      return try read(path)
    }
    defer { close(descriptor) }
    var random = SystemRandomNumberGenerator()
    let token = (0..<32).map { _ in
      let byte = UInt8.random(in: 0...255, using: &random)
      return (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
    let bytes = Array((token + "\n").utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
      let reason = reason
      unlink(path)
      throw WorkspaceError(.store, "cannot write \(path): \(reason)")
    }
    return token
  }

  /// The first line of a file that nobody else can read.
  package static func read(_ path: String) throws(WorkspaceError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw WorkspaceError(.notFound, "cannot read \(path): \(reason)") }
    defer { close(descriptor) }
    var status = Glibc.stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw WorkspaceError(.usage, "\(path) is no file with a token")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw WorkspaceError(.usage, "others can read the token in \(path)", help: "chmod 600 \(path)")
    }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    let token = bytes.prefix(max(0, count)).prefix { $0 != 0x0A && $0 != 0x0D }
    guard token.count >= 16, token.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw WorkspaceError(.usage, "\(path) has no token", help: "a token is at least 16 letters and digits, on a line")
    }
    return String(decoding: token, as: UTF8.self)
  }

  private static var reason: String { String(cString: strerror(errno)) }
}
