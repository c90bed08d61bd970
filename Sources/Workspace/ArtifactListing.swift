package import Artifacts
internal import Events
internal import Foundation
internal import Traces
package import Values

/// An artifact, as in a list.
package struct ListedArtifact: Sendable {
  package var digest: Digest
  package var size: Int64
  /// Nil where only the bytes are known.
  package var type: ValueType?
  package var versions: [Names.Named]
  /// `12:train.model`, `12:data` of an input, or where a version came from; empty: nothing is known.
  package var origin: String
  /// Unix nanoseconds: when it was made or put.
  package var at: Int64?
}

extension Workspace {
  /// Named versions and what runs refer to, newest first; `all`: also what nothing refers to and the parts of directories.
  package func artifacts(
    name: String? = nil, limit: Int = .max, all: Bool = false
  ) throws(WorkspaceError) -> (artifacts: [ListedArtifact], more: Int) {
    let names = try names()
    let store = try artifactStore()
    var listing = Listing(names: names)
    if let name { return try listing.versions(of: name, limit, store) }
    if let open = try openStore() { try listing.add(try uses(open.trace)) }
    if all {
      do throws(StoreError) { listing.add(try store.list()) } catch { throw WorkspaceError(error) }
    }
    let (page, more) = listing.page(limit, store)
    guard let open = try openStore() else { return (page.map { $0.0 }, more) }
    return (try located(page, open), more)
  }

  private func uses(_ trace: Trace) throws(WorkspaceError) -> [ArtifactUse] {
    do throws(TraceError) { return try trace.artifactUses() } catch { throw WorkspaceError(error) }
  }

  /// With steps, ports, types and times: one pass over each run of the page.
  private func located(
    _ page: [(ListedArtifact, ArtifactUse?)], _ store: Store
  ) throws(WorkspaceError) -> [ListedArtifact] {
    var runs: [RunNumber: RunContents] = [:]
    var result: [ListedArtifact] = []
    for (artifact, use) in page {
      var artifact = artifact
      if let use {
        if runs[use.run] == nil { runs[use.run] = try RunContents(use.run, store) }
        if let place = runs[use.run]?.place(of: use, store) {
          if artifact.origin.isEmpty { artifact.origin = place.origin }
          artifact.type = artifact.type ?? place.type
          artifact.at = artifact.at ?? place.at
        }
      }
      result.append(artifact)
    }
    return result
  }
}

/// Collects what is to be listed.
private struct Listing {
  let names: Names
  /// The first node that gave it, before runs that took it as an input.
  private var uses: [Digest: ArtifactUse] = [:]
  private var orphans: [Digest] = []

  init(names: Names) { self.names = names }

  mutating func add(_ all: [ArtifactUse]) throws(WorkspaceError) {
    func rank(_ use: ArtifactUse) -> (Int, Int64, Int) { (use.node < 0 ? 1 : 0, use.run, use.node) }
    for use in all {
      if let known = uses[use.digest], rank(known) <= rank(use) { continue }
      uses[use.digest] = use
    }
  }

  mutating func add(_ all: [Digest]) {
    let named = Set(names.versions.map(\.version.digest))
    orphans = all.filter { uses[$0] == nil && !named.contains($0) }
  }

  func versions(
    of name: String, _ limit: Int, _ store: ArtifactStore
  ) throws(WorkspaceError) -> (artifacts: [ListedArtifact], more: Int) {
    do throws(NameProblem) { _ = try names.find(name, .latest) } catch { throw WorkspaceError(error, name) }
    let versions = (names.entries[name]?.versions ?? []).reversed().map { Self.listed([$0]) }
    return (Array(versions.prefix(limit)), max(0, versions.count - limit))
  }

  private static func listed(_ versions: [Names.Named]) -> ListedArtifact {
    let version = versions[0].version
    return ListedArtifact(
      digest: version.digest, size: version.size, type: version.type, versions: versions, origin: version.origin,
      at: versions[0].at)
  }

  /// The newest first; what is not in the store any more is left out.
  func page(_ limit: Int, _ store: ArtifactStore) -> ([(ListedArtifact, ArtifactUse?)], more: Int) {
    var named: [Digest: [Names.Named]] = [:]
    for version in names.versions { named[version.version.digest, default: []].append(version) }
    var rows: [(artifact: ListedArtifact, use: ArtifactUse?)] = named.map { digest, versions in
      (Self.listed(versions.sorted(by: Names.isNewer)), uses[digest])
    }
    rows.sort { ($0.artifact.at ?? 0, $0.artifact.digest) > ($1.artifact.at ?? 0, $1.artifact.digest) }
    let others = uses.values.filter { named[$0.digest] == nil }
      .sorted { ($0.run, $0.node, $0.digest) > ($1.run, $1.node, $1.digest) }
    var page = rows.prefix(limit).map { ($0.artifact, $0.use) }
    var rest = rows.count - page.count
    for (digest, use) in others.map({ ($0.digest, Optional($0)) }) + orphans.map({ ($0, nil) }) {
      guard page.count < limit else {
        rest += 1
        continue
      }
      guard let size = try? store.size(of: digest) else { continue }
      page.append(
        (ListedArtifact(digest: digest, size: Int64(size), type: nil, versions: [], origin: "", at: nil), use))
    }
    return (page, rest)
  }
}

/// What a run made, to be looked up by artifact.
struct RunContents {
  let detail: RunDetail?
  let results: [Int: NodeResult]

  init(_ run: RunNumber, _ store: Store) throws(WorkspaceError) {
    detail = try store.detail(of: run)
    do throws(TraceError) { results = try store.trace.results(of: run) } catch { throw WorkspaceError(error) }
  }

  /// Where in the run an artifact is: the output of a call, or an input or output of the run.
  func place(of use: ArtifactUse, _ store: Store) -> (origin: String, type: ValueType?, at: Int64?)? {
    guard let detail else { return nil }
    let run = use.run
    if use.node < 0 {
      let named = (detail.outputs + detail.inputs).first { Self.mentions($0.stored, use.digest) }
      return (
        "\(run):\(named?.name ?? "?")", named.flatMap { type($0.stored, use.digest, store) }, detail.summary.startedAt
      )
    }
    guard let result = results[use.node], detail.steps.indices.contains(result.node.step) else { return nil }
    let step = detail.steps[result.node.step].step
    let port = result.outputs.firstIndex { $0.map { Self.mentions($0, use.digest) } ?? false }
    let name = port.flatMap { step.outputs.indices.contains($0) ? step.outputs[$0] : nil } ?? "?"
    return (
      "\(run):\(step.path)\(result.node.item).\(name)",
      port.flatMap { result.outputs[$0] }.flatMap { type($0, use.digest, store) }, result.at
    )
  }

  /// Of the part that is the artifact; of a list of files that of one of them.
  private func type(_ stored: [UInt8], _ digest: Digest, _ store: Store) -> ValueType? {
    guard let value = try? store.artifacts.decode(stored) else { return nil }
    return value.part(digest)?.type ?? value.type
  }

  /// Whether a stored form refers to an artifact: by the bytes of its digest, or of a file by its digits.
  static func mentions(_ stored: [UInt8], _ digest: Digest) -> Bool {
    contains(stored, digest.bytes) || contains(stored, Array(digest.hex.utf8))
  }

  private static func contains(_ bytes: [UInt8], _ pattern: [UInt8]) -> Bool {
    var rest = bytes[...]
    while let hit = rest.firstIndex(of: pattern[0]), hit + pattern.count <= rest.endIndex {
      if bytes[hit..<hit + pattern.count].elementsEqual(pattern) { return true }
      rest = bytes[(hit + 1)...]
    }
    return false
  }
}

extension Value {
  /// The file or directory inside that is this artifact.
  fileprivate func part(_ digest: Digest) -> Value? {
    switch self {
    case .file(let file), .directory(let file): file.digest == digest ? self : nil
    case .list(let items): items.lazy.compactMap { $0.part(digest) }.first
    case .record(let fields): fields.lazy.compactMap { $0.value.part(digest) }.first
    default: nil
    }
  }
}
