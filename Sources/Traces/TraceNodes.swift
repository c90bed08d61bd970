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
      var found: [StoredAttempt] = []
      try Self.forEachAttempt(of: run, after: sequence, &reader) { attempt in
        guard found.count < limit, attempt.sequence > sequence else { return }
        if let node, node != attempt.node.node { return }
        if let step, step != attempt.node.step { return }
        found.append(attempt)
      }
      var records: [AttemptRecord] = []
      records.reserveCapacity(found.count)
      for attempt in found {
        let failure = attempt.outputs == nil ? try Self.failure(attempt.sequence, &reader) : nil
        records.append(AttemptRecord(attempt, failure, steps))
      }
      return records
    }
  }

  /// Calls `body` with each attempt of a run in the order in which they ended.
  ///
  /// - Parameter sequence: attempts up to this one may be left out.
  static func forEachAttempt(
    of run: RunNumber, after sequence: Int64 = 0, _ reader: inout Reader,
    _ body: (StoredAttempt) throws(DatabaseError) -> Void
  ) throws(DatabaseError) {
    let rows = try reader.statement(
      "SELECT seq, attempts FROM attempts WHERE \(Self.inRun) AND last > ?2 ORDER BY seq")
    rows.bind([.integer(run), .integer(sequence)])
    defer { rows.reset() }
    while try rows.step() {
      guard let attempts = AttemptsCodec.decode(rows.bytes(1), first: rows.integer(0), run: run) else {
        throw damaged("a record", run)
      }
      for attempt in attempts { try body(attempt) }
    }
  }

  /// What `pick` takes of the attempts of a run.
  func attempts<T: Sendable>(in run: RunNumber, _ pick: (StoredAttempt) -> T?) throws(TraceError) -> [T] {
    try read { (reader) throws(DatabaseError) in
      var picked: [T] = []
      try Self.forEachAttempt(of: run, &reader) { if let taken = pick($0) { picked.append(taken) } }
      return picked
    }
  }

  private static func failure(_ sequence: Int64, _ reader: inout Reader) throws(DatabaseError) -> Failure? {
    try reader.row(
      """
      SELECT kind, code, number, message, detail, port, retryable, retry_after, signal, log FROM failures WHERE seq = ?1
      """, [.integer(sequence)], Failure.init)
  }

  /// The outputs of a node that ran or was reused in this run; nil when it has none. Linear in the run.
  package func outputs(of run: RunNumber, node: Int) throws(TraceError) -> StoredOutputs? {
    if let outputs = try attempts(in: run, { $0.node.node == node ? $0.outputs : nil }).last { return outputs }
    guard let reuse = try reused(in: run, node: node).first else { return nil }
    return try outputs(of: reuse)
  }

  /// The outputs that a reused node took.
  package func outputs(of reuse: ReusedNode) throws(TraceError) -> StoredOutputs? {
    if let latest = try reusable(reuse.key), latest.run == reuse.source { return latest.outputs }
    // A later run has put another result under this key.
    return try attempts(in: reuse.source) { $0.reusable && $0.key == reuse.key ? $0.outputs : nil }.last
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

  /// The other runs that took results of a run, and how many calls of it. Linear in what was ever reused.
  package func reusers(of run: RunNumber) throws(TraceError) -> (runs: [RunNumber], calls: Int) {
    let rows = try query("SELECT DISTINCT run, key FROM reused WHERE source = ?1 AND run <> ?1", [.integer(run)]) {
      ($0.integer(0), $0.bytes(1))
    }
    return (Set(rows.map(\.0)).sorted(), Set(rows.map(\.1)).count)
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
    let ended = Set(try attempts(in: run) { [$0.node.node, $0.attempt] })
    return started.filter { !ended.contains([$0.node.node, $0.attempt]) }
  }

  /// The nodes of a run that have their outputs: what a resuming run need not do again. Linear in the run.
  package func completed(in run: RunNumber) throws(TraceError) -> [CompletedNode] {
    var nodes = try attempts(in: run) { attempt in
      attempt.outputs.map {
        CompletedNode(node: attempt.node, key: attempt.key, source: run, at: attempt.endedAt, outputs: $0)
      }
    }
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
      let rows = try attempts(in: run.run) { attempt in
        attempt.outputs.map { _ in (attempt.node.step, attempt.usage.wallNanoseconds) }
      }
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
      let took = try attempts(in: source) { attempt -> Int64? in
        guard attempt.reusable, let key = attempt.key, wanted.contains(key) else { return nil }
        return attempt.usage.wallNanoseconds
      }
      for wall in took { total += wall }
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
  fileprivate init(_ stored: StoredAttempt, _ failure: Failure?, _ steps: [StepRecord]) {
    sequence = stored.sequence
    node = stored.node
    attempt = stored.attempt
    startedAt = stored.startedAt
    usage = stored.usage
    reusable = stored.reusable
    key = stored.key
    components =
      key == nil || !steps.indices.contains(node.step) ? [] : steps[node.step].callee.components(stored.arguments)
    if let outputs = stored.outputs {
      result = .success(outputs)
    } else {
      result = .failure(failure ?? Failure(.failed, "the reason is not on record"))
    }
  }
}

extension Failure {
  fileprivate init(_ row: Statement) {
    self.init(
      Kind(rawValue: row.string(0)) ?? .failed, row.string(3), code: row.string(1),
      number: Int32(clamping: row.integer(2)), detail: row.string(4), port: row.string(5),
      retryable: row.optionalInteger(6).map { $0 != 0 }, retryAfter: row.optionalInteger(7).map { .nanoseconds($0) },
      signal: Int32(clamping: row.integer(8)),
      log: row.string(9).split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
  }
}
