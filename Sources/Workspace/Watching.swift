internal import Artifacts
package import Diagnostics
internal import Events
package import Experiments
internal import Foundation
internal import Plans
internal import Synchronization
internal import Traces
internal import Values
internal import Workflows

/// The policies of a document at work: looks when one of them wants to, and does what it says. One per project.
///
/// Everything that is decided is in `policies.db`, written before the next look: a watcher that was killed goes on where it
/// was. The store is only held while something runs.
package final class Watcher: Sendable {
  package let warnings: [Diagnostic]
  package let names: [String]
  private let file: String
  private let make: @Sendable () -> Workspace
  private let ledger: ExperimentLedger
  private let lock: LedgerLock
  private let state = Mutex(State())

  private struct State {
    var isStopped = false
    var end: (@Sendable () -> Void)?
  }

  /// - Parameter make: the project anew, for each look: what it opens is closed again.
  package init(_ file: String, _ make: @escaping @Sendable () -> Workspace) throws(WorkspaceError) {
    self.file = file
    self.make = make
    let workspace = make()
    defer { workspace.close() }
    let (program, warnings) = try Self.program(file, workspace)
    self.warnings = warnings
    names = program.policies.map(\.name)
    guard !names.isEmpty else {
      throw WorkspaceError(.usage, "\(file) has no policy", help: "`policy NAME { … }` makes one")
    }
    let ledger = ExperimentLedger(directory: try workspace.makeStoreDirectory(), file: "policies.db")
    self.ledger = ledger
    do throws(TraceError) { lock = try ledger.lock() } catch {
      guard case .locked(let process) = error.code else { throw WorkspaceError(error) }
      throw WorkspaceError(
        .store, "this project is watched already (process \(process))", help: "one watcher does for all policies")
    }
  }

  private static func program(
    _ file: String, _ workspace: Workspace
  ) throws(WorkspaceError) -> (Program, [Diagnostic]) {
    let checked = try workspace.check(file)
    guard let program = checked.program else {
      let count = checked.diagnostics.count { $0.severity == .error }
      throw WorkspaceError(
        .document, "\(file) has \(count) error\(count == 1 ? "" : "s")", diagnostics: checked.diagnostics)
    }
    return (program, checked.diagnostics)
  }

  /// Ends what runs, which goes on with the next look; any thread.
  package func stop() {
    state.withLock { state in
      state.isStopped = true
      return state.end
    }?()
  }

  package var isStopped: Bool { state.withLock { $0.isStopped } }

  /// Looks where it is due. Each policy is asked once.
  ///
  /// - Parameters:
  ///   - isForced: whatever the clock and the versions say.
  ///   - tell: what was put on record.
  /// - Returns: whether something waits for a person.
  @discardableResult
  package func look(
    isForced: Bool = false, tell: @escaping (_ policy: String, PolicyEntry) -> Void
  ) throws(WorkspaceError) -> Bool {
    let workspace = make()
    defer { workspace.close() }
    let names = try workspace.names()
    var isWaiting = false
    // The documents are read only when there is something to do: a look that is not due costs two reads.
    var program: Program?
    for name in self.names where !isStopped {
      let number = try self.number(of: name)
      var policy = PolicyState()
      for entry in try entries(number) { policy.apply(entry) }
      if program == nil { program = try Self.program(file, workspace).0 }
      guard let program, let rules = program.policies.first(where: { $0.name == name }) else { continue }
      let turn = PolicyTurn(watcher: self, workspace: workspace, program: program, policy: rules, file: file) {
        fact throws(WorkspaceError) in
        let entry = PolicyEntry(at: Workspace.now(), fact)
        do throws(TraceError) {
          try self.ledger.append([entry.row(of: name)], to: number, isSafe: true)
        } catch { throw WorkspaceError(error) }
        policy.apply(entry)
        tell(name, entry)
      }
      let latest = Dictionary(
        rules.versions.compactMap { watched in
          names.entries[watched]?.versions.last.map { (watched, $0.version.version) }
        }
      ) { first, _ in first }
      let now = Workspace.now()
      do throws(WorkspaceError) {
        if let experiment = policy.experiment {
          try turn.goOn(with: experiment, isWaiting: policy.isWaiting)
        } else if let cause = isForced ? "by hand" : policy.cause(rules, now: now, latest: latest) {
          try turn.look(cause, latest, isRested: isForced || policy.isRested(rules, now: now))
        }
      } catch {
        // Somebody else has the store, or we are to end: the same look comes again.
        if error.exit == .store || isStopped { throw error }
        try turn.record(.failed(error.message))
      }
      isWaiting = isWaiting || policy.isWaiting
    }
    return isWaiting
  }

  // MARK: The log

  /// Of a policy, by its name; made at its first look.
  private func number(of name: String) throws(WorkspaceError) -> Int {
    do throws(TraceError) {
      if let known = try ledger.experiments().first(where: { $0.name == name }) { return known.number }
      return try ledger.create(
        ExperimentRecord(
          uid: UUID().uuidString.lowercased().filter { $0 != "-" }, name: name, file: file, documents: [],
          startedAt: Workspace.now(), user: Workspace.user, host: ProcessInfo.processInfo.hostName,
          engine: Workspace.version))
    } catch {
      throw WorkspaceError(error)
    }
  }

  private func entries(_ number: Int) throws(WorkspaceError) -> [PolicyEntry] {
    do throws(TraceError) { return try ledger.entries(of: number).compactMap(PolicyEntry.init) } catch {
      throw WorkspaceError(error)
    }
  }

  /// Lets what runs be ended from outside, and by the clock.
  func running<R>(
    timeout: Duration?, end: @escaping @Sendable () -> Void, _ body: () throws(WorkspaceError) -> R
  ) throws(WorkspaceError) -> (result: R, isLate: Bool) {
    let isStopped = state.withLock { state in
      state.end = end
      return state.isStopped
    }
    if isStopped { end() }
    let alarm = timeout.map { Alarm(after: $0, end) }
    defer {
      alarm?.cancel()
      state.withLock { $0.end = nil }
    }
    let result = try body()
    return (result, alarm?.hasRung ?? false)
  }
}

/// Does something after a time, by a clock that nobody sets.
private final class Alarm: Sendable {
  private let state = Mutex((isCancelled: false, hasRung: false))
  private let wake = DispatchSemaphore(value: 0)

  init(after time: Duration, _ body: @escaping @Sendable () -> Void) {
    let (seconds, attoseconds) = time.components
    let nanoseconds = Int(clamping: min(seconds, 1_000_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000)
    Thread.detachNewThread { [self] in
      guard wake.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .timedOut else { return }
      let rings = state.withLock { state in
        state.hasRung = !state.isCancelled
        return state.hasRung
      }
      if rings { body() }
    }
  }

  var hasRung: Bool { state.withLock { $0.hasRung } }

  func cancel() {
    state.withLock { $0.isCancelled = true }
    wake.signal()
  }
}
