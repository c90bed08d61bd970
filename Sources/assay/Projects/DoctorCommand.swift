internal import ArgumentParser
internal import Values
internal import Workspace

struct DoctorCommand: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Look for what is missing or wrong here, and say how to mend it.",
    discussion: """
      Looks at the settings, the store and its disk, the parts of the engine, plugins, Python, compilers, limits of the \
      machine and the terminal. Nothing is changed. Ends with 1 if there is a problem, with 0 if there are at most warnings.

      EXAMPLES:
        assay doctor
        assay doctor --json | jq -r '.findings[] | select(.status != "ok") | .fix'
      """)

  @Flag(name: .shortAndLong, help: "Show only what is not well.")
  var quiet = false

  @OptionGroup var shared: SharedOptions

  var needsSettings: Bool { false }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let findings = workspace.examine() + [Self.terminal(console.terminal)]
    let worst = findings.contains { $0.status == .problem } ? Status.failed : .ok
    if console.json {
      let all = findings.map { finding -> JSON in
        [
          "id": .string(finding.id), "status": .string(finding.status.rawValue), "detail": .string(finding.detail),
          "fix": .string(finding.fix),
        ]
      }
      console.document("assay.doctor/1", [.init("findings", .array(all))])
      return worst.rawValue
    }
    let width = findings.map { Text.width($0.id) }.max() ?? 0
    for finding in findings where !quiet || finding.status != .ok {
      let (glyph, style) = look(finding.status, console.glyphs)
      let word = finding.status == .ok ? "" : finding.status.rawValue + ": "
      Output.data(
        console.paint(glyph, style) + " " + Text.pad(finding.id, width) + "  " + console.paint(word, style)
          + Text.harmless(finding.detail))
      guard !finding.fix.isEmpty else { continue }
      Output.data(Text.pad("", width + 4) + console.paint("fix", .strong) + ": " + Text.harmless(finding.fix))
    }
    func count(_ status: Finding.Status) -> Int { findings.count { $0.status == status } }
    console.talk(
      "\(count(.ok)) ok, \(Text.count(count(.warning), "warning")), \(Text.count(count(.problem), "problem"))")
    return worst.rawValue
  }

  private func look(_ status: Finding.Status, _ glyphs: Glyphs) -> (String, Style) {
    switch status {
    case .ok: (glyphs.done, .good)
    case .warning: ("!", .warning)
    case .problem: (glyphs.failed, .bad)
    }
  }

  private static func terminal(_ terminal: Terminal) -> Finding {
    guard terminal.unicode else {
      return Finding("terminal", .warning, "the locale knows only ASCII: signs are plain", fix: "export LANG=C.UTF-8")
    }
    let kinds = [
      terminal.outputIsTerminal ? nil : "output is no terminal", terminal.outputColor ? "colour" : "no colour",
      terminal.canRedraw ? "live progress" : "plain progress",
    ]
    return Finding("terminal", .ok, kinds.compactMap(\.self).joined(separator: ", "))
  }
}
