internal import ArgumentParser
internal import Artifacts
internal import Values
internal import Workspace

struct ArtifactCollect: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc", abstract: "Remove artifacts that nothing needs.",
    discussion: """
      Kept is what a name, a pin or a kept run needs, with the parts of directories; without an option all runs are kept. \
      A run is kept if one of the options keeps it. What running processes have added or found is kept, whatever refers \
      to it, and while one is at work no run's results go. Records of runs stay in any case; a result that went is \
      computed again when it is needed.

      EXAMPLES:
        assay artifact gc --dry-run
        assay artifact gc --keep-runs 10
        assay artifact gc --keep-runs 3 --keep-for 30d
        assay artifact gc --dry-run --verbose     a reason for each artifact that is kept, too
      """)

  @Option(name: .long, help: ArgumentHelp("Keep the newest runs of each workflow.", valueName: "n"))
  var keepRuns: Int?

  @Option(name: .long, help: ArgumentHelp("Keep runs that are not older: 12h, 30d.", valueName: "duration"))
  var keepFor: DurationArgument?

  @Flag(name: [.customShort("n"), .long], help: "Say what would go, and remove nothing.")
  var dryRun = false

  @Flag(name: .shortAndLong, help: "Also list what is kept, and why.")
  var verbose = false

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let keepRuns, keepRuns < 0 { throw ValidationError("--keep-runs must be at least 0") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let policy = CollectionPolicy(newestRuns: keepRuns, youngerThan: keepFor?.duration)
    let report = try workspace.collect(policy, isDry: dryRun)
    let removed = Set(report.removed.map(\.digest))
    if console.json {
      console.document("assay.artifact.gc/1", members(report, removed))
      return ok
    }
    let shown = report.objects.filter { verbose || removed.contains($0.digest) || isLeft($0, removed) }
    var table = TextTable([
      .init(title: ""), .init(title: "DIGEST"), .init(title: "SIZE", isNumber: true),
      .init(title: "WHY", isElastic: true),
    ])
    for object in verbose ? shown[...] : shown.prefix(Self.mostShown) {
      let goes = removed.contains(object.digest)
      table.add([
        .init(goes ? (dryRun ? "would go" : "removed") : "kept", goes ? .warning : .faint), .init(object.digest.short),
        .init(ByteSize.text(object.size)), .init(isLeft(object, removed) ? "in use meanwhile" : object.verdict.words),
      ])
    }
    if !table.rows.isEmpty { console.page(table.text(paint: console.paint, available: console.columns)) }
    if table.rows.count < shown.count { console.talk("… and \(shown.count - table.rows.count) more; --json lists all") }
    console.talk(summary(report))
    return ok
  }

  /// A person reads no more; all are in the document for programs.
  private static let mostShown = 1000

  /// Condemned, but found to be in use when its turn came.
  private func isLeft(_ object: Survey.Object, _ removed: Set<Digest>) -> Bool {
    if case .remove = object.verdict { !removed.contains(object.digest) } else { false }
  }

  private func summary(_ report: CollectionReport) -> String {
    func sum(_ objects: [Survey.Object]) -> Int64 { objects.reduce(0) { $0 + $1.size } }
    let gone = report.removed
    let kept = report.objects.count - gone.count
    let verb = dryRun ? "would go" : "removed"
    return "\(gone.count) artifact\(gone.count == 1 ? "" : "s") (\(ByteSize.text(sum(gone)))) \(verb), "
      + "\(kept) (\(ByteSize.text(sum(report.objects) - sum(gone)))) kept; "
      + "\(report.keptRuns) of \(report.allRuns) run\(report.allRuns == 1 ? "" : "s") kept"
  }

  private func members(_ report: CollectionReport, _ removed: Set<Digest>) -> [JSON.Member] {
    let objects = report.objects.map { object in
      JSON.object([
        .init("digest", .string("sha256:" + object.digest.hex)), .init("size", .int(object.size)),
        .init("removed", .bool(removed.contains(object.digest))),
        .init("reason", .string(isLeft(object, removed) ? "in use meanwhile" : object.verdict.words)),
      ])
    }
    return [
      .init("dry_run", .bool(dryRun)), .init("removed", .int(Int64(removed.count))),
      .init("removed_bytes", .int(report.removed.reduce(0) { $0 + $1.size })),
      .init("kept_runs", .int(Int64(report.keptRuns))), .init("runs", .int(Int64(report.allRuns))),
      .init("objects", .array(objects)),
    ]
  }
}

extension Survey.Verdict {
  fileprivate var words: String {
    switch self {
    case .keep(.name(let name)): name
    case .keep(.run(let run)): "run \(run) needs it"
    case .keep(.pinned): "pinned"
    case .keep(.part(let tree)): "part of directory \(tree.short)"
    case .keep(.inUse): "a running process added or found it"
    case .keep(.perhapsReused(let run)): "from run \(run), which a running process may reuse"
    case .remove(.unreferenced): "nothing refers to it"
    case .remove(.run(let run)): "last needed by run \(run), which is not kept"
    }
  }
}
