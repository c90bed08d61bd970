internal import Glibc
package import Values

extension ArtifactStore {
  /// Stores `parts`, one after another, as one artifact. Not written at all when the store has it. O(bytes).
  package func add(_ parts: [Payload]) throws(StoreError) -> Digest {
    var hasher = Hasher256()
    for part in parts { part.withUnsafeBytes { hasher.update($0) } }
    let digest = hasher.digest()
    if try retain(digest, size: parts.reduce(0) { $0 + $1.count }) { return digest }
    return try writing { (file) throws(StoreError) in
      for part in parts { try part.withBytes { (bytes) throws(StoreError) in try file.write(bytes) } }
      return digest
    }
  }

  package func add(_ bytes: [UInt8]) throws(StoreError) -> Digest { try add([Payload(bytes)]) }

  /// Stores the file at `path`.
  ///
  /// - Parameters:
  ///   - consuming: nobody else has the file and it is not needed any more: it is moved if it can be.
  ///   - watch: told how many bytes have been read.
  package func add(
    file path: String, consuming: Bool = false, watch: (Int) -> Void = { _ in }
  ) throws(StoreError) -> (digest: Digest, size: Int) {
    guard let found = try Disk.status(path) else { throw StoreError(.missing, "no such file", path: path) }
    // A link to a file is followed: the reference names the content.
    guard [S_IFREG, S_IFLNK].contains(Disk.kind(found)) else {
      throw StoreError(.unsupported, "not a regular file", path: path)
    }
    let source = try Disk.File(reading: path)
    let status = try source.status()
    guard Disk.kind(status) == S_IFREG else { throw StoreError(.unsupported, "not a regular file", path: path) }
    let digest = try source.digest(watch)
    let size = Int(status.st_size)
    if try retain(digest, size: size) {
      if consuming { unlink(path) }
      return (digest, size)
    }
    if consuming, Disk.kind(found) == S_IFREG, status.st_nlink == 1, try move(path, as: digest) {
      return (digest, size)
    }
    let stored = try copy(source)
    if consuming { unlink(path) }
    return stored
  }

  /// Moves a private file into the store; false when it lies on another file system.
  private func move(_ path: String, as digest: Digest) throws(StoreError) -> Bool {
    let temporary = try temporaryPath()
    guard rename(path, temporary) == 0 else { return false }
    do throws(StoreError) {
      try adopt(Disk.File(reading: temporary), as: digest)
    } catch {
      rename(temporary, path)
      throw error
    }
    return true
  }

  /// The digest is of the copy: the source may change under our hands.
  private func copy(_ source: Disk.File) throws(StoreError) -> (digest: Digest, size: Int) {
    var size = 0
    let digest = try writing { (file) throws(StoreError) in
      if Disk.clone(source, to: file) {
        size = Int(try file.status().st_size)
        return try file.digest()
      }
      var hasher = Hasher256()
      try source.forEachChunk { (chunk) throws(StoreError) in
        hasher.update(chunk)
        try file.write(chunk)
        size += chunk.count
      }
      return hasher.digest()
    }
    return (digest, size)
  }

  /// A temporary file that becomes the artifact which `body` says it is, or nothing.
  private func writing(_ body: (Disk.File) throws(StoreError) -> Digest) throws(StoreError) -> Digest {
    let file = try Disk.File(creating: try temporaryPath())
    do throws(StoreError) {
      let digest = try body(file)
      try adopt(file, as: digest)
      return digest
    } catch {
      unlink(file.path)
      throw error
    }
  }

}
