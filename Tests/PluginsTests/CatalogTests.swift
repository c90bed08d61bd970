import Glibc
import Plugins
import Processes
import Synchronization
import Tasks
import Testing
import Values

/// A directory that is removed at the end of a test.
final class Scratch: Sendable {
  let path: String

  init() throws {
    path = "/tmp/assay-plugins-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    try Files.makeDirectory(path)
  }

  deinit { try? Files.remove(path) }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    let file = path + "/" + name
    try Files.makeDirectory(Files.directory(of: file))
    try Files.writeAtomically(file, Array(text.utf8))
    // Older than the clock's grain, so that caches may remember it.
    var times = [timespec(tv_sec: 1_000_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000_000, tv_nsec: 0)]
    _ = utimensat(AT_FDCWD, file, &times, 0)
    return file
  }
}

let document = """
  {"schema": "assay.plugin/1", "id": "std.table", "version": "1.0.0", "license": "Apache-2.0", "doc": "tables",
   "generation": 1, "revision": 1, "tasks": [
    {"id": "std.table.read_csv", "version": "1.2.0", "title": "Read", "doc": "d", "phase": "acquisition",
     "flags": ["pure", "deterministic", "of_the_future"], "threads": "free",
     "inputs": [{"name": "path", "type": "file<csv>", "doc": "", "unit": "", "optional": false},
                {"name": "rows", "type": "int(1..)", "default_json": "10", "unit": "rows"},
                {"name": "skip", "type": "list<string>", "default_json": "null", "optional": true}],
     "outputs": [{"name": "table", "type": "table"}], "config": "{header: bool, sep: string?}",
     "secrets": ["token"], "cpu": 2, "memory_bytes": 1024, "device": "cuda"},
    {"id": "std.table.write", "version": "1.0.0", "inputs": [], "outputs": []}]}
  """

@Suite struct CatalogTests {
  private func catalog(
    _ scratch: Scratch, _ text: String = document, version: String = "1", asked: Counter = Counter()
  ) -> Catalog {
    Catalog(
      directories: [scratch.path + "/empty", scratch.path], cacheDirectory: scratch.path + "/cache",
      engineVersion: version
    ) { _ in
      asked.count.add(1, ordering: .relaxed)
      return text
    }
  }

  final class Counter: Sendable {
    let count = Atomic<Int>(0)
    var value: Int { count.load(ordering: .relaxed) }
  }

  @Test func readsADocument() throws {
    let scratch = try Scratch()
    try scratch.write("libstd_table.so", "not really")
    let plugin = try catalog(scratch).plugin(id: "std.table")
    #expect(plugin.version == "1.0.0" && plugin.license == "Apache-2.0" && plugin.tasks.map(\.index) == [0, 1])
    let task = try #require(plugin.task(named: "read_csv")).signature
    #expect(task.traits == [.pure, .deterministic] && task.threading == .free && task.phase == "acquisition")
    #expect(task.inputs.map(\.type) == [.file("csv"), .int(.init(1, nil)), .list(.string)])
    #expect(task.inputs.map(\.default) == [nil, .int(10), nil])
    #expect(task.inputs.map(\.isRequired) == [true, false, false])
    #expect(task.configuration.map(\.name) == ["header", "sep"] && task.configuration[1].isOptional)
    #expect(task.resources == Resources(cpu: 2, memoryBytes: 1024, gpu: 1) && task.secrets == ["token"])
    #expect(plugin.task(named: "std.table.read_csv") == nil)
  }

  @Test(arguments: [
    ("{", "", "", "not JSON"), ("[]", "", "", "another schema"),
    (#""id": "std.table", "#, #""id": "std table", "#, "", "no plugin id"),
    (#""int(1..)""#, #""intt""#, "rows", "no type"), (#""10""#, #""ten""#, "rows", "not JSON"),
    (#""10""#, #""0""#, "rows", "not of type int"), (#""10""#, #""true""#, "rows", "not of type"),
    (#""name": "rows""#, #""name": "path""#, "path", "two parameters"),
    (#"{header: bool"#, #"{rows: bool"#, "rows", "two parameters"),
    (#""name": "rows""#, #""name": "a b""#, "a b", "no port name"),
    ("std.table.write", "std.table.read_csv", "", "two tasks"), (#""free""#, #""often""#, "", "thread class"),
    (#"{header: bool, sep: string?}"#, "int", "config", "must be a record"),
    (#""memory_bytes": 1024"#, #""memory_bytes": -1"#, "", "not negative"),
    (#""flags": ["pure""#, #""flags": [1, "pure""#, "", "list of texts"),
    (#""version": "1.2.0""#, #""version": """#, "", "non-empty"),
  ])
  func mistakesAreNamed(what: String, instead: String, port: String, message: String) throws {
    let text: String
    if instead.isEmpty && port.isEmpty && what.count < 3 {
      text = what
    } else {
      let parts = document.split(separator: what, maxSplits: 1, omittingEmptySubsequences: false)
      try #require(parts.count == 2)
      text = parts.joined(separator: instead)
    }
    let error = #expect(throws: PluginError.self) { try DescribeDocument(text, source: "/x.so") }
    #expect(error?.port == port)
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    if !port.isEmpty { #expect(error?.description.contains("task std.table.read_csv, port \(port)") == true) }
  }

  @Test func damagedDocumentsNeverCrash() {
    var state: UInt64 = 7
    let bytes = Array(document.utf8)
    for _ in 0..<400 {
      var damaged = bytes
      for _ in 0..<3 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        damaged[Int(state >> 40) % damaged.count] = UInt8(truncatingIfNeeded: state >> 32)
      }
      do { _ = try DescribeDocument(String(decoding: damaged, as: UTF8.self), source: "x") } catch {
        #expect(!error.message.isEmpty)
      }
    }
  }

  @Test func asksOnceAndRemembers() throws {
    let scratch = try Scratch()
    try scratch.write("libstd_table.so", "one")
    let asked = Counter()
    let first = catalog(scratch, asked: asked)
    let plugin = try first.plugin(id: "std.table")
    // The change time cannot be set back: wait until the file counts as old.
    let path = scratch.path + "/libstd_table.so"
    while Files.stamp(path)?.isFresh == true { sched_yield() }
    _ = try catalog(scratch, asked: asked).plugin(id: "std.table")
    let before = asked.value
    #expect(try catalog(scratch, asked: asked).plugin(id: "std.table") == plugin)
    #expect(try first.plugin(id: "std.table") == plugin)
    #expect(asked.value == before)
    _ = try catalog(scratch, version: "2", asked: asked).plugin(id: "std.table")
    #expect(asked.value == before + 1, "another engine asks again")
    for entry in Files.list(scratch.path + "/cache") where entry.hasPrefix("plugin-") {
      try scratch.write("cache/" + entry, "garbage")
    }
    #expect(try catalog(scratch, asked: asked).plugin(id: "std.table") == plugin)
    #expect(asked.value == before + 2, "a damaged entry is none")
  }

  @Test func aChangedFileIsAskedAgainAndIsOtherCode() throws {
    let scratch = try Scratch()
    try scratch.write("libstd_table.so", "one")
    let catalog = catalog(scratch)
    let before = try catalog.plugin(id: "std.table")
    try scratch.write("libstd_table.so", "two")
    #expect(try catalog.plugin(id: "std.table").tasks[0].code != before.tasks[0].code)
  }

  @Test func missingAndMisnamedPlugins() throws {
    let scratch = try Scratch()
    let missing = #expect(throws: PluginError.self) { try catalog(scratch).plugin(id: "std.tabel") }
    #expect(missing?.code == .missing && missing?.description.contains(scratch.path) == true)
    try scratch.write("libstd_other.so", "x")
    let misnamed = #expect(throws: PluginError.self) { try catalog(scratch).plugin(id: "std.other") }
    #expect(misnamed?.message.contains("calls itself `std.table`") == true)
    #expect(catalog(scratch).candidates == ["std.other"])
    let gone = #expect(throws: PluginError.self) {
      try catalog(scratch).plugin(PluginSource(kind: .python, path: scratch.path + "/no.py"))
    }
    #expect(gone?.message == "No such file or directory")
  }

  @Test func aFailureToLoadIsPassedOn() throws {
    let scratch = try Scratch()
    try scratch.write("libx.so", "x")
    let catalog = Catalog(directories: [scratch.path], cacheDirectory: scratch.path + "/cache", engineVersion: "1") {
      _ throws(Failure) in throw Failure(.load, "wrong generation", detail: "a\nb", log: ["said"])
    }
    let error = #expect(throws: PluginError.self) { try catalog.plugin(id: "x") }
    #expect(error?.code == .load && error?.detail == ["a", "b", "said"])
  }
}
