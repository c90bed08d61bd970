package import Tasks
package import Values

/// One item of a REPORT.
package enum ReportItem {
  case log(UInt64, LogLevel, Int64, String)
  case metric(UInt64, String, Double, String, Int64, Int64)
  case checkpoint(UInt64, [UInt8])
  case done(UInt64, Completion)

  package init(_ body: inout WireDecoder) throws(WireError) {
    let kind: UInt8 = try body.read()
    let attempt: UInt64 = try body.read()
    switch kind {
    case 1:
      let level: Int32 = try body.read()
      let time: Int64 = try body.read()
      self = .log(attempt, LogLevel(rawValue: min(3, max(0, level))) ?? .info, time, try body.string())
    case 2:
      let name = try body.string()
      let value = try body.double()
      let unit = try body.string()
      self = .metric(attempt, name, value, unit, try body.read(), try body.read())
    case 3: self = .checkpoint(attempt, try body.blob().copied)
    case 4: self = .done(attempt, try Completion(&body))
    default: throw WireError("unknown item \(kind) in a report", at: body.offset)
    }
  }
}

/// How the task itself says that an attempt ended.
package struct Completion {
  package var usage: Usage
  package var result: Result<[Value?], Failure>

  fileprivate init(_ body: inout WireDecoder) throws(WireError) {
    let status: Int32 = try body.read()
    usage = Usage(
      wallNanoseconds: Int64(clamping: try body.read(UInt64.self)),
      cpuNanoseconds: Int64(clamping: try body.read(UInt64.self)),
      peakMemoryBytes: Int64(clamping: try body.read(UInt64.self)))
    let count = try body.count(ofSize: 1)
    var outputs: [Value?] = []
    outputs.reserveCapacity(count)
    for _ in 0..<count { outputs.append(try body.output()) }
    let hasError: UInt8 = try body.read()
    let error = hasError == 0 ? nil : try TaskError(&body)
    result = status == 0 ? .success(outputs) : .failure(Failure(status: status, error))
  }
}

/// What a task said through `fail`.
struct TaskError {
  var retryable: Int32
  var number: Int32
  var retryAfterMilliseconds: Int64
  var domain: String
  var message: String
  var detail: String
  var port: String

  fileprivate init(_ body: inout WireDecoder) throws(WireError) {
    retryable = try body.read()
    number = try body.read()
    retryAfterMilliseconds = try body.read()
    domain = try body.string()
    message = try body.string()
    detail = try body.string()
    port = try body.string()
  }
}

extension Failure {
  /// A status of the ABI, with what the task said about it.
  init(status: Int32, _ error: TaskError?) {
    let kind: Kind? =
      switch status {
      case -1: .failed
      case -2: .transient
      case -3: .input
      case -4: .cancelled
      case -5: .resource
      case -6: .unsupported
      case -7: .contract
      default: nil
      }
    guard let kind else {
      self.init(.contract, "the task returned \(status), which is no status of the ABI")
      return
    }
    let silent = kind == .cancelled ? "cancelled" : "the task failed without saying why (status \(status))"
    guard let error else {
      self.init(kind, silent)
      return
    }
    self.init(
      kind, error.message.isEmpty ? silent : error.message, code: error.domain.isEmpty ? nil : error.domain,
      number: error.number, detail: error.detail, port: error.port,
      retryable: error.retryable < 0 ? nil : error.retryable != 0,
      retryAfter: error.retryAfterMilliseconds < 0 ? nil : .milliseconds(error.retryAfterMilliseconds))
  }
}
