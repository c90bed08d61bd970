internal import ArgumentParser
internal import Artifacts
internal import Workspace

/// What `pin` and `unpin` are about.
struct PinArguments: ParsableArguments {
  @Argument(help: ArgumentHelp("Artifacts: names, outputs of runs, digits of digests.", valueName: "artifact"))
  var artifacts: [String] = []

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("All that this run refers to. May be repeated.", valueName: "number"))
  var run: [Int64] = []

  func validate() throws {
    if artifacts.isEmpty, run.isEmpty { throw ValidationError("name an artifact, or a run with --run") }
  }

  func pins(_ workspace: Workspace) throws(WorkspaceError) -> [NameRecord.Pin] {
    var pins = run.map { NameRecord.Pin.run($0) }
    for artifact in artifacts {
      guard let digest = try workspace.find(artifact).digest else {
        throw WorkspaceError(
          .usage, "`\(artifact)` is a small value, which lies in the trace", help: "there is nothing to be collected")
      }
      pins.append(.artifact(digest))
    }
    return pins
  }
}

struct ArtifactPin: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "pin", abstract: "Keep an artifact, or a run's, from being collected.",
    discussion: """
      EXAMPLES:
        assay artifact pin --run 12 --reason "figures of the paper"
        assay artifact pin 3fa4b6c1
      """)

  @OptionGroup var pin: PinArguments
  @OptionGroup var why: ReasonOption
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let records = try workspace.pin(try pin.pins(workspace), isPinned: true, reason: why.reason)
    NameText.show(records, console, otherwise: "pinned already")
    return ok
  }
}

struct ArtifactUnpin: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpin", abstract: "Let a pinned artifact or run be collected.",
    discussion: """
      EXAMPLES:
        assay artifact unpin --run 12
      """)

  @OptionGroup var pin: PinArguments
  @OptionGroup var why: ReasonOption
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let records = try workspace.pin(try pin.pins(workspace), isPinned: false, reason: why.reason)
    NameText.show(records, console, otherwise: "not pinned")
    return ok
  }
}
