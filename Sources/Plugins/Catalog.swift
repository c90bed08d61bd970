internal import Processes
internal import Synchronization
package import Tasks
internal import Values

/// Knows which plugins there are and what their tasks look like. Thread-safe.
///
/// A plugin is never loaded into the engine to be described: a process that exists for this question alone is asked,
/// and its answer is remembered for as long as the file is the same.
package final class Catalog: Sendable {
  /// Asks a plugin for its describe document in a process of its own.
  package typealias Describe = @Sendable (PluginSource) throws(Failure) -> String

  /// Where installed plugins are searched, first match wins.
  package let directories: [String]
  private let engineVersion: String
  private let cache: CacheDirectory
  private let identity: CodeIdentity
  private let describe: Describe
  private let known = Mutex<[PluginSource: (stamp: String, plugin: Plugin)]>([:])

  /// `engineVersion` is part of what a remembered answer is valid for. `pythonKit`: the directory with the `assay`
  /// package, which is part of the identity of Python tasks.
  package init(
    directories: [String], cacheDirectory: String, engineVersion: String, pythonKit: String? = nil,
    describe: @escaping Describe
  ) {
    self.directories = directories
    self.engineVersion = engineVersion
    cache = CacheDirectory(cacheDirectory)
    identity = CodeIdentity(cache: CacheDirectory(cacheDirectory), pythonKit: pythonKit)
    self.describe = describe
  }

  /// The shared object of an installed plugin: `std.table` is `libstd_table.so`.
  package func path(ofPlugin id: String) throws(PluginError) -> String {
    let name = "lib" + id.map { $0 == "." ? "_" : String($0) }.joined() + ".so"
    for directory in directories {
      let path = directory + "/" + name
      if Files.stamp(path)?.isRegular == true { return Files.realPath(path) ?? path }
    }
    throw PluginError(
      .missing, id, "there is no plugin of this name",
      detail: ["searched for \(name) in"] + (directories.isEmpty ? ["no directory at all"] : directories))
  }

  /// The ids that `path(ofPlugin:)` may know, for suggestions: `_` in file names is taken for a dot.
  package var candidates: [String] {
    // A name with a hyphen is no plugin id: the Python bridge lies in the same folder.
    let names = directories.flatMap(Files.list).filter {
      $0.hasPrefix("lib") && $0.hasSuffix(".so") && !$0.contains("-")
    }
    return Set(names.map { $0.dropFirst(3).dropLast(3).map { $0 == "_" ? "." : String($0) }.joined() }).sorted()
  }

  /// The plugin of this id.
  package func plugin(id: String) throws(PluginError) -> Plugin {
    let plugin = try plugin(PluginSource(kind: .sharedObject, path: path(ofPlugin: id)))
    guard plugin.id == id else {
      throw PluginError(.declaration, id, "\(plugin.source.path) calls itself `\(plugin.id)`")
    }
    return plugin
  }

  /// The plugin in a file. A Python source has its interpreter already. Asks a worker only when nothing is remembered:
  /// milliseconds for a shared object, as long as its imports take for Python.
  package func plugin(_ source: PluginSource) throws(PluginError) -> Plugin {
    let stamp: (text: String, isFresh: Bool)
    do throws(SystemError) { stamp = try self.stamp(of: source) } catch {
      throw PluginError(.missing, source.path, error.reason)
    }
    if let plugin = known.withLock({ $0[source] }), plugin.stamp == stamp.text { return plugin.plugin }
    let name = "plugin-\(Hasher256.digest(Array("\(source.path)\n\(source.interpreter?.executable ?? "")".utf8)).short)"
    let key = "\(engineVersion) \(source.path) \(stamp.text)"
    let plugin: Plugin
    if let text = cache.get(name, stamp: key), let remembered = try? read(source, String(decoding: text, as: UTF8.self))
    {
      plugin = remembered
    } else {
      let text = try ask(source)
      plugin = try self.read(source, text)
      if !stamp.isFresh { cache.put(name, stamp: key, Array(text.utf8)) }
    }
    known.withLock { $0[source] = (stamp.text, plugin) }
    return plugin
  }

  private func stamp(of source: PluginSource) throws(SystemError) -> (text: String, isFresh: Bool) {
    guard source.kind == .python else {
      guard let stamp = Files.stamp(source.path) else { throw SystemError("read \(source.path)") }
      guard let program = source.program else { return (stamp.text, stamp.isFresh) }
      let libraries = program.files.map { Files.stamp($0) }
      let texts = [stamp.text, program.identity.hex] + libraries.map { $0?.text ?? "" }
      return (texts.joined(separator: " "), stamp.isFresh || libraries.contains { $0?.isFresh == true })
    }
    let stamps = try PythonModules.stamps(of: source.path)
    let interpreter = source.interpreter.map { "\($0.executable) \($0.version) \($0.lock.hex)" } ?? ""
    return (interpreter + " " + stamps.text, stamps.isFresh)
  }

  private func ask(_ source: PluginSource) throws(PluginError) -> String {
    do throws(Failure) { return try describe(source) } catch {
      let detail = error.detail.split(separator: "\n").map(String.init)
      throw PluginError(.load, source.path, error.message, detail: detail + error.log)
    }
  }

  private func read(_ source: PluginSource, _ text: String) throws(PluginError) -> Plugin {
    let document = try DescribeDocument(text, source: source.path)
    let code: CodeIdentity.Code
    do throws(SystemError) {
      switch source.kind {
      case .sharedObject: code = try identity.sharedObject(source.path, libraries: document.libraries)
      case .functions: code = try identity.functions(source, libraries: document.libraries)
      case .python: code = try identity.python(source.path, source.interpreter)
      }
    } catch {
      throw PluginError(.load, document.id, "its code cannot be read: \(error)")
    }
    return Plugin(
      id: document.id, version: document.version, license: document.license, doc: document.doc, source: source,
      libraries: document.libraries,
      tasks: document.tasks.enumerated().map { index, signature in
        InstalledTask(
          signature: signature, source: source, index: index, code: code.identity, parts: code.parts)
      })
  }
}
