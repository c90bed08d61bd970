internal import Diagnostics
internal import Syntax
internal import Tasks
internal import Values

/// One check: the documents that were read, the workflows and tasks that were found, and what is to be said.
final class Session {
  /// A workflow of some document; its id is its index in `workflows`.
  struct Entry {
    var document: Document
    var syntax: WorkflowSyntax
    var inputTypes: [ValueType]
    var outputTypes: [ValueType]
    var signature: Signature
  }

  let library: any Library
  let report = Report()
  private(set) var documents: [Document] = []
  var workflows: [Entry] = []
  private(set) var tasks: [InstalledTask] = []
  private var taskIndex: [String: Int] = [:]
  /// The artifacts that documents name, each once, in the order in which they are met.
  private(set) var artifacts: [String] = []
  private var artifactTypes: [String: Result<ValueType?, LoadProblem>] = [:]
  /// There is to be an index.
  private let isIndexing: Bool
  /// Somebody asks for trees when all is checked: an index, or experiments.
  private(set) var keepsTrees: Bool

  init(_ library: any Library, indexing: Bool = false) {
    self.library = library
    isIndexing = indexing
    keepsTrees = indexing
  }

  /// Takes a document in.
  func add(_ tree: consuming SyntaxTree) -> Document {
    if !tree.experiments.isEmpty || !tree.policies.isEmpty { keepsTrees = true }
    let document = Document(tree, number: documents.count)
    documents.append(document)
    return document
  }

  /// For an index, if there is to be one.
  func note(
    _ symbol: @autoclosure () -> Symbol, at span: Span, in document: Document, isDeclaration: Bool = false,
    type: ValueType? = nil
  ) {
    guard isIndexing else { return }
    document.occurrences.append(Occurrence(symbol(), span, isDeclaration: isDeclaration, type: type))
  }

  func index(_ entries: @autoclosure () -> [Index.Entry]) -> Index? {
    guard isIndexing else { return nil }
    return Index(
      workflows: entries(), tasks: tasks, scopes: documents.map(\.scope),
      occurrences: documents.map { Occurrence.ordered($0.occurrences) })
  }

  /// The type of a named artifact, asked for once.
  func artifact(_ reference: String) -> Result<ValueType?, LoadProblem> {
    if let known = artifactTypes[reference] { return known }
    let type = library.artifact(reference)
    artifactTypes[reference] = type
    artifacts.append(reference)
    return type
  }

  /// The index of a task in the program.
  func intern(_ task: InstalledTask) -> Int {
    let key = task.source.path + "\n" + task.signature.id
    if let index = taskIndex[key] { return index }
    tasks.append(task)
    taskIndex[key] = tasks.count - 1
    return tasks.count - 1
  }

  func error(
    _ code: String, _ message: String, in file: SourceFile, at span: Span, _ label: String,
    also: [Diagnostic.Label] = [], help: String? = nil, fix: Fix? = nil
  ) {
    report.add(
      Diagnostic(code, .error, message, at: .init(file, span, label), also: also, help: help, fix: fix))
  }

  func warning(
    _ code: String, _ message: String, in file: SourceFile, at span: Span, _ label: String,
    also: [Diagnostic.Label] = [], help: String? = nil, fix: Fix? = nil
  ) {
    report.add(
      Diagnostic(code, .warning, message, at: .init(file, span, label), also: also, help: help, fix: fix))
  }
}

/// One document: its tree, and what its names mean.
final class Document {
  /// What stands behind the first part of a dotted name.
  enum Namespace {
    case tasks([String: InstalledTask])
    case workflows([String: Int])
    /// It could not be loaded; that was said.
    case broken
  }

  private(set) var tree: SyntaxTree
  /// Position in `Session.documents`.
  let number: Int
  var namespaces: [String: Namespace] = [:]
  /// The written target of each alias: `std.table` of `t`.
  var targets: [String: String] = [:]
  var aliasSpans: [String: Span] = [:]
  /// Workflows that can be called by their plain name, own and imported.
  var workflows: [String: Int] = [:]
  var workflowSpans: [String: (file: SourceFile, span: Span)] = [:]
  /// Own workflows, in text order.
  var own: [Int] = []
  /// Some workflow file could not be read: an unknown plain name may be its.
  var hasBrokenImport = false
  /// First parts of names that nothing here has; each is said once.
  var unknownAliases: Set<String> = []
  private var signatures: [String: Callee] = [:]
  /// For an index, as the checker meets them.
  var occurrences: [Occurrence] = []

  enum Callee {
    case found(Signature)
    case broken
    case unknown
  }

  init(_ tree: consuming SyntaxTree, number: Int) {
    self.tree = tree
    self.number = number
  }

  /// Lets go of what only indices and experiments need; workflows are in the session now.
  func forget() {
    tree = SyntaxTree(
      file: tree.file, tokens: [], edition: tree.edition, uses: tree.uses, workflows: [], experiments: [],
      diagnostics: tree.diagnostics)
  }

  var scope: Index.Scope {
    Index.Scope(
      namespaces: namespaces.mapValues { namespace in
        switch namespace {
        case .tasks(let tasks): .tasks(tasks)
        case .workflows(let names): .workflows(names)
        case .broken: .broken
        }
      }, workflows: workflows)
  }

  var file: SourceFile { tree.file }

  /// What a call of `path` calls. O(1) after the first time.
  func callee(_ path: NamePath, _ session: Session) -> Callee {
    let text = path.text
    if let known = signatures[text] { return known }
    let result = resolve(path, session)
    signatures[text] = result
    return result
  }

  private func resolve(_ path: NamePath, _ session: Session) -> Callee {
    let first = path.names[0].text
    if path.names.count == 1 {
      if let index = workflows[first] { return .found(session.workflows[index].signature) }
      return hasBrokenImport && namespaces[first] == nil ? .broken : .unknown
    }
    switch namespaces[first] {
    case .tasks(let tasks):
      let local = path.names.dropFirst().map(\.text).joined(separator: ".")
      return tasks[local].map { .found(Signature(session.intern($0), $0.signature)) } ?? .unknown
    case .workflows(let names):
      guard path.names.count == 2, let index = names[path.names[1].text] else { return .unknown }
      return .found(session.workflows[index].signature)
    case .broken: return .broken
    case nil: return .unknown
    }
  }
}
