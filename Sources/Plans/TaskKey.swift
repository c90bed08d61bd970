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
    let signature = task.signature
    components = [
      ("task", Hasher256.digest(Array("\(signature.id)\u{0}\(signature.version)\u{0}abi1".utf8))),
      ("code", task.code),
    ]
    components.reserveCapacity(arguments.count + 3)
    for (parameter, value) in zip(signature.parameters, arguments) {
      guard let content = digest(value) else { return nil }
      components.append(("inputs." + parameter.name, content))
    }
    components.append(("seed", Self.digest(of: runSeed)))
    var hasher = Hasher256()
    for (name, component) in components {
      hasher.update(name)
      hasher.update([0])
      hasher.update(component.bytes)
    }
    self.digest = hasher.digest()
    hasher.update("seed")
    let drawn = hasher.digest().words
    seed = Seed([drawn.0, drawn.1, drawn.2, drawn.3])
  }

  private static func digest(of seed: UInt64) -> Digest {
    Hasher256.digest((0..<8).map { UInt8(truncatingIfNeeded: seed >> UInt64($0 * 8)) })
  }
}
