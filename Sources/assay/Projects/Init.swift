internal import ArgumentParser
internal import Values
internal import Workspace

struct Init: Command {
  static let configuration = CommandConfiguration(
    abstract: "Make a project that runs.",
    discussion: """
      Writes a workflow, a task to begin with, assay.toml, a test and a README. Files that exist are never overwritten.

      EXAMPLES:
        assay init churn                    tasks in Python
        assay init churn --template c
        assay init . --template workflow    in the current folder
        assay init --list
      """)

  @Argument(help: ArgumentHelp("The folder to make (default: the current one).", valueName: "dir"))
  var target: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("What to begin with.", valueName: "name"))
  var template: Template = .python

  @Flag(name: .long, help: "Show the templates that there are.")
  var list = false

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console) throws(WorkspaceError) -> Int32 {
    if list { return show(console) }
    let directory = Layout.absolute(target ?? shared.directory ?? ".")
    let project = try NewProject(template, at: directory, from: Layout(project: directory).installation)
    let next =
      (directory == Layout.absolute(".") ? [] : [("cd \(RunSummaryText.quoted(target ?? directory))", "")])
      + template.next
    if console.json {
      console.document(
        "assay.init/1",
        [
          .init("template", .string(template.rawValue)), .init("directory", .string(directory)),
          .init("files", .array(project.files.map { .string($0) })),
          .init("kept", .array(project.kept.map { .string($0) })),
          .init("next", .array(next.map { .string($0.0) })),
        ])
      return ok
    }
    console.talk(
      "\(console.glyphs.done) \(Text.count(project.files.count, "file")) in \(Text.harmless(directory)): \(template.summary)"
    )
    for file in project.kept { console.warn("\(file) was there already and is left as it is") }
    let width = next.map { Text.width($0.0) }.max() ?? 0
    console.talk("next:")
    for (command, purpose) in next {
      console.talk(
        "  " + (purpose.isEmpty ? command : Text.pad(command, width) + "  " + console.talkPaint(purpose, .faint)))
    }
    return ok
  }

  private func show(_ console: Console) -> Int32 {
    if console.json {
      let templates = Template.allCases.map { template -> JSON in
        ["name": .string(template.rawValue), "summary": .string(template.summary)]
      }
      console.document("assay.templates/1", [.init("templates", .array(templates))])
      return ok
    }
    var table = TextTable([.init(title: "TEMPLATE"), .init(title: "WHAT", isElastic: true)])
    for template in Template.allCases { table.add([.init(template.rawValue), .init(template.summary)]) }
    console.show(table, empty: "")
    return ok
  }
}

extension Template: ExpressibleByArgument {}
