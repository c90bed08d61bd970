import Foundation
import Testing

/// A Python with what these tests need from PyPI, made once and kept between runs.
enum ToolPython {
  static let executable: Result<String, any Error> = Result {
    let home = ProcessInfo.processInfo.environment["HOME"] ?? NSTemporaryDirectory()
    let venv = home + "/.cache/assay-tests/terminal-venv"
    let python = venv + "/bin/python"
    if (try? run([python, "-c", "import pyte, jsonschema"]).status) != 0 {
      _ = try run(["python3", "-m", "venv", "--clear", venv])
      let install = try run([python, "-m", "pip", "install", "--quiet", "pyte", "jsonschema"])
      #expect(install.status == 0, "\(install.output)")
    }
    return python
  }

  /// Runs to the end, with both streams in `output`; killed after five minutes.
  static func run(
    _ arguments: [String], in directory: String? = nil, environment: [String: String] = [:]
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["timeout", "-k", "5", "300"] + arguments
    if let directory { process.currentDirectoryURL = URL(filePath: directory) }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, output)
  }
}

/// The scripts in `Terminal`: the real program on a real terminal, and in the real shells.
@Test(arguments: ["test_live", "test_experiment", "test_shells"])
func onARealTerminal(module: String) throws {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Terminal").path
  let (status, output) = try ToolPython.run(
    [try ToolPython.executable.get(), "-m", "unittest", module], in: folder,
    environment: [
      "ASSAY": executablePath, "TOOL": try ToolPlugin.built.get(), "PYTHONDONTWRITEBYTECODE": "1",
    ])
  #expect(status == 0, "\(output.suffix(8000))")
  for line in output.split(separator: "\n") where line.hasPrefix("note: ") { print(line) }
}
