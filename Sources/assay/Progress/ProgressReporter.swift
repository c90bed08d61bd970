internal import Execution
internal import Foundation
internal import Synchronization
internal import Values

/// Drives a presenter: takes events from any lane, redraws ten times a second from a thread of its own.
final class ProgressReporter: Sendable {
  private struct State {
    var presenter: any Presenter
    var stream: LiveStream
    var isOver = false
  }

  private let state: Mutex<State>
  private let isInPlace: Bool
  private let usual: (@Sendable () -> [String: Int64])?
  private let ended = DispatchSemaphore(value: 0)
  private let stopTicking = DispatchSemaphore(value: 0)

  static let interval: Int64 = 100_000_000

  /// - Parameters:
  ///   - descriptor: standard error for people, standard output for programs.
  ///   - isInPlace: the presenter moves the cursor.
  ///   - usual: what calls took in earlier runs; asked once, after a while.
  init(
    _ presenter: any Presenter, descriptor: Int32, isInPlace: Bool, usual: (@Sendable () -> [String: Int64])? = nil
  ) {
    state = Mutex(State(presenter: presenter, stream: LiveStream(descriptor)))
    self.isInPlace = isInPlace
    self.usual = usual
    let thread = Thread { [self] in tick() }
    thread.name = "progress"
    thread.start()
  }

  /// Any thread.
  func take(_ events: [LiveEvent]) {
    state.withLock { state in
      guard !state.isOver else { return }
      state.stream.write(state.presenter.take(events, now: Times.monotonicNow()))
    }
  }

  /// A line about the run as a whole. Any thread.
  func say(_ line: String) {
    state.withLock { state in
      guard !state.isOver else { return }
      state.stream.write(state.presenter.say(line, now: Times.monotonicNow()))
      redraw(&state)
    }
  }

  /// The terminal will be somebody else's: leaves nothing behind. Drawing goes on once it is ours again.
  func pause() {
    state.withLock { state in state.stream.write(state.presenter.clear(size: state.stream.size)) }
  }

  /// Ends the drawing. Afterwards the stream belongs to the caller again.
  func finish() {
    stopTicking.signal()
    ended.wait()
    state.withLock { state in
      state.stream.write(state.presenter.finish(now: Times.monotonicNow(), size: state.stream.size))
      state.isOver = true
    }
  }

  /// The last line of a stream of JSON; nothing in the other modes.
  func conclude(_ type: String, _ members: [JSON.Member]) {
    state.withLock { state in
      guard var presenter = state.presenter as? JSONPresenter else { return }
      state.stream.write(presenter.line(type, members, Times.monotonicNow()))
      state.presenter = presenter
    }
  }

  /// What runs now, for a person who waits.
  var running: [String] { model.active.values.map(model.name).sorted() }
  var model: RunModel { state.withLock { $0.presenter.model } }

  private func tick() {
    var ticks = 0
    while stopTicking.wait(timeout: .now() + .nanoseconds(Int(Self.interval))) == .timedOut {
      state.withLock { redraw(&$0) }
      ticks += 1
      // A run that is over before is not worth a look at the trace.
      if ticks == 5, let usual {
        let known = usual()
        state.withLock { $0.presenter.learn(known) }
      }
    }
    ended.signal()
  }

  private func redraw(_ state: inout State) {
    guard !isInPlace || state.stream.isForeground else { return }
    state.stream.write(state.presenter.tick(now: Times.monotonicNow(), size: state.stream.size))
  }
}
