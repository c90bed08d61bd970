internal import ArgumentParser
internal import Diagnostics
internal import Syntax
internal import Values
internal import Workspace

struct Format: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt", abstract: "Bring documents into the canonical layout.",
    discussion: """
      Only spaces and line breaks change, never a word or a comment. A document with mistakes of form stays as it is.

      EXAMPLES:
        assay fmt churn.assay
        assay fmt --check *.assay       ends with 1 if one is not in this layout
        assay fmt --diff churn.assay    shows what would change
      """)

  @Argument(help: ArgumentHelp("The documents.", valueName: "file"), completion: Candidates.documents)
  var files: [String]

  @Flag(name: .long, help: "Change nothing; end with 1 if something would change.")
  var check = false

  @Flag(name: .long, help: "Change nothing; print the changes.")
  var diff = false

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    var report = RewriteReport(verb: check || diff ? "would be formatted" : "formatted")
    for file in files {
      let tree = try workspace.parse(file)
      let errors = tree.diagnostics.filter { $0.severity == .error }
      report.diagnostics += errors
      let old = tree.file.text
      let new: String
      do throws(EditConflict) { new = try apply(Formatter.format(tree), to: old) } catch {
        throw WorkspaceError(.bug, "the formatter's edits of \(file) overlap")
      }
      try report.add(file, old: old, new: new, writes: !check && !diff)
    }
    report.show(console, diff: diff)
    if !report.diagnostics.isEmpty { return Status.document.rawValue }
    return check && report.hasChanges ? Status.failed.rawValue : ok
  }
}
