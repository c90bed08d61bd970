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
    let script = Assay.completionScript(for: shell.parsers) + (shell == .bash ? Self.wholeWords : "")
    if console.json {
      console.document(
        "assay.completion/1", [.init("shell", .string(shell.rawValue)), .init("script", .string(script))])
    } else {
      Output.data(script)
    }
    return ok
  }

  /// bash takes `model=forest` and `3:report` for three words each.
  private static let wholeWords = #"""

    # Puts words together that bash takes apart at = and :, and takes off again what is on the line already.
    _assay_whole_words() {
        local -a words=()
        local -i index place=0
        local glue="" word
        for index in "${!COMP_WORDS[@]}"; do
            word="${COMP_WORDS[index]}"
            if [[ "${index}" -gt 0 && ("${word}" = [=:] || -n "${glue}") ]]; then
                words[-1]+="${word}"
                [[ "${word}" = [=:] ]] && glue=1 || glue=""
            else
                words+=("${word}")
            fi
            [[ "${index}" -eq "${COMP_CWORD}" ]] && place=$((${#words[@]} - 1))
        done
        word="${COMP_WORDS[COMP_CWORD]}"
        [[ "${word}" = [=:] ]] && word=""
        local head="${words[place]%"${word}"}"
        local -a COMP_WORDS=("${words[@]}")
        local -i COMP_CWORD="${place}"
        _assay "${1}" "${words[place]}" "${words[place - 1]}"
        [[ -z "${head}" ]] || COMPREPLY=("${COMPREPLY[@]#"${head}"}")
    }
    complete -o filenames -F _assay_whole_words assay

    """#
}
