internal import ArgumentParser
internal import Values
internal import Workspace

struct ExportCheck: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Look for mistakes in event logs that readers take without a word.",
    discussion: """
      For OCEL 2.0 in JSON and for XES, whoever wrote them: relations to objects that are not there, types that are not \
      declared, identifiers that stand twice, missing and bad times, values of another type. Ends with 3 if there is an \
      error. Nothing that a file names is opened.

      EXAMPLES:
        assay export check log.json
        assay export check *.xes --json | jq .ok
      """)

  @Argument(help: ArgumentHelp("The logs.", valueName: "file"), completion: .file())
  var files: [String]

  @OptionGroup var shared: SharedOptions

  var needsSettings: Bool { false }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    var checks: [(path: String, check: LogCheck)] = []
    for file in files { checks.append((file, try workspace.checkLog(file))) }
    let isRight = checks.allSatisfy { $0.check.errors == 0 }
    if console.json {
      let logs = checks.map { path, check in
        JSON.object([
          .init("path", .string(path)), .init("format", check.format.map { .string($0) } ?? .null),
          .init("events", .int(Int64(check.events))), .init("objects", .int(Int64(check.objects))),
          .init("traces", .int(Int64(check.traces))), .init("errors", .int(Int64(check.errors))),
          .init("warnings", .int(Int64(check.warnings))),
        ])
      }
      console.document(
        "assay.export.check/1",
        [.init("ok", .bool(isRight)), .init("logs", .array(logs))]
          + JSON.diagnostics(checks.flatMap(\.check.diagnostics)))
    } else {
      for (path, check) in checks { tell(path, check, console) }
    }
    return isRight ? ok : Status.document.rawValue
  }

  private func tell(_ path: String, _ check: LogCheck, _ console: Console) {
    console.show(check.diagnostics)
    if !check.diagnostics.isEmpty { console.talk("") }
    var found: [String] = []
    if check.errors > 0 { found.append(Text.count(check.errors, "error")) }
    if check.warnings > 0 { found.append(Text.count(check.warnings, "warning")) }
    let result = found.isEmpty ? "no problems" : found.joined(separator: ", ")
    let about =
      switch check.format {
      case "ocel": "OCEL, \(Text.count(check.events, "event")), \(Text.count(check.objects, "object"))"
      case "xes": "XES, \(Text.count(check.events, "event")), \(Text.count(check.traces, "trace"))"
      default: "no event log"
      }
    console.talk("\(Text.harmless(path)): \(about): \(result)")
  }
}
