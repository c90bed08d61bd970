internal import Glibc
internal import Synchronization
package import Values

/// What stored files look like while nobody has touched them.
struct FileIdentity: Equatable, Sendable {
  private var words: [Int64]

  init?(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    words = [
      Int64(bitPattern: UInt64(status.st_dev)), Int64(bitPattern: UInt64(status.st_ino)), Int64(status.st_size),
      Int64(status.st_mode), FileTime(status).nanoseconds,
      Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec),
    ]
  }
}

extension ArtifactStore {
  /// The artifacts among the files and directories of a value that were changed in the store, against all rules: files there
  /// are read-only, but not for everybody. They are removed, so that nobody takes them for what their names say.
  ///
  /// Cheap: a file that looks as it did when this store first looked is not read. One `lstat` a file, of a directory one for
  /// each that it holds.
  package func altered(in value: Value) throws(StoreError) -> [Digest] {
    var altered: [Digest] = []
    for reference in value.files {
      guard let digest = reference.digest else { continue }
      if reference.path == treePath(of: digest) {
        altered += try alteredParts(of: digest)
      } else if try !isUnaltered(path(of: digest), digest) {
        altered.append(digest)
      }
    }
    for digest in altered { try discard(digest) }
    return altered
  }

  private func alteredParts(of tree: Digest) throws(StoreError) -> [Digest] {
    guard try isUnaltered(path(of: tree), tree) else { return [tree] }
    var altered: [Digest] = []
    let root = treePath(of: tree)
    let manifest = try manifest(of: tree)
    var isSame = looksTheSame(root)
    for entry in manifest.entries {
      switch entry.kind {
      case .directory: isSame = looksTheSame("\(root)/\(entry.path)") && isSame
      case .file(let digest, _, _):
        if try !isUnaltered("\(root)/\(entry.path)", digest) {
          altered.append(digest)
          isSame = false
        }
      }
    }
    // Something was added or removed: what lies there is no longer the directory.
    if !isSame, try Set(relativePaths(root)) != Set(manifest.entries.map(\.path)) || !altered.isEmpty {
      altered.append(tree)
    }
    return altered
  }

  private func relativePaths(_ root: String) throws(StoreError) -> [String] {
    var paths: [String] = []
    var open = [""]
    while let folder = open.popLast() {
      for name in try Disk.names(in: folder.isEmpty ? root : "\(root)/\(folder)") {
        let path = folder.isEmpty ? name : "\(folder)/\(name)"
        paths.append(path)
        if let status = try Disk.status("\(root)/\(path)"), Disk.kind(status) == S_IFDIR { open.append(path) }
      }
    }
    return paths
  }

  /// Reads the file only if it does not look as it did.
  private func isUnaltered(_ path: String, _ digest: Digest) throws(StoreError) -> Bool {
    if looksTheSame(path) { return true }
    guard let file = try? Disk.File(reading: path), try file.digest() == digest else { return false }
    remember(path)
    return true
  }

  /// True the first time.
  private func looksTheSame(_ path: String) -> Bool {
    guard let now = FileIdentity(path) else { return false }
    return identities.withLock { known in
      guard let before = known[path] else {
        // Bounded: what is forgotten is believed once more.
        if known.count > 65_536 { known = [:] }
        known[path] = now
        return true
      }
      return before == now
    }
  }

  private func remember(_ path: String) {
    let now = FileIdentity(path)
    identities.withLock { $0[path] = now }
  }
}

extension Value {
  /// The files and directories inside.
  fileprivate var files: [FileReference] {
    switch self {
    case .file(let file), .directory(let file): [file]
    case .list(let items): items.flatMap(\.files)
    case .record(let fields): fields.flatMap(\.value.files)
    default: []
    }
  }
}
