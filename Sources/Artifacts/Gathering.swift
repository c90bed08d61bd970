internal import Glibc
internal import Synchronization
internal import Values

/// A directory on its way into the store: walked once, in the order of its names; its files are read and written in batches,
/// on all processors.
struct Gathering {
  let root: String
  let store: ArtifactStore
  let consuming: Bool
  var index: FileIndex?
  private var manifest = TreeManifest()
  private var batch: [Found] = []
  private var batchBytes = 0

  private struct Found: Sendable {
    /// Of its entry in the manifest.
    var place: Int
    var status: stat
    /// What it was when it last looked the same.
    var known: Digest?
  }

  /// A batch ends at so many files or bytes; a larger file is one of its own.
  private static let mostFiles = 4096
  private static let mostBytes = 64 << 20

  init(of root: String, in store: ArtifactStore, consuming: Bool) {
    (self.root, self.store, self.consuming) = (root, store, consuming)
    index = consuming ? nil : FileIndex(of: root, in: store.directory)
  }

  /// What the directory consists of, when all of it is in the store.
  mutating func run(_ watch: (StoreProgress) -> Void) throws(StoreError) -> TreeManifest {
    try walk("", watch)
    try flush(watch)
    return manifest
  }

  private mutating func walk(_ prefix: String, _ watch: (StoreProgress) -> Void) throws(StoreError) {
    guard prefix.utf8.lazy.filter({ $0 == 0x2F }).count < TreeManifest.maximumDepth else {
      throw StoreError(.unsupported, "directories nest too deep", path: "\(root)/\(prefix)")
    }
    for name in try Disk.names(in: prefix.isEmpty ? root : "\(root)/\(prefix)") {
      let relative = prefix + name
      let path = "\(root)/\(relative)"
      guard let status = try Disk.status(path) else { continue }
      switch Disk.kind(status) {
      case S_IFDIR:
        manifest.entries.append(.init(path: relative, kind: .directory))
        try walk(relative + "/", watch)
      case S_IFREG: try add(relative, status, watch)
      case S_IFLNK: throw StoreError(.unsupported, "a directory with a symbolic link cannot be stored", path: path)
      default: throw StoreError(.unsupported, "a directory with a special file cannot be stored", path: path)
      }
    }
  }

  private mutating func add(
    _ relative: String, _ status: stat, _ watch: (StoreProgress) -> Void
  ) throws(StoreError) {
    let size = Int(status.st_size)
    if !batch.isEmpty, batchBytes + size > Self.mostBytes { try flush(watch) }
    batch.append(Found(place: manifest.entries.count, status: status, known: index?.digest(of: relative, status)))
    // Its digest comes with the batch.
    manifest.entries.append(
      .init(
        path: relative,
        kind: .file(Digest(words: (0, 0, 0, 0)), size: size, isExecutable: status.st_mode & 0o111 != 0)))
    batchBytes += size
    if batch.count == Self.mostFiles { try flush(watch) }
  }

  /// Brings the batch into the store.
  private mutating func flush(_ watch: (StoreProgress) -> Void) throws(StoreError) {
    defer { (batch, batchBytes) = ([], 0) }
    let taken = try take(watch)
    for (found, (file, wasKnown)) in zip(batch, taken) {
      let entry = manifest.entries[found.place]
      guard case .file(_, _, let isExecutable) = entry.kind else { continue }
      manifest.entries[found.place].kind = .file(file.digest, size: file.size, isExecutable: isExecutable)
      if !wasKnown, file.size == Int(found.status.st_size) {
        index?.remember(file.digest, of: entry.path, found.status)
      }
    }
  }

  private func take(
    _ watch: (StoreProgress) -> Void
  ) throws(StoreError) -> [(file: ArtifactStore.Taken, wasKnown: Bool)] {
    let taken = Mutex([(file: ArtifactStore.Taken, wasKnown: Bool)?](repeating: nil, count: batch.count))
    do throws(StoreError) {
      if batch.count == 1, let found = batch.first {
        // A large one: heard of while it is read.
        let one = try take(found) { watch(StoreProgress(bytes: Int64($0), read: Int64($0))) }
        watch(one.wasKnown ? StoreProgress(files: 1, bytes: Int64(one.file.size)) : StoreProgress(files: 1))
        taken.withLock { $0[0] = one }
      } else {
        try Lanes.forEach(batch.count) { [batch] (index) throws(StoreError) in
          var one = try take(batch[index]) { _ in }
          one.file.staged?.file = nil
          taken.withLock { $0[index] = one }
        }
        for case let one? in taken.withLock({ $0 }) {
          watch(StoreProgress(bytes: Int64(one.file.size), read: one.wasKnown ? 0 : Int64(one.file.size)))
          watch(StoreProgress(files: 1))
        }
      }
    } catch {
      for case let staged? in taken.withLock({ $0.map { $0?.file.staged } }) { unlink(staged.path) }
      throw error
    }
    let all = taken.withLock { $0.compactMap(\.self) }
    try store.adopt(all.compactMap(\.file.staged))
    return all
  }

  /// Read only if it may have changed, or is not in the store.
  private func take(
    _ found: Found, _ watch: (Int) -> Void
  ) throws(StoreError) -> (file: ArtifactStore.Taken, wasKnown: Bool) {
    let size = Int(found.status.st_size)
    if let digest = found.known, try store.retain(digest, size: size) {
      return (ArtifactStore.Taken(digest: digest, size: size), true)
    }
    let path = "\(root)/\(manifest.entries[found.place].path)"
    return (try store.take(file: path, consuming: consuming, watch), false)
  }
}
