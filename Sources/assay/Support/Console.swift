internal import Diagnostics
internal import Glibc
internal import Settings
internal import Values
internal import Workspace

/// How a command talks: data to standard output, everything else to standard error.
struct Console: Sendable {
  var terminal: Terminal
  var json: Bool
  /// The program through which long output on a terminal goes, or nil.
  var pager: String?

  /// For standard output.
  var paint: Paint { Paint(terminal.outputColor) }
  /// For standard error.
  var talkPaint: Paint { Paint(terminal.errorColor) }
  var glyphs: Glyphs { .of(terminal) }

  init(json: Bool, color: ColorChoice) {
    terminal = .current(color: color)
    self.json = json
  }

  /// As a command wants it, and where it has no opinion the settings.
  init(_ command: any Command, _ settings: Settings) {
    let shared = command.shared
    self.init(json: command.wantsJSON, color: shared.color ?? settings.choice(.color) ?? .auto)
    pager = shared.noPager ? nil : settings.text(.pager)
  }

  /// Columns of standard output, or nil where nobody looks.
  var columns: Int? { terminal.outputIsTerminal ? TerminalSize.of(STDOUT_FILENO).columns : nil }

  /// The one JSON document of a command.
  func document(_ schema: String, _ members: [JSON.Member]) {
    Output.data(Console.envelope(schema, members).pretty)
  }

  /// The same, of which something is long.
  func document(_ schema: String, parts: [JSON.Part]) {
    JSON.write([.member("schema", .string(schema))] + parts) { Output.write($0, to: STDOUT_FILENO) }
    Output.write("\n", to: STDOUT_FILENO)
  }

  static func envelope(_ schema: String, _ members: [JSON.Member]) -> JSON {
    .object([.init("schema", .string(schema))] + members)
  }

  /// A list as data; where it is empty that is only talk.
  func show(_ table: TextTable, empty: String) {
    guard !table.rows.isEmpty else { return talk(empty) }
    page(table.text(paint: paint, available: columns))
  }

  /// Data that may be long: through a pager where a person looks.
  func page(_ text: String) {
    if let pager { Pager.show(text, through: pager, terminal: terminal) } else { Output.data(text) }
  }

  /// About long work that is no run: such as building an environment.
  func notice(_ text: String) {
    let lines = Text.harmless(text, lines: true).split(separator: "\n")
    for line in lines { Output.talk(talkPaint("\(glyphs.running) \(line)", .faint)) }
  }

  func warn(_ text: String) { Output.talk(talkPaint("warning", .warning) + ": " + Text.harmless(text, lines: true)) }

  func talk(_ text: String) { Output.talk(text) }

  /// Diagnostics as text on standard error.
  func show(_ diagnostics: [Diagnostic]) {
    guard !diagnostics.isEmpty else { return }
    Output.talk(TextRenderer(color: terminal.errorColor).render(diagnostics))
  }

  /// An error: words on standard error and, for programs, a document on standard output.
  func report(_ error: WorkspaceError) {
    show(error.diagnostics)
    if !error.message.isEmpty, error.diagnostics.isEmpty || error.exit != .document {
      Output.talk(talkPaint("error", .bad) + ": " + Text.harmless(error.message, lines: true))
    }
    if !error.help.isEmpty { Output.talk(talkPaint("help", .strong) + ": " + Text.harmless(error.help, lines: true)) }
    // On one line, so that it is also the last line of a stream.
    if json { Output.data(Console.envelope("assay.error/1", error.members).compact) }
  }
}
