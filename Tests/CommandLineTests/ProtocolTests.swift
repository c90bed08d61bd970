import Foundation
import Testing
import Values

private let text = """
  assay 1
  use "./tool.so" as tool

  workflow main {
    in n: int = 9
    step a = tool.twice(x: n)
    out y: int = a.z
  }

  """

private func error(_ answer: JSON) -> Int64? { answer["error"]?["code"]?.asInt }

/// `assay lsp` as a program: what it does with messages, whatever is in them.
@Suite struct ProtocolTests {
  @Test func theOrderOfALifeIsKept() throws {
    let client = try EditorClient(try Project())
    #expect(error(try client.call("textDocument/hover", [:])) == -32002)
    #expect(error(try client.call("shutdown", nil)) == -32002)
    try client.open("a.assay", text)  // Before `initialize`: not heard.
    let result = try client.request("initialize", ["processId": nil, "rootUri": nil, "capabilities": [:]])
    #expect(result["serverInfo"]?["name"] == "assay")
    #expect(result["capabilities"]?["positionEncoding"] == "utf-16")
    #expect(error(try client.call("initialize", ["capabilities": [:]])) == -32600)
    #expect(
      error(try client.call("textDocument/hover", ["textDocument": ["uri": .string(client.uri("a.assay"))]])) == -32602)
    #expect(error(try client.call("no/such/method", [:])) == -32601)
    try client.notify("no/such/notification", [1, 2])
    try client.notify("$/setTrace", ["value": "off"])
    _ = try client.request("shutdown", nil)
    #expect(error(try client.call("textDocument/hover", [:])) == -32600)
    try client.notify("exit", nil)
    #expect(client.wait() == 0)
    #expect(client.heard.isEmpty)
  }

  @Test func endsWithOneWhenNobodySaidGoodbye() throws {
    let abrupt = try EditorClient(try Project(), capabilities: [:])
    try abrupt.notify("exit", nil)
    #expect(abrupt.wait() == 1)
    let gone = try EditorClient(try Project(), capabilities: [:])
    try gone.hangUp()
    #expect(gone.wait() == 1)
    let polite = try EditorClient(try Project(), capabilities: [:])
    _ = try polite.request("shutdown", nil)
    try polite.hangUp()
    #expect(polite.wait() == 0)
  }

  @Test func messagesComeInAnyPieces() throws {
    let client = try EditorClient(try Project())
    let first: JSON = ["jsonrpc": "2.0", "id": "ä🙂", "method": "initialize", "params": ["capabilities": [:]]]
    for byte in EditorClient.frame(first) { try client.write([byte]) }
    #expect(try client.answer(to: "ä🙂")["result"] != nil)
    // Other headers, any spelling, and several messages at once.
    func odd(_ id: Int) -> String {
      let body = #"{"jsonrpc":"2.0","id":\#(id),"method":"x"}"#
      return "content-type: application/vscode-jsonrpc\r\nCONTENT-LENGTH:\t\(body.utf8.count) \r\n\r\n\(body)"
    }
    try client.write(odd(7) + odd(8))
    #expect(error(try client.answer(to: 7)) == -32601)
    #expect(error(try client.answer(to: 8)) == -32601)
    try client.write(Array(EditorClient.frame(["jsonrpc": "2.0", "id": 9, "method": "shutdown"]).dropLast(4)))
    try client.write(Array(EditorClient.frame(["jsonrpc": "2.0", "id": 9, "method": "shutdown"]).suffix(4)))
    #expect(try client.answer(to: 9)["result"] == .null)
  }

  @Test(arguments: [
    ("Content-Length: 5\r\n\r\n{\"a\":", -32700), ("Content-Length: 2\r\n\r\n\u{FF}", -32700),
    ("Content-Length: 0\r\n\r\n", -32700), ("Content-Length: x\r\n\r\n", -32700),
    ("Content-Length: -4\r\n\r\n", -32700),
    ("Content-Type: text/plain\r\n\r\n", -32700), ("Content-Length: 2\r\n\r\n[]", -32600),
    ("Content-Length: 2\r\n\r\n{}", -32600), ("Content-Length: 4\r\n\r\nnull", -32600),
    ("Content-Length: 33\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":[],\"m\":\"x\"}", -32600),
    ("Content-Length: 24\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1}", -32600),
    ("Content-Length: 46\r\n\r\n{\"jsonrpc\":\"1.0\",\"id\":5,\"method\":\"initialize\"}", -32600),
    ("Content-Length: 22\r\n\r\n{\"a\":1,\"a\":2,\"a\":3456}", -32700),
    ("Content-Length: 400\r\n\r\n" + String(repeating: "[", count: 400), -32700),
  ])
  func brokenMessagesAreAnsweredAndForgotten(bytes: String, code: Int64) throws {
    let client = try EditorClient(try Project(), capabilities: [:])
    try client.write(bytes)
    let answer = try client.receive()
    #expect(error(answer) == code, "\(answer)")
    #expect(try client.shutDown() == 0)
  }

  @Test(arguments: [String(repeating: "GET / HTTP/1.1 ", count: 1000), "Content-Length: 99999999999\r\n\r\n"])
  func whatIsNoProtocolEndsTheServer(bytes: String) throws {
    let client = try EditorClient(try Project(), capabilities: [:])
    try client.write(bytes)
    #expect(error(try client.receive()) == -32700)
    #expect(client.wait() == 1)
  }

  @Test func requestsWithWrongParametersAreRefused() throws {
    let client = try EditorClient(try Project(), capabilities: [:])
    try client.open("a.assay", text)
    let methods = [
      "completion", "hover", "signatureHelp", "definition", "references", "documentHighlight", "prepareRename",
      "rename",
      "documentSymbol", "foldingRange", "codeAction", "formatting", "rangeFormatting", "inlayHint",
      "semanticTokens/full",
    ]
    let known: JSON = ["uri": .string(client.uri("a.assay"))]
    for method in methods {
      for params: JSON in [[], nil, "x", [:], ["textDocument": 1], ["textDocument": ["uri": "file:///nothing.assay"]]] {
        #expect(error(try client.call("textDocument/" + method, params)) == -32602, "\(method) \(params)")
      }
      // Places that do not exist are the nearest that do: never a crash.
      let far: JSON = ["line": .int(.max), "character": .int(.min)]
      _ = try client.call(
        "textDocument/" + method,
        [
          "textDocument": known, "position": far, "newName": "ok",
          "range": ["start": far, "end": ["line": -1, "character": 5]],
        ])
    }
    for change: JSON in [[:], [["range": 1, "text": 2]], [["text": "x", "range": ["start": ["line": "a"]]]], "x"] {
      try client.notify("textDocument/didChange", ["textDocument": known, "contentChanges": change])
    }
    #expect(try client.shutDown() == 0)
  }

  @Test func aRequestThatWaitsCanBeCancelled() throws {
    let client = try EditorClient(try Project(), capabilities: [:])
    let steps = (0..<3000).map { "  step s\($0) = t.f(x: \($0 > 0 ? "s\($0 - 1).y" : "1"))\n" }.joined()
    try client.open("big.assay", "assay 1\nworkflow w {\n\(steps)}\n")
    // The first one has to wait for a check of 3,000 steps; the second one is cancelled behind it, in one piece.
    let about: JSON = [
      "textDocument": ["uri": .string(client.uri("big.assay"))], "position": ["line": 2, "character": 8],
    ]
    func request(_ id: JSON) -> [UInt8] {
      EditorClient.frame(["jsonrpc": "2.0", "id": id, "method": "textDocument/hover", "params": about])
    }
    let cancel = EditorClient.frame(["jsonrpc": "2.0", "method": "$/cancelRequest", "params": ["id": "two"]])
    let late = EditorClient.frame(["jsonrpc": "2.0", "method": "$/cancelRequest", "params": ["id": "never"]])
    try client.write(request("one") + request("two") + request("three") + cancel + late)
    #expect(try client.answer(to: "one")["result"]?["contents"] != nil)
    #expect(error(try client.answer(to: "two")) == -32800)
    #expect(try client.answer(to: "three")["result"]?["contents"] != nil)
  }

  @Test(
    arguments: [
      (["utf-8", "utf-16"], "utf-8", 20), (["utf-32"], "utf-32", 17), (["utf-16", "utf-32"], "utf-16", 18),
      (["klingon"], "utf-16", 18), ([], "utf-16", 18),
    ] as [([String], String, Int64)])
  func positionsAreCountedAsAgreed(offered: [String], chosen: String, character: Int64) throws {
    let client = try EditorClient(try Project())
    let encodings = JSON.array(offered.map { .string($0) })
    let result = try client.request("initialize", ["capabilities": ["general": ["positionEncodings": encodings]]])
    #expect(result["capabilities"]?["positionEncoding"]?.asString == chosen)
    try client.open("a.assay", "assay 1\nworkflow w {\n  out x: any = [\"🙂\", nothing]\n}\n")
    let found = try client.diagnostics("a.assay")
    let start = try #require(found.first?["range"]?["start"])
    #expect(start == ["line": 2, "character": .int(character + 4)])
  }

  @Test func halfOfACharacterKeepsPlacesRight() throws {
    // What an editor sends while a surrogate pair is typed: one unit, which is replaced by two.
    let client = try EditorClient(try Project(), capabilities: [:])
    try client.open("a.assay", "assay 1\nworkflow w {\n  out x: any = [\"\", nothing]\n}\n")
    let change = #"""
      {"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"URI","version":2},
      "contentChanges":[{"range":{"start":{"line":2,"character":17},"end":{"line":2,"character":17}},"text":"\ud83d"}]}}
      """#.replacing("URI", with: client.uri("a.assay"))
    try client.write("Content-Length: \(change.utf8.count)\r\n\r\n\(change)")
    let found = try client.diagnostics("a.assay", version: 2)
    #expect(found.first?["range"]?["start"] == ["line": 2, "character": 21])
  }
}
