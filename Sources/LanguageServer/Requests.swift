internal import Diagnostics
internal import Editing
internal import Syntax
internal import Values
internal import Workflows

extension Server {
  func request(_ method: String, _ params: JSON) throws(RPCError) -> JSON {
    switch method {
    case "textDocument/completion": return try completion(params)
    case "textDocument/hover": return try hover(params)
    case "textDocument/signatureHelp": return try signatureHelp(params)
    case "textDocument/definition": return try definition(params)
    case "textDocument/references": return try references(params)
    case "textDocument/documentHighlight": return try highlight(params)
    case "textDocument/prepareRename": return try prepareRename(params)
    case "textDocument/rename": return try rename(params)
    case "textDocument/documentSymbol": return try symbols(params)
    case "workspace/symbol": return workspaceSymbols(params)
    case "textDocument/foldingRange": return try folds(params)
    case "textDocument/codeAction": return try actions(params)
    case "textDocument/formatting": return try format(params)
    case "textDocument/rangeFormatting": return try format(params)
    case "textDocument/inlayHint": return try hints(params)
    case "textDocument/semanticTokens/full", "textDocument/semanticTokens/range": return try tokens(params)
    default: throw RPCError(.methodNotFound, "there is no method `\(method)`")
    }
  }

  // MARK: What a request is about

  func document(_ params: JSON) throws(RPCError) -> OpenDocument {
    guard let uri = params["textDocument"]?["uri"]?.asString else {
      throw RPCError(.invalidParams, "`textDocument.uri` is missing")
    }
    guard let document = documents[uri] else { throw RPCError(.invalidParams, "\(uri) is not open") }
    return document
  }

  func place(_ params: JSON) throws(RPCError) -> (document: OpenDocument, analysis: Analysis, offset: Int) {
    let document = try document(params)
    guard let position = TextPosition(params["position"]) else {
      throw RPCError(.invalidParams, "`position` is missing")
    }
    return (document, try analysis(of: document), document.buffer.offset(position, client.encoding))
  }

  /// The stretch that a request is about; without one the whole document.
  private func stretch(_ params: JSON, _ document: OpenDocument) -> Span {
    guard let range = TextRange(params["range"]) else { return Span(0, document.buffer.bytes.count) }
    return Span(
      document.buffer.offset(range.start, client.encoding), document.buffer.offset(range.end, client.encoding))
  }

  // MARK: About one place

  private func hover(_ params: JSON) throws(RPCError) -> JSON {
    let (document, analysis, offset) = try place(params)
    guard let (text, span) = analysis.hover(at: offset) else { return .null }
    return [
      "contents": ["kind": "markdown", "value": .string(text)], "range": document.buffer.range(span, client.encoding),
    ]
  }

  private func signatureHelp(_ params: JSON) throws(RPCError) -> JSON {
    let (_, analysis, offset) = try place(params)
    guard let help = analysis.callHelp(at: offset) else { return .null }
    let parameters = help.parameters.map { parameter -> JSON in
      [
        "label": .string(parameter.label),
        "documentation": ["kind": "markdown", "value": .string(parameter.documentation)],
      ]
    }
    var signature: [JSON.Member] = [
      .init("label", .string(help.label)),
      .init("documentation", ["kind": "markdown", "value": .string(help.documentation)]),
      .init("parameters", .array(parameters)),
    ]
    // Nothing is active while a name is being chosen.
    signature.append(.init("activeParameter", .int(Int64(help.active ?? help.parameters.count))))
    return ["signatures": [.object(signature)], "activeSignature": 0]
  }

  private func highlight(_ params: JSON) throws(RPCError) -> JSON {
    let (document, analysis, offset) = try place(params)
    return .array(
      analysis.highlights(at: offset).map { found in
        ["range": document.buffer.range(found.span, client.encoding), "kind": found.isDeclaration ? 3 : 2]
      })
  }

  private func completion(_ params: JSON) throws(RPCError) -> JSON {
    let (document, analysis, offset) = try place(params)
    let found = analysis.completions(
      at: offset, document.project.surroundings(of: document.path), snippets: client.hasSnippets)
    let written = document.buffer.bytes[min(offset, found.first?.replaced.start ?? offset)..<offset]
    let prefix = String(decoding: written, as: UTF8.self).lowercased()
    let fitting = found.filter { prefix.isEmpty || $0.label.lowercased().contains(prefix) }
    let shown = fitting.prefix(Self.maximumItems)
    let items = shown.enumerated().map { number, item in
      json(item, number, document.buffer.range(item.replaced, client.encoding))
    }
    return ["isIncomplete": .bool(shown.count < fitting.count), "items": .array(items)]
  }

  private static let maximumItems = 500

  private func json(_ item: CompletionItem, _ number: Int, _ range: JSON) -> JSON {
    let digits = String(number)
    var members: [JSON.Member] = [
      .init("label", .string(item.label)), .init("kind", .int(Self.kind(item.kind))),
      .init("sortText", .string(String(repeating: "0", count: max(0, 5 - digits.count)) + digits)),
      .init("textEdit", ["range": range, "newText": .string(item.insertion)]),
    ]
    if !item.detail.isEmpty { members.append(.init("detail", .string(item.detail))) }
    if !item.documentation.isEmpty {
      members.append(.init("documentation", ["kind": "markdown", "value": .string(item.documentation)]))
    }
    if item.isSnippet { members.append(.init("insertTextFormat", 2)) }
    // The next thing to write is what is behind it.
    let goesOn = item.insertion.hasSuffix(".") || item.insertion.hasSuffix("/") || item.insertion.hasSuffix("(")
    if goesOn { members.append(.init("command", ["title": "suggest", "command": "editor.action.triggerSuggest"])) }
    return .object(members)
  }

  private static func kind(_ kind: CompletionItem.Kind) -> Int64 {
    switch kind {
    case .keyword: 14
    case .plugin: 9
    case .file: 17
    case .folder: 19
    case .task, .function: 3
    case .workflow: 7
    case .step, .value: 6
    case .port: 10
    case .field: 5
    case .type: 22
    case .word, .variant: 20
    }
  }

  // MARK: About a document

  private func folds(_ params: JSON) throws(RPCError) -> JSON {
    let document = try document(params)
    let tree = try analysis(of: document).tree
    var seen: Set<Int> = []
    var result: [JSON] = []
    for (span, kind) in Outline.folds(tree).sorted(by: { $0.span.start < $1.span.start }) {
      let first = document.buffer.line(of: span.start)
      let end = document.buffer.line(of: span.end)
      // The line of a closing bracket stays in view.
      let last = kind == .region ? end - 1 : end
      guard last > first, seen.insert(first).inserted else { continue }
      var members: [JSON.Member] = [.init("startLine", .int(Int64(first))), .init("endLine", .int(Int64(last)))]
      if kind != .region { members.append(.init("kind", .string(kind.rawValue))) }
      result.append(.object(members))
    }
    return .array(result)
  }

  private func format(_ params: JSON) throws(RPCError) -> JSON {
    let document = try document(params)
    let range = stretch(params, document)
    let edits = Formatter.format(try analysis(of: document).tree).filter {
      $0.span.start <= range.end && range.start <= $0.span.end
    }
    return .array(edits.map { json($0, document.buffer) })
  }

  func json(_ edit: TextEdit, _ buffer: TextBuffer) -> JSON {
    ["range": buffer.range(edit.span, client.encoding), "newText": .string(edit.text)]
  }

  private func hints(_ params: JSON) throws(RPCError) -> JSON {
    let document = try document(params)
    let range = stretch(params, document)
    return .array(
      try analysis(of: document).hints(in: range).map { hint in
        [
          "position": document.buffer.position(hint.offset, client.encoding).json, "label": .string(hint.text),
          "kind": 1,
        ]
      })
  }

  private func tokens(_ params: JSON) throws(RPCError) -> JSON {
    let document = try document(params)
    let range = stretch(params, document)
    var data: [JSON] = []
    var last = TextPosition(0, 0)
    for token in try analysis(of: document).highlights(in: range) {
      let start = document.buffer.position(token.span.start, client.encoding)
      let end = document.buffer.position(token.span.end, client.encoding)
      guard start.line == end.line, end.character > start.character else { continue }
      let sameLine = start.line == last.line
      data.append(.int(Int64(start.line - last.line)))
      data.append(.int(Int64(sameLine ? start.character - last.character : start.character)))
      data.append(.int(Int64(end.character - start.character)))
      data.append(.int(Int64(token.kind.rawValue)))
      data.append(token.isDeclaration ? 1 : 0)
      last = start
    }
    return ["data": .array(data)]
  }

  private func actions(_ params: JSON) throws(RPCError) -> JSON {
    let document = try document(params)
    let analysis = try analysis(of: document)
    let only = params["context"]?["only"]?.asArray?.compactMap(\.asString)
    func isWanted(_ kind: String) -> Bool {
      only.map { $0.contains { kind == $0 || kind.hasPrefix($0 + ".") } } ?? true
    }
    var result: [JSON] = []
    let pages = Pages(self)
    if isWanted("quickfix") {
      for (diagnostic, fix) in analysis.fixes(in: stretch(params, document)) {
        result.append([
          "title": .string(fix.title), "kind": "quickfix", "isPreferred": true,
          "diagnostics": [json(diagnostic, of: document.project, pages)],
          "edit": workspaceEdit([(document.path, fix.edits)]),
        ])
      }
    }
    // A menu that asks for everything is about one place; fixing all is asked for by its name.
    if only != nil, isWanted("source.fixAll.assay") {
      let edits = analysis.checked.fixed(analysis.file).applied.flatMap(\.edits)
      if !edits.isEmpty {
        result.append([
          "title": "Make all corrections that are certain", "kind": "source.fixAll.assay",
          "edit": workspaceEdit([(document.path, edits)]),
        ])
      }
    }
    return .array(result)
  }
}
