internal import ArgumentParser
internal import Diagnostics
internal import Events
internal import Glibc
internal import Tasks
internal import Traces
internal import Values
internal import Workspace

struct RunsLogs: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Print what the tasks of a run logged.",
    discussion: """
      With --json one object per line.

      EXAMPLES:
        assay runs logs                        of the newest run
        assay runs logs 12 fit 'eval[3]'       of a step and of one call of another
        assay runs logs --level warning --since 10m
        assay runs logs 12 --tail 20 --follow
      """)

  @Argument(
    help: ArgumentHelp("The run's number, or last (the default).", valueName: "run"), completion: Candidates.runs)
  var run: RunArgument?

  @Argument(
    help: ArgumentHelp("Only of these steps, sub-workflows (ready) or calls (fit[3]).", valueName: "step"),
    completion: Candidates.stepsOfRun)
  var steps: [String] = []

  @Flag(name: .shortAndLong, help: "Wait for more until the run ends.")
  var follow = false

  @Option(name: .long, help: ArgumentHelp("debug, info, warning or error, and what is worse.", valueName: "level"))
  var level: LogLevel = .debug

  @Option(
    name: .long, help: ArgumentHelp("Since 5m ago, 10:24 today, or 2026-11-21 10:24:05.", valueName: "moment"))
  var since: MomentArgument?

  @Option(name: .long, help: ArgumentHelp("Begin with the last n lines.", valueName: "n"))
  var tail: Int?

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let tail, tail < 0 { throw ValidationError("--tail must not be negative") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let number = try (run ?? .last).number(workspace)
    var names = NodeNames(try workspace.report(on: number).detail.steps.map(\.step.path))
    for step in steps { try names.require(step) }
    var seen: Int64 = 0
    var isOver = !follow
    var isFirst = true
    while true {
      let page = try workspace.logs(of: number, after: seen)
      seen = page.last?.sequence ?? seen
      if page.contains(where: { !names.knows($0.line.node) }) {
        names.learn(try workspace.unfinished(in: number).map(\.node))
        names.learn(try workspace.attempts(of: number).map(\.node))
      }
      var lines = page.map(\.line).filter { isWanted($0, names) }
      if isFirst, let tail { lines = lines.suffix(tail) }
      isFirst = false
      let text = lines.map { LogText.line($0, names[$0.node], json: console.json, console.paint) }.joined()
      if !follow, !console.json {
        console.page(text)
      } else if !Output.write(text, to: STDOUT_FILENO) {
        return ok
      }
      if isOver { return ok }
      // What was logged before the end may have been committed since the last look: look once more.
      isOver = try workspace.summary(of: number).status != .running
      if !isOver { usleep(200_000) }
    }
  }

  private func isWanted(_ line: LogLine, _ names: NodeNames) -> Bool {
    line.level >= level && line.at >= since?.nanoseconds ?? .min
      && (steps.isEmpty || steps.contains { names.matches(line.node, $0) })
  }
}

extension LogLevel: ExpressibleByArgument {
  /// From its word.
  public init?(argument: String) {
    guard let level = LogLevel.allCases.first(where: { $0.word == argument }) else { return nil }
    self = level
  }
  package static var allValueStrings: [String] { allCases.map(\.word) }
  package var defaultValueDescription: String { word }
}

/// The names of a run's nodes, as far as they are on record.
struct NodeNames {
  private let steps: [String]
  private var nodes: [Int: NodeReference] = [:]

  init(_ steps: [String]) { self.steps = steps }

  mutating func learn(_ references: [NodeReference]) { for node in references { nodes[node.node] = node } }

  func knows(_ node: Int) -> Bool { node < 0 || nodes[node] != nil }

  subscript(node: Int) -> (step: String, item: String) {
    guard let reference = nodes[node], steps.indices.contains(reference.step) else {
      return (node < 0 ? "" : "node \(node)", "")
    }
    return (steps[reference.step], reference.item)
  }

  /// Whether a node is meant by `fit`, `fit[3]`, or `ready` of `ready.fit`.
  func matches(_ node: Int, _ wanted: String) -> Bool {
    let (step, item) = self[node]
    return wanted == step || wanted == step + item || step.hasPrefix(wanted + ".")
  }

  func require(_ wanted: String) throws(WorkspaceError) {
    let name = String(wanted.prefix { $0 != "[" })
    guard !steps.contains(where: { $0 == name || $0.hasPrefix(name + ".") }) else { return }
    let near = nearest(name, steps).map { "did you mean `\($0)`?" }
    throw WorkspaceError(
      .notFound, "the run has no step `\(name)`", help: near ?? "steps: \(steps.joined(separator: ", "))")
  }
}

enum LogText {
  static func line(_ line: LogLine, _ name: (step: String, item: String), json: Bool, _ paint: Paint) -> String {
    if json {
      return JSON.object([
        .init("v", 1), .init("time", .string(Times.iso(unixNanoseconds: line.at))), .init("type", "log"),
        .init("step", .string(name.step)), .init("item", .string(name.item)),
        .init("attempt", .int(Int64(line.attempt))), .init("level", .string(line.level.word)),
        .init("text", .string(line.text)),
      ]).compact + "\n"
    }
    let place = name.step.isEmpty ? "run" : name.step + name.item
    let lead = paint("\(Times.timeOfDay(unixNanoseconds: line.at)) \(place) |", .faint) + " "
    let mark = line.level >= .warning ? "\(line.level.word): " : ""
    return Text.harmless(mark + line.text, lines: true).split(separator: "\n", omittingEmptySubsequences: false).map {
      lead + paint(String($0), line.level.style) + "\n"
    }.joined()
  }
}
