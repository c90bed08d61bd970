internal import CHost
internal import CProcess
internal import Calls
internal import Glibc
internal import Processes
internal import Synchronization
package import Tasks
internal import Values

/// Runs tasks in the engine's own process: only what the engine ships or the user trusts. Thread-safe.
///
/// There is no protection: a task that crashes takes the engine with it, one that hangs keeps its thread. A time limit
/// raises the flag and calls `cancel()`, and can do no more. A plugin runs one call at a time.
package final class InlineRunner: TaskRunner {
  private let plugins = Mutex<[String: InlinePlugin]>([:])
  private let board = InlineBoard()

  package init() {}

  package func run(_ calls: [Invocation], observer: any AttemptObserver) -> [Outcome] {
    guard let first = calls.first else { return [] }
    let plugin: InlinePlugin
    do throws(Failure) { plugin = try open(first.task.source) } catch {
      return calls.map { Outcome(id: $0.id, result: .failure(error)) }
    }
    let batch = board.enter(calls)
    defer { board.leave(batch) }
    if calls.count <= InlineExchange.window { return InlineExchange(calls, observer, board, batch).run(on: plugin) }
    var outcomes: [Outcome] = []
    outcomes.reserveCapacity(calls.count)
    for start in stride(from: 0, to: calls.count, by: InlineExchange.window) {
      let part = Array(calls[start..<min(calls.count, start + InlineExchange.window)])
      outcomes += InlineExchange(part, observer, board, batch).run(on: plugin)
    }
    return outcomes
  }

  package func cancel(_ attempt: UInt64, _ urgency: Urgency) { board.cancel(attempt, urgency) }

  package func shutDown() {
    board.stop()
    let open = plugins.withLock { plugins in
      defer { plugins = [:] }
      return Array(plugins.values)
    }
    for plugin in open { plugin.close() }
  }

  private func open(_ source: PluginSource) throws(Failure) -> InlinePlugin {
    guard source.kind == .sharedObject else {
      let what = source.kind == .python ? "Python never runs" : "functions by manifest are never called"
      throw Failure(.unsupported, "\(what) inside the engine: \(source.path) needs `isolation worker` or `fresh`")
    }
    if let plugin = plugins.withLock({ $0[source.path] }) { return plugin }
    // Loading runs foreign code: not under the lock. Should two load it at once, the second one's handle is used.
    let plugin = try InlinePlugin(source.path)
    return plugins.withLock { plugins in
      if let other = plugins[source.path] { return other }
      plugins[source.path] = plugin
      return plugin
    }
  }
}

/// A loaded plugin. `@unchecked`: the handle is used under `lock` only.
final class InlinePlugin: @unchecked Sendable {
  private let handle: OpaquePointer
  private let lock = Mutex(())

  init(_ path: String) throws(Failure) {
    var message: UnsafeMutablePointer<CChar>?
    guard let handle = chost_open(path, nil, nil, &message) else {
      let text = message.map { String(cString: $0) } ?? "out of memory"
      free(message)
      throw Failure(.load, text)
    }
    self.handle = handle
  }

  func alone(_ body: (OpaquePointer) -> Void) { lock.withLock { _ in body(handle) } }

  func close() { lock.withLock { _ in chost_close(handle) } }
}
