internal import ArgumentParser
internal import Experiments
internal import Settings
internal import Spaces
internal import Values
internal import Workflows
internal import Workspace

struct ExperimentPlanCommand: ProjectCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show what an experiment would do at most, and what that would cost.",
    discussion: """
      Nothing is run. The trials of grid, random, sobol and lhs are known before anything runs, so their calls are counted \
      with the keys of the store; what other strategies choose depends on results: then the counts are of as many \
      configurations drawn at random, and marked with ~. Times come from earlier calls of the same tasks in this store. \
      An experiment that would go on is planned from where it is.

      EXAMPLES:
        assay exp plan churn.assay
        assay exp plan churn.assay churn_q3 --parallel 4 --json
      """)

  @Argument(help: ArgumentHelp("The document.", valueName: "file"), completion: Candidates.documents)
  var file: String

  @Argument(help: ArgumentHelp("The experiment, where the document has several.", valueName: "experiment"))
  var experiment: String?

  @Option(name: [.customShort("j"), .long], help: ArgumentHelp("Trials at a time.", valueName: "n"))
  var parallel: Int?

  @Flag(name: .long, help: "Of a new one, whatever was begun before.")
  var new = false

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let parallel, parallel < 1 { throw ValidationError("--parallel must be at least 1") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    var request = StudyRequest(run: RunRequest(file: file, workspace.layout.settings))
    request.experiment = experiment
    request.parallel = parallel
    request.resumes = !new
    let plan = try workspace.plan(request)
    let text = ExperimentPlanText(plan)
    if console.json {
      console.document("assay.experiment.plan/1", text.members)
    } else {
      console.show(plan.warnings)
      console.show(text.table, empty: "the experiment has no stages")
      for line in text.lines { Output.data(line) }
    }
    return ok
  }
}

/// A plan of an experiment as the command line shows it.
struct ExperimentPlanText {
  let plan: ExperimentPlan
  private var experiment: Experiment { plan.definition.experiment }

  init(_ plan: ExperimentPlan) { self.plan = plan }

  var table: TextTable {
    var table = TextTable([
      .init(title: "STAGE"), .init(title: "STRATEGY"), .init(title: "TRIALS", isNumber: true),
      .init(title: "NEW CALLS", isNumber: true), .init(title: "REUSED", isNumber: true),
      .init(title: "TASK TIME", isNumber: true), .init(title: "NOTE", isElastic: true),
    ])
    for stage in plan.stages {
      let declared = experiment.stages[stage.place]
      switch declared.kind {
      case .gate(let gate):
        let who = gate.roles.isEmpty ? "somebody" : gate.roles.joined(separator: " or ")
        table.add([
          .init(declared.name), .init("gate"), .init(""), .init(""), .init(""), .init(""),
          .init("waits for \(who): \(gate.answers.joined(separator: ", "))", .faint),
        ])
      case .search(let search):
        let about = stage.isCertain ? "" : "~"
        table.add([
          .init(declared.name), .init(search.strategy.name), .init("\(stage.trials)"),
          .init("\(about)\(stage.work.new)"), .init("\(about)\(stage.work.reused)"),
          .init(stage.work.seconds > 0 ? "\(about)\(Self.time(stage.work.seconds))" : ""),
          .init(note(stage, declared, search), .faint),
        ])
      }
    }
    return table
  }

  private func note(
    _ stage: ExperimentPlan.Stage, _ declared: Experiment.Stage, _ search: Experiment.Search
  ) -> String {
    var words: [String] = []
    if declared.condition != nil { words.append("only if its condition holds") }
    if let again = search.again { words.append("up to \(Text.count(again.most + 1, "round"))") }
    if search.pruning != nil { words.append("less where it prunes") }
    if stage.trials > 0, !stage.isCertain, words.isEmpty { words.append("depends on results") }
    return words.joined(separator: ", ")
  }

  /// What there is to say in sentences.
  var lines: [String] {
    let total = plan.total
    var lines: [String] = [space]
    if let (number, trials) = plan.goesOn {
      lines.append("goes on with experiment \(number) after \(Text.count(trials, "trial"))")
    }
    let about = plan.stages.allSatisfy(\.isCertain) ? "" : "about "
    lines.append(
      "at most \(Text.count(plan.trials, "trial")): \(about)\(Text.count(total.new, "new call")), \(total.reused) reused"
    )
    if total.seconds > 0 {
      lines.append(
        "task time about \(Self.time(total.seconds)) (\(Self.time(total.range.low)) to \(Self.time(total.range.high)))"
          + ", so \(Self.time(total.seconds / Double(max(1, plan.parallel)))) or more with \(plan.parallel) at a time")
    }
    if !plan.unknownTasks.isEmpty {
      let tasks = plan.unknownTasks.joined(separator: ", ")
      lines.append(
        (total.seconds > 0 ? "not in this time: \(tasks), of which" : "task time not known: of \(tasks)")
          + " no call is among the latest runs")
    }
    if !plan.openSteps.isEmpty {
      lines.append(
        "counted once: the calls of \(plan.openSteps.joined(separator: ", ")), whose number depends on results")
    }
    if let power = plan.power { lines.append(power) }
    lines += plan.learnt.map { "learns from \(KnowledgeText.line($0))" }
    lines += Suggestions(plan.learnt, plan.definition.space).lines.map { "suggested by earlier ones: \($0)" }
    lines += budget
    for failure in plan.failures { lines.append("would fail: \(failure)") }
    return lines
  }

  private var space: String {
    guard let all = plan.configurations.all else { return "space: without end" }
    guard !plan.definition.space.constraints.isEmpty else { return "space: \(all) configurations" }
    guard let allowed = plan.configurations.allowed else {
      return "space: \(all) configurations before constraints"
    }
    return "space: \(allowed) of \(all) configurations are allowed"
  }

  private var budget: [String] {
    let budget = experiment.budget
    var lines: [String] = []
    if let trials = budget.trials {
      lines.append(
        plan.isCutShort
          ? "budget: \(Text.count(trials, "trial")), which end the experiment before its stages do"
          : "budget: \(Text.count(trials, "trial")), enough")
    }
    let work = plan.total
    func compare(_ what: String, _ allowed: Double, _ low: Double, _ high: Double) {
      let word = low > allowed ? "not enough" : high > allowed ? "may not be enough" : "enough"
      lines.append("budget: \(what) \(Self.time(allowed)), \(work.seconds > 0 ? word : "times are not known")")
    }
    if let tasks = budget.work { compare("task time", tasks / .seconds(1), work.range.low, work.range.high) }
    if let wall = budget.wall {
      let parallel = Double(max(1, plan.parallel))
      compare("time", wall / .seconds(1), work.range.low / parallel, work.range.high)
    }
    return lines
  }

  private static func time(_ seconds: Double) -> String {
    Times.duration(nanoseconds: Int64(min(seconds, 1e9) * 1e9))
  }

  // MARK: JSON

  var members: [JSON.Member] {
    let total = plan.total
    var members: [JSON.Member] = [
      .init("name", .string(experiment.name)), .init("parallel", .int(Int64(plan.parallel))),
      .init(
        "space",
        .object([
          .init("configurations", plan.configurations.all.map { .int(Int64(clamping: $0)) } ?? .null),
          .init("allowed", plan.configurations.allowed.map { .int(Int64($0)) } ?? .null),
        ])),
      .init("stages", .array(plan.stages.map(json))), .init("trials", .int(Int64(plan.trials))),
      .init("work", json(total)), .init("cut_short", .bool(plan.isCutShort)),
      .init("unknown_tasks", .array(plan.unknownTasks.map { .string($0) })),
      .init("open_steps", .array(plan.openSteps.map { .string($0) })),
      .init("failures", .array(plan.failures.map { .string($0) })), .init("notes", .array(lines.map { .string($0) })),
    ]
    if let (number, trials) = plan.goesOn {
      members.append(
        .init("goes_on", .object([.init("experiment", .int(Int64(number))), .init("trials", .int(Int64(trials)))])))
    }
    return members
  }

  private func json(_ stage: ExperimentPlan.Stage) -> JSON {
    let declared = experiment.stages[stage.place]
    switch declared.kind {
    case .gate(let gate):
      return .object([
        .init("name", .string(declared.name)), .init("kind", .string("gate")),
        .init("answers", .array(gate.answers.map { .string($0) })),
        .init("roles", .array(gate.roles.map { .string($0) })),
      ])
    case .search(let search):
      return .object([
        .init("name", .string(declared.name)), .init("kind", .string("search")),
        .init("strategy", .string(search.strategy.name)), .init("trials", .int(Int64(stage.trials))),
        .init("certain", .bool(stage.isCertain)), .init("work", json(stage.work)),
      ])
    }
  }

  private func json(_ work: ExperimentPlan.Work) -> JSON {
    .object([
      .init("new", .int(Int64(work.new))), .init("reused", .int(Int64(work.reused))),
      .init("task_seconds", .float(work.seconds)),
      .init("task_seconds_low", .float(work.range.low)), .init("task_seconds_high", .float(work.range.high)),
    ])
  }
}
