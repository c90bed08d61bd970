internal import Events
internal import Execution
internal import Foundation
internal import Glibc
internal import Plans
internal import Tasks
internal import Values
internal import Workspace

/// A run as its person sees it: progress while it goes on, what happens at an interrupt, and the end.
struct RunWatch: Sendable {
  private let console: Console
  private let prepared: Prepared
  private let reporter: ProgressReporter
  private let choice: ProgressChoice

  /// - Parameter usual: what calls took in earlier runs, by step; asked at most once, when the run is no short one.
  init(
    _ prepared: Prepared, _ choice: ProgressChoice, _ console: Console,
    usual: @escaping @Sendable () -> [String: Int64] = { [:] }
  ) {
    self.console = console
    self.prepared = prepared
    self.choice = choice
    let plan = prepared.plan
    let model = RunModel(
      title: plan.workflow, steps: RunModel.plans(plan), order: RunModel.order(plan),
      lanes: prepared.request.parallel ?? ProcessInfo.processInfo.activeProcessorCount, now: Times.monotonicNow())
    let presenter: any Presenter =
      switch choice {
      case .json: JSONPresenter(model: model, unixStart: Times.unixNow())
      case .none: SilentPresenter(model: model)
      case .live: LivePresenter(model: model, paint: console.talkPaint, glyphs: console.glyphs)
      case .plain, .auto: PlainPresenter(model: model, paint: console.talkPaint, glyphs: console.glyphs)
      }
    let isForPeople = choice != .json && choice != .none
    reporter = ProgressReporter(
      presenter, descriptor: choice == .json ? STDOUT_FILENO : STDERR_FILENO, isInPlace: choice == .live,
      usual: isForPeople ? usual : nil)
  }

  var take: @Sendable ([LiveEvent]) -> Void {
    let reporter = reporter
    return { reporter.take($0) }
  }

  func began(_ number: Int64) {
    reporter.conclude("run.started", [.init("run", .int(number)), .init("workflow", .string(prepared.plan.workflow))])
  }

  /// Ends the progress; the streams are free again.
  func end() { reporter.finish() }

  // MARK: Interrupts

  func interrupted(_ signal: Int32, _ count: Int, _ session: Session) {
    if signal == SIGTSTP { return reporter.pause() }
    switch count {
    case 1:
      session.stop(.finish)
      reporter.say(console.talkPaint(Self.firstWords(signal, reporter.running), .warning))
    case 2:
      reporter.say(console.talkPaint("killing what runs", .warning))
      session.stop(.kill)
    default: _exit(128 + signal)
    }
  }

  static func firstWords(_ signal: Int32, _ running: [String]) -> String {
    let again = signal == SIGINT ? "press Ctrl-C again to kill" : "send the signal again to kill"
    guard !running.isEmpty else { return "stopping: nothing new begins (\(again))" }
    let names = running.prefix(3).joined(separator: ", ") + (running.count > 3 ? ", …" : "")
    return "stopping: nothing new begins; waiting for \(Text.count(running.count, "task")) to end: \(names) (\(again))"
  }

  // MARK: The end

  /// Prints how the run went. The exit code.
  func conclude(_ result: RunResult, run: Int64, signal: Int32, profile: Profile.Report? = nil) -> Int32 {
    let model = reporter.model
    let status = Self.exitCode(result, signal: signal)
    let summary = RunSummaryText(
      run: run, result: result, model: model, file: prepared.request.file,
      nanoseconds: Times.monotonicNow() - model.startedAt,
      exit: status)
    let members = summary.members + (profile.map { [.init("profile", ProfileText(report: $0).json)] } ?? [])
    if choice == .json {
      reporter.conclude("summary", Console.envelope("assay.run/1", members).asObject ?? [])
      return status
    }
    console.talk(summary.talk(console.talkPaint, console.glyphs))
    if let profile { console.talk(ProfileText(report: profile).table(console.talkPaint)) }
    if console.json {
      console.document("assay.run/1", members)
    } else {
      Output.data(summary.outputs(console.paint, console.glyphs))
    }
    return status
  }

  static func exitCode(_ result: RunResult, signal: Int32) -> Int32 {
    if result.storeFailure != nil { return Status.store.rawValue }
    switch result.status {
    case .succeeded: return Status.ok.rawValue
    case .cancelled, .interrupted, .running: return signal == 0 ? Status.failed.rawValue : 128 + signal
    case .failed:
      return result.failure?.failure.kind == .load ? Status.plugin.rawValue : Status.failed.rawValue
    }
  }
}

extension RunModel {
  /// Trace numbers as the document reads: the steps of a sub-workflow where it is called.
  static func order(_ plan: Plans.Plan) -> [Int] {
    var order: [Int] = []
    var seen: Set<Int> = []
    var waiting: [(body: Int, step: Int)] = [(0, 0)]
    while let (body, step) = waiting.popLast() {
      guard plan.bodies.indices.contains(body), step < plan.bodies[body].steps.count else { continue }
      waiting.append((body, step + 1))
      let current = plan.bodies[body].steps[step]
      if case .scope(let inner) = current.call { waiting.append((inner, 0)) }
      if current.number >= 0, seen.insert(current.number).inserted { order.append(current.number) }
    }
    return order
  }

  /// The steps of a plan that call a task, as far as they are known before it runs.
  static func plans(_ plan: Plans.Plan) -> [RunModel.Plan] {
    zip(plan.taskSteps, plan.needs()).map { place, needs in
      let step = plan.bodies[place.body].steps[place.step]
      return RunModel.Plan(
        step.path, expected: place.body == 0 && step.foreach == nil ? 1 : nil, isWanted: step.isWanted,
        needs: needs.map(\.step))
    }
  }
}
