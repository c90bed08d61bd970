import Glibc
import Testing
import Values

@testable import Artifacts

/// Large files in one pass, holes, and directories in batches.
@Suite struct GatheringTests {
  let scratch = Scratch()
  func store(synchronises: Bool = true) throws -> ArtifactStore {
    try ArtifactStore(directory: scratch.file("store"), synchronises: synchronises)
  }

  private func blocks(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_blocks) : -1
  }

  /// More than one batch, with subdirectories, content that occurs twice, an empty file and one larger than a batch.
  @Test(arguments: [false, true]) func manyFilesAreStoredInBatches(consuming: Bool) throws {
    let store = try store()
    var expected: [String: [UInt8]] = ["large": [UInt8](repeating: 7, count: 66 << 20), "empty": []]
    for number in 0..<2500 {
      expected["\(number % 7)/f\(number)"] = Array("content \(number % 1500)".utf8)
    }
    mkdir(scratch.file("d"), 0o755)
    for number in 0..<7 { mkdir(scratch.file("d/\(number)"), 0o755) }
    for (name, bytes) in expected { scratch.write("d/\(name)", bytes, mode: name.hasSuffix("9") ? 0o755 : 0o644) }
    var progress = StoreProgress()
    let tree = try store.persist(
      tree: FileReference(path: scratch.file("d"), size: 0), consuming: consuming
    ) { progress += $0 }
    let manifest = try store.manifest(of: #require(tree.digest))
    #expect(manifest.entries.count == expected.count + 7)
    #expect(
      manifest.entries.map(\.path) == manifest.entries.map(\.path).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    )
    for entry in manifest.entries {
      guard case .file(let digest, let size, let isExecutable) = entry.kind else { continue }
      let bytes = try #require(expected[entry.path])
      #expect(digest == Hasher256.digest(bytes) && size == bytes.count && isExecutable == entry.path.hasSuffix("9"))
    }
    #expect(progress.files == expected.count)
    #expect(progress.bytes == Int64(expected.values.reduce(0) { $0 + $1.count }) && progress.read == progress.bytes)
    #expect(try store.list().count == 1500 + 3)
    for digest in try store.list() { try store.verify(digest) }
    #expect(try Disk.names(in: scratch.file("store/tmp")).isEmpty)
    #expect(access(scratch.file("d"), F_OK) == (consuming ? -1 : 0))
  }

  /// One file of a batch cannot be written: none of them has a name, and nothing is left.
  @Test func aBatchThatFailsLeavesNothing() async throws {
    mkdir(scratch.file("d"), 0o755)
    for number in 0..<300 { scratch.write("d/\(number)", noise(number == 200 ? 200_000 : 100, seed: UInt64(number))) }
    await #expect(processExitsWith: .success) { [directory = scratch.path as String] in
      signal(SIGXFSZ, SIG_IGN)
      let store = try ArtifactStore(directory: directory + "/store")
      try store.enter()
      var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      let error = #expect(throws: StoreError.self) {
        try store.persist(tree: FileReference(path: directory + "/d", size: 0), consuming: false)
      }
      #expect(error?.code == .full)
      #expect(try store.list().isEmpty)
      #expect(try Disk.names(in: store.directory + "/tmp").isEmpty)
    }
  }

  /// Data, hole, data, hole: the copy takes no more room, and its digest is that of the zeros.
  @Test(arguments: [false, true]) func holesStayHoles(consuming: Bool) throws {
    let store = try store()
    let path = scratch.file("sparse")
    let size = 40 << 20
    let file = open(path, O_RDWR | O_CREAT, 0o644)
    pwrite(file, "begin", 5, 0)
    pwrite(file, "middle", 6, 20 << 20)
    ftruncate(file, off_t(size))
    close(file)
    var bytes = [UInt8](repeating: 0, count: size)
    bytes.replaceSubrange(0..<5, with: "begin".utf8)
    bytes.replaceSubrange(20 << 20..<(20 << 20) + 6, with: "middle".utf8)
    let (digest, stored) = try store.add(file: path, consuming: consuming)
    #expect(digest == Hasher256.digest(bytes) && stored == size)
    #expect(try store.size(of: digest) == size)
    #expect(scratch.read(store.path(of: digest)) == bytes)
    #expect(blocks(store.path(of: digest)) * 512 < 1 << 20)
    try store.verify(digest)
  }

  /// The store knows how large files began that it has: nothing is written for one that comes again, not even for a moment.
  @Test func aLargeFileThatIsKnownIsNotWrittenAgain() throws {
    let store = try store()
    let path = scratch.write("large", noise(3 << 20))
    let digest = try store.add(file: path).digest
    let again = scratch.write("again", noise(3 << 20))
    rename(scratch.file("store/tmp"), scratch.file("store/away"))
    #expect(try store.add(file: again).digest == digest)
    // … unlike one that begins in the same way.
    var other = noise(3 << 20)
    other[2 << 20] ^= 1
    scratch.write("again", other)
    #expect(#expect(throws: StoreError.self) { try store.add(file: again) }?.code == .unwritable)
    rename(scratch.file("store/away"), scratch.file("store/tmp"))
    #expect(try store.add(file: again).digest == Hasher256.digest(other))
    #expect(try store.list().count == 2)
  }

  @Test func allDamageIsFoundAmongMany() throws {
    let store = try store(synchronises: false)
    var digests: [Digest] = []
    for number in 0..<5000 { digests.append(try store.add(Array("\(number)".utf8))) }
    let torn = [digests[0], digests[2222], digests[4999]]
    for digest in torn {
      chmod(store.path(of: digest), 0o644)
      let file = open(store.path(of: digest), O_WRONLY)
      pwrite(file, "x", 1, 0)
      close(file)
    }
    unlink(store.path(of: digests[7]))
    var steps: [Int] = []
    let (bytes, problems) = try store.verify(digests) { done, _ in steps.append(done) }
    #expect(problems.mapValues(\.code) == [torn[0]: .torn, torn[1]: .torn, torn[2]: .torn, digests[7]: .missing])
    #expect(bytes == (0..<5000).reduce(0) { [0, 7, 2222, 4999].contains($1) ? $0 : $0 + Int64("\($1)".utf8.count) })
    #expect(steps == [4096, 5000])
  }
}
