import Foundation
import Testing

/// The Python kit's own tests, run with the binaries of this build: both routes with every Python of this machine.
/// `python3 -m unittest` in `sdk/python` runs the same ones by hand.
@Suite struct PythonTests {
  static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// The directory of the build that this test is part of.
  static func products() -> String {
    let bundle = CommandLine.arguments.first.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path } ?? ""
    return FileManager.default.fileExists(atPath: bundle + "/assay-worker") ? bundle : package + "/.build/debug"
  }

  @Test(arguments: [
    "tests.test_declarations", "tests.test_wire", "tests.test_readme", "tests.test_routes", "tests.test_arrays",
    "tests.test_strategies",
  ])
  func suite(_ module: String) throws {
    let worker = Self.products() + "/assay-worker"
    let bridge = Self.products() + "/libassay-python.so"
    for binary in [worker, bridge] {
      try #require(FileManager.default.fileExists(atPath: binary), "\(binary) is not built: swift build")
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["timeout", "-k", "5", "900", "python3", "-m", "unittest", module]
    process.currentDirectoryURL = URL(fileURLWithPath: Self.package + "/sdk/python")
    var environment = ProcessInfo.processInfo.environment
    environment["ASSAY_WORKER"] = worker
    environment["ASSAY_PYTHON_BRIDGE"] = bridge
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    process.environment = environment
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text.suffix(8000))")
    #expect(text.contains("\nOK"), "\(text.suffix(8000))")
  }
}
