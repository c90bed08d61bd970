import Foundation
import Testing
import Values

/// The built executable, run in a directory of its own with a plugin of its own.
final class Project: Sendable {
  let path: String

  /// - Parameter documents: by name, besides `tool.so`.
  init(_ documents: [String: String] = [:]) throws {
    path = NSTemporaryDirectory() + "assay-cli-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: try ToolPlugin.built.get(), toPath: path + "/tool.so")
    for (name, text) in documents { try write(name, text) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws {
    try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
  }

  func read(_ name: String) -> String? { try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

  /// What a command printed and how it ended.
  struct Result {
    var out: String
    var err: String
    var exit: Int32
    func json() throws -> JSON { try JSON.parse(out) }
  }

  @discardableResult
  func assay(_ arguments: String..., environment: [String: String] = [:]) throws -> Result {
    try start(arguments, environment: environment).wait()
  }

  /// What a command says as JSON whose engine was killed as soon as it had said each of `cuts`, and begun again each time.
  func finish(_ arguments: String..., killedAt cuts: [String]) throws -> JSON {
    for cut in cuts {
      let running = try start(arguments)
      #expect(running.waits(for: cut))
      running.send(SIGKILL)
      running.reap()
    }
    let rest = try start(arguments + ["--json"]).wait()
    #expect(rest.exit == 0, "\(rest.err)")
    return try rest.json()
  }

  func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Running {
    try Running(arguments, in: path, environment: environment)
  }
}

/// A process that goes on.
final class Running {
  private let process = Process()
  private let out: String
  private let errors = Pipe()
  private var err = Data()

  init(_ arguments: [String], in path: String, environment: [String: String]) throws {
    process.executableURL = URL(filePath: executablePath)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: path)
    process.environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": path, "LANG": "C.UTF-8",
      "ASSAY_CACHE": path + "/cache", "TZ": "UTC", "USER": "tester",
    ].merging(environment) { $1 }
    out = path + "/out-" + UUID().uuidString
    _ = FileManager.default.createFile(atPath: out, contents: nil)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: out)
    process.standardError = errors
    try process.run()
  }

  /// Looks at standard output until it holds `text`; false when the process ends first, or after half a minute.
  func prints(_ text: String) -> Bool {
    for _ in 0..<3000 {
      let isRunning = process.isRunning
      if (try? String(contentsOfFile: out, encoding: .utf8))?.contains(text) == true { return true }
      guard isRunning else { return false }
      usleep(10_000)
    }
    return false
  }

  /// Reads standard error until it holds `text`; false when it ends first.
  func waits(for text: String) -> Bool {
    while !String(decoding: err, as: UTF8.self).contains(text) {
      let more = errors.fileHandleForReading.availableData
      if more.isEmpty { return false }
      err += more
    }
    return true
  }

  /// Waits for a process that was killed.
  func reap() { process.waitUntilExit() }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  func wait() throws -> Project.Result {
    err += errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    defer { try? FileManager.default.removeItem(atPath: out) }
    #expect(process.terminationReason == .exit)
    return Project.Result(
      out: try String(contentsOfFile: out, encoding: .utf8), err: String(decoding: err, as: UTF8.self),
      exit: process.terminationStatus)
  }
}

/// Beside the test bundle in the build directory.
let executablePath: String = {
  let here = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  return URL(filePath: here).deletingLastPathComponent().appending(path: "assay").path
}()
