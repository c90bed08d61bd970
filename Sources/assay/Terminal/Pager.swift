internal import Glibc

/// Long lists for a person go through a pager, everything else straight out.
enum Pager {
  /// Shows `text` on standard output. `$ASSAY_PAGER`, `$PAGER`, else `less -FRX`; `cat` or an empty value: none.
  static func show(_ text: String, terminal: Terminal, isAllowed: Bool) {
    let size = TerminalSize.of(STDOUT_FILENO)
    let lines = text.utf8.reduce(into: 0) { $0 += $1 == 0x0A ? 1 : 0 }
    let command = environment("ASSAY_PAGER") ?? environment("PAGER") ?? "less -FRX"
    guard isAllowed, terminal.canPage, lines >= size.rows, !command.isEmpty, command != "cat",
      let pipe = popen(command, "w")
    else { return Output.data(text) }
    let before = signal(SIGPIPE, SIG_IGN)
    Output.write(text, to: fileno(pipe))
    let status = pclose(pipe)
    signal(SIGPIPE, before)
    // 127: the shell found no such pager.
    if status >> 8 == 127 { Output.data(text) }
  }
}
