import Events
import Execution
import Foundation
import Tasks
import Traces
import Values
import Workspace

/// Many runs in a row, in one process and one store, nothing reused: what must not grow is looked at after each tenth.
struct Soak {
  /// Calls of one run.
  static let runSize = 100_000

  /// What a tenth came to.
  struct Sample {
    var calls: Int
    var perSecond: Double
    /// Of the process, within the tenth.
    var peakMiB: Double
    var descriptors: Int
    var threads: Int
    /// Milliseconds of a run of one call, the median of some.
    var single: Double
    var storeMiB: Double

    static let heading = "     calls    calls/s   peak MiB  descriptors  threads  one call ms  trace.db MiB"
    var line: String {
      String(
        format: "%10d %10.0f %10.1f %12d %8d %12.2f %13.1f", calls, perSecond, peakMiB, descriptors, threads, single,
        storeMiB)
    }
  }

  let benchmarks: Benchmarks
  let task: InstalledTask
  let workspace: Workspace

  /// Prints as it goes. Whether all stayed as it was.
  static func run(_ benchmarks: Benchmarks, calls: Int) throws -> Bool {
    let workspace = try benchmarks.workspace()
    defer { workspace.close() }
    let task = try benchmarks.task(benchmarks.tools + "/libbench.so", "bench.sum")
    let soak = Soak(benchmarks: benchmarks, task: task, workspace: workspace)
    say(Sample.heading)
    var samples: [Sample] = []
    for tenth in 1...10 {
      samples.append(try soak.tenth(tenth, of: calls))
      say(samples[samples.count - 1].line)
    }
    return verdict(samples)
  }

  /// At once, also into a file.
  private static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

  private func tenth(_ tenth: Int, of calls: Int) throws -> Sample {
    // The peak of memory counts from here.
    try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
    var left = calls / 10
    let time = try seconds {
      while left > 0 {
        try run(min(left, Self.runSize))
        left -= Self.runSize
      }
    }
    let single = median(try (0..<21).map { _ in try seconds { try run(1) } })
    return Sample(
      calls: calls / 10 * tenth, perSecond: Double(calls / 10) / time, peakMiB: Self.status("VmHWM") / 1024,
      descriptors: (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0,
      threads: Int(Self.status("Threads")), single: single * 1e3, storeMiB: storeBytes / 1_048_576)
  }

  private func run(_ count: Int) throws {
    let shape = Shape.independent(count)
    var prepared = try shape.prepared(
      task: task, isolation: .inline, durability: .full, lanes: benchmarks.lanes)
    prepared.request.reuses = false
    let result = try workspace.start(prepared) { _ in }.run()
    let sum = result.outputs.reduce(Int64(0)) { $0 + ($1.value.asInt ?? 0) }
    guard result.status == .succeeded, sum == shape.expectedSum else {
      throw BenchmarkError("\(shape.name): wrong result \(result.message)")
    }
  }

  /// The database with what is not yet written back into it.
  private var storeBytes: Double {
    ["", "-wal"].reduce(0) { sum, end in
      let path = workspace.layout.store + "/trace.db" + end
      let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
      return sum + Double(size ?? 0)
    }
  }

  /// A number of `/proc/self/status`.
  private static func status(_ name: String) -> Double {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
    return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Double($0) } ?? .nan
  }

  /// The last half beside the half before: what is on disk grows with the calls, the rest must not.
  private static func verdict(_ samples: [Sample]) -> Bool {
    let (first, last) = (samples[..<5], samples[5...])
    func growth(_ figure: (Sample) -> Double, _ of: ([Double]) -> Double) -> Double {
      of(last.map(figure)) / of(first.map(figure)) - 1
    }
    let largest: ([Double]) -> Double = { $0.max() ?? .nan }
    let memory = growth(\.peakMiB, largest)
    let descriptors = growth({ Double($0.descriptors) }, largest)
    let threads = growth({ Double($0.threads) }, largest)
    let single = growth(\.single, median)
    let time = growth({ 1 / $0.perSecond }, median)
    // Time is the machine's too: a fifth is its noise.
    let isFlat = memory < 0.05 && descriptors <= 0 && threads <= 0 && single < 0.2 && time < 0.2
    say(
      (isFlat ? "flat" : "GROWS")
        + String(
          format: ": the last half beside the first: memory %+.1f %%, descriptors %+.1f %%, threads %+.1f %%, "
            + "one call %+.1f %%, time of a call %+.1f %%", memory * 100, descriptors * 100,
          threads * 100, single * 100, time * 100))
    return isFlat
  }
}
