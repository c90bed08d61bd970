package import Artifacts
internal import Diagnostics
internal import Foundation
internal import Values

extension Workspace {
  /// What is to be put under a name.
  package struct PutRequest: Sendable {
    /// A file, a directory, or what `find` finds.
    package var source: String
    package var name: String
    /// Nil: what the source tells.
    package var type: String?
    package var tags: [String] = []
    package var reason = ""
    /// Lets tags name another version than they do.
    package var movesTags = false

    package init(source: String, name: String) {
      self.source = source
      self.name = name
    }
  }

  package struct PutResult: Sendable {
    package var version: ArtifactVersion
    /// False: the latest version is the same already.
    package var isNew: Bool
    package var tags: [String]
    package var progress: StoreProgress
  }

  /// Stores a file, a directory or a result of a run as the next version of a name; the latest one again if it is the same.
  package func put(
    _ request: PutRequest, watch: (StoreProgress) -> Void = { _ in }
  ) throws(WorkspaceError) -> PutResult {
    do throws(NameProblem) {
      try ArtifactName.check(request.name)
      for tag in request.tags { try ArtifactName.check(tag: tag) }
    } catch {
      throw WorkspaceError(error)
    }
    let store = try enteredStore()
    defer { store.leave() }
    var total = StoreProgress()
    let (value, type, origin, run) = try source(request, store) { step in
      total += step
      watch(total)
    }
    let description: (digest: Digest, size: Int64, form: [UInt8], parts: [Digest])
    do throws(StoreError) { description = try store.describe(value) } catch { throw WorkspaceError(error) }
    let version = ArtifactVersion(
      name: request.name, version: 0, digest: description.digest, type: type, size: description.size,
      form: description.form, parts: description.parts, origin: origin, run: run)
    var result = PutResult(version: version, isNew: false, tags: [], progress: total)
    let records = try record(reason: request.reason) { (names) throws(NameProblem) in
      try Self.changes(request, version, names)
    }
    for record in records {
      if case .put(let version) = record.change {
        result.version = version
        result.isNew = true
      }
    }
    let names = try names()
    if !result.isNew, let latest = names.entries[request.name]?.versions.last { result.version = latest.version }
    result.tags = names.entries[request.name]?.tags(of: result.version.version) ?? []
    return result
  }

  private static func changes(
    _ request: PutRequest, _ version: ArtifactVersion, _ names: Names
  ) throws(NameProblem) -> [NameRecord.Change] {
    var names = names
    var changes: [NameRecord.Change] = []
    func add(_ change: NameRecord.Change) {
      names.apply(NameRecord(change, at: 0, by: "", host: ""))
      changes.append(change)
    }
    let latest = names.entries[request.name]?.versions.last?.version
    if latest?.digest != version.digest || latest?.type != version.type || latest?.form != version.form {
      add(try names.putting(version))
    }
    for tag in request.tags {
      if let change = try names.tagging(request.name, .latest, tag, moves: request.movesTags) { add(change) }
    }
    return changes
  }

  /// The value, where it came from and what it is.
  private func source(
    _ request: PutRequest, _ store: ArtifactStore, _ watch: (StoreProgress) -> Void
  ) throws(WorkspaceError) -> (Value, ValueType, String, Int64?) {
    var declared: ValueType?
    if let text = request.type {
      do throws(TypeSyntaxError) { declared = try ValueType.parse(text) } catch {
        throw WorkspaceError(
          .usage, "`\(text)` is no type: \(error.message)",
          help: "such as `file<csv>`, `dir`, `table` or `std.learn.model`")
      }
    }
    let path = Layout.absolute(request.source)
    guard Layout.exists(path) else {
      guard request.source.contains(":") || request.source.contains("@") || (try? find(request.source)) != nil else {
        throw WorkspaceError(.notFound, "there is no file \(request.source)")
      }
      let found = try find(request.source)
      let type = declared ?? found.type
      if let problem = type.check(type.coerced(found.value)) {
        throw WorkspaceError(.usage, "`\(request.source)`: \(problem)")
      }
      let run = found.origin.split(separator: ":").first.flatMap { Int64($0) }
      do throws(StoreError) { return (try store.persist(type.coerced(found.value)), type, found.origin, run) } catch {
        throw WorkspaceError(error)
      }
    }
    let value = try Self.value(atPath: path, declared, request.source)
    do throws(StoreError) {
      let kept: Value
      switch value {
      case .directory(let tree):
        kept = .directory(try store.persist(tree: tree, consuming: false, materialises: false, watch: watch))
      default: kept = try store.persist(value)
      }
      return (kept, declared ?? kept.type, path, nil)
    } catch {
      throw WorkspaceError(error)
    }
  }

  /// A file or directory as a value of the type that is wanted.
  private static func value(atPath path: String, _ type: ValueType?, _ name: String) throws(WorkspaceError) -> Value {
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    let format = (path.split(separator: "/").last ?? "").split(separator: ".").dropFirst().last.map(String.init) ?? ""
    let reference = FileReference(path: path, size: 0, mediaType: isFolder.boolValue ? "" : mediaType(format))
    let whole: Value = isFolder.boolValue ? .directory(reference) : .file(reference)
    switch type {
    case nil, .directory?, .opaque?: break
    case .file(let word)?:
      if case .file(var file) = whole {
        file.mediaType = word.map { FileFormat.mediaType(for: $0) } ?? file.mediaType
        return .file(file)
      }
    case let type? where !isFolder.boolValue: return try read(path, format, type, name)
    default: break
    }
    if let type, let problem = type.check(whole) { throw WorkspaceError(.usage, "\(name): \(problem)") }
    return whole
  }

  /// The contents of a file as a value: `.npy` for tensors, `.arrow` for tables, JSON for everything else.
  private static func read(
    _ path: String, _ format: String, _ type: ValueType, _ name: String
  ) throws(WorkspaceError) -> Value {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw WorkspaceError(.notFound, "cannot read \(name)")
    }
    let bytes = [UInt8](data)
    let value: Value
    do {
      switch (type, format) {
      case (.tensor, "npy"): value = .tensor(try NumpyFile.read(Payload(bytes)))
      case (.table, "arrow"): value = .table(try ArrowFile.read(Payload(bytes)))
      case (.bytes, _): value = .bytes(Payload(bytes))
      default: value = try Value(json: JSON.parse(bytes), type: type)
      }
    } catch {
      throw WorkspaceError(
        .usage, "\(name) is not \(type): \(error)",
        help: "values are read from JSON, tensors also from .npy, tables from .arrow")
    }
    if let problem = type.check(type.coerced(value)) { throw WorkspaceError(.usage, "\(name): \(problem)") }
    return type.coerced(value)
  }

  /// By the file's extension; empty where nothing is known.
  private static func mediaType(_ extension: String) -> String {
    let usual = [
      "txt": "text", "htm": "html", "md": "markdown", "jpg": "jpeg", "yml": "yaml", "gz": "gzip", "bin": "bytes",
    ]
    let word = usual[`extension`.lowercased()] ?? `extension`.lowercased()
    let media = FileFormat.mediaType(for: word)
    return media == word ? "" : media
  }

  // MARK: changes of names

  /// Nil: it is so already.
  package func tag(
    _ reference: String, _ tags: [String], moves: Bool, reason: String
  ) throws(WorkspaceError) -> [NameRecord] {
    let (name, selector) = try named(reference)
    return try record(reason: reason) { (names) throws(NameProblem) in
      var changes: [NameRecord.Change] = []
      for tag in tags {
        if let change = try names.tagging(name, selector, tag, moves: moves) { changes.append(change) }
      }
      return changes
    }
  }

  package func untag(_ name: String, _ tag: String, reason: String) throws(WorkspaceError) -> [NameRecord] {
    try record(reason: reason) { (names) throws(NameProblem) in [try names.untagging(name, tag)] }
  }

  package func promote(
    _ reference: String, to stage: String, reason: String
  ) throws(WorkspaceError) -> [NameRecord] {
    let (name, selector) = try named(reference)
    return try record(reason: reason) { (names) throws(NameProblem) in
      try names.promoting(name, selector, stage).map { [$0] } ?? []
    }
  }

  package func remove(_ reference: String, evenTagged: Bool, reason: String) throws(WorkspaceError) -> [NameRecord] {
    let (name, selector) = try named(reference)
    return try record(reason: reason) { (names) throws(NameProblem) in
      [try names.removing(name, selector, evenTagged: evenTagged)]
    }
  }

  /// What was done to a name, or to all and to pins; oldest first.
  package func nameLog(_ name: String?) throws(WorkspaceError) -> [NameRecord] {
    let records = try nameRecords()
    guard let name else { return records }
    let found = records.filter { $0.name == name }
    guard !found.isEmpty else {
      let known = Set(records.compactMap(\.name)).sorted()
      let near = nearest(name, known).map { "did you mean `\($0)`?" }
      throw WorkspaceError(
        .notFound, "there is no artifact named `\(name)`", help: near ?? "`assay artifact list` shows what there is")
    }
    return found
  }

  /// `NAME`, `NAME@v3` or `NAME@TAG`.
  private func named(_ text: String) throws(WorkspaceError) -> (String, ArtifactSelector) {
    do throws(NameProblem) {
      guard case .name(let name, let selector) = try ArtifactReference(text, isName: { _ in true }) else {
        throw NameProblem("`\(text)` is no name of an artifact", help: "`assay artifact put \(text) NAME` gives it one")
      }
      return (name, selector)
    } catch {
      throw WorkspaceError(error)
    }
  }

  /// Appends to the records, in the name of whoever uses this program.
  @discardableResult
  func record(
    reason: String, _ decide: (Names) throws(NameProblem) -> [NameRecord.Change]
  ) throws(WorkspaceError) -> [NameRecord] {
    let environment = ProcessInfo.processInfo.environment
    do throws(NameLedger.LedgerError) {
      return try ledger.append(
        at: Int64(Date().timeIntervalSince1970 * 1e9), by: environment["USER"] ?? NSUserName(),
        host: ProcessInfo.processInfo.hostName, reason: reason, decide)
    } catch {
      switch error {
      case .store(let error): throw WorkspaceError(error)
      case .name(let problem):
        let known = problem.candidates
        throw WorkspaceError(problem, known.isEmpty ? nil : Self.quotedWord(problem.message))
      }
    }
  }

  /// The last word in backquotes: what was asked for.
  static func quotedWord(_ message: String) -> String? {
    let parts = message.split(separator: "`", omittingEmptySubsequences: false)
    return parts.count > 2 ? String(parts[parts.count - 2]) : nil
  }

  /// The artifact store, open for adding beside whoever else works on it; made where there is none.
  func enteredStore() throws(WorkspaceError) -> ArtifactStore {
    do throws(StoreError) {
      let store = try ArtifactStore(directory: layout.store, isWriter: false)
      try store.enter()
      return store
    } catch {
      throw WorkspaceError(error)
    }
  }
}
