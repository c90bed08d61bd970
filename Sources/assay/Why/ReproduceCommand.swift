internal import ArgumentParser
internal import Comparisons
internal import Events
internal import Execution
internal import Settings
internal import Values
internal import Workspace

struct ReproduceCommand: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "reproduce", abstract: "Run a recorded run again and compare every output.",
    discussion: """
      Takes documents, inputs, variants, seeds and clock from the record, reuses nothing, and compares every output of \
      every call bit for bit. Names the first call that differs although its inputs are the same, and what may be the \
      cause. Ends with 0 if all is the same, 1 if it is within the tolerance, 2 if it is different, 3 if the run cannot \
      be repeated: its code or an input is not what or where it was.

      EXAMPLES:
        assay reproduce last
        assay reproduce 12 --tolerance 1e-9
        assay reproduce 12 --allow-changes   with the code that is there now
        assay reproduce 12 --json | jq .ladder
      """)

  @Argument(help: ArgumentHelp("The run's number, or last.", valueName: "run"), completion: Candidates.runs)
  var run: RunArgument

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How far floats may be apart: |a - b| / max(1, |a|, |b|). Everything else has to be the same.", valueName: "x"))
  var tolerance: Double?

  @Flag(name: .long, help: "Also if code has changed since.")
  var allowChanges = false

  @Option(name: .long, help: ArgumentHelp("How the run is shown: auto, live, plain or none", setting: .progress))
  var progress: ProgressChoice?

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let tolerance, !(tolerance >= 0 && tolerance.isFinite) {
      throw ValidationError("--tolerance must be a number that is not negative")
    }
    if progress == .json { throw ValidationError("--progress json is not for reproduce: use --json") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let signals = Signals.start()
    let original = try run.number(workspace)
    let prepared: Prepared
    switch try workspace.repetition(of: original, allowingChanges: allowChanges) {
    case .impossible(let reasons): return impossible(original, reasons, console)
    case .ready(let ready): prepared = ready
    }
    let choice = (progress ?? workspace.layout.settings.choice(.progress) ?? .auto).resolved(console.terminal)
    // Standard output is for the comparison.
    let watch = RunWatch(prepared, choice == .json ? .none : choice, console)
    let session: Session
    do throws(WorkspaceError) { session = try workspace.start(prepared, watch: watch.take) } catch {
      watch.end()
      throw error
    }
    watch.began(session.number)
    signals.handle { signal, count in watch.interrupted(signal, count, session) }
    let result = session.run()
    watch.end()
    if result.storeFailure != nil || result.status == .cancelled {
      return watch.conclude(result, run: session.number, signal: signals.first)
    }
    let reproduction = try workspace.reproduction(of: original, by: session.number, tolerance: tolerance)
    let text = ReproductionText(reproduction)
    if console.json {
      console.document("assay.reproduction/1", text.members)
    } else {
      Output.data(text.text(console.paint, console.glyphs))
    }
    return text.exit
  }

  private func impossible(_ run: Int64, _ reasons: [String], _ console: Console) -> Int32 {
    if console.json {
      console.document(
        "assay.reproduction/1",
        [
          .init("original", .int(run)), .init("verdict", "impossible"), .init("exit", 3),
          .init("reasons", .array(reasons.map { .string($0) })),
        ])
    }
    console.talk(
      console.talkPaint("error", .bad) + ": run \(run) cannot be repeated as it was\n"
        + reasons.prefix(12).map { "  \(console.glyphs.running) \(Text.harmless($0))\n" }.joined())
    if !allowChanges, reasons.contains(where: { $0.contains("has changed") || $0.contains("which is") }) {
      console.talk(
        console.talkPaint("help", .strong) + ": `--allow-changes` repeats it with the code that is there now")
    }
    return ReproductionText.impossible
  }
}
