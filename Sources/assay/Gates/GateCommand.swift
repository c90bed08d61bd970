internal import ArgumentParser

struct GateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate", abstract: "Gates of experiments: places where a person is asked.",
    discussion: """
      Gates wait as long as they have to, whether an engine runs or not.

      EXAMPLES:
        assay gate list
        assay gate show 4 review
        assay gate answer 4 review continue --reason "worth it"
        assay gate delegate 4 review grace
      """,
    subcommands: [GateList.self, GateShow.self, GateAnswer.self, GateDelegate.self])
}
