internal import ArgumentParser
internal import Drawings
internal import Values
internal import Workflows
internal import Workspace

struct Graph: ProjectCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument { case text, dot, svg, json }

  static let configuration = CommandConfiguration(
    abstract: "Draw a workflow.",
    discussion: """
      EXAMPLES:
        assay graph churn.assay
        assay graph churn.assay --set model=forest
        assay graph churn.assay --format svg > churn.svg
        assay graph churn.assay --format dot | dot -Tpdf > churn.pdf
      """)

  @Argument(help: ArgumentHelp("The document.", valueName: "file"), completion: Candidates.documents)
  var file: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The workflow, where the document has several.", valueName: "name"),
    completion: Candidates.workflows)
  var workflow: String?

  @Option(
    name: .shortAndLong, parsing: .singleValue,
    help: ArgumentHelp("Draw this variant of a step. May be repeated.", valueName: "step=variant"),
    completion: Candidates.assignments)
  var set: [String] = []

  @Option(name: .long, help: "text, dot (Graphviz), svg or json.")
  var format: Format = .text

  @OptionGroup var shared: SharedOptions

  var wantsJSON: Bool { shared.json || format == .json }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let checked = try workspace.check(file)
    guard let program = checked.program else {
      throw WorkspaceError(.document, "\(file) has errors", diagnostics: checked.diagnostics)
    }
    let index = try Workspace.choose(workflow, of: program)
    var variants: [String: String] = [:]
    for assignment in set {
      guard let equals = assignment.firstIndex(of: "=") else {
        throw WorkspaceError(.usage, "--set wants step=variant, not `\(assignment)`")
      }
      variants[String(assignment[..<equals])] = String(assignment[assignment.index(after: equals)...])
    }
    let drawing = Drawing(program, workflow: index, variants: variants)
    switch console.json ? .json : format {
    case .text: console.page(drawing.text(ascii: !console.terminal.unicode))
    case .dot: Output.data(drawing.dot())
    case .svg: Output.data(drawing.svg())
    case .json: Output.data(drawing.json().pretty)
    }
    return ok
  }
}
