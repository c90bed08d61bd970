internal import Foundation
internal import Values

/// What waits for the server's one thread. The reader of standard input and loaders of plugins put in, the server takes out.
///
/// `@unchecked`: everything mutable is guarded by `condition`.
final class Inbox: @unchecked Sendable {
  enum Event: Sendable {
    case message(Message)
    /// A request that was cancelled while it waited.
    case cancelled(id: JSON)
    /// About long work, such as building an environment.
    case notice(String)
    /// Something that documents use has become ready.
    case ready
    /// Nothing came until the deadline.
    case idle
    case end
  }

  /// `condition` guards everything below.
  private let condition = NSCondition()
  private var events: [Event] = []
  private var first = 0
  private var isEnded = false
  private var current: JSON?
  private var isCurrentCancelled = false

  func put(_ event: Event) {
    condition.lock()
    events.append(event)
    condition.signal()
    condition.unlock()
  }

  /// No more will come; what waits is still taken out.
  func end() {
    condition.lock()
    isEnded = true
    condition.signal()
    condition.unlock()
  }

  func cancel(_ id: JSON) {
    condition.lock()
    defer { condition.unlock() }
    if current == id { isCurrentCancelled = true }
    for index in events.indices.dropFirst(first) {
      if case .message(.request(let other, _, _)) = events[index], other == id {
        events[index] = .cancelled(id: id)
        return
      }
    }
  }

  /// The request at work was cancelled: looked at now and then by what takes long.
  var isCancelled: Bool {
    condition.lock()
    defer { condition.unlock() }
    return isCurrentCancelled
  }

  var isEmpty: Bool {
    condition.lock()
    defer { condition.unlock() }
    return first == events.count
  }

  /// Waits for the next event, at most until `deadline`.
  func take(until deadline: Date?) -> Event {
    condition.lock()
    defer { condition.unlock() }
    current = nil
    isCurrentCancelled = false
    while first == events.count {
      if isEnded { return .end }
      if let deadline {
        guard condition.wait(until: deadline) else { return first == events.count ? .idle : pop() }
      } else {
        condition.wait()
      }
    }
    return pop()
  }

  private func pop() -> Event {
    let event = events[first]
    first += 1
    if first == events.count {
      events.removeAll(keepingCapacity: true)
      first = 0
    }
    if case .message(.request(let id, _, _)) = event { current = id }
    return event
  }
}
