import Foundation

/// Wall seconds of a piece of work.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = DispatchTime.now().uptimeNanoseconds
  try body()
  return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
}

func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
}

/// One line of the table: ours, the measure beside it in the same run, and their ratio.
struct Row {
  var what: String
  var ours: String
  var beside: String
  var ratio: Double
  /// What the ratio, or our own figure, should reach; and whether it does.
  var goal: String
  var isReached: Bool

  static func printTable(_ rows: [Row]) {
    let header = ["what", "ours", "beside it", "ratio", "goal", ""]
    let cells =
      [header]
      + rows.map {
        [
          $0.what, $0.ours, $0.beside, String(format: "%.2f", $0.ratio), $0.goal,
          $0.isReached ? "reached" : "not reached",
        ]
      }
    let widths = header.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    for line in cells {
      let text = zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
      print(text)
    }
  }
}

func rate(_ count: Int, _ seconds: Double) -> String { "\(Int(Double(count) / seconds))/s" }

/// Runs a program to its end and gives its output; throws when it fails.
@discardableResult
func execute(
  _ path: String, _ arguments: [String], in directory: String? = nil, _ variables: [String: String] = [:]
)
  throws -> String
{
  let process = Process()
  process.executableURL = URL(filePath: path)
  process.arguments = arguments
  if let directory { process.currentDirectoryURL = URL(filePath: directory) }
  process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
  let output = Pipe()
  process.standardOutput = output
  process.standardError = FileHandle.nullDevice
  try process.run()
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    throw BenchmarkError("\(path) \(arguments.joined(separator: " ")) exited with \(process.terminationStatus)")
  }
  return String(decoding: data, as: UTF8.self)
}

struct BenchmarkError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// What the process has cost so far.
struct ProcessorTime {
  var user: Double
  var system: Double
  var faults: Int
  var switches: Int

  static var now: ProcessorTime {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return ProcessorTime(
      user: seconds(usage.ru_utime), system: seconds(usage.ru_stime), faults: usage.ru_minflt,
      switches: usage.ru_nvcsw + usage.ru_nivcsw)
  }

  func since(_ before: ProcessorTime, calls: Int) -> String {
    String(
      format: "%.2f µs user, %.2f µs system, %.2f page faults, %.3f context switches a call",
      (user - before.user) * 1e6 / Double(calls), (system - before.system) * 1e6 / Double(calls),
      Double(faults - before.faults) / Double(calls), Double(switches - before.switches) / Double(calls))
  }
}
