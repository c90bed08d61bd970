internal import Database
package import Events
internal import Tasks
internal import Values

extension Trace {
  /// The attempts of a run in the order in which they ended.
  package func attempts(
    of run: RunNumber, node: Int? = nil, step: Int? = nil, after sequence: Int64 = 0, limit: Int = .max
  ) throws(TraceError) -> [AttemptRecord] {
    try read { (reader) throws(DatabaseError) in
      let steps = try Self.steps(of: run, &reader)
      return try reader.rows(
        """
        SELECT a.seq, node, step, item, attempt, started, wall, cpu, memory, process, reusable, key, outputs, arguments,
          f.kind, f.code, f.number, f.message, f.detail, f.port, f.retryable, f.retry_after, f.signal, f.log, run
        FROM attempts a LEFT JOIN failures f ON f.seq = a.seq
        WHERE a.\(Self.inRun) AND (?2 IS NULL OR node = ?2) AND (?3 IS NULL OR step = ?3) AND a.seq > ?4
        ORDER BY a.seq LIMIT ?5
        """,
        [
          .integer(run), Self.parameter(node), Self.parameter(step), .integer(sequence), .integer(Int64(limit)),
        ]
      ) { AttemptRecord($0, steps) }
    }
  }

  /// The outputs of a node that ran or was reused in this run; nil when it has none. Linear in the run.
  package func outputs(of run: RunNumber, node: Int) throws(TraceError) -> StoredOutputs? {
    let ran = try query(
      "SELECT outputs FROM attempts WHERE \(Self.inRun) AND node = ?2 AND outputs IS NOT NULL ORDER BY seq DESC LIMIT 1",
      [.integer(run), .integer(Int64(node))]
    ) { $0.withBytes(0, OutputsCodec.decode) }
    if let outputs = ran.first { return outputs }
    guard let reuse = try reused(in: run, node: node).first else { return nil }
    return try outputs(of: reuse)
  }

  /// The outputs that a reused node took.
  package func outputs(of reuse: ReusedNode) throws(TraceError) -> StoredOutputs? {
    if let latest = try reusable(reuse.key), latest.run == reuse.source { return latest.outputs }
    // A later run has put another result under this key.
    return try query(
      "SELECT outputs FROM attempts WHERE \(Self.inRun) AND key = ?2 AND reusable = 1 ORDER BY seq DESC LIMIT 1",
      [.integer(reuse.source), .bytes(reuse.key.bytes)]
    ) { $0.withBytes(0, OutputsCodec.decode) }.first ?? nil
  }

  package func reused(in run: RunNumber, node: Int? = nil) throws(TraceError) -> [ReusedNode] {
    try query(
      """
      SELECT run, node, step, item, key, source, at FROM reused WHERE \(Self.inRun) AND (?2 IS NULL OR node = ?2)
      ORDER BY seq
      """, [.integer(run), Self.parameter(node)]
    ) {
      ReusedNode(
        node: NodeReference($0), key: $0.digest(4), source: $0.integer(5), at: $0.integer(6))
    }
  }

  package func skipped(in run: RunNumber) throws(TraceError) -> [SkippedNode] {
    try query("SELECT run, node, step, item, why, at FROM skipped WHERE \(Self.inRun) ORDER BY seq", [.integer(run)]) {
      SkippedNode(node: NodeReference($0), why: .init(rawValue: $0.string(4)) ?? .stopped, at: $0.integer(5))
    }
  }

  /// Attempts that have begun and not ended: running now, or cut off when the run was interrupted.
  package func unfinished(in run: RunNumber) throws(TraceError) -> [AttemptStarted] {
    let started = try query(
      "SELECT run, node, step, item, attempt, at FROM started WHERE \(Self.inRun) ORDER BY seq", [.integer(run)]
    ) { AttemptStarted(node: NodeReference($0), attempt: $0.int(4), startedAt: $0.integer(5)) }
    if started.isEmpty { return [] }
    let ended = Set(
      try query("SELECT node, attempt FROM attempts WHERE \(Self.inRun)", [.integer(run)]) { [$0.int(0), $0.int(1)] })
    return started.filter { !ended.contains([$0.node.node, $0.attempt]) }
  }

  /// The nodes of a run that have their outputs: what a resuming run need not do again. Linear in the run.
  package func completed(in run: RunNumber) throws(TraceError) -> [CompletedNode] {
    let ran = try query(
      """
      SELECT run, node, step, item, key, started + wall, outputs FROM attempts
      WHERE \(Self.inRun) AND outputs IS NOT NULL ORDER BY seq
      """, [.integer(run)]
    ) { row -> CompletedNode? in
      row.withBytes(6, OutputsCodec.decode).map {
        CompletedNode(
          node: NodeReference(row), key: Digest(bytes: row.bytes(4)), source: run, at: row.integer(5), outputs: $0)
      }
    }
    var nodes = ran.compactMap(\.self)
    let taken = try reused(in: run)
    let found = try reusable(taken.map(\.key))
    for (reuse, result) in zip(taken, found) {
      let outputs = result?.run == reuse.source ? result?.outputs : try outputs(of: reuse)
      guard let outputs else { continue }
      nodes.append(
        CompletedNode(node: reuse.node, key: reuse.key, source: reuse.source, at: reuse.at, outputs: outputs))
    }
    return nodes
  }

  /// The last checkpoint of a node of a run that did not succeed.
  package func checkpoint(of run: RunNumber, node: Int) throws(TraceError) -> [UInt8]? {
    try query(
      "SELECT bytes FROM checkpoints WHERE run = ?1 AND node = ?2", [.integer(run), .integer(Int64(node))]
    ) { $0.bytes(0) }.first
  }

  // MARK: what nodes said

  /// Log lines in order. To follow: ask again after the last one's `sequence`. Node -1: the run's own lines.
  package func logs(
    of run: RunNumber, node: Int? = nil, attempt: Int? = nil, after sequence: Int64 = 0, limit: Int = .max
  ) throws(TraceError) -> [LogRecord] {
    try query(
      """
      SELECT seq, run, node, attempt, level, text, at FROM logs
      WHERE \(Self.inRun) AND (?2 IS NULL OR node = ?2) AND (?3 IS NULL OR attempt = ?3) AND seq > ?4
      ORDER BY seq LIMIT ?5
      """,
      [
        .integer(run), Self.parameter(node), Self.parameter(attempt), .integer(sequence), .integer(Int64(limit)),
      ]
    ) {
      LogRecord(
        sequence: $0.integer(0),
        line: LogLine(
          run: $0.integer(1), node: $0.int(2), attempt: $0.int(3),
          level: LogLevel(rawValue: Int32(clamping: $0.integer(4))) ?? .info, text: $0.string(5), at: $0.integer(6)))
    }
  }

  package func metrics(
    of run: RunNumber, node: Int? = nil, after sequence: Int64 = 0
  ) throws(TraceError)
    -> [MetricRecord]
  {
    try query(
      """
      SELECT seq, run, node, attempt, name, value, unit, step, at FROM metrics
      WHERE \(Self.inRun) AND (?2 IS NULL OR node = ?2) AND seq > ?3 ORDER BY seq
      """, [.integer(run), Self.parameter(node), .integer(sequence)]
    ) {
      MetricRecord(
        sequence: $0.integer(0),
        point: MetricPoint(
          run: $0.integer(1), node: $0.int(2), attempt: $0.int(3), name: $0.string(4),
          value: $0.isNull(5) ? .nan : $0.double(5), unit: $0.string(6), step: $0.integer(7), at: $0.integer(8)))
    }
  }

  // MARK: over several runs

  /// The median time of a successful attempt by step path, from the latest runs of a workflow: what to expect.
  package func medianNanoseconds(workflow: String, runs: Int = 5) throws(TraceError) -> [String: Int64] {
    let latest = try self.runs(workflow: workflow, limit: runs)
    var times: [String: [Int64]] = [:]
    for run in latest {
      let rows = try query(
        "SELECT step, wall FROM attempts WHERE \(Self.inRun) AND outputs IS NOT NULL LIMIT 50000", [.integer(run.run)]
      ) { ($0.int(0), $0.integer(1)) }
      if rows.isEmpty { continue }
      let steps = try read { (reader) throws(DatabaseError) in try Self.steps(of: run.run, &reader) }
      for (step, wall) in rows where steps.indices.contains(step) { times[steps[step].path, default: []].append(wall) }
    }
    return times.mapValues { times in times.sorted()[times.count / 2] }
  }

  /// What these calls took when they ran. Linear in the runs that they ran in.
  package func savedNanoseconds(by reused: [ReusedNode]) throws(TraceError) -> Int64 {
    var total: Int64 = 0
    for (source, calls) in Dictionary(grouping: reused, by: \.source) {
      let wanted = Set(calls.map(\.key))
      let took = try query(
        "SELECT key, wall FROM attempts WHERE \(Self.inRun) AND reusable = 1", [.integer(source)]
      ) { (Digest(bytes: $0.bytes(0)), $0.integer(1)) }
      for (key, wall) in took { if let key, wanted.contains(key) { total += wall } }
    }
    return total
  }

  private static func parameter(_ number: Int?) -> Statement.Parameter { number.map { .integer(Int64($0)) } ?? .null }
}

extension NodeReference {
  /// From `run, node, step, item`, the first columns.
  fileprivate init(_ row: Statement) {
    self.init(run: row.integer(0), node: row.int(1), step: row.int(2), item: row.optionalString(3) ?? "")
  }
}

extension AttemptRecord {
  fileprivate init(_ row: Statement, _ steps: [StepRecord]) {
    sequence = row.integer(0)
    node = NodeReference(run: row.integer(24), node: row.int(1), step: row.int(2), item: row.optionalString(3) ?? "")
    attempt = row.int(4)
    startedAt = row.integer(5)
    usage = Usage(
      wallNanoseconds: row.integer(6), cpuNanoseconds: row.integer(7), peakMemoryBytes: row.integer(8),
      process: Int32(clamping: row.integer(9)))
    reusable = row.integer(10) == 1
    key = row.optionalBytes(11).flatMap { Digest(bytes: $0) }
    let arguments = row.withBytes(13, ArgumentsCodec.decode)
    components =
      key == nil || !steps.indices.contains(node.step) ? [] : steps[node.step].callee.components(arguments)
    if row.isNull(12) {
      result = .failure(Failure(row))
    } else if let outputs = row.withBytes(12, OutputsCodec.decode) {
      result = .success(outputs)
    } else {
      result = .failure(Failure(.contract, "the recorded outputs are damaged"))
    }
  }
}

extension Failure {
  /// From columns 14 to 23 of an attempt.
  fileprivate init(_ row: Statement) {
    self.init(
      Kind(rawValue: row.string(14)) ?? .failed, row.string(17), code: row.string(15),
      number: Int32(clamping: row.integer(16)), detail: row.string(18), port: row.string(19),
      retryable: row.optionalInteger(20).map { $0 != 0 }, retryAfter: row.optionalInteger(21).map { .nanoseconds($0) },
      signal: Int32(clamping: row.integer(22)),
      log: row.string(23).split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
  }
}
