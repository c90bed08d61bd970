package import Tasks
package import Values

/// The identity of a task call: everything that its result may depend on, and nothing else.
///
/// SHA-256 over named component digests, so that "why did this run again?" is a comparison of fields. Not in it: paths,
/// modification times, host, run, step name, phase, retry settings.
package struct TaskKey: Sendable {
  package var components: [(name: String, digest: Digest)]
  package var digest: Digest
  /// What makes the task's randomness: the same call with the same run seed draws the same numbers.
  package var seed: Seed

  /// Nil when an input has no content digest (a file that was never hashed).
  /// - Parameter digest: the content digest of a value, possibly cached.
  package init?(
    task: InstalledTask, arguments: [Value], runSeed: UInt64, digest: (Value) -> Digest?
  ) {
    self.init(TaskKey.Base(task: task, runSeed: runSeed), arguments: arguments, digest: digest)
  }

  /// What all calls of a task in a run have in common, computed once.
  package struct Base: Sendable {
    let task: [(name: String, digest: Digest)]
    let inputs: [String]
    let seed: Digest
    /// Has seen what comes before the inputs.
    let hasher: Hasher256

    package init(task: InstalledTask, runSeed: UInt64) {
      let signature = task.signature
      self.task = [
        ("task", Hasher256.digest(Array("\(signature.id)\u{0}\(signature.version)\u{0}abi1".utf8))),
        ("code", task.code),
      ]
      inputs = signature.parameters.map { "inputs." + $0.name }
      seed = Hasher256.digest((0..<8).map { UInt8(truncatingIfNeeded: runSeed >> UInt64($0 * 8)) })
      var hasher = Hasher256()
      for (name, digest) in self.task { hasher.update(component: name, digest) }
      self.hasher = hasher
    }
  }

  package init?(_ base: Base, arguments: [Value], digest: (Value) -> Digest?) {
    components = []
    components.reserveCapacity(arguments.count + 3)
    components.append(contentsOf: base.task)
    var hasher = base.hasher
    for (name, value) in zip(base.inputs, arguments) {
      guard let content = digest(value) else { return nil }
      components.append((name, content))
      hasher.update(component: name, content)
    }
    components.append(("seed", base.seed))
    hasher.update(component: "seed", base.seed)
    self.digest = hasher.digest()
    hasher.update("seed")
    let drawn = hasher.digest().words
    seed = Seed([drawn.0, drawn.1, drawn.2, drawn.3])
  }
}

extension Hasher256 {
  fileprivate mutating func update(component name: String, _ digest: Digest) {
    update(name)
    update("\u{0}")
    digest.withBytes { update($0) }
  }
}
