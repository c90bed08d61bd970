import Glibc
import Testing
import Values

@testable import Artifacts

/// What is believed of a store that did not synchronise: `Tests/Reliability/power.py` plays the power cuts.
@Suite struct UnsynchronisedTests {
  let scratch = Scratch()
  private var mark: String { scratch.file("unsynchronised") }
  private var hasMark: Bool { access(mark, F_OK) == 0 }

  private func store(synchronises: Bool) throws -> ArtifactStore {
    try ArtifactStore(directory: scratch.path, synchronises: synchronises)
  }

  /// Other bytes, as many as before, as a file system leaves them that has the size on disk and not the contents.
  private func tear(_ digest: Digest, in store: ArtifactStore) {
    let path = store.path(of: digest)
    chmod(path, 0o644)
    let file = open(path, O_WRONLY)
    _ = pwrite(file, [0, 0] as [UInt8], 2, 0)
    close(file)
  }

  @Test func afterAPowerCutWhatWasAddedIsReadAgain() throws {
    let first = try store(synchronises: false)
    #expect(hasMark)
    // Written in another life of the machine.
    scratch.write("unsynchronised", Array("another life".utf8))
    let (torn, sound) = (try first.add([1, 2, 3]), try first.add([4, 5, 6]))
    tear(torn, in: first)
    first.leave()
    let next = try store(synchronises: true)
    #expect(!next.contains(torn) && next.contains(sound))
    #expect(!hasMark)
    // It can be added again.
    #expect(try next.add([1, 2, 3]) == torn)
    try next.verify(torn)
  }

  @Test func inTheSameLifeNothingIsReadAgain() throws {
    let first = try store(synchronises: false)
    let digest = try first.add([1, 2, 3])
    tear(digest, in: first)
    first.leave()
    // The mark stays for as long as nobody needs it to be on disk.
    let next = try store(synchronises: false)
    #expect(next.contains(digest) && hasMark)
    next.leave()
    let last = try store(synchronises: true)
    #expect(last.contains(digest) && !hasMark)
  }

  @Test func aStoreThatSynchronisesLeavesNoMark() throws {
    _ = try store(synchronises: true).add([1, 2, 3])
    #expect(!hasMark)
  }
}
