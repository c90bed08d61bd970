import Environments
import Glibc
import Plugins
import Processes
import Synchronization
import Tasks
import Testing
import Values
import Workers

private let kit = package + "/sdk/python/src"
private let bridge = [products, package + "/.build/debug"].map { $0 + "/libassay-python.so" }
  .first { path in (try? Files.text(path))?.contains("assay_plugin_entry") == true }

/// Python files in real workers: embedded by the bridge, and in their interpreter's own process.
@Suite(.enabled(if: Files.stamp(kit + "/assay/worker.py") != nil, "the Python kit is not there"))
struct PythonWorkerTests {
  private func house(_ path: String, avoidsBridge: Bool) throws -> (WorkerPool, Catalog) {
    let pool = WorkerPool(
      WorkerConfiguration(
        worker: try CHouse.worker(), bridge: avoidsBridge ? nil : bridge, sdk: kit, avoidsBridge: avoidsBridge))
    let catalog = Catalog(
      directories: [], cacheDirectory: path + "/cache", engineVersion: "test", pythonKit: kit
    ) { source throws(Failure) in try pool.describe(source) }
    return (pool, catalog)
  }

  /// Interpreters of different versions, as many as the machine has.
  private func interpreters() throws -> [Interpreter] {
    let scratch = "/tmp/assay-python-\(getpid())"
    let environments = Environments(directory: scratch)
    var found: [String: Interpreter] = [:]
    for minor in 9...13 {
      let metadata = ScriptMetadata(requiresPython: VersionSpecifier("==3.\(minor).*"))
      guard let one = try? environments.interpreter(for: metadata) else { continue }
      found[one.version] = one
    }
    return found.values.sorted { $0.version < $1.version }
  }

  @Test(arguments: bridge == nil ? [true] : [false, true]) func twoPythonsInOneRun(avoidsBridge: Bool) throws {
    let path = "/tmp/assay-python-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    try Files.makeDirectory(path)
    defer { try? Files.remove(path) }
    let file = path + "/numbers.py"
    let text = """
      import os, sys
      from assay import task

      @task
      def version(n: int) -> str:
          print("counting", n)
          return ".".join(str(part) for part in sys.version_info[:2])

      @task
      def fails(n: int) -> int:
          raise ValueError("no good")

      @task
      def falls(n: int) -> int:
          os.abort()
      """
    try Files.writeAtomically(file, Array(text.utf8))
    let (pool, catalog) = try house(path, avoidsBridge: avoidsBridge)
    defer { pool.shutDown() }
    let pythons = try interpreters()
    try #require(!pythons.isEmpty)
    for python in pythons {
      let plugin = try catalog.plugin(PluginSource(kind: .python, path: file, interpreter: python))
      func call(_ name: String) throws -> Invocation {
        Invocation(
          id: FakeHouse.ids.add(1, ordering: .relaxed).newValue, task: try #require(plugin.task(named: name)),
          node: name, inputs: [.int(7)], temporaryDirectory: path)
      }
      let notes = Notes()
      let version = pool.run([try call("version")], observer: notes)[0]
      #expect(version.value == .string(python.version.split(separator: ".").prefix(2).joined(separator: ".")))
      #expect(notes.lines.contains("counting 7"))
      let failure = pool.run([try call("fails")], observer: Notes())[0].failure
      #expect(failure?.kind == .failed && failure?.message.contains("no good") == true)
      #expect(pool.run([try call("falls")], observer: Notes())[0].failure?.kind == .crash)
    }
  }
}
