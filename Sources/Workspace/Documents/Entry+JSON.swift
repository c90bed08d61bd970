package import Events
package import Experiments
internal import Knowledge
internal import Spaces
package import Values
internal import Workflows

extension Entry {
  /// One of `assay.experiment.entries/1`: an entry of the log of an experiment, with names instead of places.
  ///
  /// - Parameter place: in the log, counted from 1.
  package func json(_ place: Int, in study: Study) -> JSON {
    let common: [JSON.Member] = [
      .init("entry", .int(Int64(place))), .init("at", .string(Moment.iso(at))), .init("by", .string(actor.name)),
      .init("actor", .string(actor.kind.rawValue)), .init("kind", .string(kind)),
    ]
    return .object(common + members(study))
  }

  /// In a word; the type of an event in a stream.
  package var kind: String {
    switch fact {
    case .proposed: "proposed"
    case .ended: "ended"
    case .stage: "stage"
    case .decided: "decided"
    case .weighed: "weighed"
    case .judged: "judged"
    case .promoted: "promoted"
    case .confirmed: "confirmed"
    case .closed: "closed"
    case .described: "described"
    case .learnt: "learnt"
    case .settled: "settled"
    case .imported: "imported"
    }
  }

  private func members(_ study: Study) -> [JSON.Member] {
    let experiment = study.definition.experiment
    func stage(_ place: Int) -> JSON.Member {
      .init("stage", .string(experiment.stages.indices.contains(place) ? experiment.stages[place].name : "\(place)"))
    }
    switch fact {
    case .proposed(let proposed):
      // As the space is now: it may have changed since.
      let trial = study.trials.indices.contains(proposed.trial - 1) ? study.trials[proposed.trial - 1] : nil
      let point = trial?.number == proposed.trial ? trial?.proposed.point : nil
      let values = study.definition.space.configuration(at: point ?? proposed.point).map {
        JSON.Member($0.name, $0.value.json())
      }
      return [
        .init("trial", .int(Int64(proposed.trial))), stage(proposed.stage), .init("configuration", .object(values)),
        .init("source", .string(proposed.source.rawValue)), .init("reason", .string(proposed.reason)),
      ]
    case .ended(let ended):
      let metrics = zip(experiment.metrics, ended.metrics).map { metric, value in
        JSON.Member(metric.name, value.map { .float($0) } ?? .null)
      }
      return [
        .init("trial", .int(Int64(ended.trial))), .init("outcome", .string(ended.outcome.rawValue)),
        .init("metrics", .object(metrics)), .init("run", ended.run.map { .int($0) } ?? .null),
        .init("task_seconds", .float(ended.taskSeconds)), .init("message", .string(ended.message)),
      ]
    case .stage(let place, let event):
      let (state, reason) =
        switch event {
        case .began(let evidence): ("began", evidence)
        case .again: ("again", "")
        case .skipped(let reason): ("skipped", reason)
        case .ended(let reason): ("ended", reason)
        }
      return [stage(place), .init("state", .string(state)), .init("reason", .string(reason))]
    case .decided(let decision):
      return [.init("what", .string(decision.words)), .init("basis", .int(Int64(decision.basis)))]
    case .weighed(let weighed):
      return [
        .init("verdict", .string(weighed.verdict.rawValue)),
        .init("correlation", weighed.correlation.map { .float($0) } ?? .null),
        .init("trials", .int(Int64(weighed.trials))), .init("reason", .string(weighed.words)),
      ]
    case .judged(let judged):
      return [
        .init("accepted", .bool(judged.isAccepted)), .init("trial", judged.trial.map { .int(Int64($0)) } ?? .null),
        .init("reason", .string(judged.reason)),
      ]
    case .promoted(let promoted):
      return [
        .init("trial", .int(Int64(promoted.trial))), .init("name", .string(promoted.name)),
        .init("version", .int(Int64(promoted.version))),
      ]
    case .confirmed(let confirmed): return study.members(of: confirmed)
    case .described(let description): return [.init("intent", .string(description.intent))]
    case .learnt(let learnt): return [.init("learnt", JSON.learnt(learnt))]
    case .settled(let settled): return [.init("artifacts", .array(settled.artifacts.map(\.json)))]
    case .imported(let imported):
      return [
        .init("file", .string(imported.file)), .init("from", .string(imported.by)),
        .init("number", .int(Int64(imported.number))),
      ]
    case .closed(let closing):
      return [.init("status", .string(closing.status.rawValue)), .init("reason", .string(closing.reason))]
    }
  }
}

extension Settled.Artifact {
  var json: JSON { ["name": .string(reference), "version": .string(version)] }
}

extension Study {
  /// The members of `assay.experiment.entries/1`.
  ///
  /// - Parameter first: how many entries come before.
  package func members(ofLog entries: [Entry], from first: Int, of record: ExperimentRecord) -> [JSON.Member] {
    [
      .init("experiment", .int(Int64(record.number))), .init("name", .string(record.name)),
      .init("count", .int(Int64(count))),
      .init("entries", .array(entries.enumerated().map { $1.json(first + $0 + 1, in: self) })),
    ]
  }
}
