internal import Artifacts
internal import Diagnostics
internal import Environments
package import Events
internal import Foundation
package import Plugins
package import Tasks
package import Timelines
package import Traces
package import Values
internal import Workflows

// What was recorded, read back.

extension Store {
  func detail(of run: RunNumber) throws(WorkspaceError) -> RunDetail? {
    do throws(TraceError) { return try trace.detail(of: run) } catch { throw WorkspaceError(error) }
  }
  func summary(of run: RunNumber) throws(WorkspaceError) -> RunSummary? {
    do throws(TraceError) { return try trace.summary(of: run) } catch { throw WorkspaceError(error) }
  }
  func runs(workflow: String?) throws(WorkspaceError) -> [RunSummary] {
    do throws(TraceError) { return try trace.runs(workflow: workflow) } catch { throw WorkspaceError(error) }
  }
}

/// A value that was recorded under a name.
package struct NamedResult: Sendable {
  package var name: String
  package var value: Value
}

/// A run, whole.
package struct RunReport: Sendable {
  package var detail: RunDetail
  package var inputs: [NamedResult]
  package var outputs: [NamedResult]
  /// The attempts that failed, last one last.
  package var failures: [AttemptRecord]
  package var reused: [ReusedNode]
  package var skipped: [SkippedNode]
  package var timeline: Timeline
  /// What the reused calls took when they ran.
  package var savedNanoseconds: Int64
  /// The named artifacts that the documents refer to; nil value: no longer in the store.
  package var artifacts: [(name: String, version: String, value: Value?)] = []
  /// Inputs that changed while tasks used them: the run is tainted.
  package var changedInputs: [InputChanged] = []
  /// What its calls warned of.
  package var taskWarnings: [TaskWarning] = []
  /// Names of inputs and outputs whose contents are no longer in the store.
  package var gone: [String] = []
}

extension Workspace {
  private func trace<R>(_ body: (Trace) throws(TraceError) -> R) throws(WorkspaceError) -> R {
    let store = try readableStore()
    do throws(TraceError) { return try body(store.trace) } catch { throw WorkspaceError(error) }
  }

  /// Newest first.
  package func runs(
    workflow: String? = nil, status: RunStatus? = nil, limit: Int = 100
  ) throws(WorkspaceError) -> [RunSummary] {
    try trace { (trace) throws(TraceError) in try trace.runs(workflow: workflow, status: status, limit: limit) }
  }

  /// The run of that number, or the newest one.
  package func summary(of run: RunNumber?) throws(WorkspaceError) -> RunSummary {
    if let run {
      guard let summary = try trace({ (trace) throws(TraceError) in try trace.summary(of: run) }) else {
        let newest = try runs(limit: 1).first.map { "the newest is run \($0.run); " } ?? ""
        throw WorkspaceError(
          .notFound, "there is no run \(run)", help: newest + "`assay runs list` shows what there is")
      }
      return summary
    }
    guard let newest = try runs(limit: 1).first else {
      throw WorkspaceError(.notFound, "there is no run yet", help: "`assay run FILE` makes one")
    }
    return newest
  }

  package func report(on run: RunNumber) throws(WorkspaceError) -> RunReport {
    let store = try readableStore()
    guard let detail = try store.detail(of: run) else {
      throw WorkspaceError(.notFound, "there is no run \(run)", help: "`assay runs list` shows what there is")
    }
    func decoded(_ values: [NamedValue]) -> [NamedResult] {
      values.compactMap { value in
        (try? store.artifacts.decode(value.stored)).map { NamedResult(name: value.name, value: $0) }
      }
    }
    return try trace { (trace) throws(TraceError) in
      let attempts = try trace.attempts(of: run)
      let (reused, skipped) = (try trace.reused(in: run), try trace.skipped(in: run))
      var report = RunReport(
        detail: detail, inputs: decoded(detail.inputs), outputs: decoded(detail.outputs),
        failures: attempts.filter { if case .failure = $0.result { true } else { false } },
        reused: reused, skipped: skipped,
        timeline: Timeline(detail, attempts, try trace.unfinished(in: run), reused, skipped),
        savedNanoseconds: try trace.savedNanoseconds(by: reused))
      report.artifacts = detail.artifacts.map {
        ($0.reference, $0.version, try? store.artifacts.decode($0.stored))
      }
      report.changedInputs = try trace.changedInputs(in: run)
      report.taskWarnings = try trace.warnings(in: [run])[run] ?? []
      let there = Set((report.inputs + report.outputs).map(\.name))
      report.gone = (detail.inputs + detail.outputs).map(\.name).filter { !there.contains($0) }
      return report
    }
  }

  package func attempts(of run: RunNumber, step: Int? = nil) throws(WorkspaceError) -> [AttemptRecord] {
    try trace { (trace) throws(TraceError) in try trace.attempts(of: run, step: step) }
  }

  /// What a call of each step took in the latest runs, by path: for estimates, so an error is nothing known. Reads with a
  /// connection of its own: a run that goes on is not held up.
  package func usualNanoseconds(of workflow: String) -> [String: Int64] {
    (try? Store(reading: layout.store).trace.medianNanoseconds(workflow: workflow)) ?? [:]
  }

  /// Attempts that have begun and not ended: running now, or cut off.
  package func unfinished(in run: RunNumber) throws(WorkspaceError) -> [AttemptStarted] {
    try trace { (trace) throws(TraceError) in try trace.unfinished(in: run) }
  }

  package func logs(
    of run: RunNumber, node: Int? = nil, attempt: Int? = nil, after sequence: Int64 = 0
  ) throws(WorkspaceError) -> [LogRecord] {
    try trace { (trace) throws(TraceError) in
      try trace.logs(of: run, node: node, attempt: attempt, after: sequence)
    }
  }

  package func metrics(of run: RunNumber, node: Int? = nil) throws(WorkspaceError) -> [MetricRecord] {
    try trace { (trace) throws(TraceError) in try trace.metrics(of: run, node: node) }
  }

  /// The outputs of a node by port, for those that are still there.
  package func outputs(of run: RunNumber, node: Int) throws(WorkspaceError) -> [Value?] {
    let store = try readableStore()
    let stored = try trace { (trace) throws(TraceError) in try trace.outputs(of: run, node: node) }
    guard let stored else { return [] }
    return stored.map { bytes in bytes.flatMap { try? store.artifacts.decode($0) } }
  }

  // MARK: tasks

  /// The installed plugins; those that do not load come with the reason.
  package func plugins() throws(WorkspaceError) -> [(id: String, plugin: Result<Plugin, PluginError>)] {
    let catalog = try catalog()
    return catalog.candidates.map { id in
      do throws(PluginError) { return (id, .success(try catalog.plugin(id: id))) } catch {
        return (id, .failure(error))
      }
    }
  }

  /// A plugin by id, or by the path of a `.so`, `.py` or `.functions.toml`.
  package func plugin(_ name: String) throws(WorkspaceError) -> Plugin {
    let catalog = try catalog()
    if name.hasSuffix(".toml") {
      switch LoadedManifest.load(name, catalog) {
      case .success(let loaded): return loaded.plugin
      case .failure(let problem):
        throw WorkspaceError(
          problem.kind == .notFound ? .notFound : .plugin, "cannot use \(name): \(problem.message)",
          help: problem.help ?? "", diagnostics: problem.diagnostics)
      }
    }
    do {
      if name.hasSuffix(".py") {
        let path = Layout.absolute(name)
        let interpreter = try environments.interpreter(forFile: path, progress: notice)
        return try catalog.plugin(PluginSource(kind: .python, path: path, interpreter: interpreter))
      }
      if name.hasSuffix(".so") || name.contains("/") {
        return try catalog.plugin(PluginSource(kind: .sharedObject, path: Layout.absolute(name)))
      }
      return try catalog.plugin(id: name)
    } catch {
      throw WorkspaceError(.plugin, "\(error)")
    }
  }

  /// An installed task by id.
  package func task(_ id: String) throws(WorkspaceError) -> InstalledTask {
    var names: [String] = []
    for (_, plugin) in try plugins() {
      guard case .success(let plugin) = plugin else { continue }
      for task in plugin.tasks {
        if task.signature.id == id { return task }
        names.append(task.signature.id)
      }
    }
    let near = nearest(id, names).map { "did you mean `\($0)`?" }
    throw WorkspaceError(.notFound, "there is no task `\(id)`", help: near ?? "`assay task list` shows what there is")
  }
}
