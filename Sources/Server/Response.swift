internal import Values
internal import Workspace

/// What is sent back.
package struct Response: Sendable {
  enum Body: Sendable {
    case bytes([UInt8], type: String)
    /// Events, until the client leaves.
    case stream(EventStream)
  }
  var status: Int
  var headers: [(name: String, value: String)] = []
  var body: Body

  /// The same document that a command prints with `--json`.
  static func document(_ schema: String, _ members: [JSON.Member], status: Int = 200) -> Response {
    json(.object([.init("schema", .string(schema))] + members), status: status)
  }

  static func document(_ schema: String, parts: [JSON.Part]) -> Response {
    var bytes: [UInt8] = []
    JSON.write([.member("schema", .string(schema))] + parts) { bytes.append(contentsOf: $0) }
    return Response(status: 200, body: .bytes(bytes + [0x0A], type: "application/json"))
  }

  static func json(_ json: JSON, status: Int = 200) -> Response {
    Response(status: status, body: .bytes(json.bytes(pretty: true) + [0x0A], type: "application/json"))
  }

  /// `assay.error/1`, as a command prints it.
  static func error(_ error: WorkspaceError, status: Int? = nil) -> Response {
    let usual =
      switch error.exit {
      case .usage: 400
      case .notFound: 404
      case .document: 422
      case .store, .plugin: 503
      default: 500
      }
    return document("assay.error/1", error.members, status: status ?? usual)
  }

  static func error(_ status: Int, _ message: String, help: String = "") -> Response {
    error(WorkspaceError(.usage, message, help: help), status: status)
  }

  /// The head of an answer.
  func head(length: Int?, isPersistent: Bool) -> [UInt8] {
    var lines = ["HTTP/1.1 \(status) \(Self.words[status] ?? "Status")"]
    switch body {
    case .bytes(_, let type): lines.append("Content-Type: \(type)")
    case .stream: lines.append("Content-Type: text/event-stream")
    }
    if let length { lines.append("Content-Length: \(length)") }
    lines += headers.map { "\($0.name): \($0.value)" }
    // What is shown is never kept by a browser, read as something else, or shown inside another page.
    lines += [
      "Cache-Control: no-store", "X-Content-Type-Options: nosniff", "X-Frame-Options: DENY",
      "Connection: \(isPersistent ? "keep-alive" : "close")",
    ]
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  private static let words = [
    200: "OK", 201: "Created", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict", 411: "Length Required",
    413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type", 421: "Misdirected Request",
    422: "Unprocessable Content", 431: "Request Header Fields Too Large", 500: "Internal Server Error",
    503: "Service Unavailable", 505: "HTTP Version Not Supported",
  ]
}
