internal import Diagnostics
internal import Foundation
internal import Syntax
internal import Tasks
internal import Workflows

/// Loads plugins on threads of their own, so that a slow one (an environment that has to be built) never holds up what
/// somebody types. What was loaded is remembered until `forget`. Thread-safe.
///
/// `@unchecked`: everything mutable is guarded by `condition`.
final class PluginLoader: @unchecked Sendable {
  enum Key: Hashable, Sendable {
    case id(String)
    case path(String)
  }
  typealias Tasks = Result<[String: InstalledTask], LoadProblem>

  /// How long a check waits for a plugin that is loaded for the first time, in seconds.
  private static let patience = 0.3

  private let library: any Library & Sendable
  /// Called, from any thread, when a plugin is ready that a check did not wait for.
  private let ready: @Sendable () -> Void
  /// Guards everything below.
  private let condition = NSCondition()
  private var known: [Key: Tasks] = [:]
  /// What is being loaded, and whether a check gave up waiting for it.
  private var loading: [Key: Bool] = [:]
  private var generation = 0

  init(_ library: any Library & Sendable, ready: @escaping @Sendable () -> Void) {
    self.library = library
    self.ready = ready
  }

  /// Files may have changed: everything is asked for again. What was known stays so until the new answer is there.
  func forget() {
    condition.lock()
    generation += 1
    known = [:]
    condition.unlock()
  }

  /// Some answer is not there yet.
  var isLoading: Bool {
    condition.lock()
    defer { condition.unlock() }
    return !loading.isEmpty
  }

  /// `pending` while it is not there yet.
  func tasks(_ key: Key) -> Tasks {
    condition.lock()
    defer { condition.unlock() }
    if let known = known[key] { return known }
    if loading[key] == nil {
      loading[key] = false
      let generation = generation
      Thread.detachNewThread { [self] in load(key, generation) }
    }
    let deadline = Date(timeIntervalSinceNow: Self.patience)
    // A plugin that a check has waited for in vain is not waited for again.
    while known[key] == nil, loading[key] == false, condition.wait(until: deadline) {}
    if let known = known[key] { return known }
    if loading[key] != nil { loading[key] = true }
    return .failure(LoadProblem(.pending, "is being loaded"))
  }

  private func load(_ key: Key, _ started: Int) {
    let result: Tasks =
      switch key {
      case .id(let id): library.plugin(id: id)
      case .path(let path): library.plugin(atPath: path)
      }
    condition.lock()
    let isAwaited = loading.removeValue(forKey: key) ?? false
    // An answer to an older question is thrown away; the next check asks again.
    if started == generation { known[key] = result }
    condition.broadcast()
    condition.unlock()
    if isAwaited || started != generation { ready() }
  }
}

/// What documents may use, seen from an editor: the texts of open documents, then files; plugins when they are ready.
struct EditorLibrary: Library {
  let loader: PluginLoader
  let files: any Library & Sendable
  /// The texts of open documents, by path.
  let open: [String: String]

  func plugin(id: String) -> PluginLoader.Tasks { loader.tasks(.id(id)) }
  func plugin(atPath path: String) -> PluginLoader.Tasks { loader.tasks(.path(path)) }

  func document(atPath path: String) -> Result<SyntaxTree, LoadProblem> {
    if let text = open[path] { return .success(Parser.parse(SourceFile(path: path, text: text))) }
    return files.document(atPath: path)
  }
}
