import Glibc
import Synchronization
import Testing
import Values

@testable import Artifacts

/// A directory of its own for a test, removed with it.
final class Scratch: Sendable {
  let path: String
  init() {
    var template = Array("/tmp/assay-artifacts-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? ""
  }
  deinit { _ = system("chmod -R u+w \(path); rm -rf \(path)") }
  func file(_ name: String) -> String { "\(path)/\(name)" }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o644) -> String {
    let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, mode)
    _ = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
    close(file)
    return "\(path)/\(name)"
  }

  func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
  }
}

/// Shared memory, as a worker hands it over.
final class SharedMemory: Region {
  let count: Int
  let base: UnsafeMutableRawPointer
  let handle: Int32
  var descriptor: Int32? { handle }
  var artifact: Digest? { nil }

  init(_ bytes: [UInt8]) {
    // A file of /dev/shm without a name is what a memfd is.
    let name = "/dev/shm/assay-test-\(UInt64.random(in: 0...UInt64.max))"
    handle = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    unlink(name)
    count = bytes.count
    ftruncate(handle, off_t(count))
    base = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0)
    base.copyMemory(from: bytes, byteCount: count)
  }
  deinit {
    munmap(base, count)
    close(handle)
  }
  func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try body(UnsafeRawBufferPointer(start: base, count: count))
  }
}
extension SharedMemory: @unchecked Sendable {}

/// Can be read once, to be hashed; the second reader is in the middle of writing it, and dies.
final class DeadlyRegion: Region {
  let count = 1
  let descriptor: Int32? = nil
  let artifact: Digest? = nil
  private let reads = Atomic<Int>(0)
  func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    if reads.add(1, ordering: .relaxed).oldValue == 1 { kill(getpid(), SIGKILL) }
    return try [UInt8(1)].withUnsafeBytes(body)
  }
}

func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var state = seed
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt8(truncatingIfNeeded: state >> 33)
  }
}

func inode(_ descriptor: Int32) -> UInt64 {
  var status = stat()
  return fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : 0
}

func tensor(_ bytes: [UInt8]) -> Tensor { Tensor(element: .u8, shape: [bytes.count], data: Payload(bytes)) }

@Suite struct PersistTests {
  let scratch = Scratch()
  func store(synchronises: Bool = true) throws -> ArtifactStore {
    try ArtifactStore(directory: scratch.file("store"), synchronises: synchronises)
  }

  @Test func smallValuesStayInline() throws {
    let store = try store()
    let value = Value.record([
      .init("a", .list([.int(1), .null, .string("x")])), .init("b", .bytes(Payload([1, 2, 3]))),
      .init("t", .tensor(tensor(noise(65536)))),
    ])
    #expect(try store.persist(value) == value)
    #expect(try store.list().isEmpty)
    #expect(try store.decode(store.encode(value)) == value)
  }

  @Test func aLargeTensorIsANumpyFile() throws {
    let store = try store()
    let value = Value.tensor(Tensor(element: .f64, shape: [125, 100], data: Payload(noise(100_000))))
    let stored = try store.persist(value)
    #expect(stored == value)
    let digest = try #require(try store.list().first)
    guard
      case .tensor(let read) = Value.tensor(
        try NumpyFile.read(Payload(store.open(digest), offset: 0, count: store.size(of: digest))))
    else { return }
    #expect(.tensor(read) == value)
    let form = store.encode(stored)
    #expect(form.count < 200)
    #expect(try store.decode(form) == value)
    // Nothing is done twice.
    #expect(try store.encode(store.persist(stored)) == form)
    #expect(try store.list().count == 1)
    var status = stat()
    #expect(stat(store.path(of: digest), &status) == 0 && status.st_mode & 0o777 == 0o444)
  }

  @Test func sharedMemoryIsHandedOnWithoutACopy() throws {
    let store = try store()
    let bytes = noise(300_000)
    let memory = SharedMemory(bytes)
    let value = Value.tensor(
      Tensor(element: .u8, shape: [200_000], data: Payload(memory, offset: 50_000, count: 200_000)))
    guard case .tensor(let stored) = try store.persist(value),
      case .region(let region, let offset, let count) = stored.data.storage
    else { Issue.record("not in a region"); return }
    #expect(region.descriptor == memory.descriptor)
    #expect(offset == 50_000 && count == 200_000)
    #expect(region.withUnsafeBytes { $0.baseAddress } == UnsafeRawPointer(memory.base))
    // … and it is in the store as well: read back from there it is a mapped file.
    guard case .tensor(let again) = try store.decode(store.encode(.tensor(stored))),
      case .region(let mapped, _, _) = again.data.storage
    else { Issue.record("not in a region"); return }
    #expect(again == stored)
    #expect(mapped.artifact == region.artifact)
    let file = open(store.path(of: try #require(mapped.artifact)), O_RDONLY)
    #expect(inode(try #require(mapped.descriptor)) == inode(file))
    close(file)
  }

  @Test func aSmallSliceDoesNotKeepALargeRegion() throws {
    let store = try store()
    weak var memory: SharedMemory?
    let stored: Value
    do {
      let region = SharedMemory(noise(1_000_000))
      memory = region
      stored = try store.persist(.bytes(Payload(region, offset: 10, count: 100)))
    }
    #expect(memory == nil)
    #expect(stored == .bytes(Payload(Array(noise(1_000_000)[10..<110]))))
  }

  @Test func largeBytesAndStringsAreRawArtifacts() throws {
    let store = try store()
    let text = String(repeating: "assay ", count: 20_000)
    let value = Value.list([.bytes(Payload(noise(70_000))), .string(text)])
    let stored = try store.persist(value)
    #expect(try store.list().count == 2)
    #expect(store.contains(Hasher256.digest(noise(70_000))))
    #expect(store.contains(Hasher256.digest(Array(text.utf8))))
    let form = store.encode(stored)
    #expect(form.count < 300)
    #expect(try store.decode(form) == value)
  }

  @Test func aLargeTableIsAnArrowFile() throws {
    let store = try store()
    let numbers = ArrowArray(length: 20_000, nullCount: 0, buffers: [nil, Payload(noise(160_000))])
    let small = ArrowArray(length: 20_000, nullCount: 0, buffers: [nil, Payload(noise(20_000, seed: 2))])
    let table = Table(
      schema: ArrowField(
        format: "+s", name: "", flags: 0,
        children: [ArrowField(format: "l", name: "x", flags: 0), ArrowField(format: "c", name: "y", flags: 0)]),
      batches: [ArrowArray(length: 20_000, nullCount: 0, buffers: [nil], children: [numbers, small])])
    let stored = try store.persist(.table(table))
    let digest = try #require(try store.list().first)
    #expect(try store.list().count == 1)
    let file = try #require(scratch.read(store.path(of: digest)))
    #expect(file.starts(with: Array("ARROW1".utf8)))
    #expect(stored.contentDigest() == Value.table(table).contentDigest())
    #expect(store.digest(of: stored) == Value.table(table).contentDigest())
    let form = store.encode(stored)
    #expect(form.count < 1000)
    #expect(try store.decode(form) == stored)
    #expect(try store.encode(store.persist(store.decode(form))) == form)
    #expect(try store.list().count == 1)
  }

  @Test func theSameContentIsStoredOnce() async throws {
    let store = try store()
    let bytes = noise(500_000)
    let digests = try await withThrowingTaskGroup(of: Digest.self) { group in
      for _ in 0..<16 { group.addTask { try store.add([Payload(bytes)]) } }
      return try await group.reduce(into: Set<Digest>()) { $0.insert($1) }
    }
    #expect(digests.count == 1)
    #expect(try store.list() == Array(digests))
    #expect(scratch.read(store.path(of: try #require(digests.first))) == bytes)
    #expect(try Disk.names(in: scratch.file("store/tmp")).isEmpty)
  }

  @Test func contentDigestsAreRemembered() throws {
    let value = Value.tensor(tensor(noise(200_000)))
    let form: [UInt8]
    do {
      let store = try store()
      let stored = try store.persist(value)
      #expect(store.digest(of: stored) == value.contentDigest())
      form = store.encode(stored)
    }
    // Another process need not read the contents: here they are not even what they were.
    let store = try store()
    let digest = try #require(try store.list().first)
    let decoded = try store.decode(form)
    chmod(store.path(of: digest), 0o644)
    let file = open(store.path(of: digest), O_WRONLY)
    pwrite(file, [1, 2, 3], 3, 1000)
    close(file)
    #expect(store.digest(of: decoded) == value.contentDigest())
    // A torn note is not believed.
    _ = system("for f in \(scratch.file("store/digests"))/*/*; do truncate -s 40 $f; done")
    #expect(try self.store().digest(of: decoded) != value.contentDigest())
  }

  @Test func memoryStaysBoundedForLargePayloads() throws {
    let store = try store(synchronises: false)
    // 256 MiB of zeros in a sparse file: reading it whole would show.
    let path = scratch.file("large")
    let file = open(path, O_WRONLY | O_CREAT, 0o644)
    ftruncate(file, 256 << 20)
    close(file)
    let before = peakMemory()
    let stored = try store.persist(.file(FileReference(path: path, size: 256 << 20)))
    #expect(peakMemory() - before < 128 << 20)
    guard case .file(let reference) = stored else { return }
    #expect(reference.size == 256 << 20)
  }

  private func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}

@Suite struct FileTests {
  let scratch = Scratch()
  func store() throws -> ArtifactStore { try ArtifactStore(directory: scratch.file("store")) }

  @Test func aFileIsCopiedAndKeepsItsMediaType() throws {
    let store = try store()
    let path = scratch.write("a.csv", Array("x,y\n1,2\n".utf8))
    let stored = try store.persist(.file(FileReference(path: path, size: 0, mediaType: "text/csv")))
    guard case .file(let file) = stored else { return }
    #expect(file.mediaType == "text/csv" && file.size == 8)
    #expect(file.path == store.path(of: try #require(file.digest)))
    #expect(scratch.read(path) == Array("x,y\n1,2\n".utf8))
    #expect(scratch.read(file.path) == Array("x,y\n1,2\n".utf8))
    guard case .file(let decoded) = try store.decode(store.encode(stored)) else { return }
    #expect(decoded.path == file.path && decoded == file && decoded.size == 8)
    #expect(store.digest(of: stored) != nil)
    #expect(store.digest(of: .file(FileReference(path: path, size: 8))) == nil)
  }

  @Test func aConsumedFileIsMoved() throws {
    let store = try store()
    let path = scratch.write("a", noise(100))
    var status = stat()
    stat(path, &status)
    guard case .file(let file) = try store.persist(.file(FileReference(path: path, size: 100)), consuming: true) else {
      return
    }
    #expect(access(path, F_OK) != 0)
    var stored = stat()
    #expect(stat(file.path, &stored) == 0 && stored.st_ino == status.st_ino && stored.st_mode & 0o777 == 0o444)
    // The second one is there already.
    let again = scratch.write("b", noise(100))
    _ = try store.persist(.file(FileReference(path: again, size: 100)), consuming: true)
    #expect(access(again, F_OK) != 0)
    #expect(try store.list().count == 1)
  }

  @Test func aDigestThatIsOnlyClaimedIsNotBelieved() throws {
    let store = try store()
    let path = scratch.write("a", noise(10))
    let claimed = Hasher256.digest([1])
    guard case .file(let file) = try store.persist(.file(FileReference(path: path, size: 10, digest: claimed))) else {
      return
    }
    #expect(file.digest == Hasher256.digest(noise(10)))
  }

  @Test(arguments: ["missing", "sub", "pipe"]) func whatIsNoFileIsRefused(_ name: String) throws {
    let store = try store()
    mkdir(scratch.file("sub"), 0o755)
    mkfifo(scratch.file("pipe"), 0o644)
    let error = #expect(throws: StoreError.self) {
      try store.persist(.file(FileReference(path: scratch.file(name), size: 0)))
    }
    #expect(error?.code == (name == "missing" ? .missing : .unsupported))
    #expect(error?.path == scratch.file(name))
  }

  @Test func aTornArtifactIsFoundOut() throws {
    let store = try store()
    let stored = try store.persist(.bytes(Payload(noise(100_000))))
    let form = store.encode(stored)
    let digest = try #require(try store.list().first)
    try store.verify(digest)
    let path = store.path(of: digest)
    chmod(path, 0o644)
    let file = open(path, O_WRONLY)
    pwrite(file, [noise(100_000)[500] ^ 1], 1, 500)
    let error = #expect(throws: StoreError.self) { try store.verify(digest) }
    #expect(error?.code == .torn && error?.path == path)
    // A short one is noticed without reading it, by whoever comes later …
    ftruncate(file, 50_000)
    close(file)
    let later = try self.store()
    #expect(#expect(throws: StoreError.self) { try later.decode(form) }?.code == .torn)
    // … and replaced when the content comes again.
    #expect(try later.add(noise(100_000)) == digest)
    try later.verify(digest)
    #expect(try later.decode(form) == stored)
    unlink(path)
    #expect(#expect(throws: StoreError.self) { try self.store().decode(form) }?.code == .missing)
    #expect(#expect(throws: StoreError.self) { try later.verify(digest) }?.code == .missing)
  }

  @Test func whatIsNoStoredFormIsAnError() throws {
    let store = try store()
    let form = store.encode(.list([.string("abc"), .int(5)]))
    for count in 0..<form.count {
      let error = #expect(throws: StoreError.self) { try store.decode(Array(form[..<count])) }
      #expect(error?.code == .malformed)
    }
    #expect(throws: StoreError.self) { try store.decode(form + [0]) }
  }

  @Test func theWriterRemovesLeftovers() throws {
    _ = try store()
    let left = scratch.write("store/tmp/123-left", [1])
    mkdir(scratch.file("store/tmp/tree"), 0o755)
    scratch.write("store/tmp/tree/f", [1])
    let store = try ArtifactStore(directory: scratch.file("store"), isWriter: false)
    #expect(access(left, F_OK) == 0)
    try store.prepare()
    #expect(try Disk.names(in: scratch.file("store/tmp")).isEmpty)
  }

  @Test func killedWhileAddingLeavesNothingHalf() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) { [directory = scratch.path as String] in
      let store = try ArtifactStore(directory: directory + "/store", synchronises: false)
      for number in 0..<6 { _ = try store.add(noise(200_000, seed: UInt64(number))) }
      _ = try store.add([Payload(noise(100_000)), Payload(DeadlyRegion(), offset: 0, count: 1)])
    }
    #expect(try Disk.names(in: scratch.file("store/tmp")).count == 1)
    let store = try self.store()
    #expect(try Disk.names(in: scratch.file("store/tmp")).isEmpty)
    let digests = try store.list()
    #expect(digests.count == 6)
    for digest in digests { try store.verify(digest) }
  }

  @Test func aFullDiskIsOneClearError() async throws {
    await #expect(processExitsWith: .success) { [directory = scratch.path as String] in
      signal(SIGXFSZ, SIG_IGN)
      let store = try ArtifactStore(directory: directory + "/store")
      var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      let error = #expect(throws: StoreError.self) { try store.persist(.bytes(Payload(noise(200_000)))) }
      #expect(error?.code == .full)
      #expect(error?.description.contains("too large") == true)
      #expect(try store.list().isEmpty)
      #expect(try Disk.names(in: store.directory + "/tmp").isEmpty)
    }
  }

  @Test func anUnwritableStoreIsOneClearError() async throws {
    await #expect(processExitsWith: .success) { [directory = scratch.path as String] in
      chmod(directory, 0o555)
      if getuid() == 0 { #expect(setuid(65534) == 0) }
      let error = #expect(throws: StoreError.self) { try ArtifactStore(directory: directory + "/store") }
      #expect(error?.code == .unwritable)
      #expect(error?.description.contains("Permission denied") == true)
    }
  }
}

@Suite struct DirectoryTests {
  let scratch = Scratch()
  func store() throws -> ArtifactStore { try ArtifactStore(directory: scratch.file("store")) }

  private func makeTree(_ name: String = "d") -> String {
    for part in ["", "/sub", "/sub/deep", "/empty"] { mkdir(scratch.file(name + part), 0o755) }
    scratch.write("\(name)/b.txt", [2])
    scratch.write("\(name)/a 1%\n.txt", [1])
    scratch.write("\(name)/sub/run.sh", Array("#!/bin/sh\nexit 7\n".utf8), mode: 0o755)
    scratch.write("\(name)/sub/deep/same", [2])
    return scratch.file(name)
  }

  @Test func aDirectoryComesBackAsItWas() throws {
    let store = try store()
    let stored = try store.persist(.directory(FileReference(path: makeTree(), size: 0)))
    guard case .directory(let tree) = stored else { return }
    #expect(tree.size == 3 + 17)
    #expect(scratch.read(tree.path + "/a 1%\n.txt") == [1])
    #expect(scratch.read(tree.path + "/sub/deep/same") == [2])
    #expect(access(tree.path + "/empty", F_OK) == 0)
    #expect(system(tree.path + "/sub/run.sh") >> 8 == 7)
    var status = stat()
    #expect(stat(tree.path + "/b.txt", &status) == 0 && status.st_mode & 0o777 == 0o444)
    #expect(stat(tree.path, &status) == 0 && status.st_mode & 0o777 == 0o555)
    // Equal content, equal digest; made again when the tree is gone.
    let again = try store.persist(.directory(FileReference(path: makeTree("e"), size: 0)))
    #expect(again == stored)
    _ = system("rm -rf \(scratch.file("store/trees"))/*")
    guard case .directory(let decoded) = try store.decode(store.encode(stored)) else { return }
    #expect(decoded.path == tree.path)
    #expect(scratch.read(decoded.path + "/b.txt") == [2])
    #expect(try store.persist(.directory(decoded)) == stored)
  }

  @Test func aChangedNameModeOrByteChangesTheDigest() throws {
    let store = try store()
    func digest(_ change: String) throws -> Digest? {
      let path = makeTree("t")
      _ = system("cd \(path) && \(change)")
      guard
        case .directory(let tree) = try store.persist(.directory(FileReference(path: path, size: 0)), consuming: true)
      else { return nil }
      #expect(access(path, F_OK) != 0)
      return tree.digest
    }
    let changes = ["true", "mv b.txt c.txt", "chmod +x b.txt", "printf x > b.txt", "rmdir empty", "touch empty/x"]
    #expect(try Set(changes.map { try digest($0) }).count == changes.count)
  }

  @Test(arguments: ["ln -s b.txt link", "mkfifo pipe", "ln -s /etc sub/link"])
  func linksAndSpecialFilesAreRefused(_ command: String) throws {
    let store = try store()
    let path = makeTree()
    _ = system("cd \(path) && \(command)")
    let error = #expect(throws: StoreError.self) { try store.persist(.directory(FileReference(path: path, size: 0))) }
    #expect(error?.code == .unsupported)
    #expect(error?.path.hasPrefix(path) == true)
  }

  @Test(arguments: [
    "", "assay tree 1", "assay tree 2\n", "assay tree 1\nd ..\n", "assay tree 1\nd /etc\n", "assay tree 1\nd a/../b\n",
    "assay tree 1\nd a%00b\n", "assay tree 1\nd a%zz\n", "assay tree 1\nf abc 1 x\n", "assay tree 1\nd \n",
    "assay tree 1\nl x\n", "assay tree 1\nf \(String(repeating: "a", count: 64)) -1 x\n",
  ])
  func whatIsNoManifestIsRefused(_ text: String) throws {
    let store = try store()
    let digest = try store.add(Array(text.utf8))
    #expect(#expect(throws: StoreError.self) { try store.materialise(directory: digest) }?.code == .malformed)
  }

  @Test func manifestsOfOddNamesComeBack() throws {
    var manifest = TreeManifest()
    for name in ["a", "ä/ö", "x y", "%", "%25", "\u{7F}\t", "🎈"] {
      manifest.entries.append(.init(path: name, kind: .directory))
      manifest.entries.append(.init(path: name + "f", kind: .file(Hasher256.digest([1]), size: 5, isExecutable: true)))
    }
    #expect(TreeManifest(manifest.bytes) == manifest)
  }

  @Test func aTreeWithAMissingFileIsNamed() throws {
    let store = try store()
    guard case .directory(let tree) = try store.persist(.directory(FileReference(path: makeTree(), size: 0))) else {
      return
    }
    _ = system("rm -rf \(scratch.file("store/trees"))/*")
    let lost = Hasher256.digest([2])
    unlink(store.path(of: lost))
    let error = #expect(throws: StoreError.self) { try store.materialise(directory: #require(tree.digest)) }
    #expect(error?.code == .missing && error?.path == store.path(of: lost))
    #expect(try Disk.names(in: scratch.file("store/tmp")).isEmpty)
  }

  @Test func manyThreadsMakeOneTree() async throws {
    let store = try store()
    guard case .directory(let tree) = try store.persist(.directory(FileReference(path: makeTree(), size: 0))),
      let digest = tree.digest
    else { return }
    _ = system("rm -rf \(scratch.file("store/trees"))/*")
    let paths = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<8 { group.addTask { try store.materialise(directory: digest) } }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(paths == [tree.path])
    #expect(try Disk.names(in: scratch.file("store/tmp")).isEmpty)
  }
}
