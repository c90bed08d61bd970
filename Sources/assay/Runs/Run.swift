internal import ArgumentParser
internal import Dynamics
internal import Events
internal import Execution
internal import Glibc
internal import Plans
internal import Settings
internal import Traces
internal import Workspace

struct Run: ProjectCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a workflow.",
    discussion: """
      Progress goes to standard error, the outputs to standard output. Results of pure tasks that are known already are \
      reused. Ctrl-C once: what runs may end, nothing new begins. Twice: everything is killed. A run that was \
      interrupted or failed goes on with --resume. Ends with 0, or 1 if the run failed, 130 after SIGINT, 143 after \
      SIGTERM (all codes: assay --help).

      EXAMPLES:
        assay run churn.assay --set data=q3.csv --set model=forest
        assay run churn.assay --inputs q3.json --until score --parallel 4
        assay run churn.assay --resume
        assay run churn.assay --json | jq .outputs
        assay run churn.assay --profile
      """)

  @OptionGroup(title: "What") var what: RequestOptions

  @Option(
    name: [.customShort("j"), .long],
    help: ArgumentHelp("Tasks at a time", setting: .parallel, valueName: "n"))
  var parallel: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("What steps that declare `resources memory` share", setting: .memory, valueName: "size"))
  var memory: SizeArgument?

  @Option(
    name: .long, help: ArgumentHelp("What steps that declare `resources gpu` share", setting: .gpus, valueName: "n"))
  var gpus: Int?

  @Option(
    name: .long, defaultAsFlag: ResumeArgument.newest,
    help: ArgumentHelp("Go on with this run, or the newest of the workflow that did not succeed.", valueName: "run"),
    completion: Candidates.runs)
  var resume: ResumeArgument?

  @Flag(
    name: .long,
    help: "Run tasks that are declared deterministic twice; other bytes are a failure. Nothing is reused.")
  var verifyDeterministic = false

  @Option(
    name: .long, help: ArgumentHelp("When results count as kept: full survives a power cut", setting: .durability))
  var durability: Durability?

  @Option(
    name: .long, help: ArgumentHelp("How long a cancelled task may go on", setting: .grace, valueName: "duration"))
  var grace: DurationArgument?

  @Option(name: .long, help: ArgumentHelp("How the run is shown; json: events on standard output", setting: .progress))
  var progress: ProgressChoice?

  @Flag(name: .long, help: "Tell at the end where the engine's own time went.")
  var profile = false

  @Option(name: .long, help: ArgumentHelp("Why, for the record.", valueName: "text"))
  var reason = ""

  @Option(
    name: .long, help: ArgumentHelp("Which phase of the project it is made for (`assay phases`).", valueName: "phase"))
  var focus: String?

  @OptionGroup var waiting: WaitOption
  @OptionGroup var shared: SharedOptions

  func validate() throws {
    try check(parallel, .parallel, "--parallel")
    try check(gpus, .gpus, "--gpus")
    if verifyDeterministic, resume != nil {
      throw ValidationError("--verify-deterministic runs everything: it cannot go with --resume")
    }
  }

  private func check(_ number: Int?, _ name: SettingName, _ option: String) throws {
    let kind = name.declaration.kind
    guard let number, kind.value(String(number)) == nil else { return }
    throw ValidationError("\(option) has to be \(kind.words)")
  }

  var wantsJSON: Bool { shared.json || progress == .json }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let signals = Signals.start()
    let settings = workspace.layout.settings
    let profile = profile ? Profile() : nil
    var clock = profile?.clock()
    let focus = try focus.map { word throws(WorkspaceError) in try workspace.phase(named: word) }
    let request = request(settings, profile)
    try waiting.take(workspace, request.durability, console)
    let prepared = try workspace.prepare(request)
    clock?.mark(.plan)
    console.show(prepared.warnings)
    let watch = RunWatch(
      prepared, (progress ?? settings.choice(.progress) ?? .auto).resolved(console.terminal), console
    ) { workspace.usualNanoseconds(of: prepared.plan.workflow) }
    let session: Session
    do throws(WorkspaceError) { session = try workspace.start(prepared, watch: watch.take) } catch {
      watch.end()
      throw error
    }
    if let focus { try workspace.put(.focus(phase: focus, run: session.number)) }
    watch.began(session.number)
    signals.handle { signal, count in watch.interrupted(signal, count, session) }
    clock?.mark(.start)
    clock = nil
    let result = session.run()
    let times = profile?.report()
    watch.end()
    if let verified = session.verified, result.status == .succeeded {
      console.talk("verified: \(Text.count(verified, "call")) of deterministic tasks gave the same bytes twice")
    }
    return watch.conclude(result, run: session.number, signal: signals.first, profile: times)
  }

  private func request(_ settings: Settings, _ profile: Profile?) -> RunRequest {
    var request = what.request(settings)
    request.profile = profile
    if let parallel { request.parallel = parallel }
    if let memory { request.memoryBytes = memory.bytes }
    if let gpus { request.gpus = gpus }
    switch resume {
    case .newest: request.resume = .newest
    case .run(let number): request.resume = .run(number)
    case nil: request.resume = .no
    }
    if let durability { request.durability = durability }
    if let grace { request.grace = grace.duration }
    request.reason = reason
    if verifyDeterministic {
      request.verifies = true
      request.reuses = false
    }
    return request
  }
}

/// `--resume` or `--resume 12`.
enum ResumeArgument: ExpressibleByArgument, CustomStringConvertible {
  case newest
  case run(Int64)

  init?(argument: String) {
    guard let number = Int64(argument), number > 0 else { return nil }
    self = .run(number)
  }

  var description: String {
    switch self {
    case .newest: "newest"
    case .run(let number): String(number)
    }
  }
}

/// How a run shows that it goes on.
enum ProgressChoice: String, CaseIterable, ExpressibleByArgument {
  case auto, live, plain, json, none

  /// What `auto` means here.
  func resolved(_ terminal: Terminal) -> ProgressChoice {
    self == .auto ? (terminal.canRedraw ? .live : .plain) : self
  }
}
