internal import Glibc
package import Values

extension ArtifactStore {
  /// Stores `parts`, one after another, as one artifact. Not written at all when the store has it. O(bytes).
  package func add(_ parts: [Payload]) throws(StoreError) -> Digest {
    var hasher = Hasher256()
    for part in parts { part.withUnsafeBytes { hasher.update($0) } }
    let digest = hasher.digest()
    if try retain(digest, size: parts.reduce(0) { $0 + $1.count }) { return digest }
    let (staged, _) = try stage { (file) throws(StoreError) in
      for part in parts { try part.withBytes { (bytes) throws(StoreError) in try file.write(bytes) } }
      return (digest, ())
    }
    try adopt([staged])
    return digest
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
    let taken = try take(file: path, consuming: consuming, watch)
    if let staged = taken.staged { try adopt([staged]) }
    if consuming { unlink(path) }
    return (taken.digest, taken.size)
  }

  /// What a file comes to. Staged, unless the store has it; then it stays.
  struct Taken: Sendable {
    var digest: Digest
    var size: Int
    var staged: Staged?
  }

  /// Reads the file once, if that can be. Any thread.
  func take(file path: String, consuming: Bool, _ watch: (Int) -> Void = { _ in }) throws(StoreError) -> Taken {
    guard let found = try Disk.status(path) else { throw StoreError(.missing, "no such file", path: path) }
    // A link to a file is followed: the reference names the content.
    guard [S_IFREG, S_IFLNK].contains(Disk.kind(found)) else {
      throw StoreError(.unsupported, "not a regular file", path: path)
    }
    let source = try Disk.File(reading: path)
    let status = try source.status()
    guard Disk.kind(status) == S_IFREG else { throw StoreError(.unsupported, "not a regular file", path: path) }
    if consuming, Disk.kind(found) == S_IFREG, status.st_nlink == 1 {
      if synchronises { source.beginWriting() }
      var taken = Taken(digest: try source.digest(watch), size: Int(status.st_size))
      if try retain(taken.digest, size: taken.size) { return taken }
      taken.staged = try move(source, as: taken.digest)
      if taken.staged != nil { return taken }
    }
    if let bytes = try source.contents(limit: Disk.chunk) { return try take(bytes, watch) }
    return try take(large: source, watch)
  }

  private func take(_ bytes: [UInt8], _ watch: (Int) -> Void) throws(StoreError) -> Taken {
    var taken = Taken(digest: Hasher256.digest(bytes), size: bytes.count)
    watch(bytes.count)
    if try retain(taken.digest, size: taken.size) { return taken }
    (taken.staged, _) = try stage { (file) throws(StoreError) in
      try Payload(bytes).withBytes { (bytes) throws(StoreError) in try file.write(bytes) }
      return (taken.digest, ())
    }
    return taken
  }

  /// Copied while it is hashed. A file of which the store may well have the bytes is only hashed at first.
  private func take(large source: Disk.File, _ watch: (Int) -> Void) throws(StoreError) -> Taken {
    let opening = try source.opening()
    var isKnown = false
    if let known = recall(opening), contains(known) {
      let (digest, size) = (try source.digest(watch), Int(try source.status().st_size))
      if try retain(digest, size: size) { return Taken(digest: digest, size: size) }
      isKnown = true
    }
    let (staged, size) = try stage { (file) throws(StoreError) in
      if Disk.clone(source, to: file) {
        return (try file.digest { if !isKnown { watch($0) } }, Int(try file.status().st_size))
      }
      let copied = try source.copy(to: file, begins: synchronises) { if !isKnown { watch($0) } }
      return (copied.digest, copied.size)
    }
    remember(staged.digest, of: opening)
    if try retain(staged.digest, size: size) {
      unlink(staged.path)
      return Taken(digest: staged.digest, size: size)
    }
    return Taken(digest: staged.digest, size: size, staged: staged)
  }

  /// Moves a private file to where it is staged; nil when it lies on another file system.
  private func move(_ file: Disk.File, as digest: Digest) throws(StoreError) -> Staged? {
    let temporary = try temporaryPath()
    guard rename(file.path, temporary) == 0 else { return nil }
    do throws(StoreError) { try file.setMode(0o444) } catch {
      rename(temporary, file.path)
      throw error
    }
    // It may bring an old time with it.
    _ = futimens(file.descriptor, nil)
    return Staged(path: temporary, digest: digest, file: file)
  }
}

extension Disk.File {
  /// A digest of how the file begins and how long it is: the same for the same content.
  fileprivate func opening() throws(StoreError) -> Digest {
    var hasher = Hasher256()
    hasher.update("opening \(try status().st_size)\n")
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count >= 0 else { throw StoreError.system(.unreadable, "cannot read", path: path) }
    hasher.update(Array(bytes[..<count]))
    return hasher.digest()
  }
}
