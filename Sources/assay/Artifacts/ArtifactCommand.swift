internal import ArgumentParser

struct ArtifactCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "artifact", abstract: "List stored results, look at them, get them out.",
    discussion: """
      An artifact is named by the beginning of its digest, or by where it came from: RUN:OUTPUT of the workflow, or \
      RUN:STEP.OUTPUT of a step.

      EXAMPLES:
        assay artifact list
        assay artifact show 3fa4b6c1
        assay artifact cat 12:report | less
        assay artifact get 12:train.model --output model.bin
      """,
    subcommands: [ArtifactList.self, ArtifactShow.self, ArtifactCat.self, ArtifactGet.self])
}

struct ArtifactArgument: ParsableArguments {
  @Argument(help: ArgumentHelp("Beginning of the digest, RUN:OUTPUT or RUN:STEP.OUTPUT.", valueName: "artifact"))
  var name: String
}
