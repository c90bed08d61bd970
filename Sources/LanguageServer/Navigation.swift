internal import Diagnostics
internal import Editing
internal import Foundation
internal import Syntax
internal import Values
internal import Workflows

extension Server {
  // MARK: Places

  /// The text at a path as the client sees it.
  private func text(at path: String) -> String? {
    if let open = documents.values.first(where: { $0.path == path }) { return open.buffer.text }
    return FileManager.default.contents(atPath: path).flatMap { String(data: $0, encoding: .utf8) }
  }

  private func buffer(at path: String) -> TextBuffer? {
    documents.values.first { $0.path == path }?.buffer ?? text(at: path).map(TextBuffer.init)
  }

  private func locations(_ places: [Place]) -> JSON {
    var buffers: [String: TextBuffer] = [:]
    return .array(
      places.compactMap { place in
        if buffers[place.path] == nil { buffers[place.path] = buffer(at: place.path) }
        // A shared object or a folder has no lines to show.
        guard let buffer = buffers[place.path] else { return nil }
        return ["uri": .string(uri(of: place.path)), "range": buffer.range(place.span, client.encoding)]
      })
  }

  func definition(_ params: JSON) throws(RPCError) -> JSON {
    let (_, analysis, offset) = try place(params)
    return locations(analysis.definitions(at: offset, read: text))
  }

  func references(_ params: JSON) throws(RPCError) -> JSON {
    let (document, analysis, offset) = try place(params)
    let found = analysis.occurrences(at: offset)
    guard !found.isEmpty else { return [] }
    let includesDeclaration = params["context"]?["includeDeclaration"]?.asBool ?? true
    let identities = Set(found.map { analysis.identity(of: $0.symbol) })
    var places: [Place] = []
    var seen: Set<Place> = []
    for analysis in try others(than: document, analysis, naming: found.map(\.symbol)) {
      for place in analysis.references(to: identities, includingDeclarations: includesDeclaration)
      where seen.insert(place).inserted {
        places.append(place)
      }
    }
    return locations(places)
  }

  /// The analysis of a document and of all others that may name the symbols too: open ones and those in the folders.
  private func others(
    than document: OpenDocument, _ analysis: Analysis, naming symbols: [Symbol]
  ) throws(RPCError) -> [Analysis] {
    var result = [analysis]
    let isShared = symbols.contains { symbol in
      switch symbol {
      case .workflow, .input, .output, .task, .parameter, .result, .file: true
      default: false
      }
    }
    guard isShared else { return result }
    var texts: [String: String] = [:]
    for other in documents.values where other !== document { texts[other.path] = other.buffer.text }
    let closed = folders.flatMap(Project.documents).filter { texts[$0] == nil && $0 != document.path }
    for path in texts.keys.sorted() + closed {
      if inbox.isCancelled { throw RPCError(.requestCancelled, "the request was cancelled") }
      guard let text = texts[path] ?? text(at: path), text.contains("use") else { continue }
      var open = texts
      open[document.path] = document.buffer.text
      let file = SourceFile(path: path, text: text)
      if let other = try? project(of: path).analyse(file, open: open) { result.append(other) }
    }
    return result
  }

  // MARK: Rename

  func prepareRename(_ params: JSON) throws(RPCError) -> JSON {
    let (document, analysis, offset) = try place(params)
    do throws(RenameProblem) {
      let span = try analysis.renamed(at: offset).span
      return [
        "range": document.buffer.range(span, client.encoding), "placeholder": .string(analysis.file.text(span)),
      ]
    } catch {
      throw RPCError(.requestFailed, error.message)
    }
  }

  func rename(_ params: JSON) throws(RPCError) -> JSON {
    let (document, analysis, offset) = try place(params)
    guard let name = params["newName"]?.asString else { throw RPCError(.invalidParams, "`newName` is missing") }
    do throws(RenameProblem) {
      let symbols = try analysis.renamed(at: offset).symbols
      try analysis.checkFree(name, for: symbols)
      let identities = Set(symbols.map(analysis.identity))
      var edits: [String: [TextEdit]] = [:]
      var seen: Set<Place> = []
      for other in try analyses(document, analysis, symbols) {
        for place in other.references(to: identities, includingDeclarations: true) {
          if seen.insert(place).inserted { edits[place.path, default: []].append(TextEdit(place.span, name)) }
        }
      }
      try verify(edits, document)
      return workspaceEdit(edits.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    } catch {
      throw RPCError(.requestFailed, error.message)
    }
  }

  private func analyses(
    _ document: OpenDocument, _ analysis: Analysis, _ symbols: [Symbol]
  ) throws(RenameProblem) -> [Analysis] {
    do throws(RPCError) { return try others(than: document, analysis, naming: symbols) } catch {
      throw RenameProblem(error.message)
    }
  }

  /// Makes the change in memory: what would then be wrong is a reason not to make it.
  private func verify(_ edits: [String: [TextEdit]], _ document: OpenDocument) throws(RenameProblem) {
    var before: [String: String] = [:]
    for other in documents.values { before[other.path] = other.buffer.text }
    for path in edits.keys where before[path] == nil { before[path] = text(at: path) }
    var after = before
    for (path, edits) in edits {
      guard let text = before[path] else { throw RenameProblem("\(path) cannot be read") }
      do throws(EditConflict) { after[path] = try apply(edits, to: text) } catch {
        throw RenameProblem("\(path) has changed; try again")
      }
    }
    for path in edits.keys.sorted() {
      let project = project(of: path)
      guard let old = before[path], let new = after[path],
        let was = try? project.analyse(SourceFile(path: path, text: old), open: before),
        let now = try? project.analyse(SourceFile(path: path, text: new), open: after)
      else { continue }
      let errors = [was, now].map { $0.checked.diagnostics.filter { $0.severity == .error } }
      if errors[1].count > errors[0].count,
        let first = errors[1].first(where: { !errors[0].map(\.message).contains($0.message) })
      {
        throw RenameProblem("that would be wrong: \(first.message)")
      }
    }
  }

  func workspaceEdit(_ edits: [(path: String, edits: [TextEdit])]) -> JSON {
    var changes: [JSON.Member] = []
    var versioned: [JSON] = []
    for (path, edits) in edits {
      guard let buffer = buffer(at: path) else { continue }
      let items = JSON.array(edits.map { json($0, buffer) })
      changes.append(.init(uri(of: path), items))
      let version = documents.values.first { $0.path == path }.map { JSON.int($0.version) } ?? .null
      versioned.append(["textDocument": ["uri": .string(uri(of: path)), "version": version], "edits": items])
    }
    return client.hasVersionedEdits ? ["documentChanges": .array(versioned)] : ["changes": .object(changes)]
  }

  // MARK: Symbols

  func symbols(_ params: JSON) throws(RPCError) -> JSON {
    let document = try document(params)
    let items = Outline.of(try analysis(of: document).tree)
    if client.hasNestedSymbols { return .array(items.map { nested($0, document.buffer) }) }
    return .array(flat(items, document.uri, document.buffer, in: ""))
  }

  private func nested(_ item: OutlineItem, _ buffer: TextBuffer) -> JSON {
    [
      "name": .string(item.name), "detail": .string(item.detail), "kind": .int(Self.kind(item.kind)),
      "range": buffer.range(item.span, client.encoding),
      "selectionRange": buffer.range(item.nameSpan, client.encoding),
      "children": .array(item.children.map { nested($0, buffer) }),
    ]
  }

  private func flat(_ items: [OutlineItem], _ uri: String, _ buffer: TextBuffer, in container: String) -> [JSON] {
    items.flatMap { item -> [JSON] in
      let own: JSON = [
        "name": .string(item.name), "kind": .int(Self.kind(item.kind)), "containerName": .string(container),
        "location": ["uri": .string(uri), "range": buffer.range(item.span, client.encoding)],
      ]
      return [own] + flat(item.children, uri, buffer, in: item.name)
    }
  }

  private static func kind(_ kind: OutlineItem.Kind) -> Int64 {
    switch kind {
    case .workflow: 5
    case .experiment: 23
    case .input, .output: 7
    case .step: 12
    case .variant: 22
    case .use: 3
    }
  }

  /// Workflows and experiments of all documents whose names hold the words asked for.
  func workspaceSymbols(_ params: JSON) -> JSON {
    let query = params["query"]?.asString?.lowercased() ?? ""
    let open = documents.values.map(\.path)
    let closed = folders.flatMap(Project.documents).filter { !open.contains($0) }
    var result: [JSON] = []
    for path in open.sorted() + closed where result.count < 500 && !inbox.isCancelled {
      guard let buffer = buffer(at: path) else { continue }
      let tree = Parser.parse(SourceFile(path: path, text: buffer.text))
      let items = Outline.of(tree).filter { item in
        (item.kind == .workflow || item.kind == .experiment)
          && (query.isEmpty || item.name.lowercased().contains(query))
      }.map { item in
        var item = item
        item.children = []
        return item
      }
      result += flat(items, uri(of: path), buffer, in: path.split(separator: "/").last.map(String.init) ?? "")
    }
    return .array(result)
  }
}
