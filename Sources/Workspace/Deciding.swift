package import Events
package import Experiments
internal import Spaces
internal import Traces
package import Workflows

/// What somebody decides, together or not at all.
package struct Ruling: Sendable {
  package var operations: [Decision.Operation]
  /// What goes on record besides: a trial that was made elsewhere.
  package var facts: [Entry.Fact] = []
  package var undoes: Int?
  package var role: String?

  package init(_ operations: [Decision.Operation], facts: [Entry.Fact] = [], undoes: Int? = nil, role: String? = nil) {
    self.operations = operations
    self.facts = facts
    self.undoes = undoes
    self.role = role
  }
}

/// An experiment that somebody decides about: what was seen, and the words of its document.
package struct Bench: Sendable {
  package let record: ExperimentRecord
  package let study: Study
  package let entries: [Entry]
  package let person: String
  let recorded: RecordedExperiment
  let workspace: Workspace

  /// What a person writes, as the document's language reads it.
  package func read(_ amendment: Amendment) throws(WorkspaceError) -> Amended {
    do throws(AmendmentError) { return try recorded.document.read(amendment, after: study.edits) } catch {
      throw WorkspaceError(.usage, error.message, help: error.help, diagnostics: error.diagnostics)
    }
  }

  /// As the log was after so many entries.
  package func study(after count: Int) -> Study {
    var study = recorded.study
    for entry in entries.prefix(count) { study.apply(entry) }
    return study
  }

  package func line(of parameter: String) -> String? { recorded.document.line(of: parameter) }
  package func strategy(of stage: String) -> String? { recorded.document.strategy(of: stage) }
}

/// What came of a decision.
package struct Decided: Sendable {
  package let record: ExperimentRecord
  package let actor: Actor
  package let before: Study
  package let after: Study
  package let decisions: [Decision]
  /// How many entries whoever decided had seen.
  package let basis: Int
  /// The number of the first entry, from 1.
  package let entry: Int
}

extension Workspace {
  package func bench(
    _ record: ExperimentRecord, for person: String = Workspace.user
  ) throws(WorkspaceError) -> Bench {
    let recorded = try recorded(record)
    let entries = try entries(of: record.number, in: experimentLedger())
    var study = recorded.study
    for entry in entries { study.apply(entry) }
    return Bench(record: record, study: study, entries: entries, person: person, recorded: recorded, workspace: self)
  }

  /// Puts a decision on record. An engine that runs the experiment learns of it within a moment.
  ///
  /// What is decided is worked out again when the log went on in between, so that it means what it says.
  ///
  /// - Parameters:
  ///   - actor: in whose name.
  ///   - basis: how many entries whoever decides has seen: if the situation changed since, nothing is decided.
  package func decide(
    about record: ExperimentRecord, by actor: Actor = Actor(.person, Workspace.user), reason: String, basis: Int? = nil,
    _ choose: (Bench) throws(WorkspaceError) -> Ruling
  ) throws(WorkspaceError) -> Decided {
    // An engine that adds entries all the time does not keep a person from deciding.
    for _ in 0..<100 {
      let bench = try bench(record, for: actor.name)
      let count = bench.study.count
      if let basis { try bench.check(basis) }
      let ruling = try choose(bench)
      if let closing = bench.study.closing, !ruling.isRemark {
        throw WorkspaceError(
          .usage, "experiment \(record.number) is over: \(closing.reason)",
          help: "`assay exp fork \(record.number)` goes on from where it was, `assay exp run` begins a new one")
      }
      let decisions = ruling.operations.map {
        Decision($0, reason: reason, basis: basis ?? count, undoes: ruling.undoes, role: ruling.role)
      }
      let entries = (decisions.map { .decided($0) } + ruling.facts).map { Entry(at: Self.now(), actor: actor, $0) }
      let isAppended: Bool
      do throws(TraceError) {
        isAppended = try experimentLedger().append(
          entries.map(\.row), to: record.number, basis: count, isSafe: true)
      } catch {
        throw WorkspaceError(error)
      }
      if isAppended {
        var after = bench.study
        for entry in entries { after.apply(entry) }
        return Decided(
          record: record, actor: actor, before: bench.study, after: after, decisions: decisions, basis: basis ?? count,
          entry: count + 1)
      }
    }
    throw WorkspaceError(.store, "the log of experiment \(record.number) does not stand still", help: "try again")
  }
}

extension Bench {
  /// Whether somebody who had seen so many entries still knows the situation.
  fileprivate func check(_ basis: Int) throws(WorkspaceError) {
    let count = entries.count
    guard (0...count).contains(basis) else {
      throw WorkspaceError(.usage, "the log has \(count) entries, so `basis` cannot be \(basis)")
    }
    guard entries.change(since: basis) != nil else { return }
    throw WorkspaceError(
      .usage, "you decided on \(basis) entries, there are \(count) now, and the situation changed",
      help: "look again (`assay exp status \(record.number)`), and decide with `--basis \(count)`")
  }
}

extension [Entry] {
  /// The number of the first entry after so many that changed the situation: what somebody decided before it may not be meant any
  /// more. Trials that began and ended do not matter, nor do remarks.
  package func change(since basis: Int) -> Int? {
    dropFirst(basis).firstIndex(where: \.changesTheSituation).map { $0 + 1 }
  }
}

extension Entry {
  fileprivate var changesTheSituation: Bool {
    switch fact {
    case .decided(let decision):
      if case .note = decision.operation { false } else { true }
    case .stage, .judged, .promoted, .closed, .imported: true
    case .proposed, .ended, .described, .learnt: false
    }
  }
}

extension Ruling {
  /// It changes nothing of what will be tried.
  fileprivate var isRemark: Bool {
    facts.isEmpty
      && operations.allSatisfy {
        switch $0 {
        case .note, .exclude, .veto, .forget, .relate: true
        default: false
        }
      }
  }
}
