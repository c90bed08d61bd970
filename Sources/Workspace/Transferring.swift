package import Artifacts
internal import Diagnostics
internal import Foundation
internal import Values

extension Workspace {
  package struct ExportReport: Sendable {
    package var versions: [ArtifactVersion]
    package var artifacts: Int
    package var bytes: Int64
  }

  /// Writes versions with their tags, history and bytes into one file: `NAME` (all its versions), `NAME@v3`, `NAME@TAG`.
  package func export(
    _ references: [String], to path: String, replaces: Bool, progress: (StoreProgress) -> Void = { _ in }
  ) throws(WorkspaceError) -> ExportReport {
    let names = try names()
    let store = try artifactStore()
    guard replaces || !Layout.exists(path) else {
      throw WorkspaceError(.failed, "`\(path)` exists already", help: "--force replaces it")
    }
    let environment = ProcessInfo.processInfo.environment
    var contents = Archive.Contents(
      engine: Self.version, by: environment["USER"] ?? NSUserName(), host: ProcessInfo.processInfo.hostName,
      versions: [], objects: [:])
    do {
      for named in try chosen(references, names) {
        for part in try store.contents(of: named.version) { contents.objects[part] = Int64(try store.size(of: part)) }
        let entry = names.entries[named.version.name]
        let tags = entry?.tags(of: named.version.version) ?? []
        var version = named.version
        version.history = try history(of: version)
        contents.versions.append(
          Archive.Entry(
            version: version, tags: tags.filter { entry?.stages.contains($0) != true },
            stages: tags.filter { entry?.stages.contains($0) == true }))
      }
      try store.export(contents, to: path, progress: progress)
    } catch {
      throw Self.problem(error)
    }
    return ExportReport(
      versions: contents.versions.map(\.version), artifacts: contents.objects.count,
      bytes: contents.objects.values.reduce(0, +))
  }

  private func chosen(_ references: [String], _ names: Names) throws -> [Names.Named] {
    if references.isEmpty {
      return names.versions.sorted { ($0.version.name, $0.version.version) < ($1.version.name, $1.version.version) }
    }
    var chosen: [Names.Named] = []
    for reference in references {
      let parsed = try ArtifactReference(reference) { _ in true }
      guard case .name(let name, let selector) = parsed else {
        throw NameProblem("`\(reference)` is no name", help: "`assay artifact put \(reference) NAME` gives it one")
      }
      let found = try names.find(name, selector)
      let all = selector == .latest ? names.entries[name]?.versions ?? [] : [found]
      chosen += all.filter { new in !chosen.contains { $0.version == new.version } }
    }
    return chosen
  }

  /// What the version was made of, as on record here or where it came from.
  private func history(of version: ArtifactVersion) throws(WorkspaceError) -> String {
    if !version.history.isEmpty { return version.history }
    let lineage = try lineage(of: version.reference, .up)
    return lineage.nodes.count > 1 ? lineage.json.compact : ""
  }

  package struct ImportReport: Sendable {
    /// As they are called here.
    package var versions: [(version: ArtifactVersion, isNew: Bool)] = []
    /// Tags that name another version here.
    package var leftTags: [String] = []
    /// Stages are for people of this store to decide.
    package var stages: [String] = []
    package var artifacts = 0
    package var bytes: Int64 = 0
  }

  /// Takes over the versions of an archive as the next ones of their names; what is here already stays as it is.
  package func `import`(
    _ path: String, reason: String, progress: (StoreProgress) -> Void = { _ in }
  ) throws(WorkspaceError) -> ImportReport {
    guard Layout.exists(path) else { throw WorkspaceError(.notFound, "there is no file \(path)") }
    let store = try enteredStore()
    defer { store.leave() }
    let contents: Archive.Contents
    do throws(StoreError) { contents = try store.import(path, progress: progress) } catch {
      var failure = WorkspaceError(error)
      // The archive is to blame, not the store.
      if error.code == .malformed || error.code == .unsupported { failure.exit = .usage }
      if error.code == .full { failure.help = "make room on the disk, then import again" }
      throw failure
    }
    var report = ImportReport(artifacts: contents.objects.count, bytes: contents.objects.values.reduce(0, +))
    try record(reason: reason) { (names) throws(NameProblem) in
      report.versions = []
      var names = names
      var changes: [NameRecord.Change] = []
      func add(_ change: NameRecord.Change) {
        names.apply(NameRecord(change, at: 0, by: "", host: ""))
        changes.append(change)
      }
      for entry in contents.versions {
        let known = names.entries[entry.version.name]?.versions.last {
          $0.version.digest == entry.version.digest && $0.version.type == entry.version.type
        }
        if let known {
          report.versions.append((known.version, false))
        } else {
          var version = entry.version
          version.origin = "\(entry.version.reference) of \(contents.by)@\(contents.host)"
          version.run = nil
          let change = try names.putting(version)
          if case .put(let numbered) = change { report.versions.append((numbered, true)) }
          add(change)
        }
        guard let version = report.versions.last?.version else { continue }
        for tag in entry.tags {
          if let before = names.entries[version.name]?.tags[tag] {
            if before != version.version { report.leftTags.append("\(version.name)@\(tag)") }
          } else if let change = try names.tagging(version.name, .version(version.version), tag, moves: false) {
            add(change)
          }
        }
        report.stages += entry.stages.map { "\(version.reference): \($0)" }
      }
      return changes
    }
    return report
  }

  private static func problem(_ error: any Error) -> WorkspaceError {
    switch error {
    case let error as WorkspaceError: error
    case let error as NameProblem: WorkspaceError(error, quotedWord(error.message))
    case let error as StoreError: WorkspaceError(error)
    default: WorkspaceError(.bug, "\(error)")
    }
  }
}
