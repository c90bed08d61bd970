import Server
import Testing

/// What is read as a request, and what is refused.

private func read(_ text: String) throws(Refusal) -> Request? { try read(Array(text.utf8)) }

private func read(_ bytes: [UInt8]) throws(Refusal) -> Request? {
  var reader = RequestReader()
  reader.push(bytes)
  return try reader.next()
}

private func status(_ text: String) -> Int? {
  do throws(Refusal) {
    _ = try read(text)
    return nil
  } catch {
    return error.status
  }
}

@Test func aRequestIsTakenApart() throws {
  let request = try #require(
    try read(
      "POST /api//experiments/a%2Fb%20c/?limit=5&name=x+y%26z&flag HTTP/1.1\r\nHost: localhost:80\r\nX-A:  b \t\r\n"
        + "Content-Length: 4\r\n\r\nbody"))
  #expect(request.method == "POST")
  #expect(request.segments == ["api", "experiments", "a/b c"])
  #expect(request.query.map(\.name) == ["limit", "name", "flag"])
  #expect(request.query.map(\.value) == ["5", "x y&z", ""])
  #expect(request.header("x-a") == "b")
  #expect(request.body == Array("body".utf8))
  #expect(request.isPersistent)
}

@Test func requestsComeInAnyPiecesAndOneAfterAnother() throws {
  let text =
    "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
  for size in 1...text.utf8.count {
    var reader = RequestReader()
    var found: [Request] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      reader.push(rest.prefix(size))
      rest = rest.dropFirst(size)
      while let request = try reader.next() { found.append(request) }
    }
    #expect(found.map(\.segments) == [["a"], ["b"]])
    #expect(found.map(\.body) == [Array("abc".utf8), []])
    #expect(found.map(\.isPersistent) == [true, false])
    #expect(reader.isEmpty)
  }
}

@Test(arguments: [
  ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
  ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505), ("GET /\r\nHost: a\r\n\r\n", 400),
  ("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("G T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
  ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400),
  ("GET / HTTP/1.1\nHost: a\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 400),
  ("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
  ("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
  ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
  ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400),
  ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
  ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", 413),
  ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400),
  ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx", 411),
])
func whatTwoProgramsCouldReadDifferentlyIsRefused(text: String, expected: Int) {
  #expect(status(text) == expected)
}

@Test func longHeadsAreRefusedBeforeTheyEnd() {
  #expect(status("GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 17 << 10)) == 431)
  #expect(status("GET /" + String(repeating: "a", count: 9 << 10) + " HTTP/1.1\r\nHost: a\r\n\r\n") == 414)
  #expect(status("GET / HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 101) + "\r\n") == 431)
}

/// Random bytes, and requests with random changes: a request, a refusal or a wait for more, and never anything else.
@Test func anyBytesGiveAnAnswer() {
  var random = Bytes(state: 7)
  let whole = Array(
    "POST /api/experiments/1/decisions?x=%41 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde".utf8)
  for round in 0..<20_000 {
    var bytes =
      round % 4 == 0 ? (0..<Int(random.next() % 200)).map { _ in UInt8(truncatingIfNeeded: random.next()) } : whole
    for _ in 0..<random.next() % 4 where !bytes.isEmpty {
      let place = Int(random.next() % UInt64(bytes.count))
      switch random.next() % 3 {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes.remove(at: place)
      default: bytes.insert([0x0D, 0x0A, 0x20, 0x3A, 0x25, 0x00][Int(random.next() % 6)], at: place)
      }
    }
    var reader = RequestReader()
    reader.push(bytes)
    for _ in 0..<10 {
      do throws(Refusal) { guard try reader.next() != nil else { break } } catch {
        #expect((400..<506).contains(error.status))
        break
      }
    }
  }
}

private struct Bytes {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
}
