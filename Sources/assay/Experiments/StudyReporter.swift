internal import Events
internal import Experiments
internal import Foundation
internal import Glibc
internal import Insights
internal import Synchronization
internal import Workspace

/// Shows an experiment while it goes on: rows redrawn in place on a terminal, a line for each event elsewhere. Any thread.
final class StudyReporter: Sendable {
  private struct State {
    /// A fold of its own: drawing never holds up the engine.
    var study: Study
    var stream = LiveStream(STDERR_FILENO)
    var screen = LiveScreen()
    var log: [String] = []
    var isOver = false
    /// Monotonic; when a frame took long the next one waits ten times as long.
    var nextDraw: Int64
  }

  private let state: Mutex<State>
  private let number: Int
  private let choice: ProgressChoice
  private let text: StudyText
  private let frame: StudyFrame
  private let begin = Times.monotonicNow()
  private let before: Double
  private let isWatching: Bool
  private let stopTicking = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  /// - Parameter isPatient: nothing is drawn in the first moments; most short experiments are over by then.
  init(_ study: Study, number: Int, _ choice: ProgressChoice, _ console: Console, isPatient: Bool = true) {
    self.number = number
    self.choice = choice
    text = StudyText(study.definition.experiment)
    frame = StudyFrame(paint: console.talkPaint, glyphs: console.glyphs)
    before = study.elapsed / .seconds(1)
    isWatching = !isPatient
    state = Mutex(State(study: study, nextDraw: begin + (isPatient ? LivePresenter.patience : 0)))
    guard choice == .live else { return }
    let thread = Thread { [self] in tick() }
    thread.name = "progress"
    thread.start()
  }

  func take(_ event: StudyEvent) { take(event.entry(at: Times.unixNow())) }

  func take(_ entry: Entry) {
    state.withLock { state in
      state.study.apply(entry)
      guard !state.isOver, choice != .none, let event = StudyEvent(entry) else { return }
      let line = text.line(event)
      switch choice {
      case .live: if event.isRemarkable { state.log.append(Text.harmless(line)) }
      default: state.stream.write(line + "\n")
      }
    }
  }

  /// A line about the experiment as a whole.
  func say(_ line: String) {
    state.withLock { state in
      guard choice != .none else { return }
      if choice == .live, !state.isOver { state.log.append(line) } else { state.stream.write(line + "\n") }
    }
  }

  /// The terminal will be somebody else's for a while.
  func pause() {
    guard choice == .live else { return }
    state.withLock { state in state.stream.write(state.screen.clear(size: state.stream.size)) }
  }

  /// Takes what is drawn away: the stream is the caller's again.
  func finish() {
    guard choice == .live else { return state.withLock { $0.isOver = true } }
    stopTicking.signal()
    ended.wait()
    state.withLock { state in
      guard !state.isOver else { return }
      state.isOver = true
      state.stream.write(state.screen.draw(log: state.log, rows: [], size: state.stream.size))
    }
  }

  private func tick() {
    while stopTicking.wait(timeout: .now() + .nanoseconds(Int(ProgressReporter.interval))) == .timedOut {
      state.withLock { draw(&$0) }
    }
    ended.signal()
  }

  private func draw(_ state: inout State) {
    let start = Times.monotonicNow()
    guard start >= state.nextDraw, state.stream.isForeground else { return }
    let size = state.stream.size
    // Who looks on sees the time of the log: another process measures it.
    let elapsed =
      isWatching ? state.study.elapsed / .seconds(1) : before + Double(start - begin) / 1e9
    let rows = frame.rows(state.study, number: number, elapsed: elapsed, now: Times.unixNow(), size: size)
    state.stream.write(state.screen.draw(log: state.log, rows: rows, size: size))
    state.log = []
    state.nextDraw = start + 10 * (Times.monotonicNow() - start)
  }
}

extension StudyEvent {
  func entry(at: Int64) -> Entry {
    switch self {
    case .proposed(let proposed): Entry(at: at, actor: .engine, .proposed(proposed))
    case .ended(let ended): Entry(at: at, actor: .engine, .ended(ended))
    case .stage(let stage, let event): Entry(at: at, actor: .engine, .stage(stage, event))
    case .decided(let decision, let actor): Entry(at: at, actor: actor, .decided(decision))
    case .weighed(let weighed): Entry(at: at, actor: .engine, .weighed(weighed))
    case .judged(let judged): Entry(at: at, actor: .engine, .judged(judged))
    case .promoted(let promoted): Entry(at: at, actor: .engine, .promoted(promoted))
    case .confirmed(let confirmed): Entry(at: at, actor: .engine, .confirmed(confirmed))
    case .closed(let closing): Entry(at: at, actor: .engine, .closed(closing))
    }
  }

  /// What a person wants to find above the rows: not each trial.
  var isRemarkable: Bool {
    switch self {
    case .proposed: false
    case .ended(let ended): ended.outcome == .failed
    case .stage, .decided, .weighed, .judged, .promoted, .confirmed, .closed: true
    }
  }
}
