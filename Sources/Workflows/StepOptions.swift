package import Tasks

/// The options in a step's braces; nil where the text is silent.
package struct StepOptions: Sendable, Equatable {
  package enum Reuse: Sendable, Equatable {
    case inputs
    case never
    /// Results younger than this.
    case within(Duration)
  }
  package enum OnFailure: String, Sendable { case stop, skip, `continue` }

  package var isolation: Isolation?
  package var onFailure: OnFailure = .stop

  /// What few steps say lies in an object of its own: there is a copy in every step of a program and a plan.
  private var rare: Rare?

  private final class Rare: Sendable {
    struct Content: Equatable, Sendable {
      var retries = 0
      var retryOn: [String] = []
      var backoff: [Duration]?
      var jitter: Double = 0
      var timeout: Duration?
      var resources: Resources?
      var reuse: Reuse?
    }
    let content: Content
    init(_ content: Content) { self.content = content }
  }

  private var content: Rare.Content {
    get { rare?.content ?? .init() }
    set { rare = Rare(newValue) }
  }

  package init() {}

  package static func == (a: Self, b: Self) -> Bool {
    a.isolation == b.isolation && a.onFailure == b.onFailure && a.content == b.content
  }

  /// Further attempts after the first.
  package var retries: Int {
    get { rare?.content.retries ?? 0 }
    set { content.retries = newValue }
  }
  /// Codes that are retried; empty: whatever is retryable.
  package var retryOn: [String] {
    get { rare?.content.retryOn ?? [] }
    set { content.retryOn = newValue }
  }
  package var backoff: (lower: Duration, upper: Duration)? {
    get { rare?.content.backoff.map { ($0[0], $0[1]) } }
    set { content.backoff = newValue.map { [$0.lower, $0.upper] } }
  }
  /// Share of the delay that is random, 0…1.
  package var jitter: Double {
    get { rare?.content.jitter ?? 0 }
    set { content.jitter = newValue }
  }
  package var timeout: Duration? {
    get { rare?.content.timeout }
    set { content.timeout = newValue }
  }
  package var resources: Resources? {
    get { rare?.content.resources }
    set { content.resources = newValue }
  }
  package var reuse: Reuse? {
    get { rare?.content.reuse }
    set { content.reuse = newValue }
  }
}
