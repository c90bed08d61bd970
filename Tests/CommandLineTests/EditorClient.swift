import Foundation
import Testing
import Values

/// An editor: talks to `assay lsp` over its standard streams, with framing of its own.
final class EditorClient {
  struct Ended: Error {}

  let project: Project
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var received = Data()
  private var number: Int64 = 0
  /// Notifications and requests of the server, in the order in which they came.
  private(set) var heard: [JSON] = []
  /// Diagnostics that nobody asked for yet, by document.
  private var unread: [String: [JSON]] = [:]

  init(_ project: Project) throws {
    self.project = project
    process.executableURL = URL(filePath: executablePath)
    process.arguments = ["lsp"]
    process.currentDirectoryURL = URL(filePath: project.path)
    process.environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": project.path, "LANG": "C.UTF-8",
      "ASSAY_CACHE": project.path + "/cache",
    ]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  deinit { process.terminate() }

  /// Ready for work.
  convenience init(_ project: Project, capabilities: JSON) throws {
    try self.init(project)
    _ = try request(
      "initialize",
      ["processId": nil, "rootUri": .string(uri("")), "capabilities": capabilities])
    try notify("initialized", [:])
  }

  func uri(_ name: String) -> String { "file://" + project.path + (name.isEmpty ? "" : "/" + name) }

  // MARK: Sending

  static func frame(_ json: JSON) -> [UInt8] {
    let body = Array(json.compact.utf8)
    return Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body
  }

  func write(_ bytes: [UInt8]) throws { try input.fileHandleForWriting.write(contentsOf: Data(bytes)) }
  func write(_ text: String) throws { try write(Array(text.utf8)) }
  func send(_ json: JSON) throws { try write(Self.frame(json)) }
  func hangUp() throws { try input.fileHandleForWriting.close() }

  func notify(_ method: String, _ params: JSON) throws {
    try send(["jsonrpc": "2.0", "method": .string(method), "params": params])
  }

  /// Sends a request; its number.
  func ask(_ method: String, _ params: JSON) throws -> Int64 {
    number += 1
    try send(["jsonrpc": "2.0", "id": .int(number), "method": .string(method), "params": params])
    return number
  }

  /// The whole answer.
  func call(_ method: String, _ params: JSON) throws -> JSON { try answer(to: .int(try ask(method, params))) }

  /// The result, which is required to be no error.
  func request(_ method: String, _ params: JSON, sourceLocation: SourceLocation = #_sourceLocation) throws -> JSON {
    let answer = try call(method, params)
    return try #require(answer["result"], "\(answer)", sourceLocation: sourceLocation)
  }

  func open(_ name: String, _ text: String, version: Int64 = 1) throws {
    try notify(
      "textDocument/didOpen",
      [
        "textDocument": [
          "uri": .string(uri(name)), "languageId": "assay", "version": .int(version), "text": .string(text),
        ]
      ])
  }

  func replace(_ name: String, _ text: String, version: Int64) throws {
    try notify(
      "textDocument/didChange",
      [
        "textDocument": ["uri": .string(uri(name)), "version": .int(version)],
        "contentChanges": [["text": .string(text)]],
      ])
  }

  /// The parameters of a request about a place: of the first occurrence of `text`, and so far behind its beginning.
  func place(_ name: String, _ source: String, _ text: String, _ distance: Int = 0) throws -> JSON {
    let range = try #require(source.range(of: text))
    let before = source[..<range.lowerBound]
    let line = before.utf8.count { $0 == 0x0A }
    let start = before.lastIndex(of: "\n").map { before.index(after: $0) } ?? before.startIndex
    let character = before[start...].utf16.count + distance
    return [
      "textDocument": ["uri": .string(uri(name))],
      "position": ["line": .int(Int64(line)), "character": .int(Int64(character))],
    ]
  }

  // MARK: Receiving

  /// The next message; throws when the server is gone, or says nothing for a minute.
  func receive() throws -> JSON {
    while true {
      if let message = try next() { return message }
      var descriptor = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&descriptor, 1, 60_000) == 1 else { throw Ended() }
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw Ended() }
      received += more
    }
  }

  private func next() throws -> JSON? {
    guard let end = received.range(of: Data("\r\n\r\n".utf8)) else { return nil }
    let header = String(decoding: received[received.startIndex..<end.lowerBound], as: UTF8.self)
    let length = try #require(Int(header.dropFirst("Content-Length: ".count)))
    guard received.endIndex - end.upperBound >= length else { return nil }
    let body = received[end.upperBound..<end.upperBound + length]
    received = Data(received[(end.upperBound + length)...])
    return try JSON.parse(Array(body))
  }

  func answer(to id: JSON) throws -> JSON {
    while true {
      let message = try receive()
      if message["method"] == nil, message["id"] == id { return message }
      heard.append(message)
    }
  }

  /// The next diagnostics of a document, of a certain version if one is given.
  func diagnostics(_ name: String, version: Int64? = nil) throws -> [JSON] {
    while true {
      while let params = unread[uri(name)]?.first {
        unread[uri(name)]?.removeFirst()
        if version == nil || params["version"] == version.map({ .int($0) }) {
          return params["diagnostics"]?.asArray ?? []
        }
      }
      let message = try receive()
      heard.append(message)
      // What comes for another document meanwhile is kept until somebody asks for it.
      guard message["method"]?.asString == "textDocument/publishDiagnostics", let params = message["params"],
        let document = params["uri"]?.asString
      else { continue }
      unread[document, default: []].append(params)
    }
  }

  /// Reads until a document has diagnostics with just these codes: plugins may come later than the first check.
  @discardableResult
  func diagnostics(_ name: String, become codes: [String]) throws -> [JSON] {
    while true {
      let found = try diagnostics(name)
      if found.compactMap({ $0["code"]?.asString }) == codes { return found }
    }
  }

  /// The exit code.
  func wait() -> Int32 {
    process.waitUntilExit()
    return process.terminationStatus
  }

  func shutDown() throws -> Int32 {
    _ = try request("shutdown", nil)
    try notify("exit", nil)
    return wait()
  }
}
