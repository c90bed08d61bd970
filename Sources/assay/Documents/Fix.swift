internal import ArgumentParser
internal import Diagnostics
internal import Syntax
internal import Values
internal import Workflows
internal import Workspace

struct Fix: ProjectCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make the corrections that are certain.",
    discussion: """
      Applies what `assay check` marks with (assay fix), and says what is left.

      EXAMPLES:
        assay fix churn.assay
        assay fix churn.assay --diff
      """)

  @Argument(help: ArgumentHelp("The documents.", valueName: "file"), completion: Candidates.documents)
  var files: [String]

  @Flag(name: .long, help: "Change nothing; print the changes.")
  var diff = false

  @Flag(name: .long, help: "Change nothing; say what would be done.")
  var dryRun = false

  @OptionGroup var shared: SharedOptions

  /// One correction can make another one possible.
  private static let maximumRounds = 10

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let writes = !diff && !dryRun
    var report = RewriteReport(verb: writes ? "fixed" : "would be fixed")
    for file in files {
      var checked = try workspace.check(file)
      var rounds = 0
      while let source = checked.trees.first?.file, rounds < Self.maximumRounds {
        let (text, applied) = checked.fixed(source)
        guard !applied.isEmpty else { break }
        try report.add(file, old: source.text, new: text, notes: applied.map(\.title), writes: writes)
        guard writes else { break }
        checked = try workspace.check(file)
        rounds += 1
      }
      report.diagnostics += writes ? checked.diagnostics : checked.diagnostics.filter { $0.fix == nil }
    }
    report.show(console, diff: diff)
    return report.diagnostics.contains { $0.severity == .error } ? Status.document.rawValue : ok
  }
}
