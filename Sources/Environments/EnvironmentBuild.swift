internal import Processes

/// One virtual environment: is it there, and how it is made.
struct EnvironmentBuild {
  let place: String
  let python: FoundPython
  let requirements: [String]
  /// More options for the installer.
  let options: [String]
  let file: String
  let variables: [String: String]
  /// Path of `uv`, or nil: venv and pip.
  let uv: String?

  var executable: String { place + "/bin/python" }
  private var mark: String { place + "/assay-lock.txt" }

  /// The lock of a finished environment, or nil. One whose base interpreter has gone is not finished.
  func ready() -> String? {
    guard let text = try? Files.text(mark), text.hasPrefix("python "), Files.isExecutable(executable) else {
      return nil
    }
    return text
  }

  /// Builds it, or waits until another engine has. Gives the lock.
  func make(_ progress: (String) -> Void) throws(EnvironmentError) -> String {
    let held = try takeLock(progress)
    let lock = held.descriptor
    if let text = ready() { return text }
    do throws(EnvironmentError) {
      try remove()
      progress("creating a Python \(python.version) environment")
      try create(lock)
      progress("installing \(requirements.joined(separator: ", "))")
      try install(lock, progress)
      return try finish(lock)
    } catch {
      // A failed removal is the lesser news; the next build tries again.
      _ = try? remove()
      throw error
    }
  }

  /// The installer inherits the lock: should this engine be killed, nobody else touches the place until the installer
  /// has ended too.
  private func takeLock(_ progress: (String) -> Void) throws(EnvironmentError) -> FileLock {
    do throws(SystemError) {
      try Files.makeDirectory(Files.directory(of: place))
      return try FileLock(place + ".lock") { progress("waiting for another engine that builds this environment") }
    } catch {
      throw failed(.creation, "the environment directory cannot be written: \(error)")
    }
  }

  private func remove() throws(EnvironmentError) {
    do throws(SystemError) { try Files.remove(place) } catch {
      throw failed(.creation, "an unfinished environment cannot be removed: \(error)")
    }
  }

  private func create(_ lock: Int32) throws(EnvironmentError) {
    let arguments =
      if let uv { [uv, "venv", "--quiet", "--python", python.executable, place] } else {
        [python.executable, "-I", "-m", "venv", place]
      }
    var said = Tail()
    let ending = try run(arguments, lock) { said.add($0) }
    guard ending.succeeded else {
      throw failed(
        .creation, "no environment could be created with \(python.executable)",
        said.lines + ["on Debian and Ubuntu: `apt install python3-venv`"])
    }
  }

  private func install(_ lock: Int32, _ progress: (String) -> Void) throws(EnvironmentError) {
    let arguments =
      if let uv { [uv, "pip", "install", "--python", executable] + options + requirements } else {
        [executable, "-I", "-m", "pip", "install", "--no-input", "--progress-bar", "off"] + options + requirements
      }
    var said = Tail()
    let result = try run(arguments, lock) { line in
      said.add(line)
      progress(line)
    }
    guard result.succeeded else {
      let errors = said.lines.filter { $0.lowercased().hasPrefix("error") }
      let message = errors.last.map { ": " + String($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) } ?? ""
      throw failed(.installation, "the dependencies could not be installed\(message)", said.lines)
    }
  }

  /// Notes what is installed, which makes the environment exist.
  private func finish(_ lock: Int32) throws(EnvironmentError) -> String {
    let arguments =
      if let uv { [uv, "pip", "freeze", "--quiet", "--python", executable] } else {
        [executable, "-I", "-m", "pip", "freeze", "--quiet"]
      }
    var packages: [String] = []
    let result = try run(arguments, lock) { packages.append($0) }
    guard result.succeeded else {
      throw failed(.installation, "the installed packages could not be listed", Array(packages.suffix(20)))
    }
    let text = "python \(python.version)\n" + packages.sorted().map { $0 + "\n" }.joined()
    do throws(SystemError) { try Files.writeAtomically(mark, Array(text.utf8)) } catch {
      throw failed(.creation, "the environment cannot be completed: \(error)")
    }
    return text
  }

  private func run(
    _ arguments: [String], _ lock: Int32, _ line: (String) -> Void
  ) throws(EnvironmentError) -> Command.Result {
    var environment = variables
    environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    environment["PYTHONUNBUFFERED"] = "1"
    // Settings of the user's own session must not leak into what is built.
    for name in ["PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"] {
      environment[name] = nil
    }
    do throws(SystemError) {
      return try Command(arguments, environment: environment, inherited: lock).run(line)
    } catch {
      throw failed(.creation, "\(error)")
    }
  }

  private func failed(_ code: EnvironmentError.Code, _ message: String, _ detail: [String] = []) -> EnvironmentError {
    EnvironmentError(code, message, detail: detail, file: file)
  }
}

/// The last lines that a program said.
private struct Tail {
  private(set) var lines: [String] = []

  mutating func add(_ line: String) {
    guard !line.allSatisfy(\.isWhitespace) else { return }
    lines.append(line)
    if lines.count > 20 { lines.removeFirst() }
  }
}
