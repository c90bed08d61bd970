internal import Diagnostics
internal import Syntax
internal import Tasks
internal import Values

/// Reads the options in a step's braces.
struct OptionChecker {
  private static let names = ["retry", "backoff", "timeout", "resources", "reuse", "isolation", "on failure"]
  /// What other tools call them.
  private static let otherNames = [
    "retries": "retry", "cache": "reuse", "memory": "resources", "cpu": "resources", "gpu": "resources",
    "sandbox": "isolation", "on_failure": "on failure", "on_error": "on failure",
  ]

  private let checker: WorkflowChecker
  private let step: StepSyntax
  private let signatures: [Signature?]
  private var options = StepOptions()

  init(_ checker: WorkflowChecker, _ step: StepSyntax, _ signatures: [Signature?]) {
    self.checker = checker
    self.step = step
    self.signatures = signatures
  }

  func check() -> StepOptions {
    var copy = self
    copy.read()
    return copy.options
  }

  private mutating func read() {
    var seen: [String: Span] = [:]
    for option in step.options {
      if let first = seen[option.name.text] {
        checker.error(
          "E0105", "`\(option.name.text)` is given twice", at: option.name.span, "the second one",
          also: [.init(checker.file, first, "the first one")], help: "keep one of them")
        continue
      }
      seen[option.name.text] = option.name.span
      var words = Words(option, checker)
      switch option.name.text {
      case "retry": retry(&words)
      case "backoff": backoff(&words)
      case "timeout": timeout(&words)
      case "resources": resources(&words)
      case "reuse": reuse(&words)
      case "isolation": isolation(&words)
      case "on failure": onFailure(&words)
      default:
        reportUnknown(option.name)
        continue
      }
      words.finish()
    }
  }

  private func reportUnknown(_ name: Name) {
    let near = Self.otherNames[name.text] ?? checker.session.report.near(name.text, Self.names)
    let isSpelling = Self.otherNames[name.text] == nil
    let (help, fix) = suggestion(near, for: name.span, otherwise: "options: \(enumerated(Self.names, limit: 10))")
    checker.error(
      "E0112", "there is no step option `\(name.text)`", at: name.span, "unknown option", help: help,
      fix: isSpelling ? fix : nil)
  }

  // MARK: One option each

  private mutating func retry(_ words: inout Words) {
    guard let count = words.integer("a number of further attempts, such as `retry 2`", 0...1_000_000) else { return }
    options.retries = count
    guard words.take("on") else { return }
    while let code = words.code() { options.retryOn.append(code) }
    if options.retryOn.isEmpty { words.wrong("a failure code after `on`, such as `io.timeout`") }
  }

  private mutating func backoff(_ words: inout Words) {
    guard let bounds = words.durations("a duration or two, such as `2s..60s`") else { return }
    options.backoff = bounds
    guard words.take("jitter") else { return }
    if let share = words.number("a share from 0 to 1 after `jitter`", 0...1) { options.jitter = share }
  }

  private mutating func timeout(_ words: inout Words) {
    guard let limit = words.duration("a duration, such as `5m`") else { return }
    options.timeout = limit
  }

  private mutating func resources(_ words: inout Words) {
    var result = Resources()
    repeat {
      if words.take("cpu") {
        result.cpu = words.number("how many processors after `cpu`", 0...1_000_000) ?? 0
      } else if words.take("memory") {
        result.memoryBytes = words.size("a size after `memory`, such as `2GiB`") ?? 0
      } else if words.take("gpu") {
        result.gpu = words.integer("how many after `gpu`", 0...1_000_000) ?? 0
      } else {
        words.wrong("`cpu`, `memory` or `gpu`", near: ["cpu", "memory", "gpu"])
        return
      }
    } while !words.isEmpty
    options.resources = result
  }

  private mutating func reuse(_ words: inout Words) {
    let span = words.span
    if words.take("never") {
      options.reuse = .never
      return
    }
    if words.take("inputs") {
      options.reuse = .inputs
    } else if words.isQuantity, let age = words.duration("`inputs`, `never` or a duration") {
      options.reuse = .within(age)
    } else {
      words.wrong("`inputs`, `never` or a duration", near: ["inputs", "never"])
      return
    }
    guard let impure = signatures.compactMap({ $0 }).first(where: { !$0.isPure }) else { return }
    checker.error(
      "E0803", "`\(impure.task?.id ?? "this task")` is not pure: its result must not be reused", at: span,
      "asks for reuse", also: [.init(checker.file, step.name.span, "this step calls it")],
      help: "write `reuse never`, or declare the task pure if its outputs depend on its inputs alone")
  }

  private mutating func isolation(_ words: inout Words) {
    let span = words.span
    if words.take("sandbox") {
      checker.error(
        "E0802", "isolation `sandbox` is not available in this version", at: span, "not available",
        help: "`fresh` gives each attempt a process of its own; run untrusted code in a container")
      return
    }
    for isolation in Isolation.allCases where words.take(isolation.rawValue) {
      options.isolation = isolation
      return
    }
    words.wrong("`inline`, `worker` or `fresh`", near: ["inline", "worker", "fresh", "sandbox"])
  }

  private mutating func onFailure(_ words: inout Words) {
    for choice in [StepOptions.OnFailure.stop, .skip, .continue] where words.take(choice.rawValue) {
      options.onFailure = choice
      return
    }
    words.wrong("`stop`, `skip` or `continue`", near: ["stop", "skip", "continue"])
  }
}

/// The words of one option, read from left to right; the first wrong one is reported and ends the reading.
private struct Words {
  private let option: OptionSyntax
  private let checker: WorkflowChecker
  private var rest: ArraySlice<OptionSyntax.Word>
  private var isDone = false

  init(_ option: OptionSyntax, _ checker: WorkflowChecker) {
    self.option = option
    self.checker = checker
    rest = option.words[...]
  }

  var isEmpty: Bool { isDone || rest.isEmpty }
  /// Of the next word, or of the option.
  var span: Span { rest.first?.span ?? option.span }
  var isQuantity: Bool { if case .quantity? = rest.first { true } else { false } }

  mutating func wrong(_ expected: String, near words: [String] = [], help otherwise: String? = nil) {
    guard !isDone else { return }
    isDone = true
    let name = option.name.text
    guard let word = rest.first else {
      checker.error(
        "E0801", "`\(name)` needs \(expected)", at: option.span, "something is missing here",
        help: otherwise)
      return
    }
    let text = checker.file.text(word.span)
    let near = words.isEmpty ? nil : checker.session.report.near(text, words)
    let (help, fix) = suggestion(near, for: word.span, otherwise: otherwise)
    checker.error(
      "E0801", "`\(name)` needs \(expected), not `\(text)`", at: word.span, "not understood", help: help, fix: fix)
  }

  /// Nothing may be left over.
  mutating func finish() {
    if !isDone, !rest.isEmpty { wrong("nothing more") }
  }

  mutating func take(_ word: String) -> Bool {
    guard !isDone, case .path(let path)? = rest.first, path.text == word else { return false }
    rest.removeFirst()
    return true
  }

  mutating func code() -> String? {
    guard !isDone else { return nil }
    switch rest.first {
    case .path(let path):
      rest.removeFirst()
      return path.text
    case .string(let text, _):
      rest.removeFirst()
      return text
    default: return nil
    }
  }

  mutating func integer(_ expected: String, _ range: ClosedRange<Int>) -> Int? {
    if !isDone, case .integer(let span)? = rest.first, let value = Int(text(span)), range.contains(value) {
      rest.removeFirst()
      return value
    }
    wrong(expected)
    return nil
  }

  mutating func number(_ expected: String, _ range: ClosedRange<Double>) -> Double? {
    switch rest.first {
    case .integer(let span), .float(let span):
      guard !isDone, let value = Double(text(span)), range.contains(value) else { break }
      rest.removeFirst()
      return value
    default: break
    }
    wrong(expected)
    return nil
  }

  mutating func duration(_ expected: String) -> Duration? {
    if !isDone, case .quantity(let span)? = rest.first, let value = DurationLiteral.parse(text(span)), value > .zero {
      rest.removeFirst()
      return value
    }
    wrong(expected, help: "units are `ms`, `s`, `m`, `h`, `d`")
    return nil
  }

  mutating func durations(_ expected: String) -> (lower: Duration, upper: Duration)? {
    if case .quantity? = rest.first { return duration(expected).map { ($0, $0) } }
    if !isDone, case .range(let first, let second)? = rest.first, let lower = DurationLiteral.parse(text(first)),
      let upper = DurationLiteral.parse(text(second)), lower > .zero, lower <= upper
    {
      rest.removeFirst()
      return (lower, upper)
    }
    wrong(expected, help: "units are `ms`, `s`, `m`, `h`, `d`; the shorter one comes first")
    return nil
  }

  mutating func size(_ expected: String) -> Int64? {
    if !isDone, case .quantity(let span)? = rest.first, let value = ByteSize.parse(text(span)), value > 0 {
      rest.removeFirst()
      return value
    }
    wrong(expected, help: "units are `KiB`, `MiB`, `GiB`, `TiB`, without a space before them")
    return nil
  }

  private func text(_ span: Span) -> String { checker.file.text(span).filter { $0 != "_" } }
}
