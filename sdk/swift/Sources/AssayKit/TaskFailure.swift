/// Why a task could not do its work. Any other error that `run` throws becomes one with its description as the message.
public struct TaskFailure: Error, CustomStringConvertible {
  /// What sort of failure it is: decides whether another attempt is worth it when `retryable` is nil.
  public enum Kind: Int32, Sendable {
    /// The task could not do it; the same inputs fail again.
    case failed = -1
    /// Worth another attempt.
    case transient = -2
    /// An input is not acceptable.
    case input = -3
    /// The task stopped because it was asked to.
    case cancelled = -4
    /// Memory, disk or device.
    case resource = -5
    /// Not possible with this build or machine.
    case unsupported = -6
    /// The task or the engine broke the ABI.
    case contract = -7
  }

  /// What sort of failure it is.
  public var kind: Kind
  /// One line for a person.
  public var message: String
  /// Dotted name that `retry 3 on io.timeout` matches; empty: the kind's name.
  public var code: String
  /// The task's own number: errno, HTTP status…
  public var number: Int32
  /// Nil: the kind decides.
  public var retryable: Bool?
  /// When another attempt makes sense; nil: the engine's own back-off.
  public var retryAfter: Duration?
  /// The input or output it is about.
  public var port: String?
  /// Anything long.
  public var detail: String

  /// Without `kind`: transient when retryable, input when it is about a port, failed otherwise.
  public init(
    _ message: String, code: String = "", retryable: Bool? = nil, port: String? = nil, kind: Kind? = nil,
    number: Int32 = 0, retryAfter: Duration? = nil, detail: String = ""
  ) {
    self.message = message
    self.code = code
    self.retryable = retryable
    self.port = port
    self.kind = kind ?? (retryable == true ? .transient : port != nil ? .input : .failed)
    self.number = number
    self.retryAfter = retryAfter
    self.detail = detail
  }

  /// Code and message.
  public var description: String { code.isEmpty ? message : "\(code): \(message)" }

  /// Any error as a failure.
  static func from(_ error: any Error) -> TaskFailure {
    if let failure = error as? TaskFailure { return failure }
    if error is CancellationError { return TaskFailure("cancelled", kind: .cancelled) }
    return TaskFailure("\(error)", code: "swift", detail: String(reflecting: error))
  }

  /// The same failure, about `port` unless it already names one.
  func about(_ port: String) -> TaskFailure {
    var copy = self
    copy.port = self.port ?? port
    return copy
  }
}
