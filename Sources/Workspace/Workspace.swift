internal import Artifacts
internal import Environments
internal import Plugins
internal import Synchronization
package import Tasks
internal import Traces
internal import Workers

/// A project: its documents, plugins and store, and what can be done with them.
///
/// Nothing is opened, started or written before a use case needs it. Thread-safe.
package final class Workspace: Sendable {
  /// The version of the engine, as `assay version` prints it.
  package static let version = "0.1.0"

  package let layout: Layout
  /// Told about long work that is no run, such as installing a Python environment. Any thread.
  let notice: @Sendable (String) -> Void
  let environments: Environments
  /// Hosts tasks of `isolation inline` in this process.
  let inline = InlineRunner()
  private let parts = Mutex<Parts>(Parts())

  private struct Parts {
    var pool: WorkerPool?
    var catalog: Catalog?
    var store: Store?
  }

  package init(layout: Layout = Layout(), notice: @escaping @Sendable (String) -> Void = { _ in }) {
    self.layout = layout
    self.notice = notice
    environments = Environments(directory: layout.cache + "/environments", choice: layout.pythonChoice)
  }

  /// Ends all worker processes and closes the store.
  package func close() {
    let (pool, store) = parts.withLock { parts in
      defer { parts = Parts() }
      return (parts.pool, parts.store)
    }
    pool?.shutDown()
    store?.journal?.close()
    store?.artifacts.leave()
  }

  /// The worker processes.
  func workers() throws(WorkspaceError) -> WorkerPool {
    let installation = layout.installation
    guard let worker = installation.worker else {
      throw WorkspaceError(
        .plugin, "cannot find `assay-worker`, the program that hosts plugins",
        help: "it belongs beside the `assay` executable; `ASSAY_LIBEXEC` names another folder")
    }
    return parts.withLock { parts in
      if let pool = parts.pool { return pool }
      let pool = WorkerPool(
        WorkerConfiguration(
          worker: worker, bridge: installation.pythonBridge, functions: installation.functionsBridge,
          sdk: installation.pythonKit))
      parts.pool = pool
      return pool
    }
  }

  /// Runs attempts outside any run: for benchmarks and checks of plugins.
  package func runner() throws(WorkspaceError) -> any TaskRunner { try workers() }

  /// The plugins that are there.
  func catalog() throws(WorkspaceError) -> Catalog {
    let pool = try workers()
    return parts.withLock { parts in
      if let catalog = parts.catalog { return catalog }
      let catalog = Catalog(
        directories: layout.pluginDirectories, cacheDirectory: layout.cache + "/plugins",
        engineVersion: Self.version, pythonKit: layout.installation.pythonKit
      ) { source throws(Failure) in
        try pool.describe(source)
      }
      parts.catalog = catalog
      return catalog
    }
  }

  /// The store, to be written; opened once. Throws when another engine has it.
  func writableStore(_ durability: Durability) throws(WorkspaceError) -> Store {
    let open = parts.withLock { $0.store }
    if let open, open.journal != nil { return open }
    let store: Store
    do throws(WorkspaceError) { store = try Store(writing: layout.store, durability) } catch {
      throw error.isLocked ? sayingWhatRuns(error) : error
    }
    parts.withLock { $0.store = store }
    return store
  }

  /// The store, to be read. Throws `notFound` when there is none.
  func readableStore() throws(WorkspaceError) -> Store {
    if let store = parts.withLock({ $0.store }) { return store }
    let store = try Store(reading: layout.store)
    parts.withLock { $0.store = store }
    return store
  }
}
