internal import Diagnostics
internal import Editing
internal import Values
internal import Workflows

extension Server {
  /// Tells what a check found: in the document itself and, in documents that are not open, in those it uses.
  func publish(_ analysis: Analysis, of document: OpenDocument) {
    let open = Set(documents.values.map(\.path))
    var found: [String: [JSON]] = [document.uri: []]
    let pages = Pages(self)
    // What looks unused may be used for what it does, as soon as that is known.
    let isLoading = document.project.isLoading
    for diagnostic in analysis.checked.diagnostics where !isLoading || diagnostic.severity == .error {
      let path = diagnostic.primary.file.path
      guard path == document.path || !open.contains(path) else { continue }
      let uri = path == document.path ? document.uri : Address.uri(of: path)
      found[uri, default: []].append(json(diagnostic, of: document.project, pages))
    }
    for (uri, items) in found.sorted(by: { $0.key < $1.key }) {
      var params: [JSON.Member] = [.init("uri", .string(uri)), .init("diagnostics", .array(items))]
      if uri == document.uri { params.append(.init("version", .int(document.version))) }
      notify("textDocument/publishDiagnostics", .object(params))
    }
    let before = told.updateValue(Set(found.keys), forKey: document.uri) ?? []
    clear(before.subtracting(found.keys))
  }

  /// A closed document has nothing to say any more. That is told even if it never said anything: clients wait for it.
  func withdraw(_ document: OpenDocument) {
    clear((told.removeValue(forKey: document.uri) ?? []).union([document.uri]))
  }

  private func clear(_ uris: Set<String>) {
    let others = told.values.reduce(into: Set<String>()) { $0.formUnion($1) }
    for uri in uris.subtracting(others).sorted() {
      notify("textDocument/publishDiagnostics", ["uri": .string(uri), "diagnostics": []])
    }
  }

  func json(_ diagnostic: Diagnostic, of project: Project, _ pages: Pages) -> JSON {
    let primary = diagnostic.primary
    var message = diagnostic.message
    if !primary.text.isEmpty { message += "\n" + primary.text }
    if let help = diagnostic.help { message += "\nhelp: " + help }
    let severity: Int64 = diagnostic.severity == .error ? 1 : diagnostic.severity == .warning ? 2 : 3
    var members: [JSON.Member] = [
      .init("range", pages.range(primary.span, primary.file)), .init("severity", .int(severity)),
      .init("code", .string(diagnostic.code)), .init("source", "assay"), .init("message", .string(message)),
    ]
    if let page = project.explanation(of: diagnostic.code) {
      members.append(.init("codeDescription", ["href": .string(page)]))
    }
    if diagnostic.code == "W0101" { members.append(.init("tags", [1])) }
    if client.hasRelatedInformation, !diagnostic.secondary.isEmpty {
      let related = diagnostic.secondary.map { label -> JSON in
        [
          "location": ["uri": .string(uri(of: label.file.path)), "range": pages.range(label.span, label.file)],
          "message": .string(label.text),
        ]
      }
      members.append(.init("relatedInformation", .array(related)))
    }
    return .object(members)
  }

  /// The URI of a path; of an open document the one that the client uses.
  func uri(of path: String) -> String {
    documents.values.first { $0.path == path }?.uri ?? Address.uri(of: path)
  }
}

/// Turns offsets of files into ranges of the protocol; each file's lines are found once.
final class Pages {
  private var buffers: [ObjectIdentifier: TextBuffer] = [:]
  private let encoding: PositionEncoding

  init(_ server: Server) { encoding = server.client.encoding }

  func range(_ span: Span, _ file: SourceFile) -> JSON {
    let key = ObjectIdentifier(file)
    let buffer: TextBuffer
    if let known = buffers[key] {
      buffer = known
    } else {
      buffer = TextBuffer(file.text)
      buffers[key] = buffer
    }
    return buffer.range(span, encoding)
  }
}

extension TextBuffer {
  func range(_ span: Span, _ encoding: PositionEncoding) -> JSON {
    ["start": position(span.start, encoding).json, "end": position(span.end, encoding).json]
  }
}

extension TextPosition {
  var json: JSON { ["line": .int(Int64(line)), "character": .int(Int64(character))] }

  init?(_ json: JSON?) {
    guard let line = json?["line"]?.asInt, let character = json?["character"]?.asInt else { return nil }
    self.init(Int(clamping: line), Int(clamping: character))
  }
}

extension TextRange {
  init?(_ json: JSON?) {
    guard let start = TextPosition(json?["start"]), let end = TextPosition(json?["end"]) else { return nil }
    self.init(start, end)
  }
}
