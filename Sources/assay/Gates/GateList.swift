internal import ArgumentParser
internal import Events
internal import Experiments
internal import Values
internal import Workflows
internal import Workspace

struct GateList: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the gates of all experiments that wait, the newest first.",
    discussion: """
      EXAMPLES:
        assay gate list
        assay gate list --json | jq '.gates[].gate'
      """)

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    QuestionText.show(try workspace.questions(), "gates", console, empty: "no gate waits")
    return ok
  }
}

/// What waits for people.
enum QuestionText {
  static func show(_ questions: [Question], _ schema: String, _ console: Console, empty: String) {
    if console.json {
      console.document("assay.\(schema)/1", [.init("gates", .array(questions.map { .object($0.members) }))])
      return
    }
    var table = TextTable([
      .init(title: "EXPERIMENT", isNumber: true), .init(title: "NAME", isElastic: true), .init(title: "GATE"),
      .init(title: "SINCE"), .init(title: "ANSWERS", isElastic: true), .init(title: "BY", rank: 1),
      .init(title: "QUESTION", rank: 2, isElastic: true),
    ])
    for question in questions {
      table.add([
        .init("\(question.record.number)"), .init(question.record.name), .init(question.gate.name),
        .init(Times.local(unixNanoseconds: question.gate.beganAt)),
        .init(question.gate.gate.answers.joined(separator: ", ")),
        .init(question.roles.isEmpty ? "anybody" : question.roles.joined(separator: ", ")),
        .init(question.gate.gate.question),
      ])
    }
    console.show(table, empty: empty)
  }
}
