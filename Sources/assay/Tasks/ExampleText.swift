internal import Diagnostics
internal import Tasks
internal import Values
internal import Workspace

/// Results of examples as the command line shows them.
struct ExampleText {
  private let paint: Paint
  private let glyphs: Glyphs
  private let color: Bool

  init(_ console: Console) {
    paint = console.paint
    glyphs = console.glyphs
    color = console.terminal.outputColor
  }

  /// One line for a task, and what went wrong below it.
  func lines(_ task: String, _ results: [ExampleResult]) -> String {
    let isGood = results.allSatisfy(\.isPassed)
    let sign = isGood ? paint(glyphs.done, .good) : paint(glyphs.failed, .bad)
    let took = Times.duration(nanoseconds: results.map(\.nanoseconds).reduce(0, +))
    let count = Self.count(results.count, "example")
    return "\(sign) \(Text.pad(task, 26))  \(paint("\(count), \(took)", .faint))\n" + results.map(failure).joined()
  }

  private func failure(_ result: ExampleResult) -> String {
    var lines: [String] = []
    switch result.verdict {
    case .passed: return ""
    case .different(let differences):
      for difference in differences {
        lines.append("example \(result.number): \(difference.code.split(separator: "\n").joined(separator: " "))")
        lines += difference.expected.map { paint("  - \(Text.harmless($0))", .bad) }
        lines += difference.actual.map { paint("  + \(Text.harmless($0))", .good) }
      }
    case .broken(let message, let diagnostics):
      lines.append("example \(result.number) cannot be run: \(Text.harmless(message))")
      lines += TextRenderer(color: color).render(diagnostics).split(separator: "\n").map { "  " + $0 }
    }
    return lines.map { "    " + $0 + "\n" }.joined()
  }

  func summary(_ results: [ExampleResult], _ silent: [String]) -> String {
    let failed = results.count { !$0.isPassed }
    let text = "\(Self.count(results.count, "example")): \(results.count - failed) passed, \(failed) failed"
    let rest = silent.isEmpty ? "" : "\nwithout examples: \(silent.joined(separator: ", "))"
    return paint(text, .strong) + rest + "\n"
  }

  private static func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

  /// The content of `assay.task.test/1`.
  static func members(_ results: [ExampleResult], _ silent: [String]) -> [JSON.Member] {
    let failed = results.count { !$0.isPassed }
    return [
      .init("passed", .int(Int64(results.count - failed))), .init("failed", .int(Int64(failed))),
      .init("examples", .array(results.map(json))),
      .init("without_examples", .array(silent.map { .string($0) })),
    ]
  }

  private static func json(_ result: ExampleResult) -> JSON {
    var members: [JSON.Member] = [
      .init("task", .string(result.task)), .init("number", .int(Int64(result.number))),
      .init("passed", .bool(result.isPassed)), .init("seconds", .float(Double(result.nanoseconds) / 1e9)),
      .init("text", .string(result.example.text)),
    ]
    func strings(_ lines: [String]) -> JSON { .array(lines.map { .string($0) }) }
    switch result.verdict {
    case .passed: break
    case .different(let differences):
      let items = differences.map { difference in
        JSON.object([
          .init("statement", .string(difference.code)), .init("expected", strings(difference.expected)),
          .init("actual", strings(difference.actual)),
        ])
      }
      members.append(.init("differences", .array(items)))
    case .broken(let message, let diagnostics):
      members.append(.init("message", .string(message)))
      members += JSON.diagnostics(diagnostics)
    }
    return .object(members)
  }
}
