internal import Artifacts
package import Comparisons
package import Events
internal import Synchronization
internal import Tasks
internal import Traces
package import Values

/// The trace as the comparisons want to see it. What was read is kept. Thread-safe.
package final class Recollection: Contents, Sendable {
  private let store: Store
  private let state = Mutex(State())

  private struct State {
    var records: [RunNumber: RunRecord] = [:]
    /// By run and step.
    var calls: [RunNumber: [Int: [CallRecord]]] = [:]
    /// Runs whose calls were read all at once.
    var whole: Set<RunNumber> = []
    /// By run and key, for runs that others took results from.
    var origins: [RunNumber: [Digest: CallRecord]] = [:]
  }

  init(_ store: Store) { self.store = store }

  package func record(of run: RunNumber) throws(WorkspaceError) -> RunRecord? {
    if let known = state.withLock({ $0.records[run] }) { return known }
    guard let detail = try store.detail(of: run) else { return nil }
    let record: RunRecord
    do throws(TraceError) {
      let circumstances = try store.trace.circumstances(of: run) ?? Circumstances()
      record = RunRecord(
        run: run, workflow: detail.summary.workflow, file: detail.summary.file, status: detail.summary.status,
        startedAt: detail.summary.startedAt, finishedAt: detail.summary.finishedAt, seed: detail.summary.seed,
        engine: detail.summary.engine, host: detail.summary.host, documents: try store.trace.documents(of: run),
        inputs: detail.inputs.map(content), outputs: detail.outputs.map(content), variants: detail.variants,
        steps: detail.steps.map(\.step), circumstances: circumstances)
    } catch {
      throw WorkspaceError(error)
    }
    state.withLock { $0.records[run] = record }
    return record
  }

  private func content(_ value: NamedValue) -> NamedContent {
    let decoded = try? store.artifacts.decode(value.stored)
    return NamedContent(
      name: value.name, text: decoded?.words ?? "(its artifact is gone)", identity: Hasher256.digest(value.stored),
      origin: value.origin)
  }

  package func calls(of run: RunNumber, step: Int) throws(WorkspaceError) -> [CallRecord] {
    let known = state.withLock { state in
      state.calls[run]?[step] ?? (state.whole.contains(run) ? [] : nil)
    }
    if let known { return known }
    let calls = try read(run, step: step)
    state.withLock { $0.calls[run, default: [:]][step] = calls }
    return calls
  }

  /// Reads all calls of a run at once: before a walk over all its steps.
  func load(_ run: RunNumber) throws(WorkspaceError) {
    guard !state.withLock({ $0.whole.contains(run) }) else { return }
    let calls = Dictionary(grouping: try read(run, step: nil)) { $0.node.step }
    state.withLock { state in
      state.calls[run] = calls
      state.whole.insert(run)
    }
  }

  /// Drops what was read of a run: a walk over all runs needs each once.
  func forget(_ run: RunNumber) {
    state.withLock { state in
      state.calls[run] = nil
      state.records[run] = nil
      state.whole.remove(run)
    }
  }

  /// By node, in the order in which they ended.
  private func read(_ run: RunNumber, step: Int?) throws(WorkspaceError) -> [CallRecord] {
    do throws(TraceError) {
      var found: [Int: (order: Int, call: CallRecord)] = [:]
      var count = 0
      func put(_ call: CallRecord) {
        found[call.node.node] = (count, call)
        count += 1
      }
      for start in try store.trace.unfinished(in: run) where step == nil || start.node.step == step {
        put(CallRecord(node: start.node, fate: .cutOff, startedAt: start.startedAt, attempts: start.attempt))
      }
      for attempt in try store.trace.attempts(of: run, step: step) { put(CallRecord(attempt)) }
      let reused = try store.trace.reused(in: run).filter { step == nil || $0.node.step == step }
      let results = try store.trace.reusable(reused.map(\.key))
      for (reuse, result) in zip(reused, results) {
        let outputs = result?.run == reuse.source ? result?.outputs : try store.trace.outputs(of: reuse)
        put(
          CallRecord(
            node: reuse.node, fate: .reused(from: reuse.source), key: reuse.key,
            outputs: (outputs ?? []).map { $0.map(Hasher256.digest) }, startedAt: reuse.at, isReusable: true))
      }
      for skip in try store.trace.skipped(in: run) where step == nil || skip.node.step == step {
        put(CallRecord(node: skip.node, fate: .skipped(skip.why), startedAt: skip.at))
      }
      return found.values.sorted { $0.order < $1.order }.map(\.call)
    } catch {
      throw WorkspaceError(error)
    }
  }

  package func origin(of call: CallRecord) throws(WorkspaceError) -> CallRecord {
    guard case .reused(let source) = call.fate, let key = call.key else { return call }
    if let known = state.withLock({ $0.origins[source] }) { return known[key] ?? call }
    var origins: [Digest: CallRecord] = [:]
    for call in try read(source, step: nil) where call.isReusable {
      if case .ran = call.fate, let key = call.key { origins[key] = call }
    }
    state.withLock { $0.origins[source] = origins }
    return origins[key] ?? call
  }

  package func outputs(of call: CallRecord) throws(WorkspaceError) -> [Value?] {
    let stored: StoredOutputs?
    do throws(TraceError) {
      if case .reused(let source) = call.fate, let key = call.key {
        stored = try store.trace.outputs(of: ReusedNode(node: call.node, key: key, source: source, at: call.startedAt))
      } else {
        stored = try store.trace.outputs(of: call.node.run, node: call.node.node)
      }
    } catch {
      throw WorkspaceError(error)
    }
    return (stored ?? []).map { bytes in bytes.flatMap { try? store.artifacts.decode($0) } }
  }

  package func outputs(of run: RunNumber) throws(WorkspaceError) -> [(name: String, value: Value?)] {
    (try store.detail(of: run)?.outputs ?? []).map { ($0.name, try? store.artifacts.decode($0.stored)) }
  }

  package func bytes(of file: FileReference) -> [UInt8]? { FileContents.read(file) }

  package func runs(before run: RunNumber, of workflow: String) throws(WorkspaceError) -> [RunNumber] {
    do throws(TraceError) {
      return try store.trace.runs(workflow: workflow, limit: .max).map(\.run).filter { $0 < run }
    } catch {
      throw WorkspaceError(error)
    }
  }
}

extension CallRecord {
  fileprivate init(_ attempt: AttemptRecord) {
    self.init(
      node: attempt.node, fate: .ran, key: attempt.key, components: attempt.components, startedAt: attempt.startedAt,
      usage: attempt.usage, attempts: attempt.attempt, isReusable: attempt.reusable)
    switch attempt.result {
    case .success(let stored): outputs = stored.map { $0.map(Hasher256.digest) }
    case .failure(let failure): fate = .failed(failure)
    }
  }
}

extension Value {
  /// One line for a person; a file by what it holds.
  fileprivate var words: String {
    switch self {
    case .file(let file), .directory(let file):
      "\(file.digest?.short ?? file.path), \(ByteSize.text(file.size))"
    default: description
    }
  }
}

extension Workspace {
  package func recollection() throws(WorkspaceError) -> Recollection { Recollection(try readableStore()) }

  /// The record of a run that has to be there.
  func record(_ run: RunNumber, _ history: Recollection) throws(WorkspaceError) -> RunRecord {
    guard let record = try history.record(of: run) else {
      throw WorkspaceError(.notFound, "there is no run \(run)", help: "`assay runs list` shows what there is")
    }
    return record
  }
}
