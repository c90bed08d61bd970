package import Artifacts
internal import Events
internal import Foundation
package import Traces
package import Values

/// What a collection is to keep, besides names, pins and what is in use.
package struct CollectionPolicy: Sendable, Equatable {
  /// The newest runs of each workflow; nil and no age: all runs.
  package var newestRuns: Int?
  /// Runs that began not longer ago.
  package var youngerThan: Duration?

  package init(newestRuns: Int? = nil, youngerThan: Duration? = nil) {
    self.newestRuns = newestRuns
    self.youngerThan = youngerThan
  }

  /// The runs to keep, of all runs newest first. One that goes on is kept.
  package func kept(_ runs: [RunSummary], now: Int64) -> Set<Int64> {
    guard newestRuns != nil || youngerThan != nil else { return Set(runs.map(\.run)) }
    var kept: Set<Int64> = []
    var count: [String: Int] = [:]
    for run in runs {
      let place = count[run.workflow, default: 0]
      count[run.workflow] = place + 1
      let isNew = newestRuns.map { place < $0 } ?? false
      let age = Duration.nanoseconds(max(0, now - run.startedAt))
      let isYoung = youngerThan.map { age < $0 } ?? false
      if isNew || isYoung || run.status == .running { kept.insert(run.run) }
    }
    return kept
  }
}

/// What was kept and what went.
package struct CollectionReport: Sendable {
  /// All artifacts with their verdicts.
  package var objects: [Survey.Object]
  /// What really went; of a dry run what would go.
  package var removed: [Survey.Object]
  package var keptRuns: Int
  package var allRuns: Int
}

extension Workspace {
  /// Removes the artifacts that no name, pin and kept run needs. Beside engines that run, and under `kill -9`, safe.
  package func collect(
    _ policy: CollectionPolicy, isDry: Bool, progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws(WorkspaceError) -> CollectionReport {
    _ = try artifactStore()
    // What is added from here on is not looked at.
    let store = try enteredStore()
    defer { store.leave() }
    let names = try names()
    var roots = CollectionRoots()
    for named in names.versions {
      for part in [named.version.digest] + named.version.parts { roots.keep(part, .name(named.version.reference)) }
    }
    var pinnedRuns: Set<Int64> = []
    for pin in names.pins.keys {
      switch pin {
      case .artifact(let digest): roots.keep(digest, .pinned)
      case .run(let run): pinnedRuns.insert(run)
      }
    }
    var (kept, all): (Set<Int64>, Int) = ([], 0)
    if let open = try openStore() {
      do throws(TraceError) {
        let runs = try open.trace.runs(limit: .max)
        kept = policy.kept(runs, now: Int64(Date().timeIntervalSince1970 * 1e9)).union(pinnedRuns)
          .union(try open.trace.runs(ofExperiments: try experimentLedger().unfinished()))
        all = runs.count
        try Self.add(kept, open.trace, to: &roots)
      } catch {
        throw WorkspaceError(error)
      }
    }
    var report = CollectionReport(objects: [], removed: [], keptRuns: kept.count, allRuns: all)
    do throws(StoreError) {
      let survey = try store.survey(roots)
      report.objects = survey.objects
      report.removed = isDry ? survey.removals : try store.collect(survey, progress: progress)
    } catch {
      throw WorkspaceError(error)
    }
    if !isDry, !report.removed.isEmpty {
      let bytes = report.removed.reduce(Int64(0)) { $0 + $1.size }
      let count = report.removed.count
      try record(reason: policy.words) { _ in [.collect(count: count, bytes: bytes)] }
    }
    return report
  }

  /// What kept runs refer to, also through what they took from other runs; and what only the others do.
  private static func add(
    _ kept: Set<Int64>, _ trace: Trace, to roots: inout CollectionRoots
  ) throws(TraceError) {
    struct Node: Hashable {
      var run: Int64
      var node: Int
    }
    var reusedBy: [Node: Int64] = [:]
    for run in kept.sorted() {
      for (reuse, node) in try trace.sources(of: run) where !kept.contains(reuse.source) {
        reusedBy[Node(run: reuse.source, node: node)] = run
      }
    }
    for use in try trace.artifactUses() {
      if kept.contains(use.run) {
        roots.keep(use.digest, .run(use.run))
      } else if let run = reusedBy[Node(run: use.run, node: use.node)] {
        roots.keep(use.digest, .run(run))
      } else {
        roots.pass(use.digest, use.run)
      }
    }
  }

  // MARK: pins

  /// Keeps an artifact, or all that a run refers to, whatever happens.
  package func pin(_ pins: [NameRecord.Pin], isPinned: Bool, reason: String) throws(WorkspaceError) -> [NameRecord] {
    for case .run(let run) in pins { _ = try summary(of: run) }
    return try record(reason: reason) { (names) in
      pins.compactMap { pin in
        (names.pins[pin] != nil) == isPinned ? nil : isPinned ? .pin(pin) : .unpin(pin)
      }
    }
  }

  // MARK: verifying

  package struct VerifyReport: Sendable {
    package var count = 0
    package var bytes: Int64 = 0
    /// With what is wrong in one line.
    package var damaged: [(digest: Digest, problem: String)] = []
    /// Named versions whose parts are missing or damaged.
    package var names: [(name: String, problem: String)] = []
    /// Databases of the store whose pages are not as they were written, by file name.
    package var databases: [(name: String, problem: String)] = []
    package var isSound: Bool { damaged.isEmpty && names.isEmpty && databases.isEmpty }
  }

  /// Reads artifacts again and compares them with their digests: all, and the databases, or those that `references` name
  /// with their parts.
  ///
  /// - Parameter discards: remove damaged ones, so that they are made or put again.
  package func verify(
    _ references: [String], discards: Bool = false, progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) throws(WorkspaceError) -> VerifyReport {
    var report = VerifyReport()
    if references.isEmpty {
      report.databases = databaseProblems()
      // What a damaged database says about the rest is not to be believed.
      if !report.databases.isEmpty { return report }
    }
    let store = try artifactStore()
    let names = try names()
    do {
      var digests: [Digest] = []
      if references.isEmpty {
        digests = try store.list()
      } else {
        for reference in references { digests += try parts(of: reference, names, store) }
      }
      let (bytes, problems) = try store.verify(digests, progress: progress)
      (report.count, report.bytes) = (digests.count, bytes)
      if discards {
        for case (let digest, let problem) in problems where problem.code == .torn { try store.discard(digest) }
      }
      report.damaged = problems.sorted { $0.key < $1.key }.map { ($0.key, $0.value.message) }
      let read = Set(digests)
      for version in names.versions.map(\.version).sorted(by: { ($0.name, $0.version) < ($1.name, $1.version) }) {
        for part in try store.contents(of: version) {
          if let problem = problems[part] {
            report.names.append((version.reference, problem.message))
            break
          }
          if references.isEmpty, !read.contains(part) {
            report.names.append((version.reference, "artifact \(part.short) is not in the store"))
            break
          }
        }
      }
      return report
    } catch let error as WorkspaceError {
      throw error
    } catch let error as StoreError {
      throw WorkspaceError(error)
    } catch {
      throw WorkspaceError(.bug, "\(error)")
    }
  }

  private func databaseProblems() -> [(name: String, problem: String)] {
    var problems: [(name: String, problem: String)] = []
    let (trace, names) = ("\(layout.store)/trace.db", NameLedger(directory: layout.store))
    for file in ["experiments.db", "knowledge.db", "policies.db"] {
      do throws(TraceError) {
        problems += try ExperimentLedger(directory: layout.store, file: file).problems().map { (file, $0) }
      } catch {
        problems.append((file, error.message))
      }
    }
    do throws(TraceError) {
      if Layout.exists(trace) { problems += try Trace(path: trace).problems().map { ("trace.db", $0) } }
    } catch {
      problems.append(("trace.db", error.message))
    }
    do throws(StoreError) { problems += try names.problems().map { ("names.db", $0) } } catch {
      problems.append(("names.db", error.message))
    }
    return problems
  }

  private func parts(of reference: String, _ names: Names, _ store: ArtifactStore) throws -> [Digest] {
    if let parsed = try? ArtifactReference(reference, isName: names.contains),
      case .name(let name, let selector) = parsed
    {
      // Not by `find`, which refuses what is not whole.
      let version: ArtifactVersion
      do throws(NameProblem) { version = try names.find(name, selector).version } catch {
        throw WorkspaceError(error, name)
      }
      return try store.contents(of: version)
    }
    let found = try find(reference)
    let described = try store.parts(of: found.value)
    return try ([found.digest].compactMap(\.self) + described).flatMap { try store.contents(of: $0) }
  }
}

extension CollectionPolicy {
  /// For the record.
  var words: String {
    var words: [String] = []
    if let newestRuns { words.append("newest \(newestRuns) runs of each workflow") }
    if let youngerThan { words.append("runs of the last \(youngerThan.components.seconds / 86400) days") }
    return words.isEmpty ? "kept all runs" : "kept " + words.joined(separator: " and ")
  }
}
