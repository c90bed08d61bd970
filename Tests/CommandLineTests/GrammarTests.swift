import Foundation
import Testing
import Values

/// The TextMate grammar in `sdk/editors/vscode`, by the regular expression engine of VS Code, against what the language server
/// says about the same documents.
@Suite struct GrammarTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// A Python with Oniguruma, made once and kept between runs.
  private static let python: String = {
    let home = ProcessInfo.processInfo.environment["HOME"] ?? NSTemporaryDirectory()
    let venv = home + "/.cache/assay-tests/editors-venv"
    let python = venv + "/bin/python"
    if (try? run(python, ["-c", "import onigurumacffi"]).status) != 0 {
      _ = try? run("/usr/bin/python3", ["-m", "venv", "--clear", venv])
      _ = try? run(python, ["-m", "pip", "install", "--quiet", "onigurumacffi"])
    }
    return python
  }()

  private static func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: Data) {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, output)
  }

  /// What a token of the server may be in the grammar: the beginning of its innermost scope.
  private static let scopes: [String: [String]] = [
    "comment": ["comment."], "keyword": ["keyword.", "storage.", "constant.language."],
    "string": ["string.", "constant.character.", "constant.other.", "invalid."], "number": ["constant.numeric."],
    "operator": ["keyword.operator."], "decorator": ["storage.modifier.phase."],
    "type": ["support.type.", "entity.name.type.", "variable.other.property.", "constant.numeric.", "string."],
    "namespace": ["entity.name.namespace.", "variable.other.", "string."],
    "function": ["entity.name.function.", "support.function.", "variable.other."],
    "parameter": ["variable."], "variable": ["variable.", "entity.name.variable."], "property": ["variable."],
    "enumMember": ["entity.name.tag.", "variable."],
  ]

  private static var documents: [URL] {
    ["Tests/Corpus/assay", "Examples/hello", "Examples/breast-cancer"].flatMap { folder in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)) ?? []
      return names.filter { $0.hasSuffix(".assay") }.sorted().map { root.appending(path: "\(folder)/\($0)") }
    }
  }

  @Test func everyTokenHasTheScopeOfItsKind() throws {
    let grammar = Self.root.appending(path: "sdk/editors/vscode/assay.tmLanguage.json").path
    let engine = Self.root.appending(path: "Tests/Fixtures/editors/textmate.py").path
    let (status, output) = try Self.run(Self.python, [engine, grammar] + Self.documents.map(\.path))
    try #require(status == 0)
    let found = try JSON.parse(Array(output))
    let client = try EditorClient(try Project())
    let answer = try client.request(
      "initialize", ["capabilities": ["general": ["positionEncodings": ["utf-32"]]]])
    let legend = answer["capabilities"]?["semanticTokensProvider"]?["legend"]?["tokenTypes"]?.asArray ?? []
    var kinds: Set<String> = []
    for document in Self.documents {
      // With its byte order mark, if it has one.
      let text = String(decoding: try Data(contentsOf: document), as: UTF8.self)
      try client.open(document.lastPathComponent, text)
      let tokens = try client.request(
        "textDocument/semanticTokens/full",
        ["textDocument": ["uri": .string(client.uri(document.lastPathComponent))]])["data"]?.asArray?.compactMap(
          \.asInt)
      let scopes = Self.byPlace(try #require(found[document.path]?.asArray))
      var line: Int64 = 0
      var column: Int64 = 0
      let data = try #require(tokens)
      for start in stride(from: 0, to: data.count, by: 5) {
        column = data[start] == 0 ? column + data[start + 1] : data[start + 1]
        line += data[start]
        let kind = try #require(legend[Int(data[start + 3])].asString)
        kinds.insert(kind)
        let innermost = scopes[[line, column]] ?? "nothing"
        let fits = Self.scopes[kind]?.contains(where: innermost.hasPrefix) ?? false
        #expect(
          fits, "\(document.lastPathComponent):\(line + 1):\(column + 1) is a \(kind), and \(innermost) in the grammar")
      }
      for token in found[document.path]?.asArray ?? [] {
        guard let word = token.asArray?[2].asString, word.contains(where: { !$0.isWhitespace && $0 != "\u{FEFF}" })
        else { continue }
        #expect((token.asArray?[3].asArray?.count ?? 0) > 1, "\(document.lastPathComponent): `\(word)` has no scope")
      }
    }
    #expect(kinds.count >= 11, "\(kinds.sorted())")
  }

  /// The innermost scope at each character.
  private static func byPlace(_ tokens: [JSON]) -> [[Int64]: String] {
    var result: [[Int64]: String] = [:]
    for token in tokens {
      guard let parts = token.asArray, let line = parts[0].asInt, let column = parts[1].asInt,
        let word = parts[2].asString, let scope = parts[3].asArray?.last?.asString
      else { continue }
      for offset in 0..<Int64(max(1, word.unicodeScalars.count)) { result[[line, column + offset]] = scope }
    }
    return result
  }

  @Test func theExtensionIsWhole() throws {
    let folder = Self.root.appending(path: "sdk/editors/vscode")
    for name in ["package.json", "language-configuration.json", "assay.tmLanguage.json", "assay.document.schema.json"] {
      #expect(throws: Never.self) { try JSON.parse(Array(Data(contentsOf: folder.appending(path: name)))) }
    }
    let manifest = try JSON.parse(Array(Data(contentsOf: folder.appending(path: "package.json"))))
    let contributes = try #require(manifest["contributes"])
    let files =
      [manifest["main"], contributes["languages"]?.asArray?.first?["configuration"]]
      + [contributes["grammars"]?.asArray?.first?["path"], contributes["jsonValidation"]?.asArray?.first?["url"]]
    for file in files {
      let name = try #require(file?.asString)
      #expect(FileManager.default.fileExists(atPath: folder.appending(path: name).path), "\(name)")
    }
  }
}
