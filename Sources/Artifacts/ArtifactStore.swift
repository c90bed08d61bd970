internal import Glibc
internal import Synchronization
package import Values

/// Immutable bytes under the name of their SHA-256.
///
/// ```
/// <directory>/artifacts/sha256/ab/cdef…   the bytes, read-only
/// <directory>/trees/ab/cdef…/             a stored directory as files again, made when it is needed
/// <directory>/digests/ab/cdef…            what large values come to (see `digest(of:)`)
/// <directory>/tmp/                        what is being written
/// ```
/// A file gets its name when it is complete, so a name is a promise. Any thread; several processes may add at once, also
/// while another one collects (see `StoreSession`): its time says when an artifact was last added or found.
package final class ArtifactStore: Sendable {
  package let directory: String
  /// Bytes are on disk before a name is given: survives a power cut.
  let synchronises: Bool

  private let counter = Atomic<UInt64>(0)
  private let mapped = Mutex<[Digest: Weak]>([:])
  /// Content digests by the digest of the stored form.
  let contents = Mutex<[Digest: Digest]>([:])
  /// How stored files looked when they were first handed to a task, by path.
  let identities = Mutex<[String: FileIdentity]>([:])
  private let stay = Mutex<StoreSession?>(nil)
  /// Two-digit directories that are known to exist.
  let fans = Mutex<Set<String>>([])

  /// Parts of more bytes than this become artifacts.
  package static let inlineLimit = Wire.inlineLimit

  /// - Parameters:
  ///   - isWriter: the caller is the one writer of this store: what a killed one left half-written is removed.
  ///   - synchronises: fsync each artifact (durability `full` and `strict`), or leave it to the system (`normal`).
  package init(directory: String, isWriter: Bool = true, synchronises: Bool = true) throws(StoreError) {
    self.directory = directory
    self.synchronises = synchronises
    if isWriter { try prepare() }
  }

  /// Begins a session and removes what a killed writer left half-written. Only for the one writer of the store, before
  /// anything is added; part of `init` unless `isWriter` is false.
  package func prepare() throws(StoreError) {
    _ = try session()
    let gate = try Gate(directory, .exclusive)
    defer { gate.open() }
    try settle(afterDeath: try StoreSession.sweep(directory))
    for name in try Disk.names(in: "\(directory)/tmp") where name.hasPrefix("run-") {
      try Disk.remove("\(directory)/tmp/\(name)")
    }
  }

  /// Makes the directory of the store where there is none yet; it is on disk when this returns.
  package func make() throws(StoreError) { try Disk.makeDirectories(directory, synchronises: true) }

  /// From here on nothing that is added or found is collected, until the store is closed.
  package func enter() throws(StoreError) { _ = try session() }

  /// The stay of this store, begun when it is first needed.
  func session() throws(StoreError) -> StoreSession {
    let result: Result<StoreSession, StoreError> = stay.withLock { stay in
      if let stay { return .success(stay) }
      do throws(StoreError) {
        // Once in the life of a store; what lies in them is synchronised by those who put it there.
        let isNew = try Disk.status("\(directory)/tmp") == nil
        for part in ["artifacts/sha256", "trees", "tmp"] { try Disk.makeDirectories("\(directory)/\(part)") }
        if isNew { for parent in ["\(directory)/artifacts", directory] { try Disk.synchronise(directory: parent) } }
        let session = try StoreSession(in: directory)
        stay = session
        return .success(session)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Ends the session: what was added and is not referred to may be collected.
  package func leave() { stay.withLock { $0 = nil } }

  // MARK: what is there

  /// Where the bytes of an artifact are, or would be.
  package func path(of digest: Digest) -> String { "\(directory)/artifacts/sha256/\(Self.fanned(digest))" }

  func treePath(of digest: Digest) -> String { "\(directory)/trees/\(Self.fanned(digest))" }

  static func fanned(_ digest: Digest) -> String {
    var hex = digest.hex
    hex.insert("/", at: hex.utf8.index(hex.startIndex, offsetBy: 2))
    return hex
  }

  package func contains(_ digest: Digest) -> Bool { access(path(of: digest), F_OK) == 0 }

  /// Whether the artifact is in the store (with `size` bytes: a power cut can leave a shorter file where nothing is
  /// synchronised); if so, it stays for this session.
  func retain(_ digest: Digest, size: Int? = nil) throws(StoreError) -> Bool {
    let session = try session()
    let path = path(of: digest)
    func isWhole(_ status: stat) -> Bool { size.map { status.st_size == $0 } ?? true }
    guard let status = try Disk.status(path), isWhole(status) else { return false }
    if FileTime(status) >= session.started { return true }
    let gate = try Gate(directory, .shared)
    defer { gate.open() }
    return utimensat(AT_FDCWD, path, nil, 0) == 0
  }

  /// Bytes of the artifact. Throws `missing`.
  package func size(of digest: Digest) throws(StoreError) -> Int {
    let path = path(of: digest)
    guard let status = try Disk.status(path) else { throw missing(digest) }
    return Int(status.st_size)
  }

  /// The bytes of an artifact, mapped when they are first read. The same region for the same digest while it is in use.
  package func open(_ digest: Digest) throws(StoreError) -> any Region { try mapping(digest) }

  func mapping(_ digest: Digest) throws(StoreError) -> MappedArtifact {
    if let known = mapped.withLock({ $0[digest]?.region }) { return known }
    let region = MappedArtifact(digest, path: path(of: digest), count: try size(of: digest))
    mapped.withLock { mapped in
      if mapped.count > 4096 { mapped = mapped.filter { $0.value.region != nil } }
      mapped[digest] = Weak(region)
    }
    return region
  }

  /// All artifacts, in the order of their digests; or those that begin with these hexadecimal digits.
  package func list(prefix: String = "") throws(StoreError) -> [Digest] {
    let root = "\(directory)/artifacts/sha256"
    guard try Disk.status(root) != nil else { return [] }
    var digests: [Digest] = []
    for fan in try Disk.names(in: root) where fan.hasPrefix(prefix.prefix(2)) {
      for name in try Disk.names(in: "\(root)/\(fan)") {
        if (fan + name).hasPrefix(prefix), let digest = Digest(hex: fan + name) { digests.append(digest) }
      }
    }
    return digests
  }

  func missing(_ digest: Digest) -> StoreError {
    StoreError(.missing, "artifact \(digest.short) is not in the store", path: path(of: digest))
  }

  // MARK: names

  /// A name under `tmp/` that nobody else has.
  func temporaryPath() throws(StoreError) -> String {
    let number = counter.wrappingAdd(1, ordering: .relaxed).newValue
    return "\(directory)/tmp/\(try session().name)-\(number)"
  }
}

private struct Weak: Sendable {
  weak let region: MappedArtifact?
  init(_ region: MappedArtifact) { self.region = region }
}
