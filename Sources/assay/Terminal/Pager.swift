internal import Glibc

/// Long output for a person goes through a pager, everything else straight out.
enum Pager {
  /// Shows `text` on standard output. A `command` that is `cat` or empty: no pager.
  static func show(_ text: String, through command: String, terminal: Terminal) {
    let size = TerminalSize.of(STDOUT_FILENO)
    let lines = text.utf8.reduce(into: 0) { $0 += $1 == 0x0A ? 1 : 0 }
    guard terminal.canPage, lines >= size.rows, !command.isEmpty, command != "cat" else { return Output.data(text) }
    // A plain `less` shows colours too, and leaves the text on the screen.
    setenv("LESS", "FRX", 0)
    guard let pipe = popen(command, "w") else { return Output.data(text) }
    // Ctrl-C is for the pager: to die before it would leave two readers on one terminal.
    let before = [SIGINT, SIGQUIT].map { ($0, signal($0, SIG_IGN)) }
    Output.write(text, to: fileno(pipe))
    let status = pclose(pipe)
    for (number, handler) in before { signal(number, handler) }
    // 127: the shell found no such pager.
    if status >> 8 == 127 { Output.data(text) }
  }
}
