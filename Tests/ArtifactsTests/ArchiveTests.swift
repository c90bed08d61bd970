import Glibc
import Testing
import Values

@testable import Artifacts

@Suite struct ArchiveTests {
  let scratch = Scratch()

  private func store(_ name: String) throws -> ArtifactStore {
    try ArtifactStore(directory: scratch.file(name), isWriter: false, synchronises: false)
  }

  /// An archive of a file, a directory, a tensor and a record, and what it holds.
  private func archive() throws -> (path: String, contents: Archive.Contents) {
    let store = try store("from")
    mkdir(scratch.file("dir"), 0o755)
    scratch.write("dir/a", [1, 2, 3])
    scratch.write("dir/tool", [4], mode: 0o755)
    let values: [Value] = [
      .file(FileReference(path: scratch.write("f.csv", Array("x\n1\n".utf8)), size: 0, mediaType: "text/csv")),
      .directory(FileReference(path: scratch.file("dir"), size: 0)), .tensor(tensor(noise(200_000))),
      .record([.init("a", .int(1)), .init("s", .string("x"))]),
    ]
    var contents = Archive.Contents(engine: "1", by: "ada", host: "h", versions: [], objects: [:])
    for (index, value) in values.enumerated() {
      let stored = try store.persist(value)
      let described = try store.describe(stored)
      let version = ArtifactVersion(
        name: "n/\(index)", version: 1, digest: described.digest, type: stored.type, size: described.size,
        form: described.form, parts: described.parts, origin: "here", history: "{}")
      contents.versions.append(.init(version: version, tags: ["t"], stages: ["s"]))
      for part in try store.contents(of: version) { contents.objects[part] = Int64(try store.size(of: part)) }
    }
    let path = scratch.file("a.tar")
    try store.export(contents, to: path)
    return (path, contents)
  }

  @Test func everythingTravels() throws {
    let (path, contents) = try archive()
    let other = try store("to")
    let read = try other.import(path)
    #expect(read.versions.map(\.version) == contents.versions.map(\.version))
    #expect(read.versions.allSatisfy { $0.tags == ["t"] && $0.stages == ["s"] })
    #expect(Set(try other.list()) == Set(contents.objects.keys))
    for digest in try other.list() { try other.verify(digest) }
    guard case .directory(let tree) = try other.decode(read.versions[1].version.form) else { return }
    #expect(scratch.read(tree.path + "/a") == [1, 2, 3])
    #expect(access(tree.path + "/tool", X_OK) == 0)
    #expect(try other.decode(read.versions[2].version.form) == .tensor(tensor(noise(200_000))))
    // Again: nothing new.
    _ = try other.import(path)
    #expect(try other.list().count == contents.objects.count)
  }

  @Test func otherProgramsReadIt() throws {
    let (path, contents) = try archive()
    #expect(system("tar -tf \(path) > \(scratch.file("list")) 2>&1") == 0)
    let listed = String(decoding: scratch.read(scratch.file("list")) ?? [], as: UTF8.self).split(separator: "\n")
    #expect(listed.count == contents.objects.count + 1)
    #expect(listed.first == "assay-archive.json")
  }

  /// Any byte that is not what it was: one clear error, and nothing wrong under any name.
  @Test func noDamageIsAccepted() throws {
    let (path, contents) = try archive()
    let bytes = try #require(scratch.read(path))
    var state: UInt64 = 42
    for _ in 0..<120 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      var damaged = bytes
      let place = Int(state >> 33) % (bytes.count - 1024)
      damaged[place] ^= UInt8(truncatingIfNeeded: state >> 20) | 1
      scratch.write("damaged.tar", damaged)
      let other = try store("damaged")
      try other.enter()
      do throws(StoreError) {
        let read = try other.import(scratch.file("damaged.tar"))
        // Padding, and words of the manifest that nothing depends on.
        #expect(Set(read.objects.keys) == Set(contents.objects.keys), "byte \(place)")
      } catch {
        #expect([.malformed, .missing, .torn, .unsupported].contains(error.code), "byte \(place): \(error)")
      }
      for digest in try other.list() { try other.verify(digest) }
      #expect(try Set(other.list()).isSubset(of: contents.objects.keys))
      #expect(try Disk.names(in: other.directory + "/tmp").isEmpty)
      other.leave()
      try Disk.remove(other.directory)
    }
  }

  @Test(arguments: [0, 1, 511, 512, 513, 1500, 4096]) func noPartOfAnArchiveIsAccepted(count: Int) throws {
    let (path, _) = try archive()
    scratch.write("part.tar", Array((scratch.read(path) ?? []).prefix(count)))
    #expect(throws: StoreError.self) { try store("part").import(scratch.file("part.tar")) }
  }

  @Test(arguments: ["../../evil", "/etc/evil", "objects/../../evil", "objects/abc", "assay-archive.json"])
  func filesThatDoNotBelongAreRefused(name: String) throws {
    let (path, contents) = try archive()
    var bytes = try #require(scratch.read(path))
    bytes.removeLast(1024)
    bytes += Tar.header(name, size: 3) + Array("bad".utf8) + [UInt8](repeating: 0, count: 509 + 1024)
    scratch.write("evil.tar", bytes)
    let error = #expect(throws: StoreError.self) { try store("evil").import(scratch.file("evil.tar")) }
    #expect(error?.code == .malformed)
    #expect(access("/etc/evil", F_OK) != 0)
    #expect(!contents.objects.isEmpty)
  }

  /// A symbolic link, a device, a hard link, a directory, a sparse file.
  @Test(arguments: ["2", "3", "1", "5", "S"]) func onlyRegularFilesAreAccepted(kind: Character) throws {
    var block = Tar.header("assay-archive.json", size: 0)
    block[156] = kind.asciiValue ?? 0
    let sum = block.indices.reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(block[$1])) }
    let text = String(sum, radix: 8)
    block.replaceSubrange(148..<154, with: Array((String(repeating: "0", count: 6 - text.count) + text).utf8))
    scratch.write("kind.tar", block)
    let error = #expect(throws: StoreError.self) { try store("kind").import(scratch.file("kind.tar")) }
    #expect(error?.message.contains("is no regular file") == true)
  }

  /// The bytes are what their digests say, and the version is not what it says.
  @Test func versionsThatAreNotWhatTheySayAreRefused() throws {
    let (_, contents) = try archive()
    let file = contents.versions[0].version.digest
    var swapped = contents
    swapped.versions[2].version.digest = file
    var without = contents
    without.objects[file] = nil
    let part = Hasher256.digest([1, 2, 3])
    var torn = contents
    torn.objects[part] = nil
    var mistyped = contents
    mistyped.versions[3].version.type = .int(nil)
    for (number, (forged, words)) in [
      (swapped, "its value is another one than its digest says"), (without, "\(file.short) did not come along"),
      (torn, "\(part.short), part of a directory, did not come along"),
      (mistyped, "its value is not of type int"),
    ].enumerated() {
      let path = scratch.file("forged\(number).tar")
      try store("from").export(forged, to: path)
      let error = #expect(throws: StoreError.self) { try store("to\(number)").import(path) }
      #expect(error?.code == .malformed && error?.message.contains(words) == true, "\(error as Any)")
    }
  }

  /// The manifest says one size, the file in the archive another.
  @Test func sizesThatContradictEachOtherAreRefused() throws {
    let (path, contents) = try archive()
    let (digest, size) = try #require(contents.objects.first { $0.value < 9 })
    var bytes = try #require(scratch.read(path))
    let listed = "\"digest\": \"\(digest.hex)\",\n      \"size\": "
    let place = try #require(bytes.firstRange(of: Array("\(listed)\(size)".utf8)))
    bytes.replaceSubrange(place, with: "\(listed)\(size + 1)".utf8)
    scratch.write("sizes.tar", bytes)
    let error = #expect(throws: StoreError.self) { try store("sizes").import(scratch.file("sizes.tar")) }
    #expect(error?.message == "artifact \(digest.short) has another size than the archive says")
  }

  @Test func largeSizesAreWrittenAndRead() throws {
    for size in [0, 1, (1 << 33) - 1, 1 << 33, 1 << 45] as [Int64] {
      let read = try #require(try Tar.entry(Tar.header("objects/x", size: size), path: ""))
      #expect(read.name == "objects/x" && read.size == size)
    }
  }

  @Test func damagedArtifactsDoNotTravel() throws {
    let (_, contents) = try archive()
    let store = try store("from")
    let digest = try #require(contents.objects.keys.min())
    chmod(store.path(of: digest), 0o644)
    let file = open(store.path(of: digest), O_WRONLY)
    _ = pwrite(file, "?", 1, 0)
    close(file)
    #expect(throws: StoreError.self) { try store.export(contents, to: scratch.file("b.tar")) }
    #expect(access(scratch.file("b.tar"), F_OK) != 0)
  }

  @Test func killedWhileImportingNothingHalfIsFound() async throws {
    let (path, contents) = try archive()
    await #expect(processExitsWith: .signal(SIGKILL)) { [directory = scratch.path as String, path = path as String] in
      let store = try ArtifactStore(directory: directory + "/killed", isWriter: false, synchronises: false)
      var files = 0
      _ = try store.import(path) { step in
        files += step.files
        if files == 2, step.files == 0 { kill(getpid(), SIGKILL) }
      }
    }
    // Objects get their names together.
    #expect(try Disk.names(in: scratch.file("killed/tmp")).count == 3)
    let store = try store("killed")
    #expect(try store.list().isEmpty)
    try store.prepare()
    #expect(try Disk.names(in: scratch.file("killed/tmp")).isEmpty)
    _ = try store.import(path)
    #expect(Set(try store.list()) == Set(contents.objects.keys))
  }

  @Test func killedWhilePuttingNothingHalfIsFound() async throws {
    mkdir(scratch.file("big"), 0o755)
    for number in 0..<20 { scratch.write("big/\(number)", noise(5000, seed: UInt64(number))) }
    await #expect(processExitsWith: .signal(SIGKILL)) { [directory = scratch.path as String] in
      let store = try ArtifactStore(directory: directory + "/put", isWriter: false, synchronises: false)
      var files = 0
      _ = try store.persist(tree: FileReference(path: directory + "/big", size: 0), consuming: false) { step in
        files += step.files
        if files == 11, step.files == 0 { kill(getpid(), SIGKILL) }
      }
    }
    #expect(try Disk.names(in: scratch.file("put/tmp")).count == 20)
    let store = try store("put")
    #expect(try store.list().isEmpty)
    try store.prepare()
    #expect(try Disk.names(in: scratch.file("put/tmp")).isEmpty)
    let tree = try store.persist(tree: FileReference(path: scratch.file("big"), size: 0), consuming: false)
    #expect(try store.contents(of: #require(tree.digest)).count == 21)
  }
}
