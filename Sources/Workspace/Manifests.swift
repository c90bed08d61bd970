internal import Diagnostics
internal import Functions
internal import Plugins
internal import Tasks
internal import Values
internal import Workflows

/// A manifest of functions and the plugin that it makes.
struct LoadedManifest {
  var manifest: FunctionManifest
  var plugin: Plugin

  /// Reads the manifest and has a worker open its libraries. Mistakes in it are diagnostics that point into it.
  static func load(_ path: String, _ catalog: Catalog) -> Result<LoadedManifest, LoadProblem> {
    let manifest: FunctionManifest
    switch read(path) {
    case .failure(let problem): return .failure(problem)
    case .success(let found): manifest = found
    }
    let text = manifest.program
    let program = CallProgram(
      text: text, identity: Hasher256.digest(Array(FunctionManifest.identity(ofProgram: text).utf8)),
      files: manifest.libraries.map(\.path).filter { $0.hasPrefix("/") })
    let source = PluginSource(kind: .functions, path: Layout.absolute(path), program: program)
    do throws(PluginError) {
      return .success(LoadedManifest(manifest: manifest, plugin: try catalog.plugin(source)))
    } catch {
      return .failure(problem(error, manifest))
    }
  }

  /// The manifest alone.
  static func read(_ path: String) -> Result<FunctionManifest, LoadProblem> {
    switch FileLibrary.read(path) {
    case .failure(let problem): return .failure(problem)
    case .success(let text):
      let file = SourceFile(path: path, text: text)
      let (manifest, diagnostics) = FunctionManifest.read(file, directory: Layout.folder(of: Layout.absolute(path)))
      guard let manifest else { return .failure(Self.problem(diagnostics)) }
      return .success(manifest)
    }
  }

  private static func problem(_ diagnostics: [Diagnostic]) -> LoadProblem {
    let count = diagnostics.count { $0.severity == .error }
    return LoadProblem(.broken, "it has \(count) error\(count == 1 ? "" : "s")", diagnostics: diagnostics)
  }

  /// The bridge names the places of what it cannot find: `blas.functions.toml:3:8: …`, a line each.
  private static func problem(_ error: PluginError, _ manifest: FunctionManifest) -> LoadProblem {
    let file = manifest.file
    var diagnostics: [Diagnostic] = []
    var text = error.text
    if let end = text.firstRange(of: " (this engine speaks") { text = String(text[..<end.lowerBound]) }
    if let start = text.firstRange(of: "it refused to load: ") { text = String(text[start.upperBound...]) }
    let lines = text.split(separator: "\n").map(String.init)
    for line in lines where line.hasPrefix(file.path + ":") {
      let parts = line.dropFirst(file.path.count + 1).split(separator: ":", maxSplits: 2)
      guard parts.count == 3, let number = Int(parts[0]), let column = Int(parts[1]) else { continue }
      let span = manifest.spanOfPlace(line: number, column: column)
      let message = parts[2].drop { $0 == " " }
      diagnostics.append(
        Diagnostic("E0908", String(message), at: .init(file, span, "not found"), help: help(message)))
    }
    guard diagnostics.isEmpty else { return problem(diagnostics) }
    return LoadProblem(.broken, lines.first ?? text, notes: lines.dropFirst() + error.detail)
  }

  private static func help(_ message: Substring) -> String? {
    message.contains("cannot open shared object")
      ? "a path with a slash is relative to the manifest; a plain name is searched as the system's linker does"
      : nil
  }
}

extension FileLibrary {
  func functions(_ path: String) -> Result<[String: InstalledTask], LoadProblem> {
    LoadedManifest.load(path, catalog).map { loaded in
      Dictionary(loaded.plugin.tasks.map { (loaded.plugin.localName(of: $0.signature), $0) }) { first, _ in first }
    }
  }
}
