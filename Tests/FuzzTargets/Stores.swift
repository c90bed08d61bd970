import Artifacts
import Events
import Glibc
import Tasks
import Traces
import Values

/// A SQLite file: the trace of a store or, by its application id, the ledger of names.
@Sendable func fuzzDatabase(_ bytes: [UInt8]) throws {
  let place = Place()
  defer { place.clear() }
  let isLedger = bytes.count > 72 && bytes[68..<72].elementsEqual([0x41, 0x53, 0x59, 0x4E])
  guard place.write(isLedger ? "names.db" : "trace.db", bytes) else { return }
  if isLedger {
    readLedger(NameLedger(directory: place.directory))
  } else if let trace = try? Trace(path: place.directory + "/trace.db") {
    readTrace(trace)
  }
}

private func readLedger(_ ledger: NameLedger) {
  if let records = try? ledger.records() {
    let names = Names(records)
    for record in records { _ = record.name.map { try? names.find($0, .latest) } }
  }
  _ = try? ledger.append(at: 1, by: "fuzz", host: "fuzz", reason: "") { (_) throws(NameProblem) in
    [.pin(.run(1)), .collect(count: 1, bytes: 1)]
  }
  _ = try? ledger.records()
}

/// Everything that is asked of a trace.
private func readTrace(_ trace: Trace) {
  let runs = (try? trace.runs(limit: 3)) ?? []
  for run in runs.map(\.run) + [1] {
    let detail = try? trace.detail(of: run)
    for field in (detail?.inputs ?? []) + (detail?.outputs ?? []) { decode(field.stored) }
    _ = try? trace.documents(of: run)
    _ = try? trace.circumstances(of: run)
    for attempt in (try? trace.attempts(of: run)) ?? [] { decode(try? attempt.result.get()) }
    for (_, result) in (try? trace.results(of: run)) ?? [:] { decode(result.outputs) }
    for reuse in (try? trace.reused(in: run)) ?? [] { decode(try? trace.outputs(of: reuse)) }
    _ = try? trace.sources(of: run)
    _ = try? trace.skipped(in: run)
    _ = try? trace.unfinished(in: run)
    _ = try? trace.completed(in: run)
    _ = try? trace.changedInputs(in: run)
    _ = try? trace.checkpoint(of: run, node: 0)
    _ = try? trace.logs(of: run)
    _ = try? trace.metrics(of: run)
    decode(try? trace.outputs(of: run, node: 0))
  }
  _ = try? trace.artifactUses()
  _ = try? trace.medianNanoseconds(workflow: runs.first?.workflow ?? "")
  _ = try? trace.reusable([Hasher256.digest([1]), Hasher256.digest([2])])
}

private func decode(_ outputs: StoredOutputs??) {
  for case let bytes? in (outputs ?? nil) ?? [] { decode(bytes) }
}

private func decode(_ bytes: [UInt8]) {
  _ = try? WireDecoder.load(bytes, artifact: { _ in nil })
}

/// A directory of this process in memory, if there is such a file system; emptied after each input.
private struct Place {
  let directory: String

  init() {
    let root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    directory = "\(root)/assay-fuzz-\(getpid())-\(pthread_self())"
    mkdir(directory, 0o700)
  }

  func write(_ name: String, _ bytes: [UInt8]) -> Bool {
    let file = open("\(directory)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard file >= 0 else { return false }
    defer { close(file) }
    return Glibc.write(file, bytes, bytes.count) == bytes.count
  }

  func clear() {
    for name in ["trace.db", "names.db"] {
      for end in ["", "-wal", "-shm", "-journal"] { unlink("\(directory)/\(name)\(end)") }
    }
    rmdir(directory)
  }
}
