internal import Processes
internal import Tasks
internal import Values

/// Which code a task runs: part of its key (docs/ARCHITECTURE.md). Two builds of unchanged sources have one identity.
///
/// A shared object counts with its loaded sections, and so do the libraries that it brings in. The system's C and C++
/// runtime (`runtime` below) counts with name and build id only: it is the same for every task of the machine, and
/// reading megabytes of it says no more than the id that its distributor gave it.
struct CodeIdentity: Sendable {
  let cache: CacheDirectory
  /// The directory with the `assay` package, or nil.
  let pythonKit: String?

  private static let runtime = [
    "libc.so", "libm.so", "libmvec.so", "libpthread.so", "libdl.so", "librt.so", "libutil.so", "libresolv.so",
    "ld-linux", "libgcc_s.so", "libstdc++.so", "linux-vdso",
  ]

  /// An identity, and the parts that it was computed from.
  struct Code {
    var identity: Digest
    var parts: [CodePart]
  }

  /// The identity of a shared object and its libraries. Remembered by stamp; otherwise O(size).
  func sharedObject(_ path: String, libraries: [String]) throws(SystemError) -> Code {
    try code("so", path, try identity(path).hex, libraries)
  }

  /// The identity of a manifest of functions: what it says, the libraries that it names, and the bridge that calls them.
  func functions(_ source: PluginSource, libraries: [String]) throws(SystemError) -> Code {
    try code("functions", source.path, source.program?.identity.hex ?? "", libraries)
  }

  private func code(
    _ kind: String, _ path: String, _ own: String, _ libraries: [String]
  ) throws(SystemError) -> Code {
    var found: Set<CodePart> = []
    for library in libraries where Files.realPath(library) != Files.realPath(path) {
      let name = Files.name(of: library)
      if Self.runtime.contains(where: name.hasPrefix) {
        found.insert(CodePart(.runtime, name, buildID(library)))
      } else {
        found.insert(CodePart(.library, name, try identity(library).hex))
      }
    }
    let parts = found.sorted { ($0.name, $0.identity) < ($1.name, $1.identity) }
    var hasher = Hasher256()
    hasher.update("assay.code/1 \(kind)\n\(own)\n")
    for part in parts { hasher.update("\(part.name) \(part.identity)\n") }
    return Code(identity: hasher.digest(), parts: [CodePart(.plugin, Files.name(of: path), own)] + parts)
  }

  private func identity(_ path: String) throws(SystemError) -> Digest {
    let text = try remembered("code", path) { bytes in
      ELFImage(bytes)?.identity.hex ?? Hasher256.digest(bytes).hex
    }
    return Digest(hex: text) ?? Hasher256.digest(Array(text.utf8))
  }

  /// Empty for what is no file (`linux-vdso`).
  private func buildID(_ path: String) -> String {
    (try? remembered("build", path) { ELFImage($0)?.buildID ?? Hasher256.digest($0).hex }) ?? ""
  }

  private func remembered(
    _ kind: String, _ path: String, _ compute: ([UInt8]) -> String
  ) throws(SystemError) -> String {
    guard let stamp = Files.stamp(path) else { throw SystemError("read \(path)") }
    let name = "\(kind)-\(Hasher256.digest(Array(path.utf8)).short)"
    let key = "\(stamp.text) \(path)"
    if let known = cache.get(name, stamp: key) { return String(decoding: known, as: UTF8.self) }
    let text = compute(try Files.read(path))
    if !stamp.isFresh { cache.put(name, stamp: key, Array(text.utf8)) }
    return text
  }

  // MARK: - Python

  /// The identity of a Python file: its source, the local modules that it imports, the kit, and what it runs in.
  func python(_ path: String, _ interpreter: Interpreter?) throws(SystemError) -> Code {
    var hasher = Hasher256()
    hasher.update("assay.code/1 python\n\(interpreter?.version ?? "") \(interpreter?.lock.hex ?? "")\n")
    var parts: [CodePart] = []
    for (index, file) in try PythonModules.files(of: path).enumerated() {
      let digest = Hasher256.digest(file.bytes).hex
      hasher.update("\(file.name) \(digest)\n")
      parts.append(CodePart(index == 0 ? .plugin : .module, file.name, digest))
    }
    if let kit = pythonKit.map({ $0 + "/assay" }) {
      for file in PythonModules.tree(kit) {
        let digest = Hasher256.digest(try Files.read(kit + "/" + file)).hex
        hasher.update("kit \(file) \(digest)\n")
        parts.append(CodePart(.kit, file, digest))
      }
    }
    if let interpreter {
      parts.append(CodePart(.interpreter, "python", interpreter.version))
      for package in interpreter.packages {
        let name = String(package.prefix { $0 != "=" && $0 != "@" && $0 != " " })
        parts.append(CodePart(.package, name, String(package.dropFirst(name.count).drop { "=@ ".contains($0) })))
      }
    }
    return Code(identity: hasher.digest(), parts: parts)
  }
}

/// The modules beside a Python file that it imports, directly or not.
///
/// Found by reading the import statements; a module that is imported by a name computed at run time is not seen.
enum PythonModules {
  struct File {
    /// Relative to the directory of the first file.
    var name: String
    var bytes: [UInt8]
  }

  /// The file and its modules, sorted by name behind the file itself.
  static func files(of path: String) throws(SystemError) -> [File] {
    let directory = Files.directory(of: path)
    var found: [String: File] = [:]
    let first = File(name: Files.name(of: path), bytes: try Files.read(path))
    var open = imports(first.bytes)
    var seen: Set<String> = []
    while let module = open.popLast() {
      guard seen.insert(module).inserted else { continue }
      for name in names(of: module, in: directory) where name != first.name && found[name] == nil {
        let file = File(name: name, bytes: try Files.read(directory + "/" + name))
        found[name] = file
        open += imports(file.bytes)
      }
    }
    return [first] + found.values.sorted { $0.name < $1.name }
  }

  /// The stamps of all these files: what a remembered answer about the file depends on.
  static func stamps(of path: String) throws(SystemError) -> (text: String, isFresh: Bool) {
    let directory = Files.directory(of: path)
    var text = ""
    var isFresh = false
    for file in try files(of: path) {
      guard let stamp = Files.stamp(directory + "/" + file.name) else { continue }
      text += "\(file.name) \(stamp.text);"
      isFresh = isFresh || stamp.isFresh
    }
    return (text, isFresh)
  }

  /// A module `a` is `a.py` or the package `a/`, of which all files count.
  private static func names(of module: String, in directory: String) -> [String] {
    if Files.stamp("\(directory)/\(module).py")?.isRegular == true { return [module + ".py"] }
    guard Files.stamp("\(directory)/\(module)/__init__.py")?.isRegular == true else { return [] }
    return tree("\(directory)/\(module)").map { "\(module)/\($0)" }
  }

  /// The Python files below a directory, sorted.
  static func tree(_ directory: String, depth: Int = 0) -> [String] {
    guard depth < 16 else { return [] }
    return Files.list(directory).flatMap { name -> [String] in
      if name.hasSuffix(".py") { return [name] }
      guard !name.hasPrefix("."), name != "__pycache__", Files.stamp("\(directory)/\(name)")?.isDirectory == true
      else { return [] }
      return tree("\(directory)/\(name)", depth: depth + 1).map { "\(name)/\($0)" }
    }
  }

  /// The first words of the modules that a source imports: `import a.b as c, d` and `from a.b import c`. What looks
  /// like an import inside a text is taken for one, which does no harm.
  static func imports(_ source: [UInt8]) -> [String] {
    var result: [String] = []
    for line in source.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D || $0 == 0x3B }) {
      let words = String(decoding: line, as: UTF8.self).split(whereSeparator: { $0 == " " || $0 == "\t" })
      guard let keyword = words.first, keyword == "import" || keyword == "from", words.count > 1 else { continue }
      let rest = words.dropFirst().joined(separator: " ")
      let modules = keyword == "import" ? rest.split(separator: ",").map(String.init) : [String(words[1])]
      for module in modules {
        let name = module.drop { $0 == " " || $0 == "." }.prefix { $0 != "." && $0 != " " && $0 != "(" && $0 != "#" }
        if !name.isEmpty { result.append(String(name)) }
      }
    }
    return result
  }
}
