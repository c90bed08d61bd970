package import Events
package import Experiments

/// An experiment as an event log tells it: trials, stages and gates, decisions, its end.
package struct LoggedExperiment: Sendable {
  /// What its definition calls things; empty where it cannot be read any more: then they are numbered.
  package struct Names: Sendable {
    package var stages: [String] = []
    /// Which of them are gates.
    package var gates: Set<Int> = []
    package var metrics: [String] = []
    /// By trial the configuration, as people write it.
    package var configurations: [Int: [(name: String, value: String)]] = [:]
    package init() {}
  }

  package let line: String
  package let events: [LogEvent]
  /// The experiment and its trials.
  package let objects: [LogObject]
  /// Who decided.
  package let people: Set<String>
  /// By run the trial that it is.
  package let runs: [Int64: Int]

  package init(_ record: ExperimentRecord, _ entries: [Entry], _ names: Names, line: String) {
    let teller = Teller(record: record, names: names, line: line)
    var (events, trials, people): ([LogEvent], [LogObject], Set<String>) = ([], [], [])
    var (proposed, ended): ([Int: Entry], [Int: Ended]) = ([:], [:])
    for (place, entry) in entries.enumerated() {
      if case .proposed(let one) = entry.fact { proposed[one.trial] = entry }
      if case .ended(let one) = entry.fact { ended[one.trial] = one }
      if entry.actor.kind != .engine { people.insert(entry.actor.name) }
      if let event = teller.event(entry, place + 1, proposed) { events.append(event) }
    }
    var runs: [Int64: Int] = [:]
    for (trial, entry) in proposed.sorted(by: { $0.key < $1.key }) {
      guard case .proposed(let one) = entry.fact else { continue }
      trials.append(teller.object(one, ended[trial]))
      if let run = ended[trial]?.run { runs[run] = trial }
    }
    self.events = events
    self.runs = runs
    self.line = line
    self.people = people
    objects = [teller.experiment()] + trials
  }
}

private struct Teller {
  let record: ExperimentRecord
  let names: LoggedExperiment.Names
  let line: String

  private var base: [LogRelation] {
    [LogRelation("line", LogId.line(line)), LogRelation("experiment", LogId.experiment(record.number))]
  }

  private func name(_ stage: Int) -> String {
    names.stages.indices.contains(stage) ? names.stages[stage] : "\(stage + 1)"
  }

  private func kind(_ stage: Int) -> String {
    guard names.stages.indices.contains(stage) else { return "" }
    return names.gates.contains(stage) ? "gate" : "search"
  }

  private func metric(_ place: Int) -> String {
    "metric.\(names.metrics.indices.contains(place) ? names.metrics[place] : "\(place + 1)")"
  }

  func event(_ entry: Entry, _ place: Int, _ proposed: [Int: Entry]) -> LogEvent? {
    let id = "entry:\(record.number)/\(place)"
    let row = entry.row
    func tell(
      _ type: String, since start: Int64? = nil, _ attributes: [(String, String)], _ relations: [LogRelation] = []
    ) -> LogEvent {
      LogEvent(
        id: id, type: type, startedAt: start.map { min($0, entry.at) }, at: entry.at, resource: entry.actor.name,
        attributes: attributes.filter { !$0.1.isEmpty }.map { LogAttribute($0.0, .string($0.1)) },
        relations: base + relations)
    }
    switch entry.fact {
    case .proposed: return nil
    case .ended(let ended):
      var relations = [LogRelation("trial", LogId.trial(record.number, ended.trial))]
      if let run = ended.run { relations.append(LogRelation("run", LogId.run(run))) }
      var event = tell(
        Activities.trial, since: proposed[ended.trial]?.at,
        [("outcome", ended.outcome.rawValue), ("message", ended.message)], relations)
      event.attributes.append(LogAttribute("task_seconds", .float(ended.taskSeconds)))
      for (place, value) in ended.metrics.enumerated() {
        if let value { event.attributes.append(LogAttribute(metric(place), .float(value))) }
      }
      return event
    case .stage(let stage, let change):
      let (word, text) =
        switch change {
        case .began(let evidence): ("began", evidence)
        case .again: ("again", "")
        case .skipped(let reason): ("skipped", reason)
        case .ended(let reason): ("ended", reason)
        }
      return tell(Activities.stage, [("stage", name(stage)), ("kind", kind(stage)), ("change", word), ("text", text)])
    case .closed(let closing):
      return tell(Activities.closed, [("status", closing.status.rawValue), ("text", closing.reason)])
    default:
      // What people and policies do, in the words of the record.
      let parts = row.text.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
      func part(_ place: Int) -> String { parts.indices.contains(place) ? parts[place] : "" }
      var relations: [LogRelation] = []
      if entry.actor.kind != .engine { relations.append(LogRelation("by", LogId.person(entry.actor.name))) }
      if let trial = row.trial, proposed[trial] != nil {
        relations.append(LogRelation("trial", LogId.trial(record.number, trial)))
      }
      return tell(
        Activities.decision,
        [
          ("operation", part(0)), ("value", part(1)), ("reason", part(2)), ("actor", entry.actor.kind.rawValue),
        ], relations)
    }
  }

  func object(_ proposed: Proposed, _ ended: Ended?) -> LogObject {
    var attributes: [LogAttribute] = [
      LogAttribute("number", .integer(Int64(proposed.trial))), LogAttribute("stage", .string(name(proposed.stage))),
      LogAttribute("source", .string(proposed.source.rawValue)), LogAttribute("reason", .string(proposed.reason)),
      LogAttribute("outcome", .string(ended?.outcome.rawValue ?? "running")),
    ]
    for (name, value) in names.configurations[proposed.trial] ?? [] {
      attributes.append(LogAttribute("configuration.\(name)", .string(value)))
    }
    for (place, value) in (ended?.metrics ?? []).enumerated() {
      if let value { attributes.append(LogAttribute(metric(place), .float(value))) }
    }
    return LogObject(
      id: LogId.trial(record.number, proposed.trial), type: "trial", attributes: attributes,
      relations: [LogRelation("of", LogId.experiment(record.number))]
        + (ended?.run.map { [LogRelation("run", LogId.run($0))] } ?? []))
  }

  func experiment() -> LogObject {
    var attributes: [LogAttribute] = [
      LogAttribute("name", .string(record.name)), LogAttribute("uid", .string(record.uid)),
      LogAttribute("file", .string(record.file)), LogAttribute("user", .string(record.user)),
      LogAttribute("engine", .string(record.engine)), LogAttribute("started", .time(record.startedAt)),
    ]
    if !record.reason.isEmpty { attributes.append(LogAttribute("reason", .string(record.reason))) }
    return LogObject(
      id: LogId.experiment(record.number), type: "experiment", attributes: attributes,
      relations: [LogRelation("line", LogId.line(line))]
        + (record.parent.map { [LogRelation("forked from", LogId.experiment($0.number))] } ?? []))
  }
}
