internal import Artifacts
internal import Events
internal import Execution
internal import Foundation
internal import Traces
internal import Values

/// Artifacts and trace of one `.assay` directory.
struct Store: Sendable {
  let directory: String
  let artifacts: ArtifactStore
  /// Nil: opened for reading.
  let journal: Journal?
  let trace: Trace

  /// Opens or creates a store as its only writer.
  init(writing directory: String, _ durability: Durability) throws(WorkspaceError) {
    self.directory = directory
    do throws(StoreError) {
      artifacts = try ArtifactStore(directory: directory, isWriter: false, synchronises: durability != .normal)
    } catch {
      throw WorkspaceError(error)
    }
    do throws(StoreError) { try artifacts.make() } catch {
      throw WorkspaceError(
        .store, "cannot create the store: \(error)", help: "`ASSAY_STORE` names another place for it")
    }
    do throws(TraceError) {
      let journal = try Journal(path: Self.trace(directory), durability: durability) { [artifacts] in
        artifacts.encode($0)
      }
      self.journal = journal
      trace = try Trace(path: Self.trace(directory), journal: journal)
    } catch {
      throw WorkspaceError(error)
    }
    // Only now, with the journal's lock: the writer alone may clean up what a dead one left behind.
    do throws(StoreError) { try artifacts.prepare() } catch { throw WorkspaceError(error) }
  }

  /// Opens a store beside its writer, or without one.
  init(reading directory: String) throws(WorkspaceError) {
    self.directory = directory
    journal = nil
    guard Layout.exists(Self.trace(directory)) else {
      throw WorkspaceError(
        .notFound, "there is no store at \(directory) yet", help: "`assay run FILE` makes one")
    }
    do throws(TraceError) { trace = try Trace(path: Self.trace(directory)) } catch { throw WorkspaceError(error) }
    do throws(StoreError) {
      artifacts = try ArtifactStore(directory: directory, isWriter: false)
    } catch {
      throw WorkspaceError(error)
    }
  }

  private static func trace(_ directory: String) -> String { directory + "/trace.db" }
}

extension WorkspaceError {
  init(_ error: TraceError) {
    switch error.code {
    case .locked(let process):
      let holder = error.holder ?? StoreHolder(process: process, command: "", since: nil)
      self.init(
        .store, "the store is in use by another engine (\(holder.words))",
        help: "wait for it (`--wait`), stop it (`kill -INT \(process)`), or use another store with `ASSAY_STORE`")
      isLocked = true
    case .full: self.init(.store, "\(error)", help: "make room on the disk, then go on with `assay run … --resume`")
    case .newer: self.init(.store, "\(error)", help: "use the version of Assay that wrote this store")
    default: self.init(.store, "\(error)")
    }
  }

  init(_ error: StoreError) {
    switch error.code {
    case .full: self.init(.store, "\(error)", help: "make room on the disk, then go on with `assay run … --resume`")
    case .unreadable, .unsupported: self.init(.notFound, "\(error)")
    default: self.init(.store, "\(error)")
    }
  }
}

/// The executor's view of a store.
struct StoreMemory: RunMemory {
  let store: Store
  let journal: Journal

  func persist(_ value: Value, consuming: Bool) throws(StoreFailure) -> Value {
    do throws(StoreError) { return try store.artifacts.persist(value, consuming: consuming) } catch {
      throw StoreFailure(WorkspaceError(error))
    }
  }

  func digest(_ value: Value) -> Digest? { store.artifacts.digest(of: value) }

  func reusable(_ keys: [Digest]) -> [Recorded?] {
    // A result that cannot be read is as good as none: the task runs again.
    guard let found = try? store.trace.reusable(keys) else { return keys.map { _ in nil } }
    return found.map { found in
      guard let found, let outputs = store.decode(found.outputs) else { return nil }
      return Recorded(run: found.run, at: found.at, outputs: outputs)
    }
  }

  func altered(_ value: Value) -> [Digest] {
    // What cannot be looked at fails where it is used.
    (try? store.artifacts.altered(in: value)) ?? []
  }

  func append(_ events: [Event]) {
    // A journal that has failed refuses; `commit` says why.
    _ = try? journal.append(events)
  }

  func commit() throws(StoreFailure) {
    do throws(TraceError) { try journal.flush() } catch { throw StoreFailure(WorkspaceError(error)) }
  }

  var isFailed: Bool { journal.failure != nil }
}

extension StoreFailure {
  /// In one line: what is wrong, and what to do.
  fileprivate init(_ error: WorkspaceError) {
    self.init(error.help.isEmpty ? error.message : "\(error.message); \(error.help)")
  }
}

extension Store {
  /// Outputs as they lie in the trace; nil when one of them cannot be had any more.
  func decode(_ outputs: StoredOutputs) -> [Value?]? {
    var values: [Value?] = []
    for output in outputs {
      guard let output else {
        values.append(nil)
        continue
      }
      guard let value = try? artifacts.decode(output) else { return nil }
      values.append(value)
    }
    return values
  }
}
