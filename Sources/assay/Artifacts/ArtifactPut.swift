internal import ArgumentParser
internal import Artifacts
internal import Glibc
internal import Values
internal import Workspace

struct ArtifactPut: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "put", abstract: "Store a file, directory or result under a name, as its next version.",
    discussion: """
      The source is copied (by reference where the file system can). If it is the same as the latest version, no new \
      version is made. Of a directory that was put before, unchanged files are not read again.

      EXAMPLES:
        assay artifact put churn.csv raw/churn
        assay artifact put images/ raw/images --tag 2026-11
        assay artifact put 12:train.model churn/model --tag candidate --reason "first with new features"
        assay artifact put best.json churn/parameters --type '{rate: float, depth: int}'
      """)

  @Argument(
    help: ArgumentHelp("A file, a directory, RUN:OUTPUT, RUN:STEP.OUTPUT or another artifact.", valueName: "source"))
  var source: String

  @Argument(help: ArgumentHelp("Words joined by /, such as churn/model.", valueName: "name"))
  var name: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Its type (default: what the source tells). A value is read from JSON, .npy or .arrow.", valueName: "type"))
  var type: String?

  @Option(
    name: .long, parsing: .singleValue, help: ArgumentHelp("Tag the version. May be repeated.", valueName: "tag"))
  var tag: [String] = []

  @Flag(name: .long, help: "Let tags name this version instead of another one.")
  var move = false

  @OptionGroup var why: ReasonOption
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    var request = Workspace.PutRequest(source: source, name: name)
    (request.type, request.tags, request.reason, request.movesTags) = (type, tag, why.reason, move)
    var meter = ProgressMeter(console)
    let result = try workspace.put(request) { meter.show($0) }
    meter.end()
    if console.json {
      console.document(
        "assay.artifact.put/1",
        ArtifactText.json(result.version) + [
          .init("new", .bool(result.isNew)), .init("tags", .array(result.tags.map { .string($0) })),
          .init("files", .int(Int64(result.progress.files))), .init("read", .int(result.progress.read)),
        ])
    } else {
      let version = result.version
      let tags = result.tags.isEmpty ? "" : " (\(result.tags.joined(separator: ", ")))"
      Output.data(
        Text.harmless(
          "\(version.reference)\(tags): \(ArtifactText.short(version.type)), \(ByteSize.text(version.size)), \(version.digest.short)"
        )
          + "\n")
      if !result.isNew { console.talk("no new version: it is the same as before") }
      let skipped = result.progress.bytes - result.progress.read
      if skipped > 0 { console.talk("\(ByteSize.text(skipped)) unchanged, not read again") }
    }
    return ok
  }
}

/// How far a long copy is, on a terminal: one line, redrawn at most ten times a second, gone at the end.
struct ProgressMeter {
  private let isShown: Bool
  private let start = Times.monotonicNow()
  private var last: Int64 = 0
  private var isDrawn = false

  init(_ console: Console) { isShown = console.terminal.canRedraw && !console.json }

  mutating func show(_ progress: StoreProgress) {
    let now = Times.monotonicNow()
    guard isShown, now - start > 500_000_000, now - last > 100_000_000 else { return }
    last = now
    isDrawn = true
    Output.write(
      "\r\u{1B}[K\(progress.files) files, \(ByteSize.text(progress.bytes)), \(ByteSize.text(progress.read)) read",
      to: STDERR_FILENO)
  }

  mutating func end() {
    if isDrawn { Output.write("\r\u{1B}[K", to: STDERR_FILENO) }
    isDrawn = false
  }
}
