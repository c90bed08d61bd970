internal import Database
package import Events
internal import Tasks
internal import Values

extension Trace {
  /// Newest first. `interrupted` includes runs whose engine is gone without having said so.
  package func runs(
    workflow: String? = nil, status: RunStatus? = nil, limit: Int = 100
  ) throws(TraceError)
    -> [RunSummary]
  {
    // A run that is still marked `running` may turn out to be interrupted: filtered here, not by SQL.
    let isWritten = WriterLock.isHeld(database: path)
    return try read { (reader) throws(DatabaseError) in
      let statement = try reader.statement(
        "SELECT \(RunSummary.columns) FROM runs WHERE ?1 IS NULL OR workflow = ?1 ORDER BY run DESC")
      statement.bind(1, workflow)
      defer { statement.reset() }
      var runs: [RunSummary] = []
      while runs.count < limit, try statement.step() {
        let summary = RunSummary(statement, isWritten: isWritten)
        if status == nil || summary.status == status { runs.append(summary) }
      }
      return runs
    }
  }

  package func summary(of run: RunNumber) throws(TraceError) -> RunSummary? {
    let isWritten = WriterLock.isHeld(database: path)
    return try query("SELECT \(RunSummary.columns) FROM runs WHERE run = ?1", [.integer(run)]) {
      RunSummary($0, isWritten: isWritten)
    }.first
  }

  /// Nil when there is no such run. Linear in the nodes of the run.
  package func detail(of run: RunNumber) throws(TraceError) -> RunDetail? {
    let isWritten = WriterLock.isHeld(database: path)
    return try read { (reader) throws(DatabaseError) -> RunDetail? in
      let summary = try reader.row("SELECT \(RunSummary.columns) FROM runs WHERE run = ?1", [.integer(run)]) {
        RunSummary($0, isWritten: isWritten)
      }
      guard let summary else { return nil }
      var steps = try Self.steps(of: run, &reader).map {
        StepSummary(step: $0, counts: StepCounts(), wallNanoseconds: 0, cpuNanoseconds: 0)
      }
      try Self.count(&steps, of: run, &reader)
      return RunDetail(
        summary: summary, inputs: try Self.values("run_inputs", "origin", of: run, &reader),
        outputs: try Self.values("run_outputs", "''", of: run, &reader),
        variants: try reader.rows(
          "SELECT step, variant FROM run_variants WHERE run = ?1 ORDER BY step", [.integer(run)]
        ) { ($0.string(0), $0.string(1)) },
        artifacts: try reader.rows(
          "SELECT reference, version, value FROM run_artifacts WHERE run = ?1 ORDER BY position", [.integer(run)]
        ) { ($0.string(0), $0.string(1), $0.bytes(2)) }, steps: steps)
    }
  }

  /// The document's files with their text, root first.
  package func documents(of run: RunNumber) throws(TraceError) -> [(path: String, text: String)] {
    try query(
      "SELECT path, text FROM documents JOIN texts USING (digest) WHERE run = ?1 ORDER BY position", [.integer(run)]
    ) { ($0.string(0), $0.string(1)) }
  }

  private static func values(
    _ table: String, _ origin: String, of run: RunNumber, _ reader: inout Reader
  ) throws(DatabaseError)
    -> [NamedValue]
  {
    try reader.rows("SELECT name, value, \(origin) FROM \(table) WHERE run = ?1 ORDER BY position", [.integer(run)]) {
      NamedValue(name: $0.string(0), stored: $0.bytes(1), origin: $0.string(2))
    }
  }

  /// One pass over the run's rows. A node's last attempt decides where it counts.
  private static func count(
    _ steps: inout [StepSummary], of run: RunNumber, _ reader: inout Reader
  )
    throws(DatabaseError)
  {
    var last: [Int: (step: Int, status: NodeStatus)] = [:]
    let started = try reader.rows("SELECT node, step FROM started WHERE \(Self.inRun)", [.integer(run)]) {
      ($0.int(0), $0.int(1))
    }
    for (node, step) in started { last[node] = (step, .running) }
    try Self.forEachAttempt(of: run, &reader) { attempt in
      let step = attempt.node.step
      last[attempt.node.node] = (step, attempt.outputs == nil ? .failed(.failed) : .succeeded)
      guard steps.indices.contains(step) else { return }
      if attempt.attempt > 1 { steps[step].counts.retries += 1 }
      steps[step].wallNanoseconds += attempt.usage.wallNanoseconds
      steps[step].cpuNanoseconds += attempt.usage.cpuNanoseconds
    }
    for (step, status) in last.values where steps.indices.contains(step) { steps[step].counts.add(status) }
    for (table, status) in [("reused", NodeStatus.reused(from: run)), ("skipped", .skipped(.condition))] {
      let rows = try reader.rows(
        "SELECT step, count(*) FROM \(table) WHERE \(Self.inRun) GROUP BY step", [.integer(run)]
      ) { ($0.int(0), $0.int(1)) }
      for (step, count) in rows where steps.indices.contains(step) { steps[step].counts.add(status, count) }
    }
  }

  /// Restricts an event table to run `?1` without an index: its events lie between two sequence numbers.
  static let inRun = """
    seq BETWEEN (SELECT first FROM runs WHERE run = ?1)
    AND coalesce((SELECT last FROM runs WHERE run = ?1), 9223372036854775807) AND run = ?1
    """
}

extension RunSummary {
  static let columns = """
    run, uid, workflow, file, status, started, finished, message, seed, engine, host, user, reason, resumes,
    reproduces
    """

  fileprivate init(_ row: Statement, isWritten: Bool) {
    let status = RunStatus(rawValue: row.string(4)) ?? .interrupted
    self.init(
      run: row.integer(0), uid: row.string(1), workflow: row.string(2), file: row.string(3),
      status: status == .running && !isWritten ? .interrupted : status, startedAt: row.integer(5),
      finishedAt: row.optionalInteger(6), message: row.string(7), seed: UInt64(bitPattern: row.integer(8)),
      engine: row.string(9), host: row.string(10), user: row.string(11), reason: row.string(12),
      resumes: row.optionalInteger(13), reproduces: row.optionalInteger(14))
  }
}

extension Trace {
  /// The steps of a run in plan order.
  static func steps(of run: RunNumber, _ reader: inout Reader) throws(DatabaseError) -> [StepRecord] {
    let tasks = try reader.rows(
      "SELECT task, version, code, components, parameters, outputs, traits FROM tasks WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
      Self.tasks(of: run), TaskRecord.init)
    let digests = try reader.row("SELECT plan FROM runs WHERE run = ?1", [.integer(run)]) { row in
      row.withBytes(0, ArgumentsCodec.decode)
    }
    var parts: [[UInt8]] = []
    for digest in digests ?? [] {
      let part = try reader.row("SELECT steps FROM plan_parts WHERE digest = ?1", [.bytes(digest.bytes)]) {
        $0.bytes(0)
      }
      guard let part, Hasher256.digest(part) == digest else { throw Self.damagedPlan(run) }
      parts.append(part)
    }
    guard let plan = PlanRecord(tasks: tasks, parts: parts) else { throw Self.damagedPlan(run) }
    return plan.steps
  }

  /// The first and last identifier that a row of `tasks` of a run can have.
  static func tasks(of run: RunNumber) -> [Statement.Parameter] {
    [.integer(run << 32), .integer(run << 32 | 0xFFFF_FFFF)]
  }

  private static func damagedPlan(_ run: RunNumber) -> DatabaseError { damaged("the plan", run) }

  static func damaged(_ what: String, _ run: RunNumber) -> DatabaseError {
    DatabaseError(code: DatabaseError.damaged, message: "\(what) of run \(run) is damaged", context: "")
  }
}

extension TaskRecord {
  /// `parameters` and `defaults` as a column: a line each, the default after a tab.
  var parameterLines: String {
    parameters.map { name in
      guard let text = defaults[name], !text.contains(where: { $0 == "\n" || $0 == "\t" }) else { return name }
      return "\(name)\t\(text)"
    }.joined(separator: "\n")
  }

  fileprivate convenience init(_ row: Statement) {
    let lines = row.string(4).split(separator: "\n").map { $0.split(separator: "\t", maxSplits: 1).map(String.init) }
    self.init(
      task: row.string(0), version: row.string(1), code: row.digest(2),
      components: ComponentsCodec.decode(row.bytes(3)),
      parameters: lines.map { $0.first ?? "" },
      outputs: row.string(5).split(separator: "\n").map(String.init),
      defaults: Dictionary(lines.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { first, _ in first },
      traits: TaskTraits(rawValue: UInt32(truncatingIfNeeded: row.integer(6))))
  }
}
