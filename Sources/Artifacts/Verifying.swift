internal import Synchronization
package import Values

extension ArtifactStore {
  /// Reads the artifact again; throws `missing`, or `torn` when its bytes are not what its name says. O(size).
  ///
  /// - Returns: its bytes.
  @discardableResult
  package func verify(_ digest: Digest) throws(StoreError) -> Int {
    let path = path(of: digest)
    let file: Disk.File
    do throws(StoreError) { file = try Disk.File(reading: path) } catch {
      throw error.code == .missing ? missing(digest) : error
    }
    var (size, hasher) = (0, Hasher256())
    try file.forEachChunk { chunk in
      hasher.update(chunk)
      size += chunk.count
    }
    guard hasher.digest() == digest else {
      throw StoreError(
        .torn, "artifact \(digest.short) is damaged (its bytes are \(hasher.digest().short))", path: path)
    }
    return size
  }

  /// Reads many artifacts, on all processors.
  ///
  /// - Returns: their bytes, and what is wrong with those that are not sound.
  package func verify(
    _ digests: [Digest], progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws(StoreError) -> (bytes: Int64, problems: [Digest: StoreError]) {
    let found = Mutex<(bytes: Int64, problems: [Digest: StoreError])>((0, [:]))
    for start in stride(from: 0, to: digests.count, by: 4096) {
      let end = min(start + 4096, digests.count)
      try Lanes.forEach(end - start) { index in
        let digest = digests[start + index]
        let result = Result { () throws(StoreError) in try verify(digest) }
        found.withLock { found in
          switch result {
          case .success(let bytes): found.bytes += Int64(bytes)
          case .failure(let problem): found.problems[digest] = problem
          }
        }
      }
      progress(end, digests.count)
    }
    return found.withLock { $0 }
  }
}
