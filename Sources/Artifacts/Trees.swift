internal import Glibc
package import Values

extension ArtifactStore {
  /// Stores each file of a directory, and the manifest that puts them together; the manifest's digest is the directory's.
  ///
  /// Of files that look as they did when the directory was last stored only the digest is taken over: see `FileIndex`.
  ///
  /// - Parameters:
  ///   - consuming: the directory is private to the caller and not needed afterwards.
  ///   - materialises: make the files of the stored directory now, where the reference says; whoever decodes it does later.
  package func persist(
    tree: FileReference, consuming: Bool, materialises: Bool = true, watch: (StoreProgress) -> Void = { _ in }
  ) throws(StoreError) -> FileReference {
    if let digest = tree.digest, tree.path == treePath(of: digest), try retain(tree: digest) { return tree }
    guard let status = try Disk.status(tree.path) else {
      throw StoreError(.missing, "no such directory", path: tree.path)
    }
    guard Disk.kind(status) == S_IFDIR else { throw StoreError(.unsupported, "not a directory", path: tree.path) }
    var gathering = Gathering(of: tree.path, in: self, consuming: consuming)
    let manifest = try gathering.run(watch)
    let digest = try add(manifest.bytes)
    gathering.index?.save(temporary: try temporaryPath() + "-note")
    if consuming { try Disk.remove(tree.path) }
    return FileReference(
      path: materialises ? try materialise(directory: digest) : treePath(of: digest), size: Int64(manifest.size),
      mediaType: tree.mediaType, digest: digest)
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
