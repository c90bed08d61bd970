internal import ArgumentParser
internal import Glibc

/// When output is coloured.
enum ColorChoice: String, CaseIterable, ExpressibleByArgument { case auto, always, never }

/// What the standard streams can show: facts, from which every decision about the look follows.
struct Terminal: Sendable, Equatable {
  /// Standard output goes to a person.
  var outputIsTerminal: Bool
  /// Standard error goes to a person.
  var errorIsTerminal: Bool
  var outputColor: Bool
  var errorColor: Bool
  /// The locale can show more than ASCII.
  var unicode: Bool
  /// The cursor can be moved on standard error, and somebody looks.
  var canRedraw: Bool
  /// Long output can go through a pager.
  var canPage: Bool

  /// - Parameter variable: looks up an environment variable.
  init(
    outputIsTerminal: Bool, errorIsTerminal: Bool, color: ColorChoice = .auto, variable: (String) -> String?
  ) {
    func isSet(_ name: String) -> Bool { variable(name).map { !$0.isEmpty } ?? false }
    func truth(_ name: String) -> Bool { isSet(name) && variable(name) != "0" && variable(name) != "false" }
    let dumb = variable("TERM") == "dumb"
    func colored(_ isTerminal: Bool) -> Bool {
      switch color {
      case .always: true
      case .never: false
      case .auto: !isSet("NO_COLOR") && (truth("CLICOLOR_FORCE") || isTerminal && !dumb && variable("CLICOLOR") != "0")
      }
    }
    self.outputIsTerminal = outputIsTerminal
    self.errorIsTerminal = errorIsTerminal
    outputColor = colored(outputIsTerminal)
    errorColor = colored(errorIsTerminal)
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(variable).first { !$0.isEmpty } ?? ""
    unicode = locale.uppercased().contains("UTF-8") || locale.uppercased().contains("UTF8")
    canRedraw = errorIsTerminal && !dumb && !truth("CI")
    canPage = outputIsTerminal && !dumb
  }

  /// Of this process, now.
  static func current(color: ColorChoice = .auto) -> Terminal {
    Terminal(
      outputIsTerminal: isatty(STDOUT_FILENO) == 1, errorIsTerminal: isatty(STDERR_FILENO) == 1, color: color,
      variable: environment)
  }
}

/// Columns and rows of a terminal.
struct TerminalSize: Sendable, Equatable {
  var columns: Int
  var rows: Int

  static let usual = TerminalSize(columns: 80, rows: 24)

  /// Of the terminal behind `descriptor`, else from `COLUMNS` and `LINES`, else the usual one.
  static func of(_ descriptor: Int32) -> TerminalSize {
    var window = winsize()
    if ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 {
      return TerminalSize(columns: Int(window.ws_col), rows: Int(window.ws_row))
    }
    func number(_ name: String) -> Int? { environment(name).flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } }
    return TerminalSize(columns: number("COLUMNS") ?? usual.columns, rows: number("LINES") ?? usual.rows)
  }
}

/// An environment variable, or nil.
func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
