internal import ArgumentParser
internal import Values
internal import Workspace

struct Completion: Command {
  enum Shell: String, CaseIterable, ExpressibleByArgument {
    case bash, zsh, fish
    var parsers: CompletionShell {
      switch self {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "completion", abstract: "Print a script with which a shell completes commands.",
    discussion: """
      It knows commands and options, and asks assay for runs, steps, inputs, variants, tasks, plugins and artifacts.

      EXAMPLES:
        source <(assay completion bash)     in ~/.bashrc
        assay completion zsh > ~/.zfunc/_assay
        assay completion fish > ~/.config/fish/completions/assay.fish
      """)

  @Argument(help: ArgumentHelp("bash, zsh or fish.", valueName: "shell"))
  var shell: Shell

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console) -> Int32 {
    let script = Assay.completionScript(for: shell.parsers)
    if console.json {
      console.document(
        "assay.completion/1", [.init("shell", .string(shell.rawValue)), .init("script", .string(script))])
    } else {
      Output.data(script)
    }
    return ok
  }
}
