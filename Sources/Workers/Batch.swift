internal import CProcess
internal import Calls
internal import Processes
internal import Tasks
internal import Values

/// A batch on its way, from the first worker to the last. Used by the thread that runs it.
final class Batch {
  let calls: [Invocation]
  let observer: any AttemptObserver
  let mailbox: Mailbox
  var book = LogBook()
  /// Attempts that have to end, by position.
  var stops: [Int: Escalation] = [:]
  /// Workers that died before anything of the batch was running.
  var losses = 0
  private(set) var outcomes: [Outcome?]
  private var announced: [Bool]

  init(_ calls: [Invocation], _ observer: any AttemptObserver, _ mailbox: Mailbox) {
    self.calls = calls
    self.observer = observer
    self.mailbox = mailbox
    outcomes = Array(repeating: nil, count: calls.count)
    announced = Array(repeating: false, count: calls.count)
  }

  func isOpen(_ index: Int) -> Bool { outcomes[index] == nil }

  /// The attempt is known to be running.
  func announce(_ index: Int) {
    guard !announced[index] else { return }
    announced[index] = true
    observer.started(calls[index].id)
  }

  func log(_ index: Int, _ level: LogLevel, _ text: String, at time: Int64) {
    book.add(calls[index].id, level, text, at: time, observer)
  }

  /// Ends an attempt, once.
  func finish(_ index: Int, _ result: Result<[Value?], Failure>, _ usage: Usage = Usage()) {
    guard outcomes[index] == nil else { return }
    stops[index] = nil
    let id = calls[index].id
    let tail = book.isEmpty ? [] : book.close(id, at: cprocess_wall_clock(), observer)
    var result = result
    if case .failure(var failure) = result {
      failure.log = tail
      result = .failure(failure)
    }
    outcomes[index] = Outcome(id: id, result: result, usage: usage)
  }

  func fail(_ indices: some Sequence<Int>, _ failure: Failure) {
    for index in indices { finish(index, .failure(failure)) }
  }

  /// Turns letters into escalations.
  func takeMail(at now: Int64) {
    for (attempt, urgency) in mailbox.take() {
      guard let index = calls.firstIndex(where: { $0.id == attempt }), isOpen(index) else { continue }
      if stops[index] == nil {
        stops[index] = Escalation(.cancel, urgency, since: now, grace: calls[index].grace.nanoseconds)
      } else {
        stops[index]?.raise(to: urgency, at: now)
      }
    }
  }

  /// Ends those of `waiting` that are to be cancelled and are not in any process; gives the others.
  func withoutCancelled(_ waiting: some Sequence<Int>) -> [Int] {
    waiting.filter { index in
      guard stops[index] != nil else { return isOpen(index) }
      finish(index, .failure(Failure(.cancelled, "cancelled before it started")))
      return false
    }
  }

  /// Whether loading a plugin for `waiting` has become pointless, because all are to end at once; else when to ask
  /// again.
  func stopsLoading(_ waiting: [Int]) -> (stop: Bool, next: Int64?) {
    let now = cprocess_clock()
    takeMail(at: now)
    guard !stops.isEmpty else { return (false, nil) }
    var next: Int64?
    for index in waiting {
      guard var stop = stops[index] else { return (false, nil) }
      _ = stop.advance(to: now)
      if stop.step < .terminate {
        guard let due = stop.next else { return (false, nil) }
        next = max(next ?? due, due)
      }
      stops[index] = stop
    }
    return (next == nil, next)
  }

  var wallClock: Int64 { cprocess_wall_clock() }
}
