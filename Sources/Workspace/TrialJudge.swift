internal import Execution
internal import Experiments
internal import Foundation
internal import Synchronization

/// Asks the pruning rule of a plugin about a trial that runs, in a thread of its own: the trial does not wait for it. Steps are judged
/// in their order, each once, and the first that is to be the last stands, whatever the trial has come to meanwhile. Any thread.
final class TrialJudge: Sendable {
  /// Opens the question about a curve, or says that there is none.
  typealias Opening =
    @Sendable (_ curve: [Double], _ answered: @escaping @Sendable () -> Void) throws(WorkspaceError) -> (
      OpenQuestion, Judging
    )?

  private let watch: TrialWatch
  private let open: Opening
  /// Stops the trial.
  private let stop: @Sendable () -> Void
  private let state = Mutex(State())
  private let news = DispatchSemaphore(value: 0)
  private let answered = DispatchSemaphore(value: 0)
  private let isDone = DispatchSemaphore(value: 0)

  private struct State {
    /// No step will come any more.
    var isComplete = false
    /// A question under way.
    var question: Session?
    var halt: Executor.Stop?
    var failure: WorkspaceError?
  }

  init(_ watch: TrialWatch, stop: @escaping @Sendable () -> Void, open: @escaping Opening) {
    self.watch = watch
    self.stop = stop
    self.open = open
    let thread = Thread { [self] in run() }
    thread.name = "judge"
    thread.stackSize = 1 << 20
    thread.start()
  }

  /// There may be more to judge.
  func look() { news.signal() }

  /// Nothing is asked any more; what is asked now is ended.
  func stop(_ how: Executor.Stop) {
    let session = state.withLock { state in
      state.halt = how
      return state.question
    }
    session?.stop(how)
  }

  /// Judges what is left, after the trial has ended. Blocks; call once.
  ///
  /// - Returns: why there is a step that was not judged; nil: all were.
  func finish() -> WorkspaceError? {
    state.withLock { $0.isComplete = true }
    news.signal()
    isDone.wait()
    return state.withLock { $0.failure }
  }

  private func run() {
    while true {
      news.wait()
      // Before the steps are looked at: what came until then is among them.
      let isComplete = state.withLock { $0.isComplete }
      while state.withLock({ $0.failure == nil }), let curve = watch.nextToJudge() {
        if state.withLock({ $0.halt == nil }) {
          judge(curve)
        } else {
          state.withLock { $0.failure = WorkspaceError(.interrupted, "interrupted") }
        }
      }
      if isComplete { break }
    }
    isDone.signal()
  }

  private func judge(_ curve: [Double]) {
    do throws(WorkspaceError) {
      guard let (question, judging) = try open(curve, { [answered] in answered.signal() }) else { return }
      let halt = state.withLock { state in
        state.question = question.session
        return state.halt
      }
      if let halt { question.session.stop(halt) }
      answered.wait()
      state.withLock { $0.question = nil }
      guard let reason = try question.answer(judging.verdict) else { return }
      watch.stop(because: reason, curve)
    } catch {
      state.withLock { $0.failure = error }
    }
    stop()
  }
}
