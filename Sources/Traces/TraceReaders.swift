internal import Database
package import Events
package import Values

extension Trace {
  /// The runs that have succeeded and had an artifact among their inputs, or by name in a step; repetitions of others aside.
  package func readers(of artifact: Digest) throws(TraceError) -> [RunNumber] {
    // As values are stored: by the text of the digest.
    let text = Array("sha256:\(artifact.hex)".utf8)
    return try query(
      """
      SELECT run FROM runs WHERE status = 'succeeded' AND reproduces IS NULL AND run IN (
        SELECT u.run FROM artifacts u JOIN run_inputs i ON i.run = u.run
        WHERE u.digest = ?1 AND u.node = -1 AND instr(i.value, ?2) > 0
        UNION SELECT run FROM run_artifacts WHERE instr(value, ?2) > 0) ORDER BY run
      """, [.bytes(artifact.bytes), .bytes(text)]
    ) { $0.integer(0) }
  }
}
