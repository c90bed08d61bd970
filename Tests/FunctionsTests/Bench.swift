import Foundation
import Plugins
import Processes
import Tasks
import Testing
import Values
import Workspace

/// A folder with a manifest and what was built for it, and a real engine that calls its functions in real workers.
final class Bench: Sendable {
  let path: String
  private let workspace: Workspace

  /// `manifest` is written as `test.functions.toml`; `{fixtures}` in it becomes the folder with the built libraries.
  init(_ manifest: String) throws {
    path = NSTemporaryDirectory() + "assay-functions-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    var environment = ProcessInfo.processInfo.environment
    environment["ASSAY_CACHE"] = path + "/cache"
    workspace = Workspace(layout: Layout(project: path, environment: environment))
    try write(manifest.replacing("{fixtures}", with: try Fixtures.folder.get()))
  }

  deinit {
    workspace.close()
    try? FileManager.default.removeItem(atPath: path)
  }

  var manifest: String { path + "/test.functions.toml" }

  func write(_ text: String, as name: String = "test.functions.toml") throws {
    try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
  }

  /// Of a manifest in the repository.
  static func example(_ name: String) throws -> Bench {
    try Bench(try String(contentsOfFile: Fixtures.root + "/Examples/functions/\(name).functions.toml", encoding: .utf8))
  }

  func task(_ name: String) throws -> InstalledTask {
    try #require(try workspace.plugin(manifest).task(named: name), "no task \(name)")
  }

  func check() throws -> ManifestCheck { try workspace.checkFunctions(manifest) }

  /// What a call gives, by output.
  func call(_ name: String, _ inputs: [String: JSON] = [:]) throws -> [String: JSON] {
    let task = try task(name)
    let values = try outcome(name, inputs).result.get()
    return Dictionary(
      uniqueKeysWithValues: zip(task.signature.outputs, values).compactMap { port, value in
        value.map { (port.name, $0.json()) }
      })
  }

  func failure(_ name: String, _ inputs: [String: JSON] = [:]) throws -> Failure {
    let outcome = try outcome(name, inputs)
    guard case .failure(let failure) = outcome.result else {
      throw Failure(.failed, "\(name) did not fail: \(outcome.result)")
    }
    return failure
  }

  /// The log of the last attempt is in `notes`.
  func outcome(_ name: String, _ inputs: [String: JSON], _ notes: Log = Log()) throws -> Outcome {
    let task = try task(name)
    let unknown = inputs.keys.filter { key in !task.signature.inputs.contains { $0.name == key } }
    try #require(unknown.isEmpty, "\(name) has no inputs \(unknown)")
    var values: [Value] = []
    for port in task.signature.inputs {
      values.append(try inputs[port.name].map { try Value(json: $0, type: port.type) } ?? port.default ?? .null)
    }
    let temporary = path + "/run-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
    let call = Invocation(id: 1, task: task, inputs: values, temporaryDirectory: temporary)
    return try #require(try workspace.runner().run([call], observer: notes).first)
  }
}

/// What an attempt says.
final class Log: AttemptObserver, @unchecked Sendable {
  private let lock = NSLock()
  private var kept: [String] = []
  var lines: [String] { lock.withLock { kept } }

  func started(_ attempt: UInt64) {}
  func log(_ attempt: UInt64, _ level: LogLevel, _ text: String, unixNanoseconds: Int64) {
    lock.withLock { kept.append(text) }
  }
  func metric(
    _ attempt: UInt64, _ name: String, _ value: Double, unit: String, step: Int64, unixNanoseconds: Int64
  ) {}
  func progress(_ attempt: UInt64, done: Double, total: Double, _ what: String) {}
  func checkpoint(_ attempt: UInt64, _ bytes: [UInt8]) {}
}

/// The libraries that the tests call, built once.
enum Fixtures {
  static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

  static let folder: Result<String, any Error> = Result {
    let folder = NSTemporaryDirectory() + "assay-functions-fixtures-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let sources = root + "/Tests/Fixtures/functions"
    try run(["gcc", "-g", "-O1", "-shared", "-fPIC", "-o", folder + "/libcall.so", sources + "/call.c"])
    try run([
      "gfortran", "-g", "-O1", "-shared", "-fPIC", "-o", folder + "/libfort.so", sources + "/fort.f90", "-J", folder,
    ])
    try FileManager.default.copyItem(atPath: sources + "/call.h", toPath: folder + "/call.h")
    return folder
  }

  static func run(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(arguments) failed; scripts/bootstrap installs what is needed")
  }
}
