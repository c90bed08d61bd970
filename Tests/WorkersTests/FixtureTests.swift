import Glibc
import Plugins
import Processes
import Tasks
import Testing
import Values
import Workers

/// Each plugin of Tests/Fixtures/plugins, one fault each: found, described and run as a user's would be. The engine gets
/// one clear error or one outcome, in time, and the next task runs.
@Suite struct FixtureTests {
  enum Expected: Sendable, Equatable {
    /// The catalog refuses it.
    case refused(PluginError.Code?)
    case failure(Failure.Kind, String)
    case success
    /// It depends on the machine; an outcome all the same.
    case any
  }

  static let expected: [String: Expected] = [
    "abort": .failure(.crash, "SIGABRT"), "crash": .failure(.crash, "SIGSEGV"),
    "stack_overflow": .failure(.crash, "SIGSEGV"), "exit_zero": .failure(.crash, "exited with status 0"),
    "hang": .failure(.timeout, ""), "spin": .failure(.timeout, ""), "hang_until_cancelled": .failure(.timeout, ""),
    "hang_until_cancel_call": .failure(.timeout, ""), "missing_output": .failure(.contract, "y"),
    "output_twice": .failure(.contract, "y"), "wrong_kind": .failure(.contract, "y"),
    "unknown_port": .failure(.contract, ""), "unknown_status": .failure(.contract, ""),
    "bad_utf8": .failure(.contract, ""), "escaping_file": .failure(.contract, ""),
    "silent_failure": .failure(.failed, ""), "undeclared_secret": .failure(.contract, ""),
    "memory_hog": .failure(.resource, "memory limit"), "noise": .success,
    "no_entry": .refused(.load), "null_entry": .refused(.load), "generation_old": .refused(.load),
    "generation_new": .refused(.load), "requires_revision": .refused(.load), "refuses": .refused(.load),
    "init_fails": .refused(.load), "init_crash": .refused(.load), "duplicate_tasks": .refused(nil),
    "duplicate_ports": .refused(nil), "bad_port_name": .refused(nil),
  ]

  static let names = Files.list(package + "/Tests/Fixtures/plugins").filter { $0.hasSuffix(".c") && $0 != "good.c" }
    .map { String($0.dropLast(2)) }

  /// All compiled at once, before the first test.
  static let built = Result {
    let place = "/tmp/assay-fixtures-\(getpid())"
    try Files.makeDirectory(place)
    let script = """
      cd '\(package)/Tests/Fixtures/plugins' && ls *.c | xargs -P 2 -I{} sh -c \
      'cc -shared -fPIC -w -O1 -I ../../../sdk/c/include {} -o \(place)/lib$(basename {} .c).so -lpthread'
      """
    var said: [String] = []
    let result = try Command(["sh", "-c", script]).run { said.append($0) }
    try #require(result.succeeded, "\(said)")
    return place
  }

  @Test(arguments: names) func eachFaultIsContained(name: String) throws {
    let house = try CHouse()
    let source = PluginSource(kind: .sharedObject, path: try Self.built.get() + "/lib\(name).so")
    let expected = Self.expected[name] ?? .any
    let catalog = Catalog(directories: [], cacheDirectory: house.path + "/cache", engineVersion: "test") {
      source throws(Failure) in try house.pool.describe(source)
    }
    let plugin: Plugin
    do throws(PluginError) { plugin = try catalog.plugin(source) } catch {
      #expect(!error.message.isEmpty)
      if case .refused(let code) = expected {
        #expect(code == nil || code == error.code, "\(error)")
      } else {
        #expect(expected == .any, "\(error)")
      }
      return
    }
    if case .refused = expected { Issue.record("\(name) was accepted") }
    // One of a million tasks is enough.
    let task = try #require(plugin.tasks.first)
    let call = try house.call(
      "add", timeout: .milliseconds(name.hasPrefix("hang") || name == "spin" ? 60 : 20_000),
      grace: .milliseconds(600), memoryLimit: name == "memory_hog" ? 512 << 20 : 0
    ).with(
      task: task,
      inputs: task.signature.inputs.map { $0.type == .int(nil) ? .int(name == "memory_hog" ? 4096 : 1) : .null })
    let outcome = house.one(call)
    #expect(outcome.id == call.id)
    switch expected {
    case .success: #expect(outcome.failure == nil, "\(outcome.result)")
    case .failure(let kind, let message):
      #expect(outcome.failure?.kind == kind, "\(outcome.result)")
      let text = (outcome.failure?.message ?? "") + (outcome.failure?.port ?? "")
      #expect(text.contains(message), "\(outcome.result)")
    default: break
    }
    #expect(house.one(try house.call("add")).value == .int(2))
  }
}
