internal import ArgumentParser
internal import Events
internal import Experiments
internal import Values
internal import Workspace

struct ExperimentPrior: DecisionCommand {
  static let configuration = CommandConfiguration(
    commandName: "prior", abstract: "Say where good configurations are believed to be: strategies look there first.",
    discussion: """
      Values that are believed to be good, a region, or both. `tpe` and `gp` weigh it: by the strength on the first trial, by the \
      strength divided by n on the n-th, so that it wears off. After 10 trials it is compared with what they gave, and the \
      verdict goes on record; one that harms is off from then on. A new prior takes the place of the one before. Without \
      anything: the prior as it is, and what became of it.

      EXAMPLES:
        assay exp prior churn_q3 model.forest.trees=400 --reason "as in production"
        assay exp prior churn_q3 --region "model == forest and prep != knn" --strength 5
        assay exp prior churn_q3
        assay exp prior churn_q3 --off
      """)
  @Argument(help: ArgumentHelp("Its number or name.", valueName: "experiment"))
  var experiment: String
  @Argument(help: ArgumentHelp("Values that are believed to be good.", valueName: "name=value"))
  var settings: [String] = []
  @Option(name: .long, help: ArgumentHelp("Good configurations satisfy this.", valueName: "condition"))
  var region: String?
  @Option(name: .long, help: ArgumentHelp("Its weight on the first trial.", valueName: "number"))
  var strength = StatedPrior.usualStrength
  @Flag(name: .long, help: "No prior any more.")
  var off = false
  @OptionGroup var decision: DecisionOptions
  @OptionGroup var shared: SharedOptions
  var what: ExperimentOptions { .init(named: experiment) }

  func validate() throws {
    if off, !settings.isEmpty || region != nil { throw ValidationError("--off takes no values and no region") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    guard settings.isEmpty, region == nil, !off else { return try decide(console, workspace) }
    let record = try workspace.experiment(experiment)
    let study = try workspace.study(of: record)
    let weighed = study.prior?.weighed
    if console.json {
      console.document(
        "assay.prior/1",
        [
          .init("experiment", .int(Int64(record.number))),
          .init("prior", study.prior.map { .string($0.stated.words(in: study)) } ?? .null),
          .init("from_trial", study.prior.map { .int(Int64($0.from)) } ?? .null),
          .init("verdict", weighed.map { .string($0.verdict.rawValue) } ?? .null),
          .init("correlation", weighed?.correlation.map { .float($0) } ?? .null),
        ])
      return ok
    }
    guard let prior = study.prior else {
      console.talk("nobody has stated a prior")
      return ok
    }
    Output.data("\(prior.stated.words(in: study)), from trial \(prior.from) on")
    Output.data(weighed?.words ?? "not weighed yet: that takes 10 trials")
    return ok
  }

  func rule(_ bench: Bench) throws(WorkspaceError) -> Ruling {
    try off ? bench.noPrior() : bench.prior(settings, region: region, strength: strength)
  }
}
