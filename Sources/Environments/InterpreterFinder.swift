internal import Processes

/// A Python that is on this machine.
package struct FoundPython: Sendable, Hashable {
  /// `sys.executable`, symbolic links kept (a link may be a virtual environment).
  package var executable: String
  package var version: PythonVersion
  /// Shared libpython, or nil.
  package var library: String?
}

/// Looks for interpreters: the preferred one, `python3` and `python3.N` in `PATH`, pyenv's versions.
package struct InterpreterFinder: Sendable {
  /// The oldest Python that the SDK supports.
  package static let oldest = [3, 9]

  /// As in `PythonChoice`.
  let preferred: (program: String, origin: String)?
  let variables: [String: String]
  let cache: CacheDirectory

  /// `variables`: the process's environment, or a test's.
  package init(
    preferred: (program: String, origin: String)? = nil, variables: [String: String], cacheDirectory: String
  ) {
    self.preferred = preferred
    self.variables = variables
    cache = CacheDirectory(cacheDirectory)
  }

  /// The first interpreter that satisfies `specifier`, in the order of search.
  package func find(_ specifier: VersionSpecifier?, file: String) throws(EnvironmentError) -> FoundPython {
    var notes: [String] = []
    var seen: Set<String> = []
    if let preferred, locate(preferred.program) == nil {
      throw EnvironmentError(
        .interpreter, "\(preferred.origin) names the Python `\(preferred.program)`, which is not a program",
        detail: ["correct or remove it"])
    }
    for candidate in candidates() {
      guard let real = Files.realPath(candidate), seen.insert(real).inserted else { continue }
      guard let python = probe(candidate) else {
        notes.append("\(candidate): does not answer as a Python")
        continue
      }
      if PythonVersion.order(python.version.numbers, Self.oldest) < 0 {
        notes.append("\(python.version) \(candidate): too old for Assay")
      } else if let specifier, !specifier.accepts(python.version) {
        notes.append("\(python.version) \(candidate)")
      } else {
        return python
      }
    }
    throw nothing(specifier, file: file, found: notes)
  }

  private func nothing(_ specifier: VersionSpecifier?, file: String, found: [String]) -> EnvironmentError {
    let wanted = specifier.map { "Python \($0)" } ?? "Python >=\(Self.oldest.map(String.init).joined(separator: "."))"
    var detail = found.isEmpty ? ["no Python was found on this machine"] : ["found:"] + found.map { "  " + $0 }
    detail.append(
      "install one (`apt install python3 python3-venv`, or `pyenv install`), or name one with `assay config set python.interpreter`"
    )
    return EnvironmentError(.interpreter, "no interpreter satisfies \(wanted)", detail: detail, file: file)
  }

  /// Paths to try, in order; some may be the same program.
  package func candidates() -> [String] {
    var result: [String] = []
    if let preferred, let path = locate(preferred.program) { result.append(path) }
    if let path = locate("python3") { result.append(path) }
    let directories = (variables["PATH"] ?? "").split(separator: ":").map(String.init)
    for directory in directories {
      for name in newestFirst(Files.list(directory), prefix: "python3.") { result.append(directory + "/" + name) }
    }
    let root = variables["PYENV_ROOT"] ?? variables["HOME"].map { $0 + "/.pyenv" }
    if let versions = root.map({ $0 + "/versions" }) {
      result += newestFirst(Files.list(versions), prefix: "").map { "\(versions)/\($0)/bin/python" }
    }
    return result.filter(Files.isExecutable)
  }

  /// The names that are `prefix` and version numbers, newest version first.
  private func newestFirst(_ names: [String], prefix: String) -> [String] {
    names.compactMap { name -> (PythonVersion, String)? in
      guard name.hasPrefix(prefix), let version = PythonVersion(name.dropFirst(prefix.count)),
        version.text.allSatisfy({ $0.isNumber || $0 == "." })
      else { return nil }
      return (version, name)
    }
    .sorted { $0.0 > $1.0 }.map(\.1)
  }

  /// A path, or the first program of that name in `PATH`.
  package func locate(_ program: String) -> String? {
    if program.contains("/") { return Files.isExecutable(program) ? Files.absolute(program) : nil }
    return (variables["PATH"] ?? "").split(separator: ":").map { "\($0)/\(program)" }.first(where: Files.isExecutable)
  }

  // MARK: - Asking one

  /// Works from Python 2.7 on, so that old ones can be named in messages.
  private static let question = """
    sys, os = __import__('sys'), __import__('os')
    try:
        get = __import__('sysconfig').get_config_var
    except Exception:
        get = lambda name: None
    names = [get('INSTSONAME'), get('LDLIBRARY')]
    places = [get('LIBDIR'), os.path.join(get('LIBDIR') or '', get('MULTIARCH') or ''), get('LIBPL'),
              os.path.join(getattr(sys, 'base_prefix', sys.prefix), 'lib')]
    library = ''
    for name in names:
        for place in places:
            path = os.path.join(place or '', name or '')
            if not library and name and place and '.so' in name and os.path.isfile(path):
                library = os.path.realpath(path)
    print('assay-probe 1')
    print('.'.join(str(n) for n in sys.version_info[:3]))
    print(sys.executable)
    print(library)
    """

  /// What an interpreter says about itself, or nil. Remembered by the program's stamp; scripts (pyenv's shims, whose
  /// answer depends on where and when they are asked) are asked each time. Up to 20 s for one that hangs.
  package func probe(_ path: String) -> FoundPython? {
    guard let real = Files.realPath(path), let stamp = Files.stamp(real) else { return nil }
    let name = "python-" + path.map { $0 == "/" ? "%" : String($0) }.joined()
    let key = "\(real) \(stamp.text)"
    if let text = cache.get(name, stamp: key), let python = read(String(decoding: text, as: UTF8.self)) {
      return python
    }
    var lines: [String] = []
    let command = Command([path, "-I", "-c", Self.question], environment: variables, limit: .seconds(20))
    var result = try? command.run { lines.append($0) }
    if result?.succeeded != true {
      // Python 2 has no -I.
      lines = []
      result = try? Command([path, "-c", Self.question], environment: variables, limit: .seconds(20))
        .run { lines.append($0) }
    }
    guard result?.succeeded == true else { return nil }
    let text = lines.joined(separator: "\n")
    guard let python = read(text) else { return nil }
    let isScript = (try? Files.read(real).prefix(2))?.elementsEqual("#!".utf8) ?? true
    if !isScript && !stamp.isFresh { cache.put(name, stamp: key, Array(text.utf8)) }
    return python
  }

  private func read(_ text: String) -> FoundPython? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(of: "assay-probe 1"), lines.count >= start + 3,
      let version = PythonVersion(lines[start + 1]), lines[start + 2].hasPrefix("/")
    else { return nil }
    let library = lines.count > start + 3 ? String(lines[start + 3]) : ""
    return FoundPython(
      executable: String(lines[start + 2]), version: version, library: library.isEmpty ? nil : library)
  }
}
