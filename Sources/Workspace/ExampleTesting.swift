package import Diagnostics
internal import Events
internal import Execution
internal import Foundation
package import Plugins
package import Tasks
internal import Traces
internal import Values
internal import Workflows

/// How an example of a task's documentation fared.
package struct ExampleResult: Sendable {
  package enum Verdict: Sendable {
    case passed
    /// Something is not as stated.
    case different([Difference])
    /// The example could not be run: its document has mistakes, or a step before the last failed.
    case broken(String, [Diagnostic])
  }

  package struct Difference: Sendable {
    package var code: String
    package var expected: [String]
    package var actual: [String]
  }

  package var task: String
  /// Among the examples of the task, from 1.
  package var number: Int
  package var example: TaskExample
  package var verdict: Verdict
  package var nanoseconds: Int64

  package var isPassed: Bool { if case .passed = verdict { true } else { false } }
}

/// Runs examples as a user would: as documents, through the whole engine, in a store that exists for them alone.
///
/// Make one for many examples: worker processes are shared. Not thread-safe; `close` it.
package final class ExampleRunner {
  private let workspace: Workspace
  private let directory: String

  /// - Parameter layout: of the project whose plugins the examples may use. Nothing is written there.
  package init(layout: Layout, notice: @escaping @Sendable (String) -> Void) throws(WorkspaceError) {
    directory = NSTemporaryDirectory() + "assay-examples-" + UUID().uuidString
    var layout = layout
    layout.project = directory
    layout.store = directory + "/.assay"
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw WorkspaceError(.store, "cannot create \(directory): \(error.localizedDescription)")
    }
    workspace = Workspace(layout: layout, notice: notice)
  }

  package func close() {
    workspace.close()
    // What is left in a temporary folder harms nobody.
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// Runs the examples of a task, in order. `named`: the plugin's id, or the path of its file.
  package func run(_ task: InstalledTask, of plugin: Plugin, named: String) -> [ExampleResult] {
    task.signature.examples.enumerated().map { index, example in
      let begin = ContinuousClock.now
      let verdict = verdict(example, plugin, named)
      let took = begin.duration(to: .now)
      let nanoseconds = took.components.seconds * 1_000_000_000 + took.components.attoseconds / 1_000_000_000
      return ExampleResult(
        task: task.signature.id, number: index + 1, example: example, verdict: verdict, nanoseconds: nanoseconds)
    }
  }

  private func verdict(_ example: TaskExample, _ plugin: Plugin, _ named: String) -> ExampleResult.Verdict {
    let alias = plugin.id.split(separator: ".").last.map(String.init) ?? plugin.id
    let isPath = named.hasSuffix(".so") || named.hasSuffix(".py") || named.contains("/")
    let use = isPath ? "\(JSON.string(Layout.absolute(named)).compact) as \(alias)" : named
    let document = ExampleDocument(example, use: use) { callee in outputs(of: callee, example, plugin, alias) }
    let path = directory + "/example.assay"
    do throws(WorkspaceError) {
      do { try Data(document.text.utf8).write(to: URL(filePath: path)) } catch {
        throw WorkspaceError(.store, "cannot write \(path): \(error.localizedDescription)")
      }
      var request = RunRequest(file: path)
      request.reuses = false
      request.durability = .normal
      request.grace = .seconds(2)
      let session = try workspace.start(try workspace.prepare(request)) { _ in }
      return judge(example, document, session.run())
    } catch {
      return .broken(error.message, error.diagnostics)
    }
  }

  /// The output names of `alias.task`, in the plugin under test or one that the example uses.
  private func outputs(of callee: String, _ example: TaskExample, _ plugin: Plugin, _ alias: String) -> [String]? {
    let words = callee.split(separator: ".").map(String.init)
    guard words.count > 1, let prefix = words.first else { return nil }
    let name = words.dropFirst().joined(separator: ".")
    if prefix == alias { return plugin.task(named: name)?.signature.outputs.map(\.name) }
    for statement in example.statements where statement.code.hasPrefix("use ") {
      let parts = statement.code.split(separator: " ").map(String.init)
      guard parts.count > 1 else { continue }
      let known = parts.count == 4 && parts[2] == "as" ? parts[3] : parts[1].split(separator: ".").last.map(String.init)
      guard known == prefix, let other = try? workspace.plugin(parts[1]) else { continue }
      return other.task(named: name)?.signature.outputs.map(\.name)
    }
    return nil
  }

  private func judge(_ example: TaskExample, _ document: ExampleDocument, _ result: RunResult) -> ExampleResult.Verdict
  {
    var failed: (step: String, failure: Failure)?
    if result.status != .succeeded {
      guard let failure = result.failure else { return .broken(result.message, []) }
      guard document.shown.contains(where: { $0.step == failure.step }) else { return .broken(result.message, []) }
      failed = (failure.step, failure.failure)
    }
    var differences: [ExampleResult.Difference] = []
    for shown in document.shown {
      if let failed, failed.step != shown.step { continue }
      let actual = failed.map { [Self.entry($0.failure)] } ?? entries(shown, result)
      let statement = example.statements[shown.statement]
      let expected = ExampleComparison.entries(statement.expected)
      let wrong = expected.filter { stated in !actual.contains { ExampleComparison.matches(stated, $0) } }
      let isExpectedToFail = expected.contains { $0.name == "fails" }
      if wrong.isEmpty, failed == nil || isExpectedToFail { continue }
      // Only what was talked about, unless it is something else altogether.
      let named = actual.filter { one in wrong.contains { $0.name == one.name } }
      differences.append(
        ExampleResult.Difference(
          code: statement.code, expected: wrong.flatMap(\.text),
          actual: (named.isEmpty || named.count < wrong.count ? actual : named).flatMap(\.text)))
    }
    return differences.isEmpty ? .passed : .different(differences)
  }

  /// `fails: csv.ragged: line 3 has 2 fields`; the message may be left out where it is stated.
  private static func entry(_ failure: Failure) -> ExampleComparison.Entry {
    ExampleComparison.Entry("fails", ["\(failure.code): \(failure.message)"])
  }

  private func entries(_ shown: ExampleDocument.Shown, _ result: RunResult) -> [ExampleComparison.Entry] {
    shown.outputs.compactMap { output, name in
      guard let value = result.outputs.first(where: { $0.name == output })?.value else { return nil }
      return ExampleComparison.Entry(name, lines(value))
    }
  }

  /// A small text file is shown by its lines, a directory by what is in it.
  private func lines(_ value: Value) -> [String] {
    switch value {
    case .file(let file):
      guard file.size <= 65_536, let data = FileManager.default.contents(atPath: file.path),
        let text = String(data: data, encoding: .utf8), !text.contains("\0")
      else { return ["a file of \(ByteSize.text(file.size))"] }
      return text.split(whereSeparator: \.isNewline).map { "| " + $0 }
    case .directory(let folder):
      let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
      return names.sorted().map { "| " + $0 }
    case .list(let items) where items.contains(where: \.isContent):
      return items.flatMap(lines)
    default: return value.exampleLines
    }
  }
}

extension Value {
  fileprivate var isContent: Bool {
    switch self {
    case .file, .directory: true
    default: false
    }
  }
}
