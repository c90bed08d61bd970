internal import ArgumentParser
internal import Workspace

struct Inbox: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "inbox", abstract: "List what waits for you, the newest first.",
    discussion: """
      Gates that you may answer: those that anybody may, and those of your roles (setting `people.roles`). Ends with 5 if \
      something waits, with 0 if nothing does.

      EXAMPLES:
        assay inbox
        assay inbox --all
        assay inbox --json | jq '.gates | length'
      """)

  @Flag(name: .long, help: "Also what waits for others.")
  var all = false
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let questions = try workspace.questions().filter { all || $0.role != nil }
    QuestionText.show(questions, "inbox", console, empty: "nothing waits for you")
    return questions.isEmpty ? ok : Status.waiting.rawValue
  }
}
