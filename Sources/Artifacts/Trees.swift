internal import Glibc
package import Values

extension ArtifactStore {
  /// Stores each file of a directory, and the manifest that puts them together; the manifest's digest is the directory's.
  ///
  /// Of files that look as they did when the directory was last stored only the digest is taken over: see `FileIndex`.
  package func persist(
    tree: FileReference, consuming: Bool, watch: (StoreProgress) -> Void = { _ in }
  ) throws(StoreError) -> FileReference {
    if let digest = tree.digest, tree.path == treePath(of: digest), try retain(tree: digest) { return tree }
    guard let status = try Disk.status(tree.path) else {
      throw StoreError(.missing, "no such directory", path: tree.path)
    }
    guard Disk.kind(status) == S_IFDIR else { throw StoreError(.unsupported, "not a directory", path: tree.path) }
    var manifest = TreeManifest()
    var index = consuming ? nil : FileIndex(of: tree.path, in: directory)
    try gather(tree.path, "", into: &manifest, &index, consuming: consuming, watch)
    let digest = try add(manifest.bytes)
    index?.save(temporary: try temporaryPath())
    if consuming { try Disk.remove(tree.path) }
    return FileReference(
      path: try materialise(directory: digest), size: Int64(manifest.size), mediaType: tree.mediaType, digest: digest)
  }

  /// `retain`, of a directory with all its files. The manifest comes last: one that was touched says the same of its files.
  func retain(tree digest: Digest) throws(StoreError) -> Bool {
    guard let status = try Disk.status(path(of: digest)) else { return false }
    if FileTime(status) >= (try session()).started { return true }
    for case .file(let file, let size, _) in try manifest(of: digest).entries.map(\.kind) {
      guard try retain(file, size: size) else { return false }
    }
    return try retain(digest)
  }

  private func gather(
    _ directory: String, _ prefix: String, into manifest: inout TreeManifest, _ index: inout FileIndex?,
    consuming: Bool, _ watch: (StoreProgress) -> Void
  ) throws(StoreError) {
    guard prefix.utf8.lazy.filter({ $0 == 0x2F }).count < TreeManifest.maximumDepth else {
      throw StoreError(.unsupported, "directories nest too deep", path: directory)
    }
    for name in try Disk.names(in: directory) {
      let path = "\(directory)/\(name)"
      guard let status = try Disk.status(path) else { continue }
      switch Disk.kind(status) {
      case S_IFDIR:
        manifest.entries.append(.init(path: prefix + name, kind: .directory))
        try gather(path, "\(prefix)\(name)/", into: &manifest, &index, consuming: consuming, watch)
      case S_IFREG:
        let (digest, size) = try known(path, prefix + name, status, &index, consuming, watch)
        let isExecutable = status.st_mode & 0o111 != 0
        manifest.entries.append(
          .init(path: prefix + name, kind: .file(digest, size: size, isExecutable: isExecutable)))
      case S_IFLNK: throw StoreError(.unsupported, "a directory with a symbolic link cannot be stored", path: path)
      default: throw StoreError(.unsupported, "a directory with a special file cannot be stored", path: path)
      }
    }
  }

  /// The digest of a file, read only if it may have changed, or is not in the store.
  private func known(
    _ path: String, _ relative: String, _ status: stat, _ index: inout FileIndex?, _ consuming: Bool,
    _ watch: (StoreProgress) -> Void
  ) throws(StoreError) -> (digest: Digest, size: Int) {
    let size = Int(status.st_size)
    if let digest = index?.digest(of: relative, status), try retain(digest, size: size) {
      watch(StoreProgress(files: 1, bytes: Int64(size), read: 0))
      return (digest, size)
    }
    let stored = try add(file: path, consuming: consuming) { watch(StoreProgress(bytes: Int64($0), read: Int64($0))) }
    if stored.size == size { index?.remember(stored.digest, of: relative, status) }
    watch(StoreProgress(files: 1))
    return stored
  }

  /// The path of a stored directory as files again: read-only, hard links to the artifacts where possible.
  package func materialise(directory digest: Digest) throws(StoreError) -> String {
    let path = treePath(of: digest)
    if try Disk.status(path) != nil { return path }
    let manifest = try manifest(of: digest)
    let temporary = try temporaryPath()
    try Disk.makeDirectory(temporary)
    do throws(StoreError) {
      for entry in manifest.entries { try place(entry, in: temporary) }
      // Before it has its name: half a directory looks like a whole one.
      if synchronises {
        for entry in manifest.entries where entry.kind == .directory {
          try Disk.synchronise(directory: "\(temporary)/\(entry.path)")
        }
        try Disk.synchronise(directory: temporary)
      }
      if let slash = path.lastIndex(of: "/") { try Disk.makeDirectory(String(path[..<slash])) }
      if rename(temporary, path) != 0 {
        // Another thread was faster.
        guard errno == EEXIST || errno == ENOTEMPTY else {
          throw StoreError.system(.unwritable, "cannot name", path: path)
        }
        try Disk.remove(temporary)
        return path
      }
    } catch {
      // The first error counts; what is left lies in `tmp/`.
      try? Disk.remove(temporary)
      throw error
    }
    for entry in manifest.entries where entry.kind == .directory { chmod("\(path)/\(entry.path)", 0o555) }
    chmod(path, 0o555)
    return path
  }

  private func place(_ entry: TreeManifest.Entry, in directory: String) throws(StoreError) {
    let target = "\(directory)/\(entry.path)"
    guard case .file(let digest, _, let isExecutable) = entry.kind else {
      try Disk.makeDirectory(target)
      return
    }
    let source = path(of: digest)
    // The mode belongs to the file, not to the name: an executable one needs a file of its own.
    if !isExecutable, link(source, target) == 0 { return }
    guard contains(digest) else { throw missing(digest) }
    let from = try Disk.File(reading: source)
    let to = try Disk.File(creating: target)
    if !Disk.clone(from, to: to) { try from.forEachChunk { (chunk) throws(StoreError) in try to.write(chunk) } }
    try to.setMode(isExecutable ? 0o555 : 0o444)
    if synchronises { try to.synchronise() }
  }

  /// What a stored directory consists of. Throws `malformed` when the artifact is none.
  package func manifest(of digest: Digest) throws(StoreError) -> TreeManifest {
    let region = try mapping(digest)
    try region.load()
    guard let manifest = TreeManifest(region.withUnsafeBytes { Array($0) }) else {
      throw StoreError(.malformed, "artifact \(digest.short) is not a directory", path: region.path)
    }
    return manifest
  }
}
