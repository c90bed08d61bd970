package import Tasks
package import Values

/// The identity of a task call: everything that its result may depend on, and nothing else.
///
/// SHA-256 over named component digests, so that "why did this run again?" is a comparison of fields. Not in it: paths,
/// modification times, host, run, step name, phase, retry settings.
package struct TaskKey: Sendable {
  package var digest: Digest
  /// The digests of the arguments by parameter.
  package var arguments: [Digest]
  /// What makes the task's randomness: the same call with the same run seed draws the same numbers. A digest's bits are
  /// as good as drawn by lot.
  package var seed: Seed { Seed(digest) }

  /// Nil when an input has no content digest (a file that was never hashed).
  /// - Parameter digest: the content digest of a value, possibly cached.
  package init?(
    task: InstalledTask, arguments: [Value], runSeed: UInt64, digest: (Value) -> Digest?
  ) {
    self.init(TaskKey.Base(task: task, runSeed: runSeed), arguments: arguments, digest: digest)
  }

  /// What all calls of a task in a run have in common, computed once.
  package final class Base: Sendable {
    package let components: [(name: String, digest: Digest)]
    /// As they stand in the key: `inputs.NAME` and a zero byte.
    let labels: [[UInt8]]
    /// Has seen `components`.
    let hasher: Hasher256

    package init(task: InstalledTask, runSeed: UInt64) {
      let signature = task.signature
      components = [
        ("task", Hasher256.digest(Array("\(signature.id)\u{0}\(signature.version)\u{0}abi1".utf8))),
        ("code", task.code),
        ("seed", Hasher256.digest((0..<8).map { UInt8(truncatingIfNeeded: runSeed >> UInt64($0 * 8)) })),
      ]
      labels = signature.parameters.map { Array("inputs.\($0.name)\u{0}".utf8) }
      var hasher = Hasher256()
      for (name, digest) in components {
        hasher.update("\(name)\u{0}")
        hasher.update(digest)
      }
      self.hasher = hasher
    }
  }

  package init?(_ base: Base, arguments: [Value], digest: (Value) -> Digest?) {
    var hasher = base.hasher
    var isComplete = true
    self.arguments = arguments.indices.map { index in
      guard let content = digest(arguments[index]) else {
        isComplete = false
        return Digest(words: (0, 0, 0, 0))
      }
      hasher.update(base.labels[index])
      hasher.update(content)
      return content
    }
    guard isComplete else { return nil }
    self.digest = hasher.digest()
  }
}
