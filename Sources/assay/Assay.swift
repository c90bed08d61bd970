internal import ArgumentParser
internal import Glibc
internal import Workspace

/// The command line: one file per command, in folders by noun.
@main
struct Assay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs typed, traced workflows whose tasks are C, Swift and Python plugins.",
    discussion: """
      EXAMPLES:
        assay check churn.assay                  look for mistakes
        assay plan churn.assay                   what would run, what would be reused
        assay run churn.assay --set data=q3.csv  run it
        assay runs show                          the newest run

      EXIT CODES:
        0 ok                    5 waits for a person
        1 the run failed        6 stopped by a budget
        2 wrong usage           7 a plugin or its environment does not load
        3 the document has      8 the store is locked, full or corrupt
          errors               70 a bug in assay
        4 not found           130 ended by SIGINT, 143 by SIGTERM
      """,
    version: Engine.version,
    groupedSubcommands: [
      CommandGroup(name: "Everyday", subcommands: [Init.self, Check.self, PlanCommand.self, Run.self]),
      CommandGroup(
        name: "Experiments",
        subcommands: [
          ExperimentCommand.self, GateCommand.self, Inbox.self, KnowledgeCommand.self, Watch.self, Serve.self,
        ]),
      CommandGroup(
        name: "Documents",
        subcommands: [Format.self, Fix.self, Explain.self, Graph.self, Spec.self, LanguageServerCommand.self]),
      CommandGroup(
        name: "Looking back",
        subcommands: [
          Runs.self, WhyCommand.self, ReproduceCommand.self, ArtifactCommand.self, PhasesCommand.self,
          ExportCommand.self, DatabaseCommand.self,
        ]),
      CommandGroup(name: "Plugins", subcommands: [TaskCommand.self, PluginCommand.self]),
      CommandGroup(
        name: "About",
        subcommands: [DoctorCommand.self, ConfigCommand.self, Manual.self, Completion.self, Version.self]),
    ])

  static func main() {
    // Who reads our output may leave early (`| head`): a failed write, not a death.
    signal(SIGPIPE, SIG_IGN)
    let code = launch(Array(CommandLine.arguments.dropFirst()))
    Glibc.exit(Output.isComplete ? code : complainAboutOutput(code))
  }

  /// Data that could not be written is no success.
  private static func complainAboutOutput(_ code: Int32) -> Int32 {
    Output.talk("error: cannot write to standard output: \(Output.reason)")
    return code == Status.ok.rawValue ? Status.failed.rawValue : code
  }

  /// Parses and performs; the exit code.
  static func launch(_ arguments: [String]) -> Int32 {
    let plain = Console(json: wantsJSON(arguments), color: colorChoice(arguments))
    if let error = unknownCommand(arguments) {
      plain.report(error)
      return error.exit.rawValue
    }
    do {
      var command = try parseAsRoot(arguments)
      guard let command = command as? any Command else {
        try command.run()
        return Status.ok.rawValue
      }
      let console = Console(command, Layout(project: command.shared.directory).settings)
      return perform(command, console)
    } catch {
      guard exitCode(for: error).isSuccess else {
        plain.report(usageError(error, arguments))
        return Status.usage.rawValue
      }
      Output.data(fullMessage(for: error))
      return Status.ok.rawValue
    }
  }

  /// Performs; the exit code.
  static func perform(_ command: any Command, _ console: Console) -> Int32 {
    do throws(WorkspaceError) { return try command.perform(console) } catch {
      console.report(error)
      return error.exit.rawValue
    }
  }
}
