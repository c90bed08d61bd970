internal import ArgumentParser
internal import Values
internal import Workspace

struct ArtifactVerify: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Read artifacts again and compare them with their digests.",
    discussion: """
      Without arguments the databases of the store are read first. Ends with 8 if something is damaged or missing. \
      With --discard damaged artifacts are removed: what a run computed is then computed again when it is needed, what \
      was put has to be put again.

      EXAMPLES:
        assay artifact verify
        assay artifact verify churn/model@production
        assay artifact verify --discard
      """)

  @Argument(help: ArgumentHelp("Which (default: all).", valueName: "artifact"))
  var artifacts: [String] = []

  @Flag(name: .long, help: "Remove damaged artifacts, so that they are made again.")
  var discard = false

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let report = try workspace.verify(artifacts, discards: discard)
    let isSound = report.isSound
    if console.json {
      console.document(
        "assay.artifact.verify/1",
        [
          .init("artifacts", .int(Int64(report.count))), .init("size", .int(report.bytes)),
          .init("sound", .bool(isSound)),
          .init(
            "damaged",
            .array(
              report.damaged.map {
                ["digest": .string("sha256:" + $0.digest.hex), "problem": .string($0.problem)]
              })),
          .init(
            "names", .array(report.names.map { ["name": .string($0.name), "problem": .string($0.problem)] })),
          .init(
            "databases",
            .array(report.databases.map { ["name": .string($0.name), "problem": .string($0.problem)] })),
        ])
    } else {
      for database in report.databases { Output.data("\(database.name): \(Text.harmless(database.problem))\n") }
      for damage in report.damaged { Output.data("\(damage.digest.hex): \(Text.harmless(damage.problem))\n") }
      for name in report.names { Output.data("\(name.name): \(Text.harmless(name.problem))\n") }
      console.talk(
        "\(report.count) artifact\(report.count == 1 ? "" : "s") (\(ByteSize.text(report.bytes))) read: "
          + (isSound
            ? "all sound"
            : "\(max(report.damaged.count, report.names.count) + report.databases.count) damaged or missing"))
    }
    return isSound ? ok : Status.store.rawValue
  }
}
