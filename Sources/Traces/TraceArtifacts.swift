internal import Database
package import Events
package import Values

// Which runs and nodes refer to artifacts.

/// That a node's outputs, or (node -1) the inputs or outputs of a run, refer to an artifact.
package struct ArtifactUse: Sendable, Hashable {
  package var digest: Digest
  package var run: RunNumber
  package var node: Int
}

/// What a node of a run gave.
package struct NodeResult: Sendable {
  package var node: NodeReference
  /// When it was complete.
  package var at: Int64
  package var outputs: StoredOutputs
  package var components: [(name: String, digest: Digest)]
}

extension Trace {
  /// Every artifact that some run refers to. Linear in the artifacts of the store.
  package func artifactUses() throws(TraceError) -> [ArtifactUse] {
    try query("SELECT digest, run, node FROM artifacts", []) { (row) -> ArtifactUse? in
      Digest(bytes: row.bytes(0)).map { ArtifactUse(digest: $0, run: row.integer(1), node: row.int(2)) }
    }.compactMap(\.self)
  }

  /// The runs and nodes that refer to an artifact; node -1: as input or output of the run.
  package func users(of artifact: Digest) throws(TraceError) -> [(run: RunNumber, node: Int)] {
    try query("SELECT run, node FROM artifacts WHERE digest = ?1", [.bytes(artifact.bytes)]) {
      ($0.integer(0), $0.int(1))
    }
  }

  /// The inputs that changed while tasks of a run used them; none: the run is not tainted.
  package func changedInputs(in run: RunNumber) throws(TraceError) -> [InputChanged] {
    try query(
      "SELECT node, step, item, input, artifact, since, at FROM changed_inputs WHERE run = ?1 ORDER BY seq",
      [.integer(run)]
    ) {
      InputChanged(
        node: NodeReference(run: run, node: $0.int(0), step: $0.int(1), item: $0.string(2)), input: $0.string(3),
        artifact: $0.digest(4), since: $0.integer(5), at: $0.integer(6))
    }
  }

  /// The runs of which an input changed while a task used it.
  package func taintedRuns() throws(TraceError) -> Set<RunNumber> {
    Set(try query("SELECT DISTINCT run FROM changed_inputs", []) { $0.integer(0) })
  }

  /// The nodes that ran in a run and have outputs; of several attempts the last. One pass over the run.
  package func results(of run: RunNumber) throws(TraceError) -> [Int: NodeResult] {
    try read { (reader) throws(DatabaseError) in
      let steps = try Self.steps(of: run, &reader)
      var results: [Int: NodeResult] = [:]
      try Self.forEachAttempt(of: run, &reader) { attempt in
        guard let outputs = attempt.outputs else { return }
        let step = attempt.node.step
        results[attempt.node.node] = NodeResult(
          node: attempt.node, at: attempt.endedAt, outputs: outputs,
          components: steps.indices.contains(step) ? steps[step].callee.components(attempt.arguments) : [])
      }
      return results
    }
  }

  /// For each node of `run` that was reused: the node of the run in which it really ran. Linear in the runs involved.
  package func sources(of run: RunNumber) throws(TraceError) -> [(reused: ReusedNode, node: Int)] {
    var found: [(reused: ReusedNode, node: Int)] = []
    for (source, reused) in Dictionary(grouping: try reused(in: run), by: \.source) {
      let nodes = try attempts(in: source) { attempt in
        attempt.outputs == nil ? nil : attempt.key.map { ($0, attempt.node.node) }
      }
      let byKey = Dictionary(nodes) { _, last in last }
      found += reused.compactMap { reuse in byKey[reuse.key].map { (reuse, $0) } }
    }
    return found.sorted { $0.reused.node.node < $1.reused.node.node }
  }
}
