internal import Dispatch
internal import Glibc
internal import Synchronization
internal import Values

/// Bytes that are complete under a temporary name, and are to get the name of their digest.
struct Staged: Sendable {
  var path: String
  var digest: Digest
  /// Where it is still open.
  var file: Disk.File?

  fileprivate func synchronise() throws(StoreError) {
    if let file { try file.synchronise() } else { try Disk.File(reading: path).synchronise() }
  }
}

extension ArtifactStore {
  /// More files than this are brought to the disk together.
  private static let fewFiles = 16

  /// Gives complete files their names, or removes them all.
  ///
  /// The bytes are on disk before there is a name, and the names when this returns: for many files by flushing the file
  /// system twice, whatever else lies there, which takes less time than flushing each file and each directory.
  func adopt(_ staged: [Staged]) throws(StoreError) {
    do throws(StoreError) {
      let isMany = staged.count > Self.fewFiles
      if synchronises {
        if isMany { try Disk.synchronise(fileSystemOf: directory) }
        for file in isMany ? [] : staged { try file.synchronise() }
      }
      var (used, hasNew): (Set<String>, Bool) = ([], false)
      for file in staged {
        let path = path(of: file.digest)
        let fan = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
        if used.insert(fan).inserted, !fans.withLock({ $0.contains(fan) }), try Disk.makeDirectory(fan) {
          hasNew = true
        }
        try Disk.rename(file.path, to: path)
      }
      if synchronises {
        if isMany { try Disk.synchronise(fileSystemOf: directory) }
        for fan in isMany ? [] : used { try Disk.synchronise(directory: fan) }
        if !isMany, hasNew { try Disk.synchronise(directory: "\(directory)/artifacts/sha256") }
      }
      fans.withLock { $0.formUnion(used) }
    } catch {
      for file in staged { unlink(file.path) }
      throw error
    }
  }

  /// A temporary file with the bytes that `body` writes.
  func stage<R>(_ body: (Disk.File) throws(StoreError) -> (digest: Digest, result: R)) throws(StoreError) -> (Staged, R)
  {
    let file = try Disk.File(creating: try temporaryPath())
    do throws(StoreError) {
      let (digest, result) = try body(file)
      try file.setMode(0o444)
      return (Staged(path: file.path, digest: digest, file: file), result)
    } catch {
      unlink(file.path)
      throw error
    }
  }
}

/// Work on many small things, spread over the processors.
enum Lanes {
  /// Calls `body` for each number below `count`, in no order, from several threads; the caller's is one of them. After an
  /// error nothing new is begun, and the first one is thrown.
  static func forEach(_ count: Int, _ body: @Sendable (Int) throws(StoreError) -> Void) throws(StoreError) {
    let next = Atomic<Int>(0)
    let failure = Mutex<StoreError?>(nil)
    let lanes = min(count, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    DispatchQueue.concurrentPerform(iterations: lanes) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        do throws(StoreError) { try body(index) } catch {
          failure.withLock { if $0 == nil { $0 = error } }
          next.store(count, ordering: .relaxed)
          return
        }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
  }
}
