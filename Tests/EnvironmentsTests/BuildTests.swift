import Environments
import Glibc
import Processes
import Synchronization
import Tasks
import Testing
import Values

/// A directory that is removed at the end of a test.
final class Scratch {
  let path: String

  init() throws {
    path = "/tmp/assay-environments-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    try Files.makeDirectory(path)
  }

  deinit { try? Files.remove(path) }

  func write(_ name: String, _ text: String, executable: Bool = false) throws -> String {
    let file = path + "/" + name
    try Files.makeDirectory(Files.directory(of: file))
    try Files.writeAtomically(file, Array(text.utf8))
    if executable { chmod(file, 0o755) }
    return file
  }

  /// A wheel of a package `assay-tiny` with one module, built without pip or network.
  func wheel(version: String = "1.0") throws -> String {
    let path = self.path + "/assay_tiny-\(version)-py3-none-any.whl"
    let script = """
      import zipfile, sys
      with zipfile.ZipFile(sys.argv[1], 'w') as z:
          d = 'assay_tiny-\(version).dist-info/'
          z.writestr('assay_tiny.py', 'answer = 42\\n')
          z.writestr(d + 'METADATA', 'Metadata-Version: 2.1\\nName: assay-tiny\\nVersion: \(version)\\n')
          z.writestr(d + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
          z.writestr(d + 'RECORD', 'assay_tiny.py,,\\n' + d + 'METADATA,,\\n' + d + 'WHEEL,,\\n' + d + 'RECORD,,\\n')
      """
    let result = try Command(["/usr/bin/python3", "-c", script, path]).run { _ in }
    #expect(result.succeeded)
    return path
  }
}

/// Only Debian's Python is in sight, so that results do not depend on the machine's other ones.
let plain = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PIP_NO_INDEX": "1"]

@Suite(.serialized) struct BuildTests {
  @Test func withoutDependenciesTheBaseInterpreterIsUsed() throws {
    let scratch = try Scratch()
    let file = try scratch.write("t.py", "import os\n")
    let environments = Environments(directory: scratch.path + "/env", variables: plain)
    let interpreter = try environments.interpreter(forFile: file)
    #expect(Files.realPath(interpreter.executable) == Files.realPath("/usr/bin/python3"))
    #expect(interpreter.version.hasPrefix("3."))
    if let library = interpreter.library { #expect(Files.stamp(library)?.isRegular == true) }
    #expect(try environments.interpreter(forFile: file) == interpreter)
    #expect(!Files.list(scratch.path + "/env").contains { $0.hasPrefix("python-") && !$0.contains("%") })
  }

  @Test func dependenciesGetAnEnvironmentOnce() throws {
    let scratch = try Scratch()
    let wheel = try scratch.wheel()
    let file = try scratch.write(
      "t.py", "# /// script\n# dependencies = [\"Assay.Tiny @ file://\(wheel)\"]\n# ///\n")
    let environments = Environments(directory: scratch.path + "/env", variables: plain)
    // Two at once: one builds, the other waits and finds it.
    let results = Mutex<[Interpreter]>([])
    let lines = Mutex<[String]>([])
    inParallel(2) {
      do {
        let one = try environments.interpreter(forFile: file) { line in lines.withLock { $0.append(line) } }
        results.withLock { $0.append(one) }
      } catch { Issue.record(error) }
    }
    let found = results.withLock { $0 }
    try #require(found.count == 2)
    #expect(found[0] == found[1])
    #expect(lines.withLock { $0.filter { $0.hasPrefix("creating") }.count } == 1)
    var said: [String] = []
    let check = try Command([found[0].executable, "-I", "-c", "import assay_tiny; print(assay_tiny.answer)"])
      .run { said.append($0) }
    #expect(check.succeeded && said == ["42"])
    var again: [String] = []
    #expect(try environments.interpreter(forFile: file) { again.append($0) } == found[0])
    #expect(again.isEmpty)

    // What is installed is part of the identity, the place is not rebuilt for another file with the same needs.
    let other = try scratch.write("u.py", "# /// script\n# dependencies = [\"assay_tiny @ file://\(wheel)\"]\n# ///\n")
    #expect(try environments.interpreter(forFile: other) == found[0])
    #expect(found[0].lock != (try environments.interpreter(for: ScriptMetadata())).lock)
  }

  @Test func anInterruptedBuildIsReplaced() throws {
    let scratch = try Scratch()
    let wheel = try scratch.wheel()
    let metadata = ScriptMetadata(dependencies: ["assay-tiny @ file://\(wheel)"])
    let environments = Environments(directory: scratch.path + "/env", variables: plain)
    let first = try environments.interpreter(for: metadata)
    let place = Files.directory(of: Files.directory(of: first.executable))
    try Files.remove(place + "/assay-lock.txt")
    try Files.remove(place + "/bin/python")
    _ = try scratch.write("env/" + Files.name(of: place) + "/half", "built")
    #expect(try environments.interpreter(for: metadata) == first)
    #expect(Files.stamp(place + "/half") == nil)
  }

  @Test func aFailingInstallationIsOneErrorAndLeavesNothing() throws {
    let scratch = try Scratch()
    let environments = Environments(directory: scratch.path + "/env", variables: plain)
    let metadata = ScriptMetadata(dependencies: ["assay-no-such-package==9"])
    let error = #expect(throws: EnvironmentError.self) {
      try environments.interpreter(for: metadata, file: "tasks/t.py")
    }
    #expect(error?.code == .installation)
    #expect(error?.file == "tasks/t.py")
    #expect(error?.message.contains("assay-no-such-package") == true, "\(String(describing: error))")
    #expect(error?.detail.isEmpty == false)
    #expect(
      !Files.list(scratch.path + "/env").contains {
        $0.hasPrefix("python-") && Files.stamp(scratch.path + "/env/" + $0)?.isDirectory == true
      })
  }

  @Test func theUserChoosesInstallerAndItsOptions() throws {
    let scratch = try Scratch()
    _ = try scratch.wheel()
    let uv = try scratch.write("bin/uv", "#!/bin/sh\necho no >&2\nexit 1\n", executable: true)
    let variables = plain.merging(["PATH": Files.directory(of: uv) + ":/usr/bin:/bin"]) { $1 }
    let choice = PythonChoice(installer: .pip, installOptions: ["--find-links", scratch.path])
    func environments(_ choice: PythonChoice) -> Environments {
      Environments(directory: scratch.path + "/env", choice: choice, variables: variables)
    }
    let metadata = ScriptMetadata(dependencies: ["assay-tiny"])
    // Only the option says where the package is, and only pip works.
    #expect(try environments(choice).interpreter(for: metadata).executable.hasPrefix(scratch.path))
    for installer in [PythonChoice.Installer.auto, .uv] {
      var other = choice
      other.installer = installer
      other.installOptions.append("--quiet")
      let error = #expect(throws: EnvironmentError.self) { try environments(other).interpreter(for: metadata) }
      #expect(error?.code == .creation)
    }
    let missing = #expect(throws: EnvironmentError.self) {
      try Environments(directory: scratch.path, choice: PythonChoice(installer: .uv), variables: plain)
        .interpreter(for: metadata)
    }
    #expect(missing?.message == "`python.installer` is uv, which is not in PATH")
  }

  @Test func noSuitableInterpreterListsWhatThereIs() throws {
    let scratch = try Scratch()
    let environments = Environments(directory: scratch.path, variables: plain)
    let metadata = ScriptMetadata(requiresPython: VersionSpecifier(">=3.99"))
    let error = #expect(throws: EnvironmentError.self) { try environments.interpreter(for: metadata, file: "t.py") }
    #expect(error?.code == .interpreter)
    #expect(error?.message == "no interpreter satisfies Python >=3.99")
    #expect(error?.detail.contains { $0.contains("/usr/bin/python3") } == true)
    #expect(error?.detail.last?.contains("python.interpreter") == true)
  }

  @Test func aMissingNamedInterpreterIsAnError() throws {
    let scratch = try Scratch()
    let choice = PythonChoice(preferred: ("/no/python", "ASSAY_PYTHON"))
    let error = #expect(throws: EnvironmentError.self) {
      try Environments(directory: scratch.path, choice: choice, variables: plain).interpreter(for: ScriptMetadata())
    }
    #expect(error?.message.contains("/no/python") == true)
  }

  @Test func aProgramThatIsNoPythonIsPassedOver() throws {
    let scratch = try Scratch()
    let fake = try scratch.write("bin/python3", "#!/bin/sh\necho hello\n", executable: true)
    let variables = plain.merging(["PATH": Files.directory(of: fake) + ":/usr/bin:/bin"]) { $1 }
    let finder = InterpreterFinder(variables: variables, cacheDirectory: scratch.path)
    #expect(finder.probe(fake) == nil)
    #expect(try finder.find(nil, file: "").executable.hasPrefix("/usr/bin/"))
  }

  @Test func aDamagedProbeCacheIsAMiss() throws {
    let scratch = try Scratch()
    let finder = InterpreterFinder(variables: plain, cacheDirectory: scratch.path)
    let first = try finder.find(nil, file: "")
    let entries = Files.list(scratch.path)
    #expect(!entries.isEmpty)
    for entry in entries {
      var bytes = try Files.read(scratch.path + "/" + entry)
      bytes[bytes.count - 2] ^= 1
      try Files.writeAtomically(scratch.path + "/" + entry, bytes)
    }
    #expect(try finder.find(nil, file: "") == first)
  }

  @Test func unreadableFileIsOneError() throws {
    let scratch = try Scratch()
    let error = #expect(throws: EnvironmentError.self) {
      try Environments(directory: scratch.path, variables: plain).interpreter(forFile: scratch.path + "/none.py")
    }
    #expect(error?.description.contains("cannot be read: No such file") == true)
  }
}

/// Runs `body` on `count` threads at once.
func inParallel(_ count: Int, _ body: @escaping @Sendable () -> Void) {
  var threads: [pthread_t] = []
  for _ in 0..<count {
    let box = Unmanaged.passRetained(Box(body))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { raw in
        if let raw { Unmanaged<Box>.fromOpaque(raw).takeRetainedValue().body() }
        return nil
      }, box.toOpaque())
    if status == 0 { threads.append(thread) } else { box.release() }
  }
  for thread in threads { pthread_join(thread, nil) }
}

private final class Box {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
