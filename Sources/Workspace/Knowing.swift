internal import Diagnostics
package import Events
package import Experiments
package import Knowledge
internal import Spaces
internal import Traces
internal import Values
package import Workflows

/// An experiment that was made here or in another store, as its log tells it.
package struct KnownExperiment: Sendable {
  package let record: ExperimentRecord
  package let study: PastStudy
  package let isImported: Bool
  /// Of all its entries.
  package let digest: String
  let rows: [LogRow]
  /// `12`, or `i3` of an imported one.
  package var label: String { isImported ? "i\(record.number)" : "\(record.number)" }
}

extension Workspace {
  /// Experiments of other stores: never mixed with those whose runs are here.
  func knowledgeLedger() -> ExperimentLedger { ExperimentLedger(directory: layout.store, file: "knowledge.db") }

  /// All experiments from which something could be learnt, newest first; those of other stores last. One whose log does not say
  /// what it was about is read with the plugins that are there now, and left out where that fails.
  package func known() throws(WorkspaceError) -> [KnownExperiment] {
    let own = try known(in: experimentLedger(), isImported: false)
    let here = Set(own.map(\.record.uid))
    var seen: Set<String> = []
    // Of one that was imported in several states, the last is the newest.
    let others = try known(in: knowledgeLedger(), isImported: true).filter {
      !here.contains($0.record.uid) && seen.insert($0.record.uid).inserted
    }
    return own + others
  }

  private func known(in ledger: ExperimentLedger, isImported: Bool) throws(WorkspaceError) -> [KnownExperiment] {
    var known: [KnownExperiment] = []
    do throws(TraceError) {
      for record in try ledger.experiments() {
        let rows = try ledger.entries(of: record.number)
        let entries = rows.compactMap(Entry.init)
        guard entries.count == rows.count else { continue }
        let isDescribed = entries.contains { if case .described = $0.fact { true } else { false } }
        let fallback = isDescribed || isImported ? nil : try? study(of: record).definition.described
        guard let study = PastStudy(entries, described: fallback) else { continue }
        known.append(
          KnownExperiment(
            record: record, study: study, isImported: isImported, digest: LogRow.digest(of: rows), rows: rows))
      }
    } catch {
      throw WorkspaceError(error)
    }
    return known
  }

  /// By number, `i3`, name (the newest) or the beginning of the identity.
  package func known(_ reference: String) throws(WorkspaceError) -> KnownExperiment {
    let all = try known()
    if let found = all.first(where: { $0.label == reference }) { return found }
    if let found = all.first(where: { $0.record.name == reference }) { return found }
    if reference.count >= 8, let found = all.first(where: { $0.record.uid.hasPrefix(reference) }) { return found }
    let near = nearest(reference, all.map(\.record.name)).map { "did you mean `\($0)`?" }
    throw WorkspaceError(
      .notFound, "nothing is known of an experiment `\(reference)`",
      help: near
        ?? (all.isEmpty ? "nothing is known yet: `assay exp run FILE`" : "`assay knowledge search` shows what is known")
    )
  }

  /// Runs of this store that are not to be trusted.
  func taintedRuns() throws(WorkspaceError) -> Set<Int64> {
    guard let store = try openStore() else { return [] }
    do throws(TraceError) { return try store.trace.taintedRuns() } catch { throw WorkspaceError(error) }
  }

  /// What people think of it: the log of an experiment is open for that after its end.
  package func remark(
    _ operation: Decision.Operation, _ reason: String, about known: KnownExperiment
  ) throws(WorkspaceError) {
    let ledger = known.isImported ? knowledgeLedger() : experimentLedger()
    let entry = Entry(
      at: Self.now(), actor: Actor(.person, Self.user),
      .decided(Decision(operation, reason: reason, basis: known.rows.count)))
    do throws(TraceError) { try ledger.append([entry.row], to: known.record.number, isSafe: true) } catch {
      throw WorkspaceError(error)
    }
  }
}

// MARK: At the beginning of an experiment

/// A past experiment beside a new one.
package struct Relative: Sendable {
  package let known: KnownExperiment
  /// What the engine finds.
  package let kinship: Kinship
  /// What holds instead, and who declared it: a person, or the document.
  package var declared: (relation: PastExperiment.Relation, by: String)?

  package var relation: PastExperiment.Relation { declared?.relation ?? kinship.relation }
}

extension Workspace {
  /// What goes on record before the first trial: what the experiment is about, and what its `knowledge` block lends it.
  ///
  /// - Returns: also how many experiments could have been used, where the document asks for none.
  func opening(
    _ experiment: Experiment, _ description: Description, but number: Int
  ) throws(WorkspaceError) -> (facts: [Entry.Fact], unused: Int) {
    let relatives = try relatives(of: description, named: experiment.name, experiment.reuses).filter {
      $0.relation != .none && ($0.known.isImported || $0.known.record.number != number)
    }
    let tainted = try taintedRuns()
    var learnt: [(at: Int64, Learnt)] = []
    var unused = 0
    for relative in relatives {
      guard let found = Self.learn(from: relative, for: description, tainted) else { continue }
      if experiment.reuses.isEmpty { unused += 1 }
      var lent = found
      lent.uses = experiment.reuses.filter { $0.admits(relative) }.reduce([]) { $0.union($1.uses) }
      guard !lent.uses.isEmpty else { continue }
      learnt.append((relative.known.record.startedAt, lent))
    }
    // The closest, in the order in which they were made.
    let chosen = learnt.prefix(Self.mostLearnt).sorted { $0.at < $1.at }
    return ([.described(description)] + chosen.map { .learnt($0.1) }, unused)
  }

  private static let mostLearnt = 32
  /// Fewer trials say nothing of an experiment; of more, the best and some of the others are enough.
  private static let fewestTrials = 4
  private static let mostTrials = 256

  /// Experiments that are not forgotten beside a new one: the same problem first, then those on the most alike data, the newest
  /// first. Also those that have nothing to do with it. What its document declares holds, then what people declared, then what
  /// the engine finds.
  package func relatives(
    of description: Description, named name: String, _ reuses: [Experiment.Reuse] = []
  ) throws(WorkspaceError) -> [Relative] {
    let all = try known().filter { !$0.study.isForgotten }.map { known in
      var relative = Relative(known: known, kinship: Kinship(of: known.study.description, to: description))
      let lines = reuses.filter { $0.admits(relative) }.compactMap(\.relationship)
      relative.declared =
        lines.first { $0 == .none }.map { ($0, "the document") } ?? lines.first.map { ($0, "the document") }
        ?? known.study.relations[name]
      return relative
    }
    func rank(_ one: Relative) -> (Int, Double) {
      switch one.relation {
      case .sameProblem: (0, 1 - (one.kinship.similarity ?? 0))
      case .related: (1, 1 - (one.kinship.similarity ?? 0))
      case .none: (2, 0)
      }
    }
    return all.sorted { a, b in
      rank(a) != rank(b) ? rank(a) < rank(b) : a.known.record.startedAt > b.known.record.startedAt
    }
  }

  /// Its trials in terms of the new space; nil when there are too few.
  private static func learn(from relative: Relative, for description: Description, _ tainted: Set<Int64>) -> Learnt? {
    let (known, study) = (relative.known, relative.known.study)
    let untrusted =
      known.isImported
      ? []
      : Set(study.trials.filter { $0.ended?.run.map(tainted.contains) ?? false }.map(\.number))
    guard var (found, leftOut) = study.observations(of: description.metrics, without: untrusted) else { return nil }
    let translation = Translation(from: study.description.space, to: description.space)
    found = found.compactMap { one in
      guard let point = try? translation.translate(one.point) else {
        leftOut += 1
        return nil
      }
      return Learnt.Observation(one.trial, point, one.value)
    }
    guard found.count >= fewestTrials else { return nil }
    return Learnt(
      Learnt.Origin(
        label: known.label, name: known.record.name, uid: known.record.uid, entries: known.rows.count,
        digest: known.digest),
      relative.relation, [], similarity: relative.kinship.similarity,
      features: study.description.data.features, observations: thinned(found), leftOut: leftOut)
  }

  /// The best quarter of what is kept, and of the rest evenly from good to bad; in the order of trials.
  private static func thinned(_ all: [Learnt.Observation]) -> [Learnt.Observation] {
    guard all.count > mostTrials else { return all }
    let ranked = all.sorted { $0.value != $1.value ? $0.value < $1.value : $0.trial < $1.trial }
    let best = ranked.prefix(mostTrials / 4)
    let rest = ranked.dropFirst(best.count)
    let count = mostTrials - best.count
    let spread = (0..<count).map { rest[rest.startIndex + $0 * rest.count / count] }
    return (best + spread).sorted { $0.trial < $1.trial }
  }
}

extension Experiment.Reuse {
  fileprivate var uses: PastExperiment.Uses {
    switch what {
    case .trials: [.queue, .trials]
    case .queue: .queue
    case .priors: .prior
    case .all: .all
    case .none: []
    }
  }

  /// What it declares experiments to be; nil: nothing.
  fileprivate var relationship: PastExperiment.Relation? {
    if what == .none { return PastExperiment.Relation.none }
    return kin.map { $0 == .same ? .sameProblem : .related }
  }

  fileprivate func admits(_ relative: Relative) -> Bool {
    if let tag, !relative.known.study.description.tags.contains(tag) { return false }
    if let experiment, relative.known.record.name != experiment { return false }
    switch relation {
    case .any: return true
    case .similar(let least): return (relative.kinship.similarity ?? -1) >= least
    case .same(let workflow, let data):
      return (!workflow || relative.kinship.isSameWorkflow) && (!data || relative.kinship.isSameData)
    }
  }
}

// MARK: Before it is run

extension Workspace {
  /// What an experiment of a document, or one on record, is about.
  ///
  /// - Returns: also all others beside it.
  package func described(
    _ what: String, _ name: String?
  ) throws(WorkspaceError) -> (description: Description, relatives: [Relative]) {
    guard Layout.exists(what), what.contains(".") else {
      let known = try known(what)
      let others = try relatives(of: known.study.description, named: known.record.name)
      return (known.study.description, others.filter { $0.known.label != known.label })
    }
    let request = RunRequest(file: what)
    let checked = try check(what)
    guard let program = checked.program else {
      throw WorkspaceError(.document, "\(what) has errors", diagnostics: checked.diagnostics)
    }
    let experiment = try Self.choose(name, of: program, what)
    do {
      let artifacts = try self.artifacts(of: program, experiment.workflow, request)
      let definition = try Definition(
        experiment, artifacts: Dictionary(artifacts.map { ($0.reference, $0.value) }) { first, _ in first })
      let description = Fingerprints(program, definition, artifacts, layout).description()
      return (description, try relatives(of: description, named: experiment.name, experiment.reuses))
    } catch let error as WorkspaceError {
      throw error
    } catch {
      throw WorkspaceError(.usage, "\(error)")
    }
  }
}
