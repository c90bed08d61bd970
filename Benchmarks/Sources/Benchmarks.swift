import Events
import Execution
import Foundation
import Plugins
import Tasks
import Traces
import Values
import Workspace

/// Prints one table of ratios: this engine beside the bare C engine and the machine, measured in turns.
///
/// Started by `Benchmarks/run`, which builds what it needs and passes the folder with it.
@main
struct Benchmarks {
  let tools: String
  let scratch: String
  let repeats: Int
  let lanes = 2

  static func main() throws {
    guard CommandLine.arguments.count >= 2 else {
      throw BenchmarkError("usage: assay-benchmarks TOOLS [REPEATS [SECTION…]]")
    }
    let scratch = NSTemporaryDirectory() + "assay-benchmarks-\(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let repeats = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 3 : 3
    let benchmarks = Benchmarks(tools: CommandLine.arguments[1], scratch: scratch, repeats: repeats)
    if CommandLine.arguments.count > 2, CommandLine.arguments[2] == "profile" {
      // One shape only, for `valgrind --tool=callgrind` or `perf record`.
      let name = CommandLine.arguments.count > 3 ? CommandLine.arguments[3] : "independent 10000"
      guard let shape = Shape(name) else { throw BenchmarkError("no shape is called \(name)") }
      let isolation: Isolation = CommandLine.arguments.last == "worker" ? .worker : .inline
      let task = try benchmarks.task(benchmarks.tools + "/libbench.so", "bench.sum")
      let time = try benchmarks.run(shape, task, isolation)
      print(shape.name, rate(shape.parents.count, time), rate(shape.parents.count, try benchmarks.reference(shape)))
      return
    }
    if CommandLine.arguments.count > 2, CommandLine.arguments[2] == "soak" {
      let calls = CommandLine.arguments.count > 3 ? Int(CommandLine.arguments[3]) ?? 0 : 10_000_000
      guard calls >= 10 else { throw BenchmarkError("soak: expected a number of calls, at least 10") }
      // `exit` would leave the store behind.
      guard try Soak.run(benchmarks, calls: calls) else { throw BenchmarkError("something grows") }
      return
    }
    if CommandLine.arguments.count == 5, CommandLine.arguments[2] == "history" {
      guard let runs = Int(CommandLine.arguments[4]), runs > 0 else {
        throw BenchmarkError("history: expected a folder and a number of runs")
      }
      try History.make(CommandLine.arguments[3], library: CommandLine.arguments[1] + "/libbench.so", runs: runs)
      return
    }
    let sections: [(name: String, rows: () throws -> [Row])] = [
      ("inline", benchmarks.inlineRows), ("strict", benchmarks.strictRows),
      ("worker", { [try benchmarks.workerRow("C", "/libbench.so", "bench.sum", count: 50_000, goal: 20_000)] }),
      ("worker", { [try benchmarks.workerRow("Python", "/bench.py", "benchpy.sum", count: 20_000, goal: 10_000)] }),
      ("process", { [try benchmarks.wholeProcess()] }), ("tensors", benchmarks.handOver),
      ("documents", benchmarks.documents), ("functions", benchmarks.functionRows),
    ]
    let wanted = CommandLine.arguments.dropFirst(3)
    if let unknown = wanted.first(where: { name in !sections.contains { $0.name == name } }) {
      throw BenchmarkError("no section is called \(unknown)")
    }
    var rows: [Row] = []
    var failures = 0
    for section in sections where wanted.isEmpty || wanted.contains(section.name) {
      do { rows += try section.rows() } catch {
        failures += 1
        benchmarks.progress("failed: \(error)")
      }
    }
    Row.printTable(rows)
    exit(failures == 0 ? 0 : 1)
  }

  func progress(_ text: String) { FileHandle.standardError.write(Data("… \(text)\n".utf8)) }

  /// A workspace with an empty store.
  func workspace() throws -> Workspace {
    let project = scratch + "/" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: project, withIntermediateDirectories: true)
    var environment = ProcessInfo.processInfo.environment
    environment["ASSAY_CACHE"] = environment["ASSAY_CACHE"] ?? scratch + "/cache"
    return Workspace(layout: Layout(project: project, environment: environment))
  }

  func task(_ plugin: String, _ id: String) throws -> InstalledTask {
    let workspace = try workspace()
    defer { workspace.close() }
    guard let task = try workspace.plugin(plugin).tasks.first(where: { $0.signature.id == id }) else {
      throw BenchmarkError("\(plugin) has no task \(id)")
    }
    return task
  }

  /// Seconds from a prepared plan to a durable trace.
  func run(
    _ shape: Shape, _ task: InstalledTask, _ isolation: Isolation, _ durability: Durability = .full
  ) throws -> Double {
    let workspace = try workspace()
    defer { workspace.close() }
    let prepared = try shape.prepared(task: task, isolation: isolation, durability: durability, lanes: lanes)
    var result: RunResult?
    let before = ProcessorTime.now
    let time = try seconds { result = try workspace.start(prepared) { _ in }.run() }
    if ProcessInfo.processInfo.environment["ASSAY_BENCHMARK_CPU"] != nil {
      progress("\(shape.name): \(ProcessorTime.now.since(before, calls: shape.parents.count))")
    }
    let sum = result?.outputs.reduce(Int64(0)) { $0 + ($1.value.asInt ?? 0) }
    guard result?.status == .succeeded, sum == shape.expectedSum else {
      throw BenchmarkError("\(shape.name): wrong result \(result?.message ?? "")")
    }
    return time
  }

  /// Seconds that the bare C engine takes, with its durable trace.
  func reference(_ shape: Shape, _ mode: String = "full") throws -> Double {
    let file = scratch + "/shape.txt"
    try shape.text.write(toFile: file, atomically: true, encoding: .utf8)
    let output = try execute(tools + "/engine", [file, "\(lanes)", mode, scratch], in: tools)
    guard let json = try? JSON.parse(output), let time = json["run_s"]?.asDouble else {
      throw BenchmarkError("the bare engine printed \(output)")
    }
    return time
  }

  /// Inline no-op C tasks with typed ports, keys and the full trace, beside the bare engine.
  private func inlineRows() throws -> [Row] {
    let task = try task(tools + "/libbench.so", "bench.sum")
    let science = try ["montage", "epigenomics"].map {
      try Shape($0, file: "\(tools)/shapes/\($0)-10000.txt")
    }
    let made: [Shape] = [.independent(10_000), .independent(100_000), .layered(100, 100), .chain(1_000)]
    return try (made + science).map { shape in
      progress("inline, \(shape.name)")
      var ours: [Double] = []
      var theirs: [Double] = []
      for _ in 0..<repeats {
        ours.append(try run(shape, task, .inline))
        theirs.append(try reference(shape))
      }
      let ratio = median(theirs) / median(ours)
      return Row(
        what: "inline C, \(shape.name), full trace", ours: rate(shape.parents.count, median(ours)),
        beside: "bare C engine \(rate(shape.parents.count, median(theirs)))", ratio: ratio, goal: "≥ 0.30",
        isReached: ratio >= 0.3)
    }
  }

  /// No-op tasks in processes of their own, beside round trips of a socket pair.
  private func workerRow(_ language: String, _ plugin: String, _ id: String, count: Int, goal: Double) throws -> Row {
    progress("worker, \(language)")
    let task = try task(tools + plugin, id)
    let roundTrips = try roundTripsPerSecond()
    let shape = Shape.independent(count)
    let time = median(try (0..<repeats).map { _ in try run(shape, task, .worker) })
    let ours = Double(count) / time
    return Row(
      what: "worker, \(language), independent \(count), full trace", ours: rate(count, time),
      beside: "socket round trips \(Int(roundTrips))/s", ratio: ours / roundTrips, goal: "≥ \(Int(goal))/s",
      isReached: ours >= goal)
  }

  /// Round trips of 256 bytes between two threads over a SEQPACKET socket pair: what a process boundary costs at least.
  private func roundTripsPerSecond() throws -> Double {
    var pair: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &pair) == 0 else { throw BenchmarkError("no sockets") }
    let (near, far) = (pair[0], pair[1])
    let count = 20_000
    let thread = Thread {
      var buffer = [UInt8](repeating: 0, count: 256)
      while read(far, &buffer, 256) > 0 { _ = write(far, buffer, 256) }
    }
    thread.start()
    var buffer = [UInt8](repeating: 0, count: 256)
    let time = seconds {
      for _ in 0..<count {
        _ = write(near, buffer, 256)
        _ = read(near, &buffer, 256)
      }
    }
    close(near)
    return Double(count) / time
  }

  /// `assay run` of one node in a new process, warm, beside starting Python.
  private func wholeProcess() throws -> Row {
    progress("whole process")
    let project = scratch + "/one"
    try FileManager.default.createDirectory(atPath: project, withIntermediateDirectories: true)
    try """
    assay 1
    use std.text as text
    workflow one {
      step hello = text.greet(name: "world") { reuse never }
      out text: string = hello.text
    }

    """.write(toFile: project + "/one.assay", atomically: true, encoding: .utf8)
    let variables = ["ASSAY_CACHE": scratch + "/cache"]
    var ours: [Double] = []
    var theirs: [Double] = []
    for _ in 0..<max(5, repeats) {
      ours.append(
        try seconds {
          try execute(tools + "/assay", ["run", "--progress", "none", "one.assay"], in: project, variables)
        })
      theirs.append(try seconds { try execute("/usr/bin/python3", ["-c", "pass"]) })
    }
    return Row(
      what: "assay run of one node, whole process", ours: String(format: "%.0f ms", median(ours) * 1e3),
      beside: String(format: "python3 -c pass %.0f ms", median(theirs) * 1e3), ratio: median(ours) / median(theirs),
      goal: "< 100 ms", isReached: median(ours) < 0.1)
  }

  /// Parsing and checking alone.
  private func documents() throws -> [Row] {
    progress("large documents")
    let workspace = try workspace()
    defer { workspace.close() }
    return try Documents(workspace: workspace, repeats: repeats).rows(in: scratch)
  }

  /// A 100 MB array made in C, handed to Python and then to Swift, beside copying it once.
  private func handOver() throws -> [Row] {
    progress("hand-over of 100 MB")
    let count = 12_500_000
    let make = try task(tools + "/libbench.so", "bench.make")
    let python = try task(tools + "/bench.py", "benchpy.last")
    let swift = try task(tools + "/libbench-swift.so", "benchswift.last")
    let workspace = try workspace()
    defer { workspace.close() }
    let pool = try workspace.runner()
    func call(_ task: InstalledTask, _ input: Value) throws -> (Value, Double) {
      let invocation = Invocation(id: 1, task: task, inputs: [input], temporaryDirectory: scratch)
      var outcome: Outcome?
      let time = seconds { outcome = pool.run([invocation], observer: Silence()).first }
      switch outcome?.result {
      case .success(let outputs): return (outputs.first?.flatMap { $0 } ?? .null, time)
      case .failure(let failure): throw failure
      case nil: throw BenchmarkError("no outcome")
      }
    }
    var bytes = [UInt8](repeating: 1, count: count * 8)
    let copy = median(
      (0..<5).map { _ in
        seconds {
          let other = [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, size in
            bytes.withUnsafeBufferPointer { _ = buffer.initialize(from: $0) }
            size = buffer.count
          }
          bytes = other
        }
      })
    let (tensor, _) = try call(make, .int(Int64(count)))
    var rows: [Row] = []
    for (name, task) in [("C → Python", python), ("C → Swift", swift)] {
      _ = try call(task, tensor)
      let times = try (0..<max(5, repeats)).map { _ in try call(task, tensor).1 }
      let (last, _) = try call(task, tensor)
      guard last.asDouble == Double(count - 1) else { throw BenchmarkError("\(name): wrong element \(last)") }
      rows.append(
        Row(
          what: "100 MB tensor, \(name), one hop", ours: String(format: "%.2f ms", median(times) * 1e3),
          beside: String(format: "one copy %.1f ms", copy * 1e3), ratio: median(times) / copy, goal: "< 1 ms",
          isReached: median(times) < 1e-3))
    }
    return rows
  }
}

struct Silence: AttemptObserver {
  func log(_ attempt: UInt64, _ level: LogLevel, _ text: String, unixNanoseconds: Int64) {}
  func metric(_ attempt: UInt64, _ name: String, _ value: Double, unit: String, step: Int64, unixNanoseconds: Int64) {}
  func progress(_ attempt: UInt64, done: Double, total: Double, _ what: String) {}
  func checkpoint(_ attempt: UInt64, _ bytes: [UInt8]) {}
  func started(_ attempt: UInt64) {}
}
