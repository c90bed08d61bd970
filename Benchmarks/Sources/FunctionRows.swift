import Foundation
import Tasks
import Values
import Workspace

/// What it costs that a task is a function by manifest: a call, and the start of the worker that makes it, each beside
/// the same sum as a plugin of its own.
extension Benchmarks {
  func functionRows() throws -> [Row] {
    let plugin = (file: tools + "/libbench.so", task: "bench.sum")
    let bridge = (file: tools + "/bench.functions.toml", task: "benchf.sum")
    progress("functions, calls")
    let shape = Shape.independent(50_000)
    var calls: (ours: [Double], theirs: [Double]) = ([], [])
    let (function, task) = (try self.task(bridge.file, bridge.task), try self.task(plugin.file, plugin.task))
    for _ in 0..<repeats {
      calls.ours.append(try run(shape, function, .worker))
      calls.theirs.append(try run(shape, task, .worker))
    }
    progress("functions, start")
    var starts: (ours: [Double], theirs: [Double]) = ([], [])
    for _ in 0..<max(5, repeats) {
      starts.ours.append(try firstCall(function))
      starts.theirs.append(try firstCall(task))
    }
    let (ours, theirs) = (median(calls.ours), median(calls.theirs))
    let (start, other) = (median(starts.ours), median(starts.theirs))
    let extra = (ours - theirs) / Double(shape.parents.count)
    progress(String(format: "a call through the bridge takes %.1f µs more than one of a plugin", extra * 1e6))
    return [
      Row(
        what: "function by manifest, independent 50000, full trace", ours: rate(shape.parents.count, ours),
        beside: "plugin in C \(rate(shape.parents.count, theirs))", ratio: theirs / ours, goal: "≥ 20000/s",
        isReached: Double(shape.parents.count) / ours >= 20_000),
      Row(
        what: "start of a worker and its first call, function", ours: String(format: "%.1f ms", start * 1e3),
        beside: String(format: "plugin in C %.1f ms", other * 1e3), ratio: start / other, goal: "< 20 ms",
        isReached: start < 0.02),
    ]
  }

  /// Seconds until a task that nobody has called yet has given its result.
  private func firstCall(_ task: InstalledTask) throws -> Double {
    let workspace = try workspace()
    defer { workspace.close() }
    let pool = try workspace.runner()
    let input = Value.list([.int(1), .int(2)])
    let invocation = Invocation(id: 1, task: task, inputs: [input], temporaryDirectory: scratch)
    var outcome: Outcome?
    let time = seconds { outcome = pool.run([invocation], observer: Silence()).first }
    guard case .success(let outputs)? = outcome?.result, outputs.first??.asInt == 4 else {
      throw BenchmarkError("\(task.signature.id): wrong result")
    }
    return time
  }
}
