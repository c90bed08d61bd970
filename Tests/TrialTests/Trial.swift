import Events
import Glibc
import Processes
import Synchronization
import Testing
import Traces
import Values

/// All trials: the built `assay` as a real process in a project of its own, as a user meets it.
@Suite struct Trials {}

/// A project in a temporary directory, with its own store and caches. What belongs to it ends with it.
final class Trial: Sendable {
  let path: String
  let store: String
  private let starts = Atomic<Int>(0)

  /// How long a fact may take to become true before the test gives up: no test waits for it to pass.
  static let patience: Duration = .seconds(90)

  init(_ documents: [String: String] = [:]) throws {
    path = "/tmp/assay-trial-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    store = path + "/store"
    try Files.makeDirectory(path)
    for (name, text) in documents { try write(name, text) }
  }

  deinit {
    for process in processes() { kill(process, SIGKILL) }
    try? Files.remove(path)
  }

  // MARK: Files

  func write(_ name: String, _ text: String) throws { try Files.writeAtomically(path + "/" + name, Array(text.utf8)) }

  /// The lines of a file; none while it is not there.
  func lines(_ name: String) -> [String] {
    ((try? Files.text(path + "/" + name)) ?? "").split(separator: "\n").map(String.init)
  }

  /// Blocks until `file` has as many lines.
  func wait(_ count: Int = 1, linesIn file: String) throws -> [String] {
    try wait("\(count) lines in \(file)") { lines(file).count >= count }
    return lines(file)
  }

  func wait(_ what: String, _ fact: () throws -> Bool) throws {
    let clock = ContinuousClock()
    let end = clock.now + Self.patience
    while try !fact() {
      try #require(clock.now < end, "waited in vain for \(what)")
      usleep(2000)
    }
  }

  // MARK: Programs

  /// Starts `assay ARGUMENTS` in the project; `wrapper` comes before it (`["sh", "-c", "…; exec \"$@\"", "sh"]`).
  func begin(
    _ arguments: [String], environment changes: [String: String?] = [:], wrapper: [String] = []
  ) throws -> Engine {
    let base = "\(path)/engine-\(starts.add(1, ordering: .relaxed).newValue)"
    var environment = Command.environment
    environment["ASSAY_STORE"] = store
    environment["ASSAY_CACHE"] = path + "/cache"
    environment["ASSAY_PROGRESS"] = "plain"
    for (name, value) in changes { environment[name] = value }
    var descriptors: [Int32] = []
    defer { for descriptor in descriptors { close(descriptor) } }
    for suffix in [".out", ".err"] {
      let descriptor = open(base + suffix, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      try #require(descriptor >= 0, "cannot create \(base + suffix)")
      descriptors.append(descriptor)
    }
    let child = try Child.start(
      wrapper + [try Build.assay] + arguments, environment: environment,
      descriptors: [nil, descriptors[0], descriptors[1]], directory: path, ownGroup: true)
    return Engine(child: child, base: base)
  }

  /// Runs `assay ARGUMENTS` to its end.
  func assay(
    _ arguments: String..., environment: [String: String?] = [:], wrapper: [String] = []
  ) throws -> Engine.End {
    try begin(arguments, environment: environment, wrapper: wrapper).end()
  }

  /// `assay run ARGUMENTS --json`, which has to succeed.
  @discardableResult
  func run(_ arguments: String..., environment: [String: String?] = [:]) throws -> Report {
    let end = try begin(["run"] + arguments + ["--json"], environment: environment).end()
    try #require(end.code == 0, "\(end)")
    return try end.report
  }

  // MARK: The record

  func trace() throws -> Trace { try Trace(path: store + "/trace.db") }

  /// What a run has on record as done, as `step[item]`.
  func committed(in run: Int64) throws -> [String] {
    let trace = try trace()
    guard let steps = try trace.detail(of: run)?.steps else { return [] }
    return try trace.completed(in: run).map { steps[$0.node.step].step.path + $0.node.item }
  }

  // MARK: Processes

  /// The live processes of this trial besides this one: they carry its store in their environment.
  func processes() -> [Int32] {
    Files.list("/proc").compactMap { Int32($0) }.filter { process in
      process != getpid() && Self.environment(of: process).contains("ASSAY_STORE=\(store)\0")
    }
  }

  /// `NAME=value`, each with a NUL behind it; empty for a process that is gone. Files of `/proc` do not know their size.
  private static func environment(of process: Int32) -> String {
    let descriptor = open("/proc/\(process)/environ", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16 << 10)
    while case let count = read(descriptor, &piece, piece.count), count > 0 { bytes += piece.prefix(count) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Blocks until no process of this trial is alive.
  func awaitNoProcesses() throws { try wait("the end of all processes") { processes().isEmpty } }
}

/// An `assay` process.
final class Engine: Sendable {
  let child: Child
  private let base: String
  private let isReaped = Mutex(false)

  init(child: Child, base: String) {
    self.child = child
    self.base = base
  }

  deinit {
    guard !isReaped.withLock({ $0 }) else { return }
    kill(child.pid, SIGKILL)
    _ = child.reap()
  }

  var pid: Int32 { child.pid }
  var errors: String { (try? Files.text(base + ".err")) ?? "" }

  func signal(_ number: Int32) { kill(child.pid, number) }

  /// Waits for the end.
  func end() throws -> End {
    let milliseconds = Int32(Trial.patience.components.seconds * 1000)
    let isOver = child.hasEnded(within: milliseconds)
    if !isOver { kill(child.pid, SIGKILL) }
    isReaped.withLock { $0 = true }
    let ending = child.reap()
    let end = End(
      code: ending.signal == 0 ? ending.code : -ending.signal, out: (try? Files.text(base + ".out")) ?? "",
      err: errors)
    try #require(isOver, "assay does not end: \(end)")
    return end
  }

  struct End: CustomStringConvertible {
    /// The exit code, or minus the signal.
    var code: Int32
    var out: String
    var err: String

    var description: String { "exit \(code)\n--- stdout\n\(out)\n--- stderr\n\(err)" }

    var report: Report {
      get throws { Report(json: try JSON.parse(Array(out.utf8))) }
    }

    /// The lines of standard error that tell of an error.
    var complaints: [String] { err.split(separator: "\n").map(String.init).filter { $0.hasPrefix("error") } }
  }
}

/// The one JSON document of `assay run --json`.
struct Report {
  var json: JSON
  var run: Int64 { json["run"]?.asInt ?? 0 }
  var status: String { json["status"]?.asString ?? "" }
  var outputs: JSON? { json["outputs"] }
  func count(_ what: String) -> Int64 { json["nodes"]?[what]?.asInt ?? -1 }
}

/// The parts that trials are made of.
enum Build {
  static let package = Files.directory(of: Files.directory(of: Files.directory(of: #filePath)))

  static var assay: String {
    get throws {
      let places = [Files.directory(of: Files.realPath("/proc/self/exe") ?? ""), package + "/.build/debug"]
      for name in ["assay", "assay-worker", "libstd_text.so", "libassay-python.so"] {
        try #require(places.contains { Files.stamp($0 + "/" + name) != nil }, "\(name) is not built: swift build")
      }
      return try #require(places.map { $0 + "/assay" }.first(where: Files.isExecutable))
    }
  }

  /// The plugin of the trials, compiled once.
  static var trial: String { get throws { try trialPlugin.get() } }
  private static let trialPlugin = Result {
    try compile(package + "/Tests/Fixtures/trials/trial.c", to: folder.get() + "/libtrial.so")
  }

  /// The plugin of the tasks that are not deterministic, compiled once.
  static var fickle: String { get throws { try ficklePlugin.get() } }
  private static let ficklePlugin = Result {
    try compile(package + "/Tests/Fixtures/trials/fickle.c", to: folder.get() + "/libfickle.so", ["-pthread"])
  }

  /// A faulty plugin (`Tests/Fixtures/plugins`), compiled once.
  static func fault(_ name: String) throws -> String {
    let output = try folder.get() + "/lib\(name).so"
    return try faults.withLock { made in
      if made.insert(name).inserted { try compile("\(package)/Tests/Fixtures/plugins/\(name).c", to: output) }
      return output
    }
  }
  private static let faults = Mutex<Set<String>>([])

  @discardableResult
  static func compile(_ source: String, to output: String, _ options: [String] = []) throws -> String {
    var said: [String] = []
    let command =
      ["cc", "-shared", "-fPIC", "-O1", "-Wno-infinite-recursion", "-I", package + "/sdk/c/include"] + options
    let result = try Command(command + [source, "-o", output]).run { said.append($0) }
    try #require(result.succeeded, "\(said)")
    return output
  }

  private static let folder = Result {
    let path = "/tmp/assay-trials-\(getpid())"
    try Files.makeDirectory(path)
    atexit { try? Files.remove("/tmp/assay-trials-\(getpid())") }
    return path
  }
}
