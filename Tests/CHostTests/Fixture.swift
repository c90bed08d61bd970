import Foundation
import Processes
import Synchronization
import Testing

/// The C plugins of Tests/Fixtures/plugins, compiled when a test first asks for them.
enum Fixture {
  static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  private static let compiled = Mutex<[String: String]>([:])
  private static let folder = "/tmp/assay-chost-\(getpid())"

  /// The path of `<name>.so`.
  static func path(_ name: String) throws -> String {
    try compiled.withLock { known in
      if let path = known[name] { return path }
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let path = "\(folder)/\(name).so"
      var said: [String] = []
      let result = try Command([
        "cc", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-I\(package)/sdk/c/include", "-o", path,
        "\(package)/Tests/Fixtures/plugins/\(name).c", "-lpthread",
      ]).run { said.append($0) }
      try #require(result.succeeded, "\(said)")
      known[name] = path
      return path
    }
  }

  /// An empty directory of its own.
  static func temporaryDirectory() throws -> String {
    let path = "\(folder)/\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  /// The worker beside the running tests.
  static var worker: String {
    var candidates = ["\(package)/.build/debug/assay-worker"]
    if let test = Bundle.allBundles.first(where: { $0.bundlePath.hasSuffix(".xctest") }) {
      candidates.insert(
        URL(filePath: test.bundlePath).deletingLastPathComponent().appending(path: "assay-worker").path, at: 0)
    }
    return candidates.first(where: FileManager.default.isExecutableFile) ?? candidates[0]
  }
}
