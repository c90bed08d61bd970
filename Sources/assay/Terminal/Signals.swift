internal import Foundation
internal import Glibc
internal import Synchronization

/// Interrupts as calls on a thread of their own: nothing happens inside a signal handler.
///
/// `start` has to come before other threads, which inherit that the signals are blocked.
final class Signals: Sendable {
  /// A press of Ctrl-C, or a request to end: which signal, and the how-manieth (from 1).
  typealias Handler = @Sendable (_ signal: Int32, _ count: Int) -> Void

  private struct State {
    var count = 0
    var first: Int32 = 0
    var handler: Handler?
  }
  private let state = Mutex(State())

  /// The signal that came first, or 0.
  var first: Int32 { state.withLock { $0.first } }

  /// Handles SIGINT, SIGTERM, SIGHUP and SIGTSTP (Ctrl-Z) from now on, except those that were ignored when the process
  /// began (`nohup`). SIGTSTP is not counted; when its handler has returned the process stops, until it is continued.
  /// Writes to a closed pipe, or to a file that may not grow (`ulimit -f`), become errors.
  static func start() -> Signals {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    let signals = Signals()
    var set = sigset_t()
    sigemptyset(&set)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGTSTP] where !isIgnored(number) { sigaddset(&set, number) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
    let waited = set
    let thread = Thread { signals.wait(for: waited) }
    thread.name = "signals"
    thread.start()
    return signals
  }

  /// Until there is a handler a signal ends the process, as if nobody had asked for it.
  func handle(_ handler: @escaping Handler) { state.withLock { $0.handler = handler } }

  private func wait(for set: sigset_t) {
    var set = set
    while true {
      var number: Int32 = 0
      guard sigwait(&set, &number) == 0 else { continue }
      if number == SIGTSTP {
        state.withLock { $0.handler }?(number, 0)
        stop()
        continue
      }
      let (handler, count) = state.withLock { state in
        state.count += 1
        if state.first == 0 { state.first = number }
        return (state.handler, state.count)
      }
      guard let handler else { _exit(128 + number) }
      handler(number, count)
    }
  }

  /// As the terminal wants it: with SIGTSTP itself, so that a shell sees what it has sent.
  private func stop() {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGTSTP)
    raise(SIGTSTP)
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }
}
