internal import CProcess
internal import Calls
internal import Processes
internal import Synchronization
package import Tasks
internal import Values

/// Runs tasks in processes of their own: the default `TaskRunner`.
///
/// A process serves one plugin source in one environment under one memory limit. The calling thread takes an idle one
/// or starts one, and drives it itself; there are no threads here. Thread-safe.
package final class WorkerPool: TaskRunner {
  private let configuration: WorkerConfiguration
  private let processes: Monitor<Population>
  private let mailboxes = Mutex(Mailboxes())

  private struct Population {
    /// Idle ones, the one used last at the end.
    var idle: [WorkerProcess] = []
    /// Idle and busy ones, and those about to be started.
    var alive = 0
  }

  private struct Mailboxes {
    var free: [Mailbox] = []
    var open: [Mailbox] = []
  }

  package init(_ configuration: WorkerConfiguration) {
    self.configuration = configuration
    processes = Monitor(Population())
    // Each large value that lives keeps a descriptor.
    cprocess_allow_descriptors(65_536)
  }

  // MARK: - TaskRunner

  package func run(_ calls: [Invocation], observer: any AttemptObserver) -> [Outcome] {
    guard let first = calls.first else { return [] }
    let mailbox: Mailbox
    do throws(SystemError) { mailbox = try open(for: calls) } catch {
      let failure = Failure(.resource, "no worker can be used: \(error)")
      return calls.map { Outcome(id: $0.id, result: .failure(failure)) }
    }
    defer { close(mailbox) }
    let batch = Batch(calls, observer, mailbox)
    let key = WorkerKey(source: first.task.source, memoryLimit: first.memoryLimit)
    if first.isolation == .fresh {
      for index in calls.indices { run([index], of: batch, key, keeps: false) }
    } else {
      run(Array(calls.indices), of: batch, key, keeps: true)
    }
    return zip(calls, batch.outcomes).map { call, outcome in
      outcome ?? Outcome(id: call.id, result: .failure(Failure(.lost, "the worker pool lost this attempt")))
    }
  }

  package func cancel(_ attempt: UInt64, _ urgency: Urgency) {
    let open = mailboxes.withLock { $0.open }
    for mailbox in open where mailbox.post(attempt, urgency) { return }
  }

  package func shutDown() {
    let idle = processes.with { state in
      defer { state.idle = [] }
      return state.idle
    }
    for worker in idle { worker.askToFinish() }
    for worker in idle { retire(worker) }
  }

  /// The describe document of a plugin, from a process that exists for this question alone.
  package func describe(_ source: PluginSource) throws(Failure) -> String {
    let plan = try LaunchPlan(source, configuration)
    let worker = try start(WorkerKey(source: source, memoryLimit: 0), plan)
    try worker.load(plan, limit: configuration.loadLimit)
    worker.retire()
    return worker.document ?? ""
  }

  // MARK: - A batch

  /// Runs attempts to their ends, on as many workers one after the other as it takes.
  private func run(_ indices: [Int], of batch: Batch, _ key: WorkerKey, keeps: Bool) {
    var waiting = indices
    while true {
      waiting = batch.withoutCancelled(waiting)
      guard !waiting.isEmpty else { return }
      let worker: WorkerProcess
      do throws(Failure) {
        guard let ready = try checkOut(key, for: batch, waiting, mayReuse: keeps) else { continue }
        worker = ready
      } catch {
        batch.fail(waiting, error)
        return
      }
      var exchange = Exchange(worker, batch, waiting)
      switch exchange.run() {
      case .done:
        if keeps { checkIn(worker) } else { retire(worker) }
        return
      case .lost(let rest):
        discard(worker)
        for index in rest { Self.empty(batch.calls[index].temporaryDirectory) }
        waiting = rest
      }
    }
  }

  /// What an attempt has left in its directory before its worker died with the result: it begins anew in an empty one.
  private static func empty(_ directory: String) {
    // What cannot be removed is in the way of the task, which says so.
    for name in Files.list(directory) { try? Files.remove(directory + "/" + name) }
  }

  /// A worker that has loaded the plugin. Nil: an attempt was cancelled meanwhile, look again.
  private func checkOut(
    _ key: WorkerKey, for batch: Batch, _ waiting: [Int], mayReuse: Bool
  ) throws(Failure) -> WorkerProcess? {
    if let worker = place(for: key, mayReuse: mayReuse) { return worker }
    let plan: LaunchPlan
    let worker: WorkerProcess
    do throws(Failure) {
      plan = try LaunchPlan(key.source, configuration)
      worker = try start(key, plan)
    } catch {
      processes.with(announcing: true) { $0.alive -= 1 }
      throw error
    }
    do throws(Failure) {
      try worker.load(plan, limit: configuration.loadLimit, for: batch, waiting)
      return worker
    } catch {
      discard(worker)
      if error.kind == .cancelled { return nil }
      throw error
    }
  }

  /// An idle worker, or nil: there is now room to start one, which counts as alive.
  private func place(for key: WorkerKey, mayReuse: Bool) -> WorkerProcess? {
    enum Place {
      case reuse(WorkerProcess)
      case start(instead: WorkerProcess?)
    }
    let limit = configuration.maximumProcesses
    let place: Place = processes.wait { state in
      if mayReuse, let index = state.idle.lastIndex(where: { $0.key == key }) {
        return .reuse(state.idle.remove(at: index))
      }
      if state.alive < limit {
        state.alive += 1
        return .start(instead: nil)
      }
      return state.idle.isEmpty ? nil : .start(instead: state.idle.removeFirst())
    }
    switch place {
    case .reuse(let worker): return worker
    case .start(let other):
      other?.retire()
      return nil
    }
  }

  private func start(_ key: WorkerKey, _ plan: LaunchPlan) throws(Failure) -> WorkerProcess {
    do throws(SystemError) { return try WorkerProcess(key, plan, configuration) } catch {
      throw Failure(.load, "no worker can be started: \(error)")
    }
  }

  private func checkIn(_ worker: WorkerProcess) {
    let surplus: WorkerProcess? = processes.with(announcing: true) { state in
      state.idle.append(worker)
      return state.idle.count > configuration.maximumIdle ? state.idle.removeFirst() : nil
    }
    if let surplus { retire(surplus) }
  }

  private func retire(_ worker: WorkerProcess) {
    worker.retire()
    processes.with(announcing: true) { $0.alive -= 1 }
  }

  /// Kills one that is of no further use.
  private func discard(_ worker: WorkerProcess) {
    _ = worker.end()
    processes.with(announcing: true) { $0.alive -= 1 }
  }

  // MARK: - Mailboxes

  private func open(for calls: [Invocation]) throws(SystemError) -> Mailbox {
    let mailbox: Mailbox
    if let free = mailboxes.withLock({ $0.free.popLast() }) { mailbox = free } else { mailbox = try Mailbox() }
    mailbox.open(for: calls.map(\.id))
    mailboxes.withLock { $0.open.append(mailbox) }
    return mailbox
  }

  private func close(_ mailbox: Mailbox) {
    mailboxes.withLock { state in
      state.open.removeAll { $0 === mailbox }
      mailbox.close()
      state.free.append(mailbox)
    }
  }
}

extension WorkerProcess {
  /// Loads on behalf of a batch: what is printed goes to its first attempt, and its cancellation is heard.
  fileprivate func load(
    _ plan: LaunchPlan, limit: Duration, for batch: Batch, _ waiting: [Int]
  ) throws(Failure) {
    try load(
      plan, limit: limit, mail: batch.mailbox.descriptor,
      lines: { level, text in
        if let first = waiting.first { batch.log(first, level, text, at: batch.wallClock) }
      },
      mustStop: { batch.stopsLoading(waiting) })
  }
}
