internal import Artifacts
internal import Dynamics
package import Events
internal import Experiments
internal import Foundation
internal import Logs
internal import Spaces
internal import Traces
package import Values
internal import Workflows

/// What of the record an event log tells.
package enum LoggedKind: String, Sendable, CaseIterable {
  /// One event a visit of a phase, and one for work that people logged.
  case phases
  /// One event a call that really ran.
  case tasks
  case runs
  /// Trials, stages, gates, decisions.
  case experiments
}

package struct ExportedLog: Sendable {
  package var events = 0
  /// Of OCEL.
  package var objects = 0
  /// Of XES.
  package var traces = 0
}

extension Workspace {
  package typealias LogSink = (UnsafeRawBufferPointer) -> Void

  /// The record as OCEL 2.0, run by run: what is kept meanwhile is what objects there are.
  package func exportOCEL(_ kinds: Set<LoggedKind>, to sink: @escaping LogSink) throws(WorkspaceError) -> ExportedLog {
    let record = try LoggedRecord(self, kinds)
    var writer = OCELWriter(to: sink)
    var calls = LoggedCalls(record.store, wantsArtifacts: true)
    for summary in record.runs {
      for event in try record.events(of: summary, &calls) { writer.add(event) }
    }
    for event in record.events { writer.add(event) }
    record.forEachObject(calls) { writer.add($0) }
    writer.finish()
    return ExportedLog(events: writer.events, objects: writer.objects)
  }

  /// The record as XES: a line of work is a case.
  package func exportXES(_ kinds: Set<LoggedKind>, to sink: @escaping LogSink) throws(WorkspaceError) -> ExportedLog {
    let record = try LoggedRecord(self, kinds)
    var writer = XESWriter(to: sink)
    var calls = LoggedCalls(record.store, wantsArtifacts: false)
    let others = Dictionary(grouping: record.events) { $0.line ?? "" }
    let runs = Dictionary(grouping: record.runs, by: \.workflow)
    for line in Set(runs.keys).union(others.keys).sorted() {
      var events = others[line] ?? []
      for summary in runs[line] ?? [] { events += try record.events(of: summary, &calls) }
      guard !events.isEmpty else { continue }
      writer.trace(line, events.sorted { ($0.at, $0.startedAt ?? $0.at) < ($1.at, $1.startedAt ?? $1.at) })
    }
    writer.finish()
    return ExportedLog(events: writer.events, traces: writer.traces)
  }

  /// The record as a trace for viewers: what went on when, beside each other.
  package func exportPerfetto(
    _ kinds: Set<LoggedKind>, to sink: @escaping LogSink
  ) throws(WorkspaceError) -> ExportedLog {
    let record = try LoggedRecord(self, kinds)
    var writer = PerfettoWriter()
    var calls = LoggedCalls(record.store, wantsArtifacts: false)
    var count = 0
    for summary in record.runs {
      for event in try record.events(of: summary, &calls) {
        writer.add(event)
        count += 1
      }
    }
    for event in record.events { writer.add(event) }
    let document: JSON = [
      "displayTimeUnit": "ms", "otherData": ["schema": "assay.perfetto/1"], "traceEvents": .array(writer.events()),
    ]
    Array(document.compact.utf8 + [0x0a]).withUnsafeBytes(sink)
    return ExportedLog(events: count + record.events.count)
  }

  /// What went on beside a run, from its beginning on: the experiment that it is a trial of, with its other trials, its
  /// stages and gates, and what people decided. For the trace of the run; nothing for a run that is no trial.
  package func traceEvents(beside run: RunNumber, since origin: Int64) throws(WorkspaceError) -> [JSON] {
    let store = try readableStore()
    let trials: [RunNumber: Int]
    do throws(TraceError) { trials = try store.trace.experimentsOfRuns() } catch { throw WorkspaceError(error) }
    guard let number = trials[run], let record = try experiments(limit: .max).first(where: { $0.number == number })
    else {
      return []
    }
    let entries = try entries(of: number, in: experimentLedger())
    var writer = PerfettoWriter()
    for event in LoggedExperiment(record, entries, loggedNames(of: record), line: record.name).events {
      writer.add(event)
    }
    return writer.events(since: origin, firstProcess: 1_000_000)
  }

  /// An event log of anyone, and what is wrong with it.
  package func checkLog(_ path: String) throws(WorkspaceError) -> LogCheck {
    let bytes: [UInt8]
    do { bytes = [UInt8](try Data(contentsOf: URL(filePath: Layout.absolute(path)), options: .mappedIfSafe)) } catch {
      throw WorkspaceError(.notFound, "cannot read \(path)", help: "\(error.localizedDescription)")
    }
    return LogCheck(path, bytes)
  }
}

/// What an export asks of a store.
private struct LoggedRecord {
  let store: Store
  let kinds: Set<LoggedKind>
  /// Oldest first.
  let runs: [RunSummary]
  /// What belongs to no run.
  let events: [LogEvent]
  private let activities: Activities
  private let phases: Phases
  private var visits: [Int: [LogEvent]] = [:]
  private var experiments: [LoggedExperiment] = []
  private var trials: [RunNumber: String] = [:]
  private let names: [Digest: String]

  init(_ workspace: Workspace, _ kinds: Set<LoggedKind>) throws(WorkspaceError) {
    self.kinds = kinds
    store = try workspace.readableStore()
    phases = workspace.phases
    activities = Activities(phases: phases.names)
    do throws(TraceError) { runs = try store.trace.runs(limit: .max).reversed() } catch { throw WorkspaceError(error) }
    var others: [LogEvent] = []
    if kinds.contains(.phases) {
      let people = try workspace.phaseNotes().entries.filter { if case .work = $0.note { true } else { false } }
      for visit in Period(try workspace.phaseHistory().journey).visits {
        let person = visit.run < 0 && people.indices.contains(-visit.run - 1) ? people[-visit.run - 1].actor : ""
        let event = visit.event(phases, activities, by: String(person.drop { $0 != ":" }.dropFirst()))
        if visit.run > 0 { visits[visit.run, default: []].append(event) } else { others.append(event) }
      }
    }
    if kinds.contains(.experiments) {
      let lines = Dictionary(runs.map { ($0.run, $0.workflow) }) { first, _ in first }
      for record in try workspace.experiments(limit: .max).reversed() {
        let entries = try workspace.entries(of: record.number, in: workspace.experimentLedger())
        let line = entries.lazy.compactMap { entry -> String? in
          if case .ended(let ended) = entry.fact { ended.run.flatMap { lines[$0] } } else { nil }
        }.first
        let logged = LoggedExperiment(record, entries, workspace.loggedNames(of: record), line: line ?? record.name)
        experiments.append(logged)
        // A run may have begun since runs were read.
        others += logged.events.map { event in
          var event = event
          event.relations.removeAll { $0.qualifier == "run" && !Self.isKnown($0, lines) }
          return event
        }
        for (run, trial) in logged.runs { trials[run] = LogId.trial(record.number, trial) }
      }
    }
    events = others
    let versions = try workspace.names().versions.map(\.version)
    names = Dictionary(versions.map { ($0.digest, $0.reference) }) { _, last in last }
  }

  func events(of summary: RunSummary, _ calls: inout LoggedCalls) throws(WorkspaceError) -> [LogEvent] {
    var events = visits[Int(summary.run)] ?? []
    if kinds.contains(.tasks) { events += try calls.read(summary).map { $0.event(activities) } }
    if kinds.contains(.runs), let end = summary.finishedAt {
      var attributes = [LogAttribute("status", .string(summary.status.rawValue))]
      if !summary.reason.isEmpty { attributes.append(LogAttribute("reason", .string(summary.reason))) }
      if !summary.message.isEmpty { attributes.append(LogAttribute("message", .string(summary.message))) }
      events.append(
        LogEvent(
          id: "run:\(summary.run)", type: Activities.run, startedAt: min(summary.startedAt, end), at: end,
          resource: summary.user, attributes: attributes,
          relations: [
            LogRelation("line", LogId.line(summary.workflow)), LogRelation("run", LogId.run(summary.run)),
            LogRelation("by", LogId.person(summary.user)),
          ]))
    }
    return events
  }

  func forEachObject(_ calls: LoggedCalls, _ body: (LogObject) -> Void) {
    let workflows = Dictionary(runs.map { ($0.run, $0.workflow) }) { first, _ in first }
    let known = Set(workflows.keys)
    var lines = Set(workflows.values)
    for event in events { if let line = event.line { lines.insert(line) } }
    lines.formUnion(experiments.map(\.line))
    var people = kinds.contains(.runs) ? Set(runs.map(\.user)) : []
    for experiment in experiments { people.formUnion(experiment.people) }
    for line in lines.sorted() {
      body(LogObject(id: LogId.line(line), type: "line", attributes: [LogAttribute("name", .string(line))]))
    }
    for person in people.sorted() {
      body(LogObject(id: LogId.person(person), type: "person", attributes: [LogAttribute("name", .string(person))]))
    }
    for summary in runs { body(object(summary, known, calls)) }
    for object in experiments.flatMap(\.objects) {
      var object = object
      object.relations.removeAll { $0.qualifier == "run" && !Self.isKnown($0, workflows) }
      body(object)
    }
    calls.forEachObject(names, body)
  }

  private static func isKnown(_ relation: LogRelation, _ runs: [RunNumber: String]) -> Bool {
    Int64(relation.object.dropFirst("run:".count)).map { runs[$0] != nil } ?? false
  }

  private func object(
    _ summary: RunSummary, _ known: Set<RunNumber>, _ calls: LoggedCalls
  ) -> LogObject {
    var attributes: [LogAttribute] = [
      LogAttribute("uid", .string(summary.uid)), LogAttribute("workflow", .string(summary.workflow)),
      LogAttribute("file", .string(summary.file)), LogAttribute("status", .string(summary.status.rawValue)),
      LogAttribute("started", .time(summary.startedAt)), LogAttribute("user", .string(summary.user)),
      LogAttribute("host", .string(summary.host)), LogAttribute("engine", .string(summary.engine)),
      LogAttribute("seed", .string(String(summary.seed))),
    ]
    if !summary.reason.isEmpty { attributes.append(LogAttribute("reason", .string(summary.reason))) }
    var relations = [LogRelation("line", LogId.line(summary.workflow))]
    if let run = summary.resumes, known.contains(run) { relations.append(LogRelation("resumes", LogId.run(run))) }
    if let run = summary.reproduces, known.contains(run) { relations.append(LogRelation("reproduces", LogId.run(run))) }
    if let trial = trials[summary.run] { relations.append(LogRelation("trial", trial)) }
    if kinds.contains(.tasks) { relations += calls.artifacts(of: summary.run) }
    return LogObject(id: LogId.run(summary.run), type: "run", attributes: attributes, relations: relations)
  }
}

extension Value {
  /// A string as it is, anything else as JSON.
  fileprivate var logged: String { if case .string(let text) = self { text } else { json().compact } }
}

extension LogEvent {
  /// Of its relation to one.
  fileprivate var line: String? {
    relations.first { $0.qualifier == "line" }.map { String($0.object.dropFirst("line:".count)) }
  }
}

extension Workspace {
  /// What the definition of an experiment calls things; nothing where its plugins are no longer there.
  fileprivate func loggedNames(of record: ExperimentRecord) -> LoggedExperiment.Names {
    var names = LoggedExperiment.Names()
    guard let study = try? study(of: record) else { return names }
    names.stages = study.definition.experiment.stages.map(\.name)
    for (place, stage) in study.definition.experiment.stages.enumerated() {
      if case .gate = stage.kind { names.gates.insert(place) }
    }
    names.metrics = study.definition.experiment.metrics.map(\.name)
    for trial in study.trials {
      names.configurations[trial.number] = study.definition.space.configuration(at: trial.proposed.point).map {
        ($0.name, $0.value.logged)
      }
    }
    return names
  }
}
