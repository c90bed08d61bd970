internal import Glibc
internal import Synchronization
package import Values

/// Removing what nothing needs.
///
/// Mark, then sweep: `enter` the store, read the roots, `survey`, `collect`. Safe beside processes that add artifacts and
/// under `kill -9` at any instant:
/// - what was added or found since the oldest live session began is kept, whatever refers to it (see `StoreSession`);
/// - what runs refer to that need not be kept goes only while no other session is alive, since an engine may take their
///   results again at any moment;
/// - both are looked at again for each batch, behind the closed gate, where nobody adds or finds anything.
package struct Survey: Sendable {
  package enum Keep: Sendable, Hashable {
    /// `churn/model@v3`.
    case name(String)
    case run(Int64)
    case pinned
    /// Part of a directory that is kept.
    case part(of: Digest)
    /// Added or found since the oldest process that works on the store began.
    case inUse
    /// A process works on the store and may take the results of this run, which need not be kept, again.
    case perhapsReused(run: Int64)
  }
  package enum Removal: Sendable, Hashable {
    case unreferenced
    /// The last run that refers to it is not to be kept.
    case run(Int64)
  }
  package enum Verdict: Sendable, Hashable {
    case keep(Keep)
    case remove(Removal)
  }
  package struct Object: Sendable {
    package var digest: Digest
    package var size: Int64
    package var verdict: Verdict
    /// It looks like the manifest of a directory.
    var isTree = false

    var isKept: Bool { if case .keep = verdict { true } else { false } }
  }

  /// All artifacts of the store; directories before their parts.
  package var objects: [Object]
  let limit: FileTime

  package var removals: [Object] { objects.filter { !$0.isKept } }
}

/// What must not be removed.
package struct CollectionRoots: Sendable {
  /// The first reason counts.
  package var kept: [Digest: Survey.Keep] = [:]
  /// What runs refer to that need not be kept, with the newest of them.
  package var passed: [Digest: Int64] = [:]

  package init() {}

  package mutating func keep(_ digest: Digest, _ reason: Survey.Keep) {
    if kept[digest] == nil { kept[digest] = reason }
  }

  package mutating func pass(_ digest: Digest, _ run: Int64) { passed[digest] = max(run, passed[digest] ?? run) }
}

extension ArtifactStore {
  /// Judges each artifact. Reads the beginning of all that are kept. The roots have to be read after `enter`.
  package func survey(_ roots: CollectionRoots) throws(StoreError) -> Survey {
    let own = try session()
    let live = try StoreSession.live(in: directory)
    let limit = (live.map(\.started) + [own.started]).min() ?? own.started
    let isAlone = live.allSatisfy { $0.name == own.name }
    var objects = try statuses(limit)
    for (digest, reason) in roots.kept { objects.judge(digest) { _ in .keep(reason) } }
    for (digest, run) in roots.passed {
      objects.judge(digest) { verdict in
        verdict == .remove(.unreferenced) ? (isAlone ? .remove(.run(run)) : .keep(.perhapsReused(run: run))) : verdict
      }
    }
    try markTrees(&objects) { $0.isKept }
    for tree in objects where tree.isTree {
      for part in parts(of: tree.digest) {
        objects.judge(part) { verdict in
          switch verdict {
          case .remove, .keep(.inUse): .keep(.part(of: tree.digest))
          default: verdict
          }
        }
      }
    }
    try markTrees(&objects) { !$0.isKept }
    for tree in objects where tree.isTree {
      guard case .remove(.run(let run)) = tree.verdict else { continue }
      for part in parts(of: tree.digest) {
        objects.judge(part) { verdict in
          switch verdict {
          case .remove(.unreferenced): .remove(.run(run))
          case .remove(.run(let other)): .remove(.run(max(run, other)))
          default: verdict
          }
        }
      }
    }
    // A directory goes before what it consists of: whatever is interrupted leaves none that is not whole.
    return Survey(objects: objects.filter(\.isTree) + objects.filter { !$0.isTree }, limit: limit)
  }

  /// All artifacts, in the order of their digests: in use, or not needed by anything yet.
  private func statuses(_ limit: FileTime) throws(StoreError) -> [Survey.Object] {
    let digests = try list()
    let objects = Mutex<[Survey.Object]>([])
    objects.withLock { $0.reserveCapacity(digests.count) }
    for start in stride(from: 0, to: digests.count, by: Self.slice) {
      let count = min(Self.slice, digests.count - start)
      let found = Mutex([Survey.Object?](repeating: nil, count: count))
      try Lanes.forEach(count) { (index) throws(StoreError) in
        let digest = digests[start + index]
        guard let status = try Disk.status(path(of: digest)) else { return }
        let verdict: Survey.Verdict = FileTime(status) >= limit ? .keep(.inUse) : .remove(.unreferenced)
        found.withLock { $0[index] = .init(digest: digest, size: Int64(status.st_size), verdict: verdict) }
      }
      objects.withLock { objects in found.withLock { objects += $0.compactMap(\.self) } }
    }
    return objects.withLock { $0 }
  }

  private static let slice = 4096

  /// Reads how those begin that `isMeant` chooses.
  private func markTrees(
    _ objects: inout [Survey.Object], _ isMeant: (Survey.Object) -> Bool
  ) throws(StoreError) {
    let meant = objects.indices.filter { isMeant(objects[$0]) && !objects[$0].isTree }
    let trees = Mutex<[Int]>([])
    try Lanes.forEach(meant.count) { [objects] (index) throws(StoreError) in
      if try isTree(objects[meant[index]].digest) { trees.withLock { $0.append(meant[index]) } }
    }
    for index in trees.withLock({ $0 }) { objects[index].isTree = true }
  }

  /// Removes what the survey condemns; gives what really went.
  package func collect(
    _ survey: Survey, progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws(StoreError) -> [Survey.Object] {
    let condemned = survey.removals
    var removed: [Survey.Object] = []
    var start = 0
    while start < condemned.count {
      let batch = condemned[start..<min(start + 64, condemned.count)]
      var trees: [String] = []
      removed += try sweep(batch, survey.limit, &trees)
      for tree in trees { try Disk.remove(tree) }
      start += batch.count
      progress(start, condemned.count)
    }
    try removeLeftTrees()
    return removed
  }

  /// One batch, behind the closed gate. Directories made of artifacts are moved aside, to be removed later.
  private func sweep(
    _ batch: ArraySlice<Survey.Object>, _ limit: FileTime, _ trees: inout [String]
  ) throws(StoreError) -> [Survey.Object] {
    let gate = try Gate(directory, .exclusive)
    defer { gate.open() }
    let own = try session()
    let isAlone = try StoreSession.live(in: directory).allSatisfy { $0.name == own.name }
    var removed: [Survey.Object] = []
    for object in batch {
      guard let status = try Disk.status(path(of: object.digest)), FileTime(status) < limit else { continue }
      if case .remove(.run) = object.verdict, !isAlone { continue }
      if object.isTree {
        let aside = try temporaryPath()
        if rename(treePath(of: object.digest), aside) == 0 { trees.append(aside) }
      }
      guard unlink(path(of: object.digest)) == 0 || errno == ENOENT else {
        throw StoreError.system(.unwritable, "cannot remove", path: path(of: object.digest))
      }
      removed.append(object)
    }
    return removed
  }

  /// Directories made of artifacts that are not there any more.
  private func removeLeftTrees() throws(StoreError) {
    let root = "\(directory)/trees"
    guard try Disk.status(root) != nil else { return }
    var aside: [String] = []
    for fan in try Disk.names(in: root) {
      for name in try Disk.names(in: "\(root)/\(fan)") {
        guard let digest = Digest(hex: fan + name), !contains(digest) else { continue }
        let gate = try Gate(directory, .exclusive)
        defer { gate.open() }
        let path = try temporaryPath()
        if !contains(digest), rename("\(root)/\(fan)/\(name)", path) == 0 { aside.append(path) }
      }
    }
    for path in aside { try Disk.remove(path) }
  }

  /// Removes a damaged artifact, with the directory that was made of it.
  package func discard(_ digest: Digest) throws(StoreError) {
    let gate = try Gate(directory, .exclusive)
    defer { gate.open() }
    try Disk.remove(treePath(of: digest))
    try Disk.remove(path(of: digest))
  }

  // MARK: what artifacts consist of

  /// The artifacts that make up a version: its own, the parts of its value, and the files of directories.
  package func contents(of version: ArtifactVersion) throws(StoreError) -> [Digest] {
    var found: [Digest] = []
    var seen: Set<Digest> = []
    for digest in [version.digest] + version.parts {
      for part in try contents(of: digest) where seen.insert(part).inserted { found.append(part) }
    }
    return found
  }

  /// The artifact, and if it is a directory its files.
  package func contents(of digest: Digest) throws(StoreError) -> [Digest] {
    guard try isTree(digest), let manifest = try? manifest(of: digest) else { return [digest] }
    return [digest] + manifest.files
  }

  /// The artifacts that a stored value refers to.
  package func parts(of value: Value) throws(StoreError) -> [Digest] {
    guard let form = try? WireEncoder.store(value) else { return [] }
    return form.artifacts
  }

  /// What a directory consists of. A file that only begins like a manifest consists of itself.
  private func parts(of tree: Digest) -> [Digest] { (try? manifest(of: tree).files) ?? [] }

  /// Looks like the manifest of a directory.
  package func isTree(_ digest: Digest) throws(StoreError) -> Bool {
    let file = Glibc.open(path(of: digest), O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    var head = [UInt8](repeating: 0, count: TreeManifest.header.utf8.count + 1)
    return read(file, &head, head.count) == head.count && head == Array((TreeManifest.header + "\n").utf8)
  }
}

extension [Survey.Object] {
  /// Changes the verdict on an artifact, if it is among these, which are in the order of their digests.
  fileprivate mutating func judge(_ digest: Digest, _ change: (Survey.Verdict) -> Survey.Verdict) {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].digest < digest { low = middle + 1 } else { high = middle }
    }
    guard low < endIndex, self[low].digest == digest else { return }
    self[low].verdict = change(self[low].verdict)
  }
}

extension TreeManifest {
  /// The artifacts that the directory consists of, each once.
  package var files: [Digest] {
    var seen: Set<Digest> = []
    return entries.compactMap {
      if case .file(let digest, _, _) = $0.kind, seen.insert(digest).inserted { digest } else { nil }
    }
  }
}
