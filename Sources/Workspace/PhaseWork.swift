internal import Comparisons
internal import Diagnostics
package import Dynamics
internal import Events
internal import Experiments
internal import Processes
internal import Settings
internal import Spaces
internal import Tasks
internal import Traces
internal import Values
internal import Workflows

/// The record of a project as the dynamics of its work.
package struct PhaseHistory: Sendable {
  package var journey: Journey
  /// Tasks whose calls belong to no phase, with how many there are.
  package var unassigned: [(task: String, calls: Int)]
}

extension Workspace {
  /// The phases that count in this project.
  package var phases: Phases {
    let given = layout.settings.texts(.phases)
    let names = given.isEmpty ? Phase.standard : given
    var aliases: [String: String] = [:]
    for name in names { if let short = Phase.canonical(name), short != name { aliases[short] = name } }
    for (word, name) in Phase.aliases {
      aliases[word] = names.contains(name) ? name : aliases[name] ?? name
    }
    // A finer word than the nine: what is found out about a model belongs to its development.
    if !names.contains("validation"), let development = names.first(where: { Phase.canonical($0) == "development" }) {
      for word in ["validation", "evaluation"] { aliases[word] = development }
    }
    return Phases(names, aliases: aliases)
  }

  /// The name of a phase of this project, however it was written.
  package func phase(named word: String) throws(WorkspaceError) -> String {
    let phases = self.phases
    if let place = phases.place(word) { return phases.name(place) }
    throw WorkspaceError(
      .usage, "there is no phase `\(word)`",
      help: nearest(word, phases.names).map { "did you mean `\($0)`?" }
        ?? "phases: \(phases.names.joined(separator: ", "))")
  }

  /// All runs that ended, and the work that people logged.
  package func phaseHistory() throws(WorkspaceError) -> PhaseHistory {
    let phases = self.phases
    let store = try readableStore()
    let history = Recollection(store)
    let notes = PhaseNotes(try projectLog())
    let (summaries, trials): ([RunSummary], [RunNumber: Int])
    do throws(TraceError) {
      summaries = try store.trace.runs(limit: .max)
      trials = try store.trace.experimentsOfRuns()
    } catch {
      throw WorkspaceError(error)
    }
    var reader = PhaseReader(
      phases: phases, history: history, notes: notes, trials: trials, directions: try metricDirections())
    var runs: [WorkRun] = []
    for summary in summaries.reversed() where summary.status != .running { runs += try reader.work(summary) }
    return PhaseHistory(
      journey: Journey(Self.merged(runs, notes.work(phases)), phases: phases),
      unassigned: reader.unassigned.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) })
  }

  /// Logged work takes its place between runs by the clock, which is all that is known of it, and the line of the run before.
  private static func merged(_ runs: [WorkRun], _ logged: [WorkRun]) -> [WorkRun] {
    var merged: [WorkRun] = []
    var waiting = logged.sorted { $0.finishedAt < $1.finishedAt }[...]
    func put(_ work: WorkRun) {
      var work = work
      work.line = merged.last?.line ?? runs.first?.line ?? "project"
      merged.append(work)
    }
    for run in runs {
      while let next = waiting.first, next.finishedAt <= run.startedAt {
        put(next)
        waiting.removeFirst()
      }
      merged.append(run)
    }
    for work in waiting { put(work) }
    return merged
  }

  /// Which outputs are better greater or smaller: what experiments of the project say of them, and before that the settings
  /// (`auc maximize`, `loss minimize 0.01`; what makes no sense is left out).
  private func metricDirections() throws(WorkspaceError) -> MetricDirections {
    var directions = MetricDirections()
    // Oldest first: of several the newest counts.
    for record in try experiments(limit: .max).reversed() {
      directions.add(MetricDirection.read(record.documents, experiment: record.name))
    }
    for text in layout.settings.texts(.phaseMetrics) {
      let words = text.split(separator: " ")
      guard words.count >= 2, words[1] == "maximize" || words[1] == "minimize" else { continue }
      directions.set(
        String(words[0]), isMaximized: words[1] == "maximize", tolerance: words.count > 2 ? Double(words[2]) ?? 0 : 0)
    }
    return directions
  }

  // MARK: What people put on record

  /// The log of the project itself, kept with those of its experiments.
  func projectLog() throws(WorkspaceError) -> [LogRow] {
    do throws(TraceError) { return try experimentLedger().entries(of: 0) } catch { throw WorkspaceError(error) }
  }

  package func phaseNotes() throws(WorkspaceError) -> PhaseNotes { PhaseNotes(try projectLog()) }

  /// Writes a file that somebody asked for, whole or not at all.
  package func write(_ text: String, to path: String) throws(WorkspaceError) {
    do throws(SystemError) { try Files.writeAtomically(Layout.absolute(path), Array(text.utf8)) } catch {
      throw WorkspaceError(.usage, "cannot write \(path): \(error.reason)")
    }
  }

  package func put(_ note: PhaseNote, at: Int64? = nil) throws(WorkspaceError) {
    // A store that is there may have an engine at work in it: a note does not wait for that.
    if !Layout.exists(layout.store) { _ = try writableStore(.full) }
    let row = note.row(at: at ?? Self.now(), actor: "person:\(Self.user)")
    do throws(TraceError) { try experimentLedger().append([row], to: 0, isSafe: true) } catch {
      throw WorkspaceError(error)
    }
  }
}
