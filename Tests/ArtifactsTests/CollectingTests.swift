import Glibc
import Synchronization
import Testing
import Values

@testable import Artifacts

/// The same numbers for the same seed.
private struct Dice: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
  mutating func chance(_ percent: UInt64) -> Bool { next() >> 33 % 100 < percent }
}

private final class Flag: Sendable {
  let isSet = Atomic<Bool>(false)
}

@Suite struct CollectingTests {
  let scratch = Scratch()
  var directory: String { scratch.file("store") }

  func store() throws -> ArtifactStore { try ArtifactStore(directory: directory, synchronises: false) }

  /// As if everything had been added long ago.
  func age(_ digests: some Sequence<Digest>, in store: ArtifactStore) {
    var times = [timespec(tv_sec: 1_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000, tv_nsec: 0)]
    for digest in digests { utimensat(AT_FDCWD, store.path(of: digest), &times, 0) }
  }

  /// Random stores, names, pins, runs, directories that share files, against the rule in a few lines: what is kept is
  /// exactly what the roots reach, recent artifacts included.
  @Test(arguments: 0..<40) func keepsWhatIsReachableAndRemovesEverythingElse(seed: UInt64) throws {
    var dice = Dice(state: seed &* 7919 &+ 1)
    let store = try store()
    var files: [Digest] = []
    for number in 0..<Int(dice.next() % 30 + 2) { files.append(try store.add(Array("file \(seed) \(number)".utf8))) }
    var trees: [Digest: [Digest]] = [:]
    for number in 0..<Int(dice.next() % 6) {
      var manifest = TreeManifest()
      let parts = files.filter { _ in dice.chance(30) }
      for (index, part) in parts.enumerated() {
        manifest.entries.append(
          .init(path: "\(number)-\(index)", kind: .file(part, size: try store.size(of: part), isExecutable: false)))
      }
      guard !parts.isEmpty else { continue }
      let digest = try store.add(manifest.bytes)
      trees[digest] = parts
      if dice.chance(50) { _ = try store.materialise(directory: digest) }
    }
    // Looks like a directory and is none.
    files.append(try store.add(Array("assay tree 1\nnonsense \(seed)".utf8)))
    let all = files + Array(trees.keys)
    let recent = Set(all.filter { _ in dice.chance(10) })
    age(all.filter { !recent.contains($0) }, in: store)

    var roots = CollectionRoots()
    for digest in all {
      if dice.chance(15) { roots.keep(digest, .name("n@v1")) }
      if dice.chance(10) { roots.keep(digest, .run(2)) }
      if dice.chance(5) { roots.keep(digest, .pinned) }
      if dice.chance(30) { roots.pass(digest, 1) }
    }
    var expected = Set(roots.kept.keys).union(recent)
    for (tree, parts) in trees where expected.contains(tree) { expected.formUnion(parts) }

    let survey = try store.survey(roots)
    #expect(Set(survey.objects.map(\.digest)) == Set(all))
    #expect(Set(survey.removals.map(\.digest)) == Set(all).subtracting(expected))
    let removed = try store.collect(survey)
    #expect(Set(try store.list()) == expected)
    #expect(Set(removed.map(\.digest)) == Set(all).subtracting(expected))
    // What is kept is whole: each directory can be made of it again.
    for tree in trees.keys where expected.contains(tree) {
      #expect(Set(try store.manifest(of: tree).files) == Set(trees[tree] ?? []))
      _ = try store.materialise(directory: tree)
    }
    for tree in trees.keys where !expected.contains(tree) { #expect(access(store.treePath(of: tree), F_OK) != 0) }
    #expect(try store.collect(store.survey(roots)).isEmpty, "nothing is left to do")
  }

  @Test func resultsOfRunsStayWhileSomebodyWorks() throws {
    let store = try store()
    let old = try store.add([1])
    let orphan = try store.add([2])
    store.leave()
    age([old, orphan], in: store)
    var roots = CollectionRoots()
    roots.pass(old, 7)
    let other = try ArtifactStore(directory: directory, isWriter: false)
    try other.enter()
    let beside = try store.survey(roots)
    #expect(beside.objects.first { $0.digest == old }?.verdict == .keep(.perhapsReused(run: 7)))
    #expect(try store.collect(beside).map(\.digest) == [orphan])
    other.leave()
    // Somebody comes between the survey and the sweep.
    let alone = try store.survey(roots)
    #expect(alone.removals.map(\.digest) == [old])
    try other.enter()
    #expect(try store.collect(alone).isEmpty)
    #expect(store.contains(old))
    other.leave()
    #expect(try store.collect(alone).map(\.digest) == [old])
  }

  @Test func whatIsFoundAfterTheSurveyIsKept() throws {
    let store = try store()
    let file = try store.add([3])
    let source = scratch.file("dir")
    mkdir(source, 0o755)
    scratch.write("dir/a", [4])
    guard case .directory(let tree) = try store.persist(.directory(FileReference(path: source, size: 0))),
      let digest = tree.digest
    else { return }
    store.leave()
    age(try store.list(), in: store)
    let survey = try store.survey(CollectionRoots())
    #expect(survey.removals.count == 3)
    let other = try ArtifactStore(directory: directory, isWriter: false)
    #expect(try other.add([3]) == file)
    // A directory that is taken over by its digest brings its files along.
    _ = try other.persist(.directory(tree))
    #expect(try store.collect(survey).isEmpty)
    #expect(try store.manifest(of: digest).files.allSatisfy { store.contains($0) })
  }

  @Test func directoriesOfArtifactsThatAreGoneGoToo() throws {
    let store = try store()
    var manifest = TreeManifest()
    manifest.entries.append(.init(path: "a", kind: .file(try store.add([7]), size: 1, isExecutable: false)))
    let digest = try store.add(manifest.bytes)
    _ = try store.materialise(directory: digest)
    #expect(unlink(store.path(of: digest)) == 0)
    _ = try store.collect(store.survey(CollectionRoots()))
    #expect(access(store.treePath(of: digest), F_OK) != 0)
  }

  @Test func aDeadSessionIsNoSession() async throws {
    let store = try store()
    let digest = try store.add([5])
    store.leave()
    age([digest], in: store)
    await #expect(processExitsWith: .signal(SIGKILL)) { [directory = directory as String] in
      let other = try ArtifactStore(directory: directory, isWriter: false)
      _ = try other.add([6])
      _ = try Disk.File(creating: other.temporaryPath())
      kill(getpid(), SIGKILL)
    }
    #expect(try StoreSession.live(in: directory).isEmpty)
    #expect(try Disk.names(in: directory + "/tmp").count == 1)
    var roots = CollectionRoots()
    roots.pass(digest, 1)
    // What it added and nobody refers to goes too.
    let left = Hasher256.digest([6])
    #expect(Set(try store.collect(store.survey(roots)).map(\.digest)) == [digest, left])
    // The next writer removes what the dead one was writing.
    try store.prepare()
    #expect(try Disk.names(in: directory + "/tmp").isEmpty)
    #expect(try store.list().isEmpty)
  }

  @Test func aWriterLeavesWhatOthersAreWriting() throws {
    let other = try ArtifactStore(directory: directory, isWriter: false)
    let file = try Disk.File(creating: other.temporaryPath())
    _ = try store()
    #expect(access(file.path, F_OK) == 0)
  }

  /// Killed after a batch; the next one finishes the work, and what is kept was never touched.
  @Test func killedWhileCollectingTheRestIsSound() async throws {
    let store = try store()
    var digests: [Digest] = []
    for number in 0..<300 { digests.append(try store.add(Array("killed \(number)".utf8))) }
    let kept = Array(digests.prefix(20))
    var manifest = TreeManifest()
    for (index, digest) in digests.enumerated() where index % 2 == 0 {
      manifest.entries.append(
        .init(path: "\(index)", kind: .file(digest, size: try store.size(of: digest), isExecutable: false)))
    }
    let tree = try store.add(manifest.bytes)
    _ = try store.materialise(directory: tree)
    store.leave()
    age(digests + [tree], in: store)
    await #expect(processExitsWith: .signal(SIGKILL)) { [directory = directory as String] in
      let store = try ArtifactStore(directory: directory, isWriter: false)
      var roots = CollectionRoots()
      for number in 0..<20 { roots.keep(Hasher256.digest(Array("killed \(number)".utf8)), .pinned) }
      _ = try store.collect(store.survey(roots)) { done, _ in if done >= 128 { kill(getpid(), SIGKILL) } }
    }
    let left = try store.list()
    #expect(left.count < 301 && left.count > 20)
    #expect(Set(kept).isSubset(of: left))
    #expect(!store.contains(tree), "a directory goes before its files")
    #expect(access(store.treePath(of: tree), F_OK) != 0)
    var roots = CollectionRoots()
    for digest in kept { roots.keep(digest, .pinned) }
    _ = try store.collect(store.survey(roots))
    #expect(Set(try store.list()) == Set(kept))
    for digest in kept { try store.verify(digest) }
  }

  /// Adders and a collector at once: nobody's artifact disappears while its session lasts.
  @Test func addingBesideCollectingLosesNothing() async throws {
    let directory = directory
    _ = try store()
    let stop = Flag()
    try await withThrowingTaskGroup(of: Int.self) { group in
      for worker in 0..<3 {
        group.addTask {
          var lost = 0
          for round in 0..<60 {
            let store = try ArtifactStore(directory: directory, isWriter: false, synchronises: false)
            // The same few contents again and again, so that finding and removing meet.
            let digests = try (0..<4).map { try store.add(Array("shared \(($0 + round + worker) % 5)".utf8)) }
            for digest in digests where !store.contains(digest) { lost += 1 }
            store.leave()
          }
          return lost
        }
      }
      group.addTask {
        let store = try ArtifactStore(directory: directory, isWriter: false, synchronises: false)
        while !stop.isSet.load(ordering: .relaxed) {
          try store.enter()
          _ = try store.collect(store.survey(CollectionRoots()))
          store.leave()
          await Task.yield()
        }
        return 0
      }
      var finished = 0
      while let lost = try await group.next() {
        #expect(lost == 0)
        finished += 1
        if finished == 3 { stop.isSet.store(true, ordering: .relaxed) }
      }
    }
    let store = try store()
    for digest in try store.list() { try store.verify(digest) }
  }
}

@Suite struct IncrementalTests {
  let scratch = Scratch()

  private func put(_ store: ArtifactStore, _ path: String) throws -> (tree: FileReference, progress: StoreProgress) {
    var total = StoreProgress()
    let tree = try store.persist(tree: FileReference(path: path, size: 0), consuming: false) { total += $0 }
    return (tree, total)
  }

  /// Changed long ago, so that the index believes its times; only the clock can set a change time, so the index is told.
  @Test func unchangedFilesAreNotReadAgain() throws {
    let store = try ArtifactStore(directory: scratch.file("store"), synchronises: false)
    let source = scratch.file("data")
    mkdir(source, 0o755)
    for name in ["a", "b", "c"] { scratch.write("data/\(name)", noise(1000, seed: UInt64(name.utf8.first ?? 0))) }
    let first = try put(store, source)
    #expect(first.progress == StoreProgress(files: 3, bytes: 3000, read: 3000))
    // Too fresh to be remembered.
    #expect(try put(store, source).progress.read == 3000)
    try remember(source, store)
    let second = try put(store, source)
    #expect(second.progress == StoreProgress(files: 3, bytes: 3000, read: 0))
    #expect(second.tree == first.tree)
    scratch.write("data/b", noise(1000, seed: 99))
    let third = try put(store, source)
    #expect(third.progress.read == 1000)
    #expect(third.tree.digest != first.tree.digest)
  }

  @Test func aChangeThatSetsTheTimeBackIsSeen() throws {
    let store = try ArtifactStore(directory: scratch.file("store"), synchronises: false)
    let source = scratch.file("data")
    mkdir(source, 0o755)
    let file = scratch.write("data/a", noise(1000))
    let first = try put(store, source)
    try remember(source, store)
    var status = stat()
    lstat(file, &status)
    scratch.write("data/a", noise(1000, seed: 5))
    var times = [status.st_atim, status.st_mtim]
    utimensat(AT_FDCWD, file, &times, 0)
    #expect(try put(store, source).tree.digest != first.tree.digest)
  }

  @Test func aRememberedFileThatWasCollectedIsReadAgain() throws {
    let store = try ArtifactStore(directory: scratch.file("store"), synchronises: false)
    let source = scratch.file("data")
    mkdir(source, 0o755)
    scratch.write("data/a", noise(1000))
    let first = try put(store, source)
    try remember(source, store)
    for digest in try store.list() { try store.discard(digest) }
    let second = try put(store, source)
    #expect(second.progress.read == 1000)
    #expect(second.tree.digest == first.tree.digest)
  }

  @Test(arguments: ["", "nonsense", "assay file index 1\n"]) func aDamagedIndexIsNoIndex(text: String) throws {
    let store = try ArtifactStore(directory: scratch.file("store"), synchronises: false)
    let source = scratch.file("data")
    mkdir(source, 0o755)
    scratch.write("data/a", noise(1000))
    try remember(source, store)
    let index =
      "store/index/\(Hasher256.digest(Array((realpath(source, nil).map { String(cString: $0) } ?? "").utf8)).hex)"
    #expect(scratch.read(scratch.file(index)) != nil)
    scratch.write(index, Array(text.utf8))
    #expect(try put(store, source).progress.read == 1000)
  }

  /// As if the directory had been stored now and its files had been changed long before.
  private func remember(_ source: String, _ store: ArtifactStore) throws {
    var index = FileIndex(of: source, in: store.directory, now: .max)
    for name in try Disk.names(in: source) {
      guard let status = try Disk.status("\(source)/\(name)") else { continue }
      index.remember(try Disk.File(reading: "\(source)/\(name)").digest(), of: name, status)
    }
    index.save(temporary: try store.temporaryPath())
  }
}
