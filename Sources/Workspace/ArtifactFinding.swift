package import Artifacts
internal import Diagnostics
package import Events
internal import Foundation
internal import Traces
package import Values

/// An artifact that somebody named.
package struct FoundArtifact: Sendable {
  /// Of bare bytes: a file.
  package var value: Value
  /// Nil for a small value of a run, which is in the trace.
  package var digest: Digest?
  package var size: Int64
  /// As recorded with the name, else what the value tells.
  package var type: ValueType
  /// What a copy is called: the output's name, the last word of the name, or the digest.
  package var fileName: String
  /// Its versions under names.
  package var versions: [Names.Named] = []
  /// `12:train.model` or the version's origin; empty where it is not known.
  package var origin: String = ""
}

extension WorkspaceError {
  init(_ problem: NameProblem, _ meant: String? = nil) {
    let near = meant.flatMap { nearest($0, problem.candidates) }.map { "did you mean `\($0)`?" }
    self.init(problem.isMissing ? .notFound : .usage, problem.message, help: near ?? problem.help)
  }
}

extension Workspace {
  /// Where names are recorded.
  var ledger: NameLedger { NameLedger(directory: layout.store) }

  /// What names mean now.
  package func names() throws(WorkspaceError) -> Names { Names(try nameRecords()) }

  /// All that was ever done to names, oldest first.
  package func nameRecords() throws(WorkspaceError) -> [NameRecord] {
    do throws(StoreError) { return try ledger.records() } catch { throw WorkspaceError(error) }
  }

  /// The artifacts of the store, also where nothing was run yet.
  func artifactStore() throws(WorkspaceError) -> ArtifactStore {
    if let store = try openStore() { return store.artifacts }
    guard Layout.exists(layout.store + "/artifacts") || Layout.exists(ledger.path) else {
      throw WorkspaceError(
        .notFound, "there is no store at \(layout.store) yet",
        help: "`assay run FILE` or `assay artifact put FILE NAME` makes one")
    }
    do throws(StoreError) { return try ArtifactStore(directory: layout.store, isWriter: false) } catch {
      throw WorkspaceError(error)
    }
  }

  /// The store with its trace, or nil where nothing was run yet.
  func openStore() throws(WorkspaceError) -> Store? {
    Layout.exists(layout.store + "/trace.db") ? try readableStore() : nil
  }

  /// What `churn/model@v3`, `churn/model@production`, `12:train.model` or the beginning of a digest means.
  package func find(_ text: String) throws(WorkspaceError) -> FoundArtifact {
    let names = try names()
    let reference: ArtifactReference
    do throws(NameProblem) {
      reference = try ArtifactReference(text, isName: names.contains)
    } catch {
      throw WorkspaceError(error)
    }
    switch reference {
    case .name(let name, let selector):
      let version: Names.Named
      do throws(NameProblem) { version = try names.find(name, selector) } catch {
        let meant: String =
          switch selector {
          case .latest: name
          case .version(let number): names.contains(name) ? "v\(number)" : name
          case .tag(let tag): names.contains(name) ? tag : name
          }
        throw WorkspaceError(error, meant)
      }
      return try found(version, names)
    case .digest(let digits): return try find(digits: digits, names)
    case .output(let run, let path):
      var found = try output(path, of: run)
      found.versions = names.versions.filter { $0.version.digest == found.digest }.sorted(by: Names.isNewer)
      return found
    }
  }

  func found(_ named: Names.Named, _ names: Names) throws(WorkspaceError) -> FoundArtifact {
    let version = named.version
    let store = try artifactStore()
    let value: Value
    do throws(StoreError) { value = try store.decode(version.form) } catch {
      var failure = WorkspaceError(error)
      failure.message = "`\(version.name)@v\(version.version)`: \(failure.message)"
      throw failure
    }
    return FoundArtifact(
      value: value, digest: version.digest, size: version.size, type: version.type,
      fileName: String(version.name.split(separator: "/").last ?? "artifact"),
      versions: [named] + names.versions.filter { $0.version.digest == version.digest && $0.version != version },
      origin: version.origin)
  }

  private func find(digits: String, _ names: Names) throws(WorkspaceError) -> FoundArtifact {
    let store = try artifactStore()
    do {
      let matches = try store.list(prefix: digits)
      guard let digest = matches.first, !digits.isEmpty else {
        let near = nearest(digits, names.versions.map(\.version.name)).map { "did you mean `\($0)`?" }
        throw WorkspaceError(
          .notFound, "there is no artifact `\(digits)`", help: near ?? "`assay artifact list` shows what there is")
      }
      guard matches.count == 1 else {
        throw WorkspaceError(
          .usage, "`\(digits)` is the beginning of \(matches.count) artifacts", help: "give more digits")
      }
      let versions = names.versions.filter { $0.version.digest == digest }.sorted(by: Names.isNewer)
      if let named = versions.first {
        var found = try found(named, names)
        found.versions = versions
        return found
      }
      let size = Int64(try store.size(of: digest))
      let isTree = try store.isTree(digest)
      let reference = FileReference(
        path: isTree ? try store.materialise(directory: digest) : store.path(of: digest), size: size, digest: digest)
      let value: Value = isTree ? .directory(reference) : .file(reference)
      return FoundArtifact(value: value, digest: digest, size: size, type: value.type, fileName: digest.short)
    } catch let error as WorkspaceError {
      throw error
    } catch let error as StoreError {
      throw WorkspaceError(error)
    } catch {
      throw WorkspaceError(.bug, "\(error)")
    }
  }

  // MARK: outputs of runs

  private func output(_ name: String, of run: RunNumber) throws(WorkspaceError) -> FoundArtifact {
    let report = try report(on: run)
    if let output = report.outputs.first(where: { $0.name == name }) { return found(output.value, name, run, name) }
    let steps = report.detail.steps
    if let dot = name.lastIndex(of: ".") {
      let call = String(name[..<dot])
      let port = String(name[name.index(after: dot)...])
      let path = String(call.prefix { $0 != "[" })
      if let step = steps.firstIndex(where: { $0.step.path == path }) {
        return try node(steps[step].step, step, String(call.dropFirst(path.count)), port, report)
      }
    }
    if let input = report.inputs.first(where: { $0.name == name }) { return found(input.value, name, run, name) }
    let names =
      report.outputs.map(\.name) + steps.flatMap { step in step.step.outputs.map { "\(step.step.path).\($0)" } }
    let near = nearest(name, names).map { "did you mean `\(run):\($0)`?" }
    throw WorkspaceError(
      .notFound, "run \(run) has no output `\(name)`", help: near ?? "there are: \(names.joined(separator: ", "))")
  }

  private func node(
    _ record: StepRecord, _ step: Int, _ item: String, _ port: String, _ report: RunReport
  ) throws(WorkspaceError) -> FoundArtifact {
    let run = report.detail.summary.run
    guard let index = record.outputs.firstIndex(of: port) else {
      let near = nearest(port, record.outputs).map { "did you mean `\($0)`?" }
      throw WorkspaceError(
        .notFound, "step `\(record.path)` has no output `\(port)`",
        help: near ?? "it has: \(record.outputs.joined(separator: ", "))")
    }
    let nodes = try attempts(of: run, step: step).map(\.node) + report.reused.map(\.node)
    let calls = nodes.filter { $0.step == step }
    guard let node = calls.first(where: { $0.item == item }) else {
      let items = Set(calls.map(\.item)).sorted()
      throw WorkspaceError(
        .notFound, "run \(run) has no call `\(record.path)\(item)`",
        help: items.isEmpty ? "" : "there are: \(items.prefix(20).map { record.path + $0 }.joined(separator: ", "))")
    }
    let outputs = try outputs(of: run, node: node.node)
    guard outputs.indices.contains(index), let value = outputs[index] else {
      throw WorkspaceError(.notFound, "`\(record.path)\(item).\(port)` of run \(run) has no value")
    }
    return found(value, port, run, "\(record.path)\(item).\(port)")
  }

  private func found(_ value: Value, _ name: String, _ run: RunNumber, _ path: String) -> FoundArtifact {
    let origin = "\(run):\(path)"
    switch value {
    case .file(let file), .directory(let file):
      return FoundArtifact(
        value: value, digest: file.digest, size: file.size, type: value.type, fileName: name, origin: origin)
    default:
      return FoundArtifact(
        value: value, digest: nil, size: Int64(value.json(limit: 1000).pretty.utf8.count), type: value.type,
        fileName: name, origin: origin)
    }
  }
}

extension Names {
  /// The newer one first.
  static func isNewer(_ a: Named, _ b: Named) -> Bool {
    (a.at, a.version.name, a.version.version) > (b.at, b.version.name, b.version.version)
  }
}

extension Workspace {
  /// The runs that refer to an artifact, ascending.
  package func runs(using digest: Digest) throws(WorkspaceError) -> [RunNumber] {
    guard let store = try openStore() else { return [] }
    do throws(TraceError) { return Set(try store.trace.users(of: digest).map(\.run)).sorted() } catch {
      throw WorkspaceError(error)
    }
  }
}
