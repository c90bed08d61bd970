internal import Database
internal import Events
internal import Tasks
internal import Values

/// Turns events into rows.
///
/// `@unchecked Sendable`: used by the thread that creates it until the journal's thread starts, then by that one only.
final class JournalWriter: @unchecked Sendable {
  private let connection: Connection
  private let insert: Inserts
  private let kept: KeptStatements
  private let encode: @Sendable (Value) -> [UInt8]
  private let recent: RecentResults
  /// The next event's.
  private var seq: Int64
  /// Attempts that this transaction adds and whose results may be taken.
  private var fresh: [(key: Int64, seq: Int64)] = []
  /// Committed, but not in the table `results` yet.
  private var unindexed: [(key: Int64, seq: Int64)] = []
  private var runHasEnded = false
  /// Attempts that are to be a row together, without a gap up to `seq`.
  private var pack: [UInt8] = []
  private var packed: (run: RunNumber, first: Int64, count: Int) = (0, 0, 0)
  let lastRun: RunNumber
  /// Digests of what the run before had: that of the trials of an experiment is the same, and hashing it took longer than
  /// writing all that is their own.
  private var before = (facts: [Fact](), digest: [UInt8](), documents: [(text: String, digest: [UInt8])]())

  /// Results wait for company before they are put into the index, but not more than these.
  private static let mostUnindexed = 65_536

  init(
    path: String, durability: Durability, recent: RecentResults, encode: @escaping @Sendable (Value) -> [UInt8]
  ) throws(DatabaseError) {
    connection = try Connection(path, synchronous: durability == .normal ? .normal : .full)
    try connection.migrate(to: TraceSchema.current)
    try connection.execute("PRAGMA cache_size = -4000; PRAGMA wal_autocheckpoint = 4000")
    seq = try connection.integer(Self.lastSequence).map { $0 + 1 } ?? 1
    lastRun = try connection.integer("SELECT max(run) FROM runs") ?? 0
    insert = try Inserts(connection)
    kept = KeptStatements(connection)
    self.encode = encode
    self.recent = recent
    try recover()
  }

  private static let lastSequence = """
    SELECT max(seq) FROM (
      SELECT (SELECT last FROM attempts ORDER BY seq DESC LIMIT 1) AS seq UNION ALL SELECT max(seq) FROM reused UNION ALL
      SELECT max(seq) FROM skipped UNION ALL SELECT max(seq) FROM started UNION ALL SELECT max(seq) FROM logs UNION ALL
      SELECT max(seq) FROM metrics UNION ALL SELECT max(seq) FROM checkpoints UNION ALL SELECT max(first) FROM runs
      UNION ALL SELECT max(seq) FROM changed_inputs
      UNION ALL SELECT max(last) FROM runs)
    """

  /// What a killed engine did not get to: runs that seem to run, results that are not in the index.
  private func recover() throws(DatabaseError) {
    if try connection.integer("SELECT count(*) FROM runs WHERE status = 'running'") ?? 0 > 0 {
      try connection.execute("UPDATE runs SET status = 'interrupted', last = \(seq) WHERE status = 'running'")
      seq += 1
    }
    let rows = try connection.prepare(
      """
      SELECT seq, run, attempts FROM attempts
      WHERE seq > coalesce((SELECT seq FROM marks WHERE name = 'indexed'), 0) ORDER BY seq
      """)
    while try rows.step() {
      // What is damaged is nobody's result.
      for attempt in AttemptsCodec.decode(rows.bytes(2), first: rows.integer(0), run: rows.integer(1)) ?? [] {
        if attempt.reusable, let key = attempt.key { unindexed.append((key.prefix, attempt.sequence)) }
      }
    }
    if !unindexed.isEmpty {
      try connection.transaction { () throws(DatabaseError) in try index() }
      unindexed = []
    }
  }

  /// All events in one transaction: all of them, or none.
  func write(_ events: [Event]) throws(DatabaseError) {
    fresh.removeAll(keepingCapacity: true)
    runHasEnded = false
    let before = unindexed.count
    do {
      let isIndexing = try connection.transaction { () throws(DatabaseError) -> Bool in
        for event in events {
          if case .attemptsFinished(let attempts) = event {
            for attempt in attempts { try write(attempt) }
          } else {
            try writePack()
            try write(event)
            seq += 1
          }
        }
        try writePack()
        unindexed += fresh
        guard !unindexed.isEmpty, runHasEnded || unindexed.count >= Self.mostUnindexed else { return false }
        try index()
        return true
      }
      if isIndexing {
        unindexed = []
        recent.removeAll()
      } else {
        recent.add(fresh)
      }
    } catch {
      unindexed.removeSubrange(before...)
      packed.count = 0
      throw error
    }
  }

  /// Puts `unindexed` into the table, in the order of its keys: each page is touched once.
  private func index() throws(DatabaseError) {
    // Of two results for one key the later one counts.
    for entry in unindexed.sorted(by: { ($0.key, $0.seq) < ($1.key, $1.seq) }) {
      insert.result.bind(1, entry.key)
      insert.result.bind(2, entry.seq)
      try insert.result.run()
    }
    try connection.execute("INSERT OR REPLACE INTO marks VALUES ('indexed', \(seq - 1))")
  }

  /// Nothing may be written afterwards.
  func finish() {
    if !unindexed.isEmpty {
      // On failure the next writer does it.
      _ = try? connection.transaction { () throws(DatabaseError) in try index() }
      recent.removeAll()
    }
  }

  // MARK: rows

  private func write(_ event: Event) throws(DatabaseError) {
    switch event {
    case .attemptsFinished: break  // a row together
    case .nodeReused(let reuse):
      let row = insert.reused
      bind(row, reuse.node)
      reuse.key.withBytes { row.bind(6, $0) }
      row.bind(7, reuse.run)
      row.bind(8, reuse.at)
      try row.run()
    case .nodeSkipped(let skip):
      let row = insert.skipped
      bind(row, skip.node)
      row.bind(6, skip.why.rawValue)
      row.bind(7, skip.at)
      try row.run()
    case .attemptStarted(let start):
      let row = insert.started
      bind(row, start.node)
      row.bind(6, start.attempt)
      row.bind(7, start.startedAt)
      try row.run()
    case .log(let line): try write(line)
    case .metric(let point): try write(point)
    case .checkpoint(let run, let node, let bytes):
      let row = insert.checkpoint
      row.bind(1, seq)
      row.bind(2, run)
      row.bind(3, node)
      row.bind(4, bytes)
      try row.run()
    case .inputChanged(let change):
      try connection.run(
        "INSERT INTO changed_inputs VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", .integer(seq),
        .integer(change.node.run),
        .integer(Int64(change.node.node)), .integer(Int64(change.node.step)), .text(change.node.item),
        .text(change.input), .bytes(change.artifact.bytes), .integer(change.since), .integer(change.at))
    case .runStarted(let run): try write(run)
    case .runFinished(let run): try write(run)
    }
  }

  /// The first five columns of each table about nodes.
  private func bind(_ row: Statement, _ node: NodeReference) {
    row.bind(1, seq)
    row.bind(2, node.run)
    row.bind(3, node.node)
    row.bind(4, node.step)
    if node.item.isEmpty { row.bindNull(5) } else { row.bind(5, node.item) }
  }

  /// The next place is this attempt's.
  private func write(_ attempt: AttemptFinished) throws(DatabaseError) {
    let isFull = packed.count >= AttemptsCodec.mostTogether || pack.count >= AttemptsCodec.mostBytes
    if isFull || packed.run != attempt.node.run { try writePack() }
    if packed.count == 0 {
      packed = (attempt.node.run, seq, 0)
      pack.removeAll(keepingCapacity: true)
    }
    AttemptsCodec.append(attempt, to: &pack, encode)
    packed.count += 1
    switch attempt.result {
    case .success(let outputs):
      for case .some(let value) in outputs { try writeArtifacts(of: value, attempt.node.run, attempt.node.node) }
      if attempt.reusable, let key = attempt.key { fresh.append((key.prefix, seq)) }
    case .failure(let failure): try write(failure)
    }
    seq += 1
  }

  private func writePack() throws(DatabaseError) {
    guard packed.count > 0 else { return }
    let row = insert.attempts
    row.bind(1, packed.first)
    row.bind(2, packed.first + Int64(packed.count) - 1)
    row.bind(3, packed.run)
    row.bind(4, pack)
    packed.count = 0
    try row.run()
  }

  private func write(_ failure: Failure) throws(DatabaseError) {
    let row = insert.failure
    row.bind(1, seq)
    row.bind(2, failure.kind.rawValue)
    row.bind(3, failure.code)
    row.bind(4, Int(failure.number))
    row.bind(5, failure.message)
    row.bind(6, failure.detail)
    row.bind(7, failure.port)
    row.bind(8, failure.retryable.map { $0 ? 1 : 0 })
    row.bind(9, failure.retryAfter.map(\.nanoseconds))
    row.bind(10, Int(failure.signal))
    row.bind(11, failure.log.joined(separator: "\n"))
    try row.run()
  }

  private func writeArtifacts(of value: Value, _ run: RunNumber, _ node: Int) throws(DatabaseError) {
    if value.isScalar { return }
    var digests: Set<Digest> = []
    value.forEachArtifact { digests.insert($0) }
    for digest in digests {
      digest.withBytes { insert.artifact.bind(1, $0) }
      insert.artifact.bind(2, run)
      insert.artifact.bind(3, node)
      try insert.artifact.run()
    }
  }

  private func write(_ line: LogLine) throws(DatabaseError) {
    let row = insert.log
    row.bind(1, seq)
    row.bind(2, line.run)
    row.bind(3, line.node)
    row.bind(4, line.attempt)
    row.bind(5, Int(line.level.rawValue))
    row.bind(6, line.text)
    row.bind(7, line.at)
    try row.run()
  }

  private func write(_ point: MetricPoint) throws(DatabaseError) {
    let row = insert.metric
    row.bind(1, seq)
    row.bind(2, point.run)
    row.bind(3, point.node)
    row.bind(4, point.attempt)
    row.bind(5, point.name)
    row.bind(6, point.value)
    row.bind(7, point.unit)
    row.bind(8, point.step)
    row.bind(9, point.at)
    try row.run()
  }

  private func write(_ run: RunStarted) throws(DatabaseError) {
    let row = try kept.statement(
      """
      INSERT INTO runs (run, uid, workflow, file, seed, engine, host, user, reason, resumes, started, status, first,
        directory, until, lanes, reuses, verifies, facts, reproduces, plan)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'running', ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
      """)
    row.bind(1, run.run)
    row.bind(5, Int64(bitPattern: run.seed))
    for (index, text) in [(2, run.uid), (3, run.workflow), (4, run.file), (6, run.engine), (7, run.host)] {
      row.bind(index, text)
    }
    row.bind(8, run.user)
    row.bind(9, run.reason)
    row.bind(10, run.resumes)
    row.bind(11, run.startedAt)
    row.bind(12, seq)
    let circumstances = run.circumstances
    row.bind(13, circumstances.directory)
    row.bind(14, circumstances.until)
    row.bind(15, circumstances.lanes)
    row.bind(16, circumstances.reuses ? 1 : 0)
    row.bind(17, circumstances.verifies ? 1 : 0)
    row.bind(18, try keep(circumstances.facts))
    row.bind(19, circumstances.reproduces)
    row.bind(20, try keep(run.plan))
    try row.run()
    row.reset()
    let known = before.documents
    before.documents = []
    for (position, document) in run.documents.enumerated() {
      // Of the same text in the same memory this is known at once.
      let isKnown = known.indices.contains(position) && known[position].text == document.text
      let digest = isKnown ? known[position].digest : try keep(document.text)
      before.documents.append((document.text, digest))
      try kept.run(
        "INSERT INTO documents VALUES (?1, ?2, ?3, ?4)", .integer(run.run), .integer(Int64(position)),
        .text(document.path), .bytes(digest))
    }
    for code in circumstances.code {
      try kept.run(
        "INSERT OR IGNORE INTO codes VALUES (?1, ?2, ?3)", .bytes(code.code.bytes), .text(code.path), .text(code.text))
    }
    try write(run.inputs, of: run.run, to: "run_inputs", origins: circumstances.origins)
    for (position, artifact) in run.artifacts.enumerated() {
      try kept.run(
        "INSERT INTO run_artifacts VALUES (?1, ?2, ?3, ?4, ?5)", .integer(run.run), .integer(Int64(position)),
        .text(artifact.reference), .text(artifact.version), .bytes(encode(artifact.value)))
      try writeArtifacts(of: artifact.value, run.run, -1)
    }
    if let trial = circumstances.trial {
      try kept.run(
        "INSERT INTO trials VALUES (?1, ?2, ?3, ?4)", .integer(run.run), .integer(Int64(trial.experiment)),
        .text(trial.name), .integer(Int64(trial.trial)))
    }
    for choice in run.variants {
      try kept.run(
        "INSERT OR REPLACE INTO run_variants VALUES (?1, ?2, ?3)", .integer(run.run), .text(choice.step),
        .text(choice.variant))
    }
    for (number, task) in run.plan.tasks.enumerated() { try write(task, run.run << 32 | Int64(number)) }
  }

  /// The digest under which a text is found again.
  private func keep(_ text: String) throws(DatabaseError) -> [UInt8] {
    let digest = Hasher256.digest(Array(text.utf8)).bytes
    try kept.run("INSERT OR IGNORE INTO texts VALUES (?1, ?2)", .bytes(digest), .text(text))
    return digest
  }

  private func keep(_ facts: [Fact]) throws(DatabaseError) -> [UInt8] {
    if facts != before.facts || before.digest.isEmpty {
      before.digest = try keep(Fact.text(facts))
      before.facts = facts
    }
    return before.digest
  }

  /// The digests of the plan's parts; a part that an earlier run had is there already.
  private func keep(_ plan: PlanRecord) throws(DatabaseError) -> [UInt8] {
    var digests: [UInt8] = []
    for part in plan.parts {
      let digest = Hasher256.digest(part)
      digest.append(to: &digests)
      try kept.run("INSERT OR IGNORE INTO plan_parts VALUES (?1, ?2)", .bytes(digest.bytes), .bytes(part))
    }
    return digests
  }

  private func write(_ task: TaskRecord, _ id: Int64) throws(DatabaseError) {
    let row = insert.task
    row.bind(1, id)
    row.bind(2, task.task)
    row.bind(3, task.version)
    task.code.withBytes { row.bind(4, $0) }
    row.bind(5, ComponentsCodec.encode(task.components))
    row.bind(6, task.parameterLines)
    row.bind(7, task.outputs.joined(separator: "\n"))
    row.bind(8, Int(task.traits.rawValue))
    try row.run()
  }

  /// - Parameter origins: for a table that has the column.
  private func write(
    _ values: [(name: String, value: Value)], of run: RunNumber, to table: String, origins: [String]? = nil
  )
    throws(DatabaseError)
  {
    guard !values.isEmpty else { return }
    let row = try kept.statement("INSERT INTO \(table) VALUES (?1, ?2, ?3, ?4\(origins == nil ? "" : ", ?5"))")
    row.bind(1, run)
    for (position, item) in values.enumerated() {
      row.bind(2, position)
      row.bind(3, item.name)
      row.bind(4, encode(item.value))
      if let origins { row.bind(5, origins.indices.contains(position) ? origins[position] : "") }
      try row.run()
      row.reset()
      try writeArtifacts(of: item.value, run, -1)
    }
  }

  private func write(_ run: RunFinished) throws(DatabaseError) {
    // The wall clock may have been set back meanwhile.
    try kept.run(
      "UPDATE runs SET status = ?2, message = ?3, finished = max(?4, started), last = ?5 WHERE run = ?1",
      .integer(run.run), .text(run.status.rawValue), .text(run.message), .integer(run.finishedAt), .integer(seq))
    try write(run.outputs, of: run.run, to: "run_outputs")
    // Whoever resumes a run may want its checkpoints; nobody resumes one that succeeded.
    if run.status == .succeeded {
      try kept.run("DELETE FROM checkpoints WHERE run = ?1", .integer(run.run))
    }
    runHasEnded = true
  }
}

extension Duration {
  /// Saturating.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    return product.addingReportingOverflow(attoseconds / 1_000_000_000).partialValue
  }
}
