internal import Glibc
internal import Synchronization
package import Values

extension ArtifactStore {
  /// The content digest of a value, or nil when a file in it was never hashed.
  ///
  /// Large contents of persisted values are read once in the life of the store: what came out is kept under the digest of
  /// the stored form, which says the same for the same content. O(size of the stored form), else O(bytes). Any thread.
  package func digest(of value: Value) -> Digest? {
    guard value.isLarge, value.isPersisted else { return value.contentDigest() }
    let form = Hasher256.digest(encode(value))
    if let known = contents.withLock({ $0[form] }) ?? recall(form) { return known }
    guard let digest = value.contentDigest() else { return nil }
    remember(digest, of: form)
    return digest
  }

  private func keep(_ digest: Digest, of form: Digest) {
    contents.withLock { contents in
      if contents.count > 65_536 { contents = [:] }
      contents[form] = digest
    }
  }

  /// `<directory>/digests/ab/cdef…`: a cache, to be lost without harm.
  private func notePath(_ form: Digest) -> String { "\(directory)/digests/\(Self.fanned(form))" }

  /// What was kept under this digest, in memory or on disk.
  func recall(_ form: Digest) -> Digest? {
    let file = Glibc.open(notePath(form), O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var note = [UInt8](repeating: 0, count: 65)
    guard read(file, &note, 65) == 64, let digest = Digest(bytes: note[..<32]),
      // The second half tells a torn note.
      Self.seal(digest, form) == Array(note[32..<64])
    else { return nil }
    keep(digest, of: form)
    return digest
  }

  /// Best effort: without a note the content is read again next time.
  func remember(_ digest: Digest, of form: Digest) {
    keep(digest, of: form)
    let path = notePath(form)
    guard let temporary = try? temporaryPath() + "-note" else { return }
    let note = digest.bytes + Self.seal(digest, form)
    do throws(StoreError) {
      if let slash = path.lastIndex(of: "/") { try Disk.makeDirectories(String(path[..<slash])) }
      let file = try Disk.File(creating: temporary)
      try Payload(note).withBytes { (bytes) throws(StoreError) in try file.write(bytes) }
      try Disk.rename(temporary, to: path)
    } catch {
      unlink(temporary)
    }
  }

  private static func seal(_ digest: Digest, _ form: Digest) -> [UInt8] {
    Hasher256.digest(digest.bytes + form.bytes).bytes
  }
}

extension Value {
  /// Holds contents that are worth a note.
  fileprivate var isLarge: Bool { payloads.contains { $0.count > Wire.inlineLimit } }

  /// All large contents are in the store.
  fileprivate var isPersisted: Bool {
    payloads.allSatisfy { payload in
      if payload.count <= Wire.inlineLimit { return true }
      if case .region(let region, _, _) = payload.storage { return region.artifact != nil }
      return false
    }
  }
}
