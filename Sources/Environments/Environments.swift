internal import Processes
package import Tasks
internal import Values

/// Finds or builds the Python environment that a file asks for. Thread-safe; several engines may share the directory.
///
/// An environment is built in its final place, because virtual environments cannot be moved, under a lock that the
/// installer itself holds too; it exists once its mark (the lock file of what is installed) was renamed into it.
/// Whatever has no mark is left over from an interrupted build and is removed by the next one.
package struct Environments: Sendable {
  package let directory: String
  package let finder: InterpreterFinder
  let choice: PythonChoice
  let variables: [String: String]

  /// `directory`: created when needed. `variables`: the process's environment, unless a test gives another.
  package init(directory: String, choice: PythonChoice = PythonChoice(), variables: [String: String]? = nil) {
    let variables = variables ?? Command.environment
    self.directory = directory
    self.choice = choice
    self.variables = variables
    finder = InterpreterFinder(preferred: choice.preferred, variables: variables, cacheDirectory: directory)
  }

  /// The interpreter for a Python file: the base one when the file names no dependencies, else that of a virtual
  /// environment with exactly them. `extra`: requirements beyond the file's. `progress` gets a line now and then
  /// while something is installed, which may take minutes.
  package func interpreter(
    forFile path: String, extra: [String] = [], progress: (String) -> Void = { _ in }
  ) throws(EnvironmentError) -> Interpreter {
    let source: String
    do throws(SystemError) {
      source = try Files.text(path)
    } catch {
      throw EnvironmentError(.metadata, "cannot be read: \(error.reason)", file: path)
    }
    let metadata = try ScriptMetadata.parse(source, file: path)
    return try interpreter(for: metadata, file: path, extra: extra, progress: progress)
  }

  package func interpreter(
    for metadata: ScriptMetadata, file: String = "", extra: [String] = [], progress: (String) -> Void = { _ in }
  ) throws(EnvironmentError) -> Interpreter {
    let python = try finder.find(metadata.requiresPython, file: file)
    let requirements = Set((metadata.dependencies + extra).map(Requirement.normalise)).sorted()
    guard !requirements.isEmpty else {
      return Interpreter(
        executable: python.executable, library: python.library, version: python.version.text,
        lock: Self.digest(["python \(python.version)"]))
    }
    let options = choice.installOptions.isEmpty ? [] : ["options"] + choice.installOptions
    let key = Self.digest([python.executable, python.version.text] + requirements + options)
    let place = "\(directory)/python-\(key.hex.prefix(24))"
    let build = EnvironmentBuild(
      place: place, python: python, requirements: requirements, options: choice.installOptions, file: file,
      variables: variables, uv: try uv(file))
    let lock: String
    if let ready = build.ready() { lock = ready } else { lock = try build.make(progress) }
    return Interpreter(
      executable: build.executable, library: python.library, version: python.version.text, lock: Self.digest([lock]),
      packages: lock.split(separator: "\n").dropFirst().map(String.init))
  }

  /// The path of uv if it is to be used.
  private func uv(_ file: String) throws(EnvironmentError) -> String? {
    guard choice.installer != .pip else { return nil }
    let uv = finder.locate("uv")
    guard uv != nil || choice.installer == .auto else {
      throw EnvironmentError(
        .creation, "`python.installer` is uv, which is not in PATH",
        detail: ["install it (`pip install uv`), or `assay config set python.installer auto`"], file: file)
    }
    return uv
  }

  private static func digest(_ parts: [String]) -> Digest {
    var hasher = Hasher256()
    for part in parts { hasher.update("\(part.utf8.count):\(part)") }
    return hasher.digest()
  }
}
