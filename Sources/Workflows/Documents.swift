internal import Diagnostics
internal import Syntax
internal import Tasks
internal import Values

/// Reads a document and the documents that it uses, and gives names their meaning.
struct DocumentLoader {
  /// Documents use each other at most so deep, and so many together.
  static let maximumDepth = 64
  static let maximumDocuments = 1000

  let session: Session
  private var byPath: [String: Document] = [:]
  /// Paths of the documents that are being read, outermost first.
  private var open: [String] = []

  init(_ session: Session) { self.session = session }

  /// The root document. Its workflows come first.
  mutating func load(_ tree: consuming SyntaxTree) -> Document {
    let path = DocumentPath.normalized(tree.file.path)
    let document = read(tree)
    byPath[path] = document
    open.append(path)
    for use in document.tree.uses { resolve(use, in: document) }
    open.removeLast()
    return document
  }

  /// Declares the document's own workflows.
  private func read(_ tree: consuming SyntaxTree) -> Document {
    let document = session.add(tree)
    for diagnostic in document.tree.diagnostics { session.report.add(diagnostic) }
    for syntax in document.tree.workflows {
      let index = session.workflows.count
      session.note(.workflow(index), at: syntax.name.span, in: document, isDeclaration: true)
      if let first = document.workflowSpans[syntax.name.text] {
        session.error(
          "E0105", "two workflows are called `\(syntax.name.text)`", in: document.file, at: syntax.name.span,
          "the second one", also: [.init(first.file, first.span, "the first one")], help: "give one another name")
      } else {
        document.workflows[syntax.name.text] = index
        document.workflowSpans[syntax.name.text] = (document.file, syntax.name.span)
      }
      document.own.append(index)
      session.workflows.append(declare(syntax, index, document))
    }
    if !session.keepsTrees { document.forget() }
    return document
  }

  private func declare(_ syntax: WorkflowSyntax, _ index: Int, _ document: Document) -> Session.Entry {
    let inputTypes = syntax.inputs.map { session.type($0.type, in: document.file) }
    let outputTypes = syntax.outputs.map { session.type($0.type, in: document.file) }
    let parameters = zip(syntax.inputs, inputTypes).map { input, type in
      Signature.Parameter(
        name: input.name.text, type: type, isRequired: input.defaultValue == nil && !type.isOptional && type != .any,
        unit: "")
    }
    let outputs = zip(syntax.outputs, outputTypes).map { ValueType.RecordField($0.name.text, $1) }
    let signature = Signature(
      workflow: index, parameters: parameters, outputs: outputs, declaration: (document.file, syntax.name.span))
    return .init(
      document: document, syntax: syntax, inputTypes: inputTypes, outputTypes: outputTypes, signature: signature)
  }

  // MARK: use

  private mutating func resolve(_ use: UseSyntax, in document: Document) {
    let path: String
    switch use.target {
    case .plugin(let name):
      let alias = use.alias ?? name.names[name.names.count - 1]
      let loaded = session.library.plugin(id: name.text)
      bind(alias, tasks: loaded, use, written: name.text, document)
      return
    case .path(let text, _): path = text
    }
    let resolved = DocumentPath.resolve(path, from: document.file.path)
    session.note(.file(resolved), at: use.targetSpan, in: document)
    let alias = use.alias ?? Name(text: DocumentPath.name(of: path), span: use.targetSpan)
    if path.hasSuffix(".assay") || path.hasSuffix(".assay.json") {
      importDocument(resolved, path, use, into: document)
    } else if path.hasSuffix(".py") || path.hasSuffix(".so") || path.hasSuffix(".toml") {
      bind(alias, tasks: session.library.plugin(atPath: resolved), use, written: path, document)
    } else {
      document.namespaces[alias.text] = .broken
      session.error(
        "E0703", "`\(path)` is no kind of file that can be used", in: document.file, at: use.targetSpan,
        "unknown kind of file",
        help: "usable are `.py`, `.so`, `.functions.toml` and `.assay` files; installed plugins have no quotes")
    }
  }

  private func bind(
    _ alias: Name, tasks: Result<[String: InstalledTask], LoadProblem>, _ use: UseSyntax, written: String,
    _ document: Document
  ) {
    guard claim(alias, written, document) else { return }
    switch tasks {
    case .success(let tasks): document.namespaces[alias.text] = .tasks(tasks)
    case .failure(let problem):
      document.namespaces[alias.text] = .broken
      report(problem, use, written, document)
    }
  }

  /// One name for one thing in a document.
  private func claim(_ alias: Name, _ written: String, _ document: Document) -> Bool {
    if let first = document.aliasSpans[alias.text] {
      session.error(
        "E0105", "`\(alias.text)` names two things", in: document.file, at: alias.span, "the second one",
        also: [.init(document.file, first, "the first one")], help: "give one of them another name with `as`")
      return false
    }
    session.note(.alias(document: document.number, alias.text), at: alias.span, in: document, isDeclaration: true)
    document.aliasSpans[alias.text] = alias.span
    document.targets[alias.text] = written
    return true
  }

  private func report(_ problem: LoadProblem, _ use: UseSyntax, _ written: String, _ document: Document) {
    switch problem.kind {
    case .pending: break
    case .notFound:
      let near = session.report.near(written, problem.candidates)
      let isPath = if case .path = use.target { true } else { false }
      let (help, fix) = suggestion(
        near.map { isPath ? StringLiteral.encode($0) : $0 }, for: use.targetSpan, written: near,
        otherwise: problem.help)
      session.error(
        "E0701", "cannot find `\(written)`: \(problem.message)", in: document.file, at: use.targetSpan, "not found",
        help: help, fix: fix)
    case .broken:
      var diagnostic = Diagnostic(
        "E0702", "cannot use `\(written)`: \(problem.message)",
        at: .init(document.file, use.targetSpan, "does not load"), help: problem.help)
      diagnostic.notes = problem.notes
      session.report.add(diagnostic)
      for inside in problem.diagnostics { session.report.add(inside) }
    }
  }

  private mutating func importDocument(_ path: String, _ written: String, _ use: UseSyntax, into document: Document) {
    guard let imported = loadDocument(path, written, use, document) else {
      document.hasBrokenImport = true
      if let alias = use.alias { document.namespaces[alias.text] = .broken }
      return
    }
    var names: [String: Int] = [:]
    for index in imported.own { names[session.workflows[index].syntax.name.text] = index }
    if let alias = use.alias {
      if claim(alias, written, document) { document.namespaces[alias.text] = .workflows(names) }
      return
    }
    for index in imported.own {
      let name = session.workflows[index].syntax.name
      if let first = document.workflowSpans[name.text] {
        session.error(
          "E0105", "two workflows are called `\(name.text)`", in: document.file, at: use.targetSpan,
          "this file has one too",
          also: [.init(first.file, first.span, "the first one"), .init(imported.file, name.span, "the second one")],
          help: "write `use \"\(written)\" as …` and call it by that name")
      } else {
        document.workflows[name.text] = index
        document.workflowSpans[name.text] = (imported.file, name.span)
      }
    }
  }

  private mutating func loadDocument(
    _ path: String, _ written: String, _ use: UseSyntax, _ document: Document
  ) -> Document? {
    if let start = open.firstIndex(of: path) {
      let circle = (open[start...] + [path]).joined(separator: " → ")
      session.error(
        "E0303", "files use each other in a circle: \(circle)", in: document.file, at: use.targetSpan,
        "leads back to where it began", help: "move what both need into a third file")
      return nil
    }
    if let known = byPath[path] { return known }
    guard open.count < Self.maximumDepth, session.documents.count < Self.maximumDocuments else {
      session.error(
        "E0303", "files use each other too deeply", in: document.file, at: use.targetSpan,
        "more than \(Self.maximumDepth) levels, or \(Self.maximumDocuments) files")
      return nil
    }
    switch session.library.document(atPath: path) {
    case .failure(let problem):
      report(problem, use, written, document)
      return nil
    case .success(let tree):
      let imported = read(tree)
      byPath[path] = imported
      open.append(path)
      for use in imported.tree.uses { resolve(use, in: imported) }
      open.removeLast()
      return imported
    }
  }
}

extension Session {
  /// The type written at a place; `any` when there is none, or a wrong one, which is said.
  func type(_ syntax: TypeSyntax?, in file: SourceFile) -> ValueType {
    guard let syntax else { return .any }
    do throws(TypeSyntaxError) {
      return try ValueType.parse(Self.withoutComments(file, syntax.span))
    } catch {
      let start = min(syntax.span.start + error.offset, max(syntax.span.start, syntax.span.end - 1))
      let span = Span(start, min(syntax.span.end, start + max(1, error.length)))
      let word = file.text(span)
      let (help, fix) = suggestion(
        Self.typeWords[word] ?? report.near(word, Array(Set(Self.typeWords.values)).sorted()), for: span,
        otherwise: "types are `bool`, `int`, `float`, `string`, `bytes`, `list<T>`, `{name: T}`, `enum(\"a\")`, "
          + "`tensor<f32>[n]`, `table`, `file<csv>`, `dir` and dotted names of plugins")
      self.error(
        "E0205", "this is no type: \(error.message)", in: file, at: span, "not understood", help: help, fix: fix)
      return .any
    }
  }

  /// Words that people bring from elsewhere, and the types that are meant.
  private static let typeWords = [
    "number": "float", "text": "string", "str": "string", "integer": "int", "boolean": "bool", "double": "float",
    "array": "list", "path": "file", "directory": "dir", "string": "string", "table": "table", "tensor": "tensor",
    "bytes": "bytes", "enum": "enum",
  ]

  /// Comments become spaces, so that offsets stay what they are.
  private static func withoutComments(_ file: SourceFile, _ span: Span) -> String {
    var bytes = Array(file.text(span).utf8)
    guard bytes.contains(UInt8(ascii: "#")) else { return String(decoding: bytes, as: UTF8.self) }
    var end = 0
    for token in Lexer.tokens(of: bytes) {
      for position in end..<token.start where bytes[position] != 0x0A { bytes[position] = 0x20 }
      end = token.end
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
