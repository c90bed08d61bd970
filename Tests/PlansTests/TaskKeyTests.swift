import Plans
import Tasks
import Testing
import Values

private func task(version: String = "1.0.0", code: String = "code") -> InstalledTask {
  InstalledTask(
    signature: TaskSignature(
      id: "t", version: version, inputs: [Port("a", .int(nil)), Port("b", .string)],
      configuration: [Port("k", .int(nil))]),
    source: PluginSource(kind: .sharedObject, path: "/p.so"), index: 0, code: Hasher256.digest(Array(code.utf8)))
}

private func key(
  _ task: InstalledTask, _ arguments: [Value] = [.int(1), .string("x"), .int(2)], seed: UInt64 = 0
)
  -> TaskKey?
{
  TaskKey(task: task, arguments: arguments, runSeed: seed) { Hasher256.digest(Array("\($0)".utf8)) }
}

@Test func theKeyDependsOnEverythingThatTheResultDependsOn() throws {
  let base = try #require(key(task()))
  #expect(key(task())?.digest == base.digest)
  #expect(key(task(version: "1.0.1"))?.digest != base.digest)
  #expect(key(task(code: "other"))?.digest != base.digest)
  #expect(key(task(), [.int(2), .string("x"), .int(2)])?.digest != base.digest)
  #expect(key(task(), [.int(1), .string("x"), .int(3)])?.digest != base.digest)
  #expect(key(task(), seed: 1)?.digest != base.digest)
}

@Test func theKeyDoesNotDependOnWhereThePluginIs() throws {
  let task = task()
  let moved = InstalledTask(
    signature: task.signature, source: PluginSource(kind: .sharedObject, path: "/elsewhere/q.so"), index: 5,
    code: task.code)
  #expect(key(moved)?.digest == key(task)?.digest)
}

@Test func aChangedInputChangesItsDigestOnly() throws {
  let before = try #require(key(task()))
  let after = try #require(key(task(), [.int(1), .string("y"), .int(2)]))
  let changed = before.arguments.indices.filter { before.arguments[$0] != after.arguments[$0] }
  #expect(changed == [1])
}

@Test func anUnhashedFileHasNoKey() {
  let file = Value.file(FileReference(path: "/x", size: 1))
  #expect(TaskKey(task: task(), arguments: [file, .string("x"), .int(2)], runSeed: 0, digest: { _ in nil }) == nil)
}
