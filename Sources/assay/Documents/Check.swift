internal import ArgumentParser
internal import Diagnostics
internal import Values
internal import Workflows
internal import Workspace

struct Check: ProjectCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument { case text, json }

  static let configuration = CommandConfiguration(
    abstract: "Look for mistakes in documents.",
    discussion: """
      Reads each document and everything it uses, and reports what is wrong: on standard error as text, or on standard \
      output as JSON. Ends with 3 if there is an error, with 0 if there are at most warnings.

      EXAMPLES:
        assay check churn.assay
        assay check *.assay --format json
      """)

  @Argument(help: ArgumentHelp("The documents.", valueName: "file"), completion: Candidates.documents)
  var files: [String]

  @Option(name: .long, help: "text or json.")
  var format: Format = .text

  @OptionGroup var shared: SharedOptions

  var wantsJSON: Bool { shared.json || format == .json }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    var diagnostics: [Diagnostic] = []
    for file in files { diagnostics += try workspace.check(file).diagnostics }
    let errors = diagnostics.count { $0.severity == .error }
    let warnings = diagnostics.count { $0.severity == .warning }
    if console.json {
      console.document("assay.check/1", [.init("ok", .bool(errors == 0))] + JSON.diagnostics(diagnostics))
    } else {
      console.show(diagnostics)
      var found: [String] = []
      if errors > 0 { found.append(Text.count(errors, "error")) }
      if warnings > 0 { found.append(Text.count(warnings, "warning")) }
      let result = found.isEmpty ? "no problems" : found.joined(separator: ", ")
      console.talk((diagnostics.isEmpty ? "" : "\n") + "\(Text.count(files.count, "document")) checked: \(result)")
    }
    return errors > 0 ? Status.document.rawValue : ok
  }
}
