internal import ArgumentParser

struct ArtifactCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "artifact", abstract: "Name results and files, look at them, get them out.",
    discussion: """
      An artifact is named by a name, NAME@v3 or NAME@TAG; by where it came from, RUN:OUTPUT or RUN:STEP.OUTPUT; or by \
      the beginning of its digest.

      EXAMPLES:
        assay artifact put churn.csv raw/churn
        assay artifact put 12:train.model churn/model --tag candidate
        assay artifact promote churn/model@v3 production --reason "beats v2 by 2 %"
        assay artifact list
        assay artifact cat 12:report | less
        assay artifact get churn/model@production --output model.bin
      """,
    subcommands: [
      ArtifactList.self, ArtifactShow.self, ArtifactCat.self, ArtifactGet.self, ArtifactDiff.self, ArtifactLineage.self,
    ],
    groupedSubcommands: [
      CommandGroup(
        name: "Names",
        subcommands: [
          ArtifactPut.self, ArtifactTag.self, ArtifactUntag.self, ArtifactPromote.self, ArtifactRemove.self,
          ArtifactLog.self,
        ]),
      CommandGroup(
        name: "Upkeep",
        subcommands: [
          ArtifactExport.self, ArtifactImport.self, ArtifactVerify.self, ArtifactCollect.self, ArtifactPin.self,
          ArtifactUnpin.self,
        ]),
    ])
}

struct ArtifactArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "NAME, NAME@v3, NAME@TAG, RUN:OUTPUT, RUN:STEP.OUTPUT or digits of a digest.", valueName: "artifact"),
    completion: Candidates.artifacts)
  var name: String
}

/// For commands that change names.
struct ReasonOption: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Why, for the record.", valueName: "text"))
  var reason: String = ""
}
