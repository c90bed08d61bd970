internal import Comparisons
internal import Tasks
internal import Values

/// One cause in words and as JSON.
struct CauseText {
  let why: Why
  init(_ why: Why) { self.why = why }

  /// Parts of code that are listed one by one.
  private static let parts = 12

  /// The first line says it, the others give details.
  func lines(_ cause: Cause) -> [String] {
    switch cause {
    case .task(let before, let after): ["the task was \(before), is \(after)"]
    case .code(let code): Self.lines(code)
    case .seed(let before, let after): ["the run's seed was \(before), is \(after)"]
    case .input(let name, let before, let after): input(name, before, after)
    case .document(let place, let before?, let after?): ["the document said \(before), says \(after)  (\(place))"]
    case .document(let place, nil, let after?): ["the document says \(after), said nothing before  (\(place))"]
    case .document(let place, let before?, nil): ["the document said \(before), says nothing now  (\(place))"]
    case .document(let place, nil, nil): ["the document changed  (\(place))"]
    case .argument(let place, let before, let after, _): [argument(place, before, after)]
    case .variant(let step, let before, let after): ["variant of `\(step)` was \(before), is \(after)"]
    case .file(let place, let text): ["\(text) has other contents  (\(place))"]
    case .upstream(let index, let port): ["`\(why.explanations[index].call).\(port)` is another value"]
    case .more(let step, let count): ["and \(Text.count(count, "more call")) of `\(step)`"]
    case .ranAgain(let call, true): ["`\(call)` is declared deterministic, but gave another result for the same key"]
    case .ranAgain(let call, false): ["`\(call)` ran again and gave another result, as it may: it is not deterministic"]
    case .skipped(let call, true): ["`\(call)` ran, and was skipped before"]
    case .skipped(let call, false): ["`\(call)` was skipped, and ran before"]
    case .unknown: ["the record does not say what changed"]
    }
  }

  private func argument(_ place: String, _ before: GivenArgument?, _ after: GivenArgument?) -> String {
    func words(_ argument: GivenArgument) -> String {
      guard let text = argument.text else { return argument.isDefault ? "the default" : "something" }
      return argument.isDefault ? "\(text) by default" : text
    }
    return switch (before, after) {
    case (let before?, let after?): "was \(words(before)), is \(words(after))  (\(place))"
    case (nil, let after?): "is \(words(after)), a parameter that only \(after.task) has  (\(place))"
    case (let before?, nil): "was \(words(before)), a parameter that only \(before.task) has  (\(place))"
    case (nil, nil): "the parameter changed  (\(place))"
    }
  }

  private func input(_ name: String, _ before: NamedContent?, _ after: NamedContent?) -> [String] {
    func words(_ content: NamedContent?) -> String {
      guard let content else { return "not there" }
      return content.origin.isEmpty ? content.text : "\(Text.near(content.origin)) (\(content.text))"
    }
    if let before, let after, !after.origin.isEmpty, before.origin == after.origin {
      return ["input `\(name)`: the file \(Text.near(after.origin)) changed, \(before.text) → \(after.text)"]
    }
    return ["input `\(name)` was \(words(before)), is \(words(after))"]
  }

  /// A change of code: the first line says it, the others list its parts.
  static func lines(_ code: CodeDifference) -> [String] {
    guard !code.parts.isEmpty else {
      return ["the code changed, \(code.before.short) → \(code.after.short) (the record does not say what in it)"]
    }
    var lines = ["the code of \(Text.near(code.path)) changed"]
    for part in code.parts.prefix(parts) { lines.append(Self.part(part)) }
    if code.parts.count > parts { lines.append("and \(code.parts.count - parts) more parts") }
    return lines
  }

  private static func part(_ part: CodeDifference.Part) -> String {
    func short(_ text: String) -> String { text.count > 20 && !text.contains(",") ? String(text.prefix(12)) : text }
    let name = part.kind == .plugin ? "\(part.name)" : "\(part.kind.word) \(part.name)"
    switch (part.before, part.after) {
    case (let before?, let after?): return "\(name): \(short(before)) → \(short(after))"
    case (nil, let after?): return "\(name): new, \(short(after))"
    case (let before?, nil): return "\(name): gone, was \(short(before))"
    case (nil, nil): return name
    }
  }

  func members(_ cause: Cause) -> [JSON.Member] {
    func text(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }
    func one(_ kind: String, _ more: JSON.Member...) -> [JSON.Member] { [.init("kind", .string(kind))] + more }
    return switch cause {
    case .task(let before, let after): one("task", .init("before", .string(before)), .init("after", .string(after)))
    case .code(let code):
      one(
        "code", .init("path", .string(code.path)), .init("before", .string("sha256:" + code.before.hex)),
        .init("after", .string("sha256:" + code.after.hex)),
        .init("parts", .array(code.parts.map(\.json))))
    case .seed(let before, let after):
      one("seed", .init("before", .string(String(before))), .init("after", .string(String(after))))
    case .input(let name, let before, let after):
      one(
        "input", .init("name", .string(name)), .init("before", before?.json ?? .null),
        .init("after", after?.json ?? .null))
    case .document(let place, let before, let after):
      one("document", .init("place", .string(place)), .init("before", text(before)), .init("after", text(after)))
    case .argument(let place, let before, let after, _):
      one(
        "argument", .init("place", .string(place)), .init("before", before?.json ?? .null),
        .init("after", after?.json ?? .null))
    case .variant(let step, let before, let after):
      one("variant", .init("point", .string(step)), .init("before", .string(before)), .init("after", .string(after)))
    case .file(let place, let words): one("file", .init("place", .string(place)), .init("expression", .string(words)))
    case .upstream(let index, let port):
      one(
        "upstream", .init("call", .string(why.explanations[index].call.description)), .init("output", .string(port)))
    case .more(let step, let count): one("more", .init("step", .string(step)), .init("calls", .int(Int64(count))))
    case .ranAgain(let call, let promised):
      one("ran_again", .init("of", .string(call.description)), .init("declared_deterministic", .bool(promised)))
    case .skipped(let call, let before):
      one("skipped", .init("of", .string(call.description)), .init("before", .bool(before)))
    case .unknown: one("unknown")
    }
  }
}

extension CodeDifference.Part {
  var json: JSON {
    .object([
      .init("kind", .string(kind.rawValue)), .init("name", .string(name)),
      .init("before", before.map { .string($0) } ?? .null), .init("after", after.map { .string($0) } ?? .null),
    ])
  }
}

extension GivenArgument {
  var json: JSON {
    .object([
      .init("task", .string(task)), .init("text", text.map { .string($0) } ?? .null),
      .init("default", .bool(isDefault)),
    ])
  }
}

extension NamedContent {
  var json: JSON {
    var members: [JSON.Member] = [.init("text", .string(text))]
    if !origin.isEmpty { members.append(.init("path", .string(origin))) }
    return .object(members)
  }
}
