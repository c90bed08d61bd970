/// One HTTP request, read and taken apart.
package struct Request: Sendable, Equatable {
  package var method: String
  /// Decoded, without empty ones: `/api/experiments/4` has three.
  package var segments: [String]
  package var query: [(name: String, value: String)]
  /// Names in lower case.
  package var headers: [(name: String, value: String)]
  package var body: [UInt8] = []
  /// Whether the connection goes on after the answer.
  package var isPersistent: Bool

  package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  package static func == (a: Request, b: Request) -> Bool {
    a.method == b.method && a.segments == b.segments && a.body == b.body && a.isPersistent == b.isPersistent
      && a.query.elementsEqual(b.query, by: ==) && a.headers.elementsEqual(b.headers, by: ==)
  }
}

/// Why bytes are no request, as a status.
package struct Refusal: Error, Equatable, Sendable {
  package var status: Int
  package var message: String
  init(_ status: Int, _ message: String) {
    self.status = status
    self.message = message
  }
}

/// Reads requests of HTTP/1.1 (RFC 9112) from bytes that come in any pieces. Strict: what two programs could read differently
/// is refused. Pure.
package struct RequestReader {
  package static let maximumHead = 16 << 10
  package static let maximumTarget = 8 << 10
  package static let maximumHeaders = 100
  package static let maximumBody = 1 << 20

  private var bytes: [UInt8] = []
  /// Up to here there is no end of the head.
  private var searched = 0
  private var head: (request: Request, length: Int)?

  package init() {}

  /// Nothing of a next request has come.
  package var isEmpty: Bool { bytes.isEmpty && head == nil }

  package mutating func push(_ new: some Sequence<UInt8>) { bytes.append(contentsOf: new) }

  /// The client waits for leave to send the body.
  package var awaitsContinue: Bool {
    guard let head, bytes.count < head.length else { return false }
    return head.request.header("expect")?.lowercased() == "100-continue"
  }

  /// The next request that is complete; nil: more bytes are needed. After a refusal nothing more can be read.
  package mutating func next() throws(Refusal) -> Request? {
    if head == nil {
      guard let end = try endOfHead() else { return nil }
      head = try Self.parse(bytes[..<end])
      bytes.removeFirst(end + 4)
      searched = 0
    }
    guard let (known, length) = head, bytes.count >= length else { return nil }
    var request = known
    request.body = Array(bytes.prefix(length))
    bytes.removeFirst(length)
    head = nil
    return request
  }

  private mutating func endOfHead() throws(Refusal) -> Int? {
    var index = searched
    while index + 3 < bytes.count {
      if bytes[index] == 0x0D, bytes[index + 1] == 0x0A, bytes[index + 2] == 0x0D, bytes[index + 3] == 0x0A {
        guard index <= Self.maximumHead else { break }
        return index
      }
      index += 1
    }
    searched = max(0, bytes.count - 3)
    guard bytes.count <= Self.maximumHead else {
      throw Refusal(431, "the head of a request has at most \(Self.maximumHead) bytes")
    }
    return nil
  }

  // MARK: The head

  private static func parse(_ head: ArraySlice<UInt8>) throws(Refusal) -> (request: Request, length: Int) {
    guard !head.contains(where: { $0 == 0 }) else { throw Refusal(400, "a request has no zero bytes in its head") }
    var lines = try lines(head)
    let first = lines.removeFirst()
    let words = first.split(separator: 0x20, omittingEmptySubsequences: false)
    guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(isToken) else {
      throw Refusal(400, "the first line is no `METHOD TARGET HTTP/1.1`")
    }
    let version = String(decoding: words[2], as: UTF8.self)
    guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
      throw Refusal(version.hasPrefix("HTTP/") ? 505 : 400, "this server speaks HTTP/1.1")
    }
    guard lines.count <= maximumHeaders else { throw Refusal(431, "at most \(maximumHeaders) headers") }
    var headers: [(name: String, value: String)] = []
    for line in lines { headers.append(try header(line)) }
    let (segments, query) = try target(words[1])
    var request = Request(
      method: String(decoding: words[0], as: UTF8.self), segments: segments, query: query, headers: headers,
      isPersistent: false)
    let options = (request.header("connection") ?? "").lowercased()
    request.isPersistent = version == "HTTP/1.1" ? !options.contains("close") : options.contains("keep-alive")
    guard headers.count(where: { $0.name == "host" }) == 1 || version == "HTTP/1.0" else {
      throw Refusal(400, "a request has one `Host`")
    }
    return (request, try length(headers))
  }

  /// Lines end with CR LF; neither stands alone.
  private static func lines(_ head: ArraySlice<UInt8>) throws(Refusal) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = head.startIndex
    var index = start
    while index < head.endIndex {
      if head[index] == 0x0A { throw Refusal(400, "lines end with CR LF") }
      if head[index] == 0x0D {
        guard index + 1 < head.endIndex, head[index + 1] == 0x0A else { throw Refusal(400, "lines end with CR LF") }
        lines.append(head[start..<index])
        index += 2
        start = index
      } else {
        index += 1
      }
    }
    return lines + [head[start...]]
  }

  private static func header(_ line: ArraySlice<UInt8>) throws(Refusal) -> (name: String, value: String) {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
      line[..<colon].allSatisfy(isToken)
    else { throw Refusal(400, "a header is `Name: value`") }
    var value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
    while let last = value.last, last == 0x20 || last == 0x09 { value = value.dropLast() }
    guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
      throw Refusal(400, "a header has no control characters")
    }
    return (String(decoding: line[..<colon], as: UTF8.self).lowercased(), String(decoding: value, as: UTF8.self))
  }

  private static func length(_ headers: [(name: String, value: String)]) throws(Refusal) -> Int {
    guard !headers.contains(where: { $0.name == "transfer-encoding" }) else {
      throw Refusal(411, "bodies come with `Content-Length`, not in chunks")
    }
    let lengths = headers.filter { $0.name == "content-length" }
    guard let text = lengths.first?.value else { return 0 }
    guard lengths.count == 1, !text.isEmpty, text.utf8.count <= 18,
      text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let length = Int(text)
    else { throw Refusal(400, "`Content-Length` is one whole number") }
    guard length <= maximumBody else { throw Refusal(413, "a body has at most \(maximumBody) bytes") }
    return length
  }

  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }

  // MARK: The target

  private static func target(
    _ bytes: ArraySlice<UInt8>
  ) throws(Refusal) -> (segments: [String], query: [(name: String, value: String)]) {
    guard bytes.count <= maximumTarget else { throw Refusal(414, "a target has at most \(maximumTarget) bytes") }
    guard bytes.first == UInt8(ascii: "/"), bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw Refusal(400, "a target is a path that begins with `/`")
    }
    let parts = bytes.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
    var segments: [String] = []
    for segment in parts[0].split(separator: UInt8(ascii: "/")) {
      segments.append(try decoded(segment, plusIsSpace: false))
    }
    var query: [(name: String, value: String)] = []
    for pair in parts.count > 1 ? parts[1].split(separator: UInt8(ascii: "&")) : [] {
      let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      query.append(
        (
          try decoded(halves[0], plusIsSpace: true),
          halves.count > 1 ? try decoded(halves[1], plusIsSpace: true) : ""
        ))
    }
    return (segments, query)
  }

  private static func decoded(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) throws(Refusal) -> String {
    var result: [UInt8] = []
    var index = bytes.startIndex
    while index < bytes.endIndex {
      if bytes[index] == UInt8(ascii: "%") {
        guard index + 2 < bytes.endIndex, let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2]) else {
          throw Refusal(400, "`%` is followed by two hexadecimal digits")
        }
        result.append(high << 4 | low)
        index += 3
      } else {
        result.append(plusIsSpace && bytes[index] == UInt8(ascii: "+") ? 0x20 : bytes[index])
        index += 1
      }
    }
    guard let text = String(validating: result, as: UTF8.self), !text.utf8.contains(0) else {
      throw Refusal(400, "a target is UTF-8 text")
    }
    return text
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}
