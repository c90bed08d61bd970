internal import ArgumentParser
internal import Artifacts
internal import Values
internal import Workspace

struct ArtifactExport: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write named artifacts into one file, for another store.",
    discussion: """
      The file is a tar archive with the bytes, types, tags and lineage of the versions; `assay artifact import` takes it \
      over. A name without a version means all its versions, no name all names.

      EXAMPLES:
        assay artifact export churn/model@production -o model.tar
        assay artifact export raw/churn churn/model -o churn.tar
      """)

  @Argument(
    help: ArgumentHelp("NAME, NAME@v3 or NAME@TAG (default: everything that has a name).", valueName: "artifact"))
  var artifacts: [String] = []

  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "path"))
  var output: String

  @Flag(name: .long, help: "Replace what is there.")
  var force = false

  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    var meter = ProgressMeter(console)
    var total = StoreProgress()
    let report = try workspace.export(artifacts, to: output, replaces: force) {
      total += $0
      meter.show(total)
    }
    meter.end()
    if console.json {
      console.document(
        "assay.artifact.export/1",
        [
          .init("path", .string(output)), .init("artifacts", .int(Int64(report.artifacts))),
          .init("size", .int(report.bytes)),
          .init("versions", .array(report.versions.map { .object(ArtifactText.json($0)) })),
        ])
    } else {
      for version in report.versions { Output.data(version.reference + "\n") }
      console.talk("\(output): \(report.artifacts) artifacts, \(ByteSize.text(report.bytes))")
    }
    return ok
  }
}

struct ArtifactImport: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take over named artifacts from a file of another store.",
    discussion: """
      Each version becomes the next one of its name here, unless the same is here already. Every digest is computed; a file \
      that is not what it says is refused, and nothing gets a name. Tags come along where they are free; stages do not: \
      `assay artifact promote` is a decision of this store.

      EXAMPLES:
        assay artifact import churn.tar
        assay artifact import model.tar --reason "release 12 of the lab"
      """)

  @Argument(help: ArgumentHelp("What `assay artifact export` wrote.", valueName: "path"))
  var path: String

  @OptionGroup var why: ReasonOption
  @OptionGroup var shared: SharedOptions

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    var meter = ProgressMeter(console)
    var total = StoreProgress()
    let report = try workspace.import(path, reason: why.reason) {
      total += $0
      meter.show(total)
    }
    meter.end()
    if console.json {
      let versions = report.versions.map {
        JSON.object(ArtifactText.json($0.version) + [.init("new", .bool($0.isNew))])
      }
      console.document(
        "assay.artifact.import/1",
        [
          .init("path", .string(path)), .init("artifacts", .int(Int64(report.artifacts))),
          .init("size", .int(report.bytes)),
          .init("versions", .array(versions)), .init("left_tags", .array(report.leftTags.map { .string($0) })),
          .init("stages", .array(report.stages.map { .string($0) })),
        ])
      return ok
    }
    for (version, isNew) in report.versions {
      Output.data(Text.harmless("\(version.reference)\(isNew ? "" : " (was here)"): \(version.origin)") + "\n")
    }
    for tag in report.leftTags { console.warn("tag \(tag) names another version here and stays") }
    for stage in report.stages { console.talk("stage not taken over: \(Text.harmless(stage))") }
    return ok
  }
}
