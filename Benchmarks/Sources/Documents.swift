import Diagnostics
import Foundation
import Workflows
import Workspace

/// Reading large documents: how long it takes to parse and check one, and how that grows with its length.
struct Documents {
  let workspace: Workspace
  let repeats: Int
  static let sizes = [1_000, 3_000, 10_000, 30_000, 100_000]

  /// A workflow of so many steps, each with two arguments, one of them an output of the step before. Every tenth has
  /// options and a condition.
  static func text(steps: Int) -> String {
    var lines = ["assay 1", "use std.text as text", "workflow large {", "  in name: string = \"x\""]
    lines.reserveCapacity(steps + 8)
    for number in 0..<steps {
      let before = number == 0 ? "name" : "s\(number - 1).text\((number - 1) % 10 == 9 ? " ?? name" : "")"
      let more = number % 10 == 9 ? " when size(name) > 0 @preparation { retry 2 }" : ""
      lines.append("  step s\(number) = text.greet(name: \(before), greeting: \"Hello \(number)\")\(more)")
    }
    lines += ["  out last: string = s\(steps - 1).text ?? \"\"", "}", ""]
    return lines.joined(separator: "\n")
  }

  /// The same calls in Python, to set it beside Python's own parser, which checks nothing.
  static func python(steps: Int) -> String {
    var lines = ["name = 'x'"]
    for number in 0..<steps {
      lines.append(
        "s\(number) = greet(name=\(number == 0 ? "name" : "s\(number - 1).text"), greeting='Hello \(number)')")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Seconds to parse and check, from the text to a program.
  private func checked(_ text: String) throws -> Double {
    let library = try workspace.library()
    return try seconds {
      let result = check(SourceFile(path: "large.assay", text: text), library: library)
      guard result.program != nil else { throw BenchmarkError("\(result.diagnostics.first?.message ?? "not checked")") }
    }
  }

  func rows(in folder: String) throws -> [Row] {
    _ = try checked(Self.text(steps: 10))
    var times: [Int: [Double]] = [:]
    var python: [Double] = []
    let script = folder + "/large.py"
    try Self.python(steps: 100_000).write(toFile: script, atomically: true, encoding: .utf8)
    let parse =
      "import ast,time;t=open('\(script)').read();s=time.perf_counter();ast.parse(t);print(time.perf_counter()-s)"
    let texts = Self.sizes.map { ($0, Self.text(steps: $0)) }
    for _ in 0..<max(5, repeats) {
      for (steps, text) in texts { times[steps, default: []].append(try checked(text)) }
      let output = try execute("/usr/bin/python3", ["-c", parse])
      python.append(Double(output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? .nan)
    }
    let middle = times.mapValues(median)
    let time = middle[100_000] ?? .nan
    let exponent = Self.exponent(middle)
    return [
      Row(
        what: "parse and check 100,000 steps", ours: String(format: "%.2f s", time),
        beside: String(format: "Python's ast.parse of the calls %.2f s", median(python)), ratio: time / median(python),
        goal: "< 1 s", isReached: time < 1),
      Row(
        what: "growth of the same, 10³ to 10⁵ steps", ours: String(format: "n^%.3f", exponent),
        beside: Self.sizes.map { String(format: "%.1f", (middle[$0] ?? .nan) * 1e6 / Double($0)) }.joined(
          separator: " ")
          + " µs a step", ratio: exponent, goal: "≤ 1.05", isReached: exponent <= 1.05),
    ]
  }

  /// The slope of log time over log size, by least squares.
  static func exponent(_ times: [Int: Double]) -> Double {
    let points = times.map { (x: log(Double($0)), y: log($1)) }
    let x = points.reduce(0) { $0 + $1.x } / Double(points.count)
    let y = points.reduce(0) { $0 + $1.y } / Double(points.count)
    return points.reduce(0) { $0 + ($1.x - x) * ($1.y - y) } / points.reduce(0) { $0 + ($1.x - x) * ($1.x - x) }
  }
}
