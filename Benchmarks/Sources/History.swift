import Events
import Execution
import Foundation
import Traces
import Workspace

/// A project with a long history: run after run in one process, one step of one phase edited before each. The document, the
/// plugin, the engine and the record are real; only nobody waits for a process to start.
enum History {
  static func make(_ folder: String, library: String, runs: Int) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: library, toPath: folder + "/libbench.so")
    let workspace = Workspace(layout: Layout(project: folder, environment: ProcessInfo.processInfo.environment))
    defer { workspace.close() }
    var constants = Array(repeating: 0, count: phases.count)
    var state: UInt64 = 7
    for run in 0..<runs {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      constants[Int((state >> 33) % UInt64(phases.count))] += run == 0 ? 0 : 1
      try document(constants).write(toFile: folder + "/flow.assay", atomically: false, encoding: .utf8)
      var request = RunRequest(file: folder + "/flow.assay")
      request.durability = .normal
      request.parallel = 1
      let result = try workspace.start(try workspace.prepare(request)) { _ in }.run()
      guard result.status == .succeeded else { throw BenchmarkError("run \(run + 1): \(result.message)") }
    }
  }

  private static let phases = [
    "acquisition", "acquisition", "preparation", "preparation", "development", "development", "deployment",
    "monitoring",
  ]

  private static func document(_ constants: [Int]) -> String {
    var text = "assay 1\nuse \"./libbench.so\" as bench\nworkflow flow {\n"
    for (place, phase) in phases.enumerated() {
      let given = place == 0 ? "" : "s\(place - 1).value, "
      text += "  step s\(place) = bench.sum(values: [\(given)\(constants[place])]) @\(phase) { isolation inline }\n"
    }
    return text + "  out y: int = s\(phases.count - 1).value\n}\n"
  }
}
