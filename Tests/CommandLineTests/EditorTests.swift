import Foundation
import Testing
import Values

private let good = """
  assay 1
  use "./tool.so" as tool
  use "./part.assay"

  workflow main {
    in n: int = 9
    step a = tool.twice(x: n)
    step b = half(m: a.y)
    out y: int = b.z
  }

  """

private let part = """
  assay 1

  ## Half of it.
  workflow half {
    in m: int
    out z: int = m
  }

  """

/// The answer's places as `file:line:column text`, from 1.
private func places(_ result: JSON, _ project: Project) -> [String] {
  (result.asArray ?? []).compactMap { place in
    guard let uri = place["uri"]?.asString, let start = place["range"]?["start"] else { return nil }
    return
      "\(uri.split(separator: "/").last ?? ""):\((start["line"]?.asInt ?? 0) + 1):\((start["character"]?.asInt ?? 0) + 1)"
  }
}

/// The text after edits as the protocol gives them; ASCII only.
private func applied(_ edits: JSON?, to text: String) -> String {
  var lines = [0]
  let bytes = Array(text.utf8)
  for (offset, byte) in bytes.enumerated() where byte == 0x0A { lines.append(offset + 1) }
  func offset(_ position: JSON?) -> Int {
    lines[Int(position?["line"]?.asInt ?? 0)] + Int(position?["character"]?.asInt ?? 0)
  }
  var result = bytes
  for edit in (edits?.asArray ?? []).sorted(by: { offset($0["range"]?["start"]) > offset($1["range"]?["start"]) }) {
    let range = offset(edit["range"]?["start"])..<offset(edit["range"]?["end"])
    result.replaceSubrange(range, with: Array((edit["newText"]?.asString ?? "").utf8))
  }
  return String(decoding: result, as: UTF8.self)
}

/// What `assay lsp` knows about documents, asked as editors ask.
@Suite struct EditorTests {
  private let corpus = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Corpus/diagnostics")

  @Test func saysWhatCheckSays() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: corpus.path).filter({ $0.hasSuffix(".assay") }) {
      let text = try String(contentsOf: corpus.appending(path: name), encoding: .utf8)
      let project = try Project([name: text])
      let client = try EditorClient(project, capabilities: [:])
      try client.open(name, text)
      let checked = try project.assay("check", name, "--json").json()["diagnostics"]?.asArray ?? []
      let own = checked.filter { $0["file"]?.asString == name }
      #expect(!own.isEmpty)
      let found = try client.diagnostics(name, become: own.compactMap { $0["code"]?.asString })
      #expect(
        found.map { ($0["range"]?["start"]?["line"]?.asInt ?? 0) + 1 }
          == own.map { $0["range"]?["start"]?["line"]?.asInt ?? 0 })
      for item in found {
        let page = try #require(item["codeDescription"]?["href"]?.asString)
        let text = try String(contentsOf: try #require(URL(string: page)), encoding: .utf8)
        #expect(text.hasPrefix("# \(item["code"]?.asString ?? "?"): "))
      }
    }
  }

  @Test func relatedPlacesAndHelpCome() throws {
    let client = try EditorClient(
      try Project(), capabilities: ["textDocument": ["publishDiagnostics": ["relatedInformation": true]]])
    let text = good.replacing("a.y", with: "a.yy").replacing("use \"./part.assay\"\n", with: "").replacing(
      "half(m:", with: "tool.twice(x:"
    )
    .replacing("b.z", with: "b.y")
    try client.open("a.assay", text)
    let found = try #require(try client.diagnostics("a.assay", become: ["E0101"]).first)
    #expect(found["severity"] == 1)
    #expect(found["source"] == "assay")
    #expect(found["message"] == "step `a` has no output `yy`\nno such output\nhelp: did you mean `a.y`?")
    let related = try #require(found["relatedInformation"]?.asArray?.first)
    #expect(related["message"] == "`a` gives `y`: int")
    #expect(related["location"]?["range"]?["start"] == ["line": 5, "character": 7])
  }

  @Test func openDocumentsCountAsTheyAreInTheEditor() throws {
    let project = try Project(["main.assay": good, "part.assay": part])
    let client = try EditorClient(project, capabilities: [:])
    try client.open("main.assay", good)
    try client.diagnostics("main.assay", become: [])
    try client.open("part.assay", part.replacing("out z", with: "out zz"))
    try client.diagnostics("main.assay", become: ["E0101"])
    try client.replace("part.assay", part, version: 2)
    try client.diagnostics("main.assay", become: [])
    // A mistake in a file that is not open is told too, and taken back.
    try client.notify("textDocument/didClose", ["textDocument": ["uri": .string(client.uri("part.assay"))]])
    try client.diagnostics("part.assay", become: [])
    try project.write("part.assay", part.replacing("= m", with: "= mm"))
    try client.notify("textDocument/didSave", ["textDocument": ["uri": .string(client.uri("main.assay"))]])
    try client.diagnostics("part.assay", become: ["E0106"])
    try client.notify("textDocument/didClose", ["textDocument": ["uri": .string(client.uri("main.assay"))]])
    try client.diagnostics("main.assay", become: [])
    try client.diagnostics("part.assay", become: [])
  }

  @Test func anOpenDocumentSpeaksForItself() throws {
    let wrong = part.replacing("= m", with: "= mm")
    let client = try EditorClient(try Project(["main.assay": good, "part.assay": part]), capabilities: [:])
    try client.open("part.assay", wrong)
    try client.open("main.assay", good)
    try client.diagnostics("part.assay", become: ["E0106"])
    try client.replace("main.assay", good + "\n", version: 2)
    _ = try client.diagnostics("main.assay", version: 2)
    // What the check of its user found in it is not told: only its own check knows its version.
    for message in client.heard where message["params"]?["uri"]?.asString == client.uri("part.assay") {
      #expect(message["params"]?["version"] == 1)
    }
  }

  @Test func aRenameThatWouldBeWrongElsewhereIsRefused() throws {
    let third = part.replacing("workflow half", with: "workflow third")
    let main = good.replacing("use \"./part.assay\"", with: "use \"./part.assay\"\nuse \"./third.assay\"")
    let project = try Project(["main.assay": main, "part.assay": part, "third.assay": third])
    let client = try EditorClient(project, capabilities: [:])
    // Nothing in this document knows of the other `third`, but `main.assay` uses both.
    try client.open("part.assay", part)
    var about = try client.place("part.assay", part, "half {").asObject ?? []
    about.append(.init("newName", "third"))
    let answer = try client.call("textDocument/rename", .object(about))
    #expect(answer["error"]?["message"]?.asString?.contains("that would be wrong") == true, "\(answer)")
  }

  @Test func aClosedDocumentHasNothingToSay() throws {
    let client = try EditorClient(try Project(), capabilities: [:])
    // Whether it was checked in between or not.
    try client.open("a.assay", "assay 1\nworkflow w {\n  out x: int = nothing\n}\n")
    try client.notify("textDocument/didClose", ["textDocument": ["uri": .string(client.uri("a.assay"))]])
    try client.diagnostics("a.assay", become: [])
  }

  @Test func aDocumentNeedsNoFile() throws {
    let client = try EditorClient(try Project(["part.assay": part]), capabilities: [:])
    let uri = "untitled:Untitled-1"
    let text = good.replacing("use \"./tool.so\" as tool\n", with: "").replacing(
      "  step a = tool.twice(x: n)\n", with: "")
    try client.notify(
      "textDocument/didOpen",
      ["textDocument": ["uri": .string(uri), "languageId": "assay", "version": 1, "text": .string(text)]])
    let told = try client.receive()["params"]
    #expect(told?["uri"]?.asString == uri)
    // Files beside it are those of the workspace folder.
    #expect(told?["diagnostics"]?.asArray?.compactMap { $0["code"]?.asString } == ["E0106"])
  }

  @Test func namesAreFoundAndChangedInAllDocuments() throws {
    let other = good.replacing("workflow main", with: "workflow again")
    let project = try Project(["main.assay": good, "part.assay": part, "other.assay": other])
    let client = try EditorClient(
      project, capabilities: ["workspace": ["workspaceEdit": ["documentChanges": true]]])
    try client.open("main.assay", good, version: 3)
    let definition = try client.request("textDocument/definition", client.place("main.assay", good, "half(m:", 1))
    #expect(places(definition, project) == ["part.assay:4:10"])
    var about = try client.place("main.assay", good, "m: a.y").asObject ?? []
    about.append(.init("context", ["includeDeclaration": true]))
    let found = try client.request("textDocument/references", .object(about))
    #expect(
      places(found, project).sorted() == ["main.assay:8:17", "other.assay:8:17", "part.assay:5:6", "part.assay:6:16"])

    about.append(.init("newName", "amount"))
    let edit = try client.request("textDocument/rename", .object(about))
    let changes = try #require(edit["documentChanges"]?.asArray)
    #expect(changes.count == 3)
    for change in changes {
      let uri = try #require(change["textDocument"]?["uri"]?.asString)
      let name = try #require(uri.split(separator: "/").last.map(String.init))
      #expect(change["textDocument"]?["version"] == (name == "main.assay" ? 3 : .null))
      try project.write(name, applied(change["edits"], to: try #require(project.read(name))))
    }
    #expect(
      project.read("part.assay") == part.replacing("m: int", with: "amount: int").replacing("= m", with: "= amount"))
    #expect(try project.assay("check", "main.assay", "other.assay").exit == 0)
  }

  @Test(arguments: [
    ("step a", 5, "b", "already the name of a step"), ("step a", 5, "2", "is no name"),
    ("tool.twice", 6, "thrice", "plugin"), ("in n", 0, "x", "no name"), ("./part", 1, "x", "path"),
    ("half(", 0, "main", "already the name of a workflow"),
  ])
  func badRenamesAreRefused(text: String, distance: Int, name: String, reason: String) throws {
    let client = try EditorClient(try Project(["part.assay": part]), capabilities: [:])
    try client.open("main.assay", good)
    var about = try client.place("main.assay", good, text, distance).asObject ?? []
    about.append(.init("newName", .string(name)))
    let answer = try client.call("textDocument/rename", .object(about))
    #expect(answer["error"]?["message"]?.asString?.contains(reason) == true, "\(answer)")
  }

  @Test func correctionsAndLayoutAreThoseOfTheCommands() throws {
    let text = good.replacing("a.y", with: "a.yy").replacing("b.z", with: "b.zz").replacing(
      "  step b = ", with: "step   b=")
    let project = try Project(["main.assay": text, "part.assay": part])
    let client = try EditorClient(project, capabilities: [:])
    try client.open("main.assay", text)
    let uri: JSON = ["uri": .string(client.uri("main.assay"))]
    let all = try client.request(
      "textDocument/codeAction",
      [
        "textDocument": uri, "context": ["diagnostics": [], "only": ["source.fixAll"]],
        "range": ["start": ["line": 0, "character": 0], "end": ["line": 0, "character": 0]],
      ])
    let fixed = applied(all.asArray?.first?["edit"]?["changes"]?[client.uri("main.assay")], to: text)
    let one = try client.request(
      "textDocument/codeAction",
      [
        "textDocument": uri, "context": ["diagnostics": []],
        "range": ["start": ["line": 7, "character": 20], "end": ["line": 7, "character": 20]],
      ])
    #expect(one.asArray?.compactMap { $0["title"]?.asString } == ["write `y`"])
    #expect(one.asArray?.first?["diagnostics"]?.asArray?.first?["code"] == "E0101")
    try project.assay("fix", "main.assay")
    #expect(fixed == project.read("main.assay"))

    try client.replace("main.assay", fixed, version: 2)
    let edits = try client.request("textDocument/formatting", ["textDocument": uri, "options": [:]])
    try project.assay("fmt", "main.assay")
    #expect(applied(edits, to: fixed) == project.read("main.assay"))
    #expect(project.read("main.assay") == good)
  }

  @Test func whileAPluginLoadsEverythingElseGoesOn() throws {
    let project = try Project()
    // A Python file that reads from a pipe while it is imported: it is ready when the test writes.
    mkfifo(project.path + "/gate", 0o600)
    try project.write(
      "slow.py",
      "import assay\nopen('\(project.path)/gate').read()\n\n@assay.task\ndef inc(x: int) -> int:\n    return x + 1\n")
    let client = try EditorClient(project, capabilities: [:])
    let text = "assay 1\nuse \"./slow.py\"\nworkflow w {\n  step a = slow.inc(x: nothing)\n  out y: int = a.z\n}\n"
    try client.open("a.assay", text)
    // Nothing is said about what is not known yet, and what is wrong anyway is.
    try client.diagnostics("a.assay", become: ["E0106"])
    let outline = try client.request(
      "textDocument/documentSymbol", ["textDocument": ["uri": .string(client.uri("a.assay"))]])
    #expect(outline.asArray?.isEmpty == false)
    let gate = try #require(FileHandle(forWritingAtPath: project.path + "/gate"))
    try gate.close()
    try client.diagnostics("a.assay", become: ["E0106", "E0101"])
  }
}
