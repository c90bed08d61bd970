internal import Editing
internal import Values
internal import Workspace

/// What the client can do.
struct Client {
  var encoding = PositionEncoding.utf16
  var hasSnippets = false
  var hasNestedSymbols = false
  var hasVersionedEdits = false
  var hasRelatedInformation = false
  var watchesFiles = false

  init() {}

  init(_ capabilities: JSON) {
    let text = capabilities["textDocument"]
    let offered = (capabilities["general"]?["positionEncodings"]?.asArray ?? []).compactMap(\.asString)
    // Without an offer, or without one that is known, UTF-16 is what both sides must have.
    let known = [PositionEncoding.utf8, .utf16, .utf32].first { offered.contains($0.rawValue) }
    encoding = known ?? .utf16
    hasSnippets = text?["completion"]?["completionItem"]?["snippetSupport"]?.asBool ?? false
    hasNestedSymbols = text?["documentSymbol"]?["hierarchicalDocumentSymbolSupport"]?.asBool ?? false
    hasVersionedEdits = capabilities["workspace"]?["workspaceEdit"]?["documentChanges"]?.asBool ?? false
    hasRelatedInformation = text?["publishDiagnostics"]?["relatedInformation"]?.asBool ?? false
    watchesFiles = capabilities["workspace"]?["didChangeWatchedFiles"]?["dynamicRegistration"]?.asBool ?? false
  }
}

extension Server {
  func initialize(_ params: JSON) -> JSON {
    client = Client(params["capabilities"] ?? .object([]))
    let given = params["workspaceFolders"]?.asArray?.compactMap { $0["uri"]?.asString } ?? []
    let root = params["rootUri"]?.asString.map { [$0] } ?? []
    folders = (given.isEmpty ? root : given).compactMap(Address.path).map(Self.trimmed)
    return [
      "serverInfo": ["name": "assay", "version": .string(Workspace.version)],
      "capabilities": [
        "positionEncoding": .string(client.encoding.rawValue),
        "textDocumentSync": ["openClose": true, "change": 2, "save": true],
        "completionProvider": ["triggerCharacters": [".", "@", "\"", "/", "("]],
        "hoverProvider": true,
        "definitionProvider": true,
        "referencesProvider": true,
        "documentHighlightProvider": true,
        "renameProvider": ["prepareProvider": true],
        "documentSymbolProvider": true,
        "workspaceSymbolProvider": true,
        "foldingRangeProvider": true,
        "codeActionProvider": ["codeActionKinds": ["quickfix", "source.fixAll.assay"]],
        "documentFormattingProvider": true,
        "documentRangeFormattingProvider": true,
        "signatureHelpProvider": ["triggerCharacters": ["(", ","]],
        "inlayHintProvider": true,
        "semanticTokensProvider": [
          "legend": [
            "tokenTypes": .array(Highlight.Kind.allCases.map { .string("\($0)") }), "tokenModifiers": ["declaration"],
          ],
          "full": true, "range": true,
        ],
        "workspace": ["workspaceFolders": ["supported": true, "changeNotifications": true]],
      ],
    ]
  }

  static func trimmed(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  /// Files that documents use change outside of the editor too.
  func watchFiles() {
    guard client.watchesFiles else { return }
    let watchers: JSON = [["globPattern": "**/*.{assay,py,so,toml}"]]
    ask(
      "client/registerCapability",
      [
        "registrations": [
          [
            "id": "assay-files", "method": "workspace/didChangeWatchedFiles",
            "registerOptions": ["watchers": watchers],
          ]
        ]
      ])
  }
}
