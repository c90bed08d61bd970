internal import ArgumentParser
internal import Plugins
internal import Tasks
internal import Values
internal import Workflows
internal import Workspace

struct TaskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "task", abstract: "List the tasks that can be used, show how one is called, run its examples.",
    discussion: """
      EXAMPLES:
        assay task list
        assay task list --file churn.assay
        assay task show std.table.read_csv
        assay task test ./libwords.so
      """,
    subcommands: [TaskList.self, TaskShow.self, TaskTest.self])
}

struct TaskSource: ParsableArguments {
  @Option(
    name: .long, help: ArgumentHelp("The tasks that this document uses, instead.", valueName: "file"),
    completion: Candidates.documents)
  var file: String?
}

extension TaskSource {
  /// Of the document, or of all installed plugins.
  func tasks(_ workspace: Workspace, _ console: Console) throws(WorkspaceError) -> [InstalledTask] {
    if let file {
      let checked = try workspace.check(file)
      guard let program = checked.program else {
        throw WorkspaceError(.document, "", diagnostics: checked.diagnostics)
      }
      return program.tasks
    }
    var tasks: [InstalledTask] = []
    for (id, plugin) in try workspace.plugins() {
      switch plugin {
      case .success(let plugin): tasks += plugin.tasks
      case .failure(let error): console.warn("\(id) is left out: \(error.message)")
      }
    }
    return tasks
  }
}

/// Tasks as the command line shows them.
enum TaskText {
  static func table(_ tasks: [InstalledTask]) -> TextTable {
    var table = TextTable([
      .init(title: "TASK", isElastic: true), .init(title: "VERSION"), .init(title: "PHASE", rank: 2),
      .init(title: "TITLE", rank: 1, isElastic: true), .init(title: "PLUGIN", rank: 3, isElastic: true),
    ])
    for task in tasks {
      let signature = task.signature
      table.add([
        .init(signature.id), .init(signature.version), .init(signature.phase), .init(signature.title),
        .init(task.source.path),
      ])
    }
    return table
  }

  static func manual(_ task: InstalledTask, _ paint: Paint) -> String {
    let signature = task.signature
    var text = paint("\(signature.id) \(signature.version)", .strong)
    text += (signature.title.isEmpty ? "" : "  \(Text.harmless(signature.title))") + "\n"
    let prose = signature.prose
    if !prose.isEmpty { text += "\n" + Text.harmless(prose, lines: true) + "\n" }
    text += ports("inputs", signature.inputs, paint)
    text += ports("configuration", signature.configuration, paint)
    text += ports("outputs", signature.outputs, paint)
    var facts: [(String, String)] = []
    if !signature.phase.isEmpty { facts.append(("phase", signature.phase)) }
    if !signature.traits.words.isEmpty { facts.append(("promises", signature.traits.words.joined(separator: ", "))) }
    if !signature.secrets.isEmpty { facts.append(("secrets", signature.secrets.joined(separator: ", "))) }
    facts.append(("plugin", task.source.path))
    if let interpreter = task.source.interpreter { facts.append(("python", interpreter.version)) }
    facts.append(("code", task.code.short))
    let examples = signature.examples
    if !examples.isEmpty { text += "\n" + paint(examples.count == 1 ? "example" : "examples", .strong) + "\n" }
    text += examples.map { example in
      Text.harmless(example.text, lines: true).split(separator: "\n", omittingEmptySubsequences: false)
        .map { "  " + $0 + "\n" }.joined()
    }.joined(separator: "\n")
    text += "\n" + facts.map { Text.pad($0.0, 10) + Text.harmless($0.1) + "\n" }.joined()
    return text
  }

  private static func ports(_ title: String, _ ports: [Port], _ paint: Paint) -> String {
    guard !ports.isEmpty else { return "" }
    let names = ports.map { Text.width($0.name) }.max() ?? 0
    let declarations = ports.map(declaration)
    // A long type does not push all descriptions out of sight: its own goes to a line below.
    let width = declarations.map(Text.width).filter { $0 <= 50 }.max() ?? 0
    var text = "\n" + paint(title, .strong) + "\n"
    for (port, declaration) in zip(ports, declarations) {
      var line = "  " + Text.pad(port.name, names) + "  " + Text.pad(declaration, width)
      if !port.doc.isEmpty {
        if Text.width(declaration) > width { line += "\n  " + Text.pad("", names) + "  " + Text.pad("", width) }
        line += "  " + paint(Text.harmless(port.doc), .faint)
      }
      while line.last == " " { line.removeLast() }
      text += line + "\n"
    }
    return text
  }

  private static func declaration(_ port: Port) -> String {
    var text = "\(port.type)"
    if port.isOptional, !text.hasSuffix("?") { text += "?" }
    if !port.unit.isEmpty { text += " \(port.unit)" }
    if let value = port.default { text += " = \(value)" }
    return Text.harmless(text)
  }

  static func json(_ task: InstalledTask) -> JSON {
    let signature = task.signature
    return .object([
      .init("id", .string(signature.id)), .init("version", .string(signature.version)),
      .init("title", .string(signature.title)), .init("doc", .string(signature.prose)),
      .init("examples", .array(signature.examples.map { .string($0.text) })),
      .init("phase", .string(signature.phase)),
      .init("promises", .array(signature.traits.words.map { .string($0) })),
      .init("inputs", .array(signature.inputs.map(json))),
      .init("configuration", .array(signature.configuration.map(json))),
      .init("outputs", .array(signature.outputs.map(json))),
      .init("secrets", .array(signature.secrets.map { .string($0) })), .init("plugin", .string(task.source.path)),
      .init("code", .string("sha256:" + task.code.hex)),
    ])
  }

  private static func json(_ port: Port) -> JSON {
    var members: [JSON.Member] = [
      .init("name", .string(port.name)), .init("type", .string("\(port.type)")),
      .init("required", .bool(port.isRequired)),
    ]
    if !port.doc.isEmpty { members.append(.init("doc", .string(port.doc))) }
    if !port.unit.isEmpty { members.append(.init("unit", .string(port.unit))) }
    if let value = port.default { members.append(.init("default", value.json(limit: 1000))) }
    return .object(members)
  }
}
