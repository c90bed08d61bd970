internal import Glibc
internal import Synchronization
package import Values

/// The bytes of an artifact, mapped when they are first needed.
package final class MappedArtifact: Region {
  package let digest: Digest
  package let path: String
  package let count: Int

  private struct State: @unchecked Sendable {
    // Written once, under the lock; what it points to never changes.
    var base: UnsafeRawPointer?
    var descriptor: Int32 = -1
  }
  private let state = Mutex(State())

  init(_ digest: Digest, path: String, count: Int) {
    self.digest = digest
    self.path = path
    self.count = count
  }

  deinit {
    state.withLock { state in
      if let base = state.base { munmap(UnsafeMutableRawPointer(mutating: base), count) }
      if state.descriptor >= 0 { close(state.descriptor) }
    }
  }

  package var artifact: Digest? { digest }

  /// Opened when it is first asked for, then kept.
  package var descriptor: Int32? {
    state.withLock { state in
      if state.descriptor < 0 { state.descriptor = open(path, O_RDONLY | O_CLOEXEC) }
      return state.descriptor < 0 ? nil : state.descriptor
    }
  }

  /// Maps the bytes now. Afterwards reading them cannot fail, even if the file is removed.
  package func load() throws(StoreError) { _ = try base() }

  private func base() throws(StoreError) -> UnsafeRawPointer? {
    if count == 0 { return nil }
    let result: Result<UnsafeRawPointer, StoreError> = state.withLock { state in
      if let base = state.base { return .success(base) }
      do throws(StoreError) {
        let file = try Disk.File(reading: path)
        guard try file.status().st_size == count else {
          throw StoreError(.torn, "artifact \(digest.short) has another size than it had", path: path)
        }
        guard let base = mmap(nil, count, PROT_READ, MAP_SHARED, file.descriptor, 0), base != MAP_FAILED else {
          throw .system(.unreadable, "cannot map", path: path)
        }
        state.base = UnsafeRawPointer(base)
        return .success(UnsafeRawPointer(base))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    let start: UnsafeRawPointer?
    do {
      start = try base()
    } catch {
      // The file was there when the region was made. Whoever removes files of a store in use gets no result rather than
      // a wrong one; `load()` is the way to be told.
      preconditionFailure("\(error)")
    }
    return try body(UnsafeRawBufferPointer(start: start, count: count))
  }
}

/// Bytes that are in memory and in the store: read and handed over from memory, referred to by their digest.
package final class HeldRegion: Region {
  package let origin: any Region
  package let artifact: Digest?
  package let artifactOffset: Int

  /// `offset`: where in the artifact the first byte of `origin` would be (negative where more lies before).
  init(_ origin: any Region, artifact: Digest, offset: Int) {
    self.origin = origin
    self.artifact = artifact
    artifactOffset = offset
  }

  package var count: Int { origin.count }
  package var descriptor: Int32? { origin.descriptor }
  package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try origin.withUnsafeBytes(body)
  }
}
