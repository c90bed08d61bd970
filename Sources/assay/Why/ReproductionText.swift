internal import Comparisons
internal import Values

/// How a repeated run compares, for people and for programs.
struct ReproductionText {
  let result: Reproduction
  init(_ result: Reproduction) { self.result = result }

  static let impossible: Int32 = 3

  /// Calls that are listed one by one.
  private static let calls = 12

  private var isImpossible: Bool { result.first == nil && !result.changedInputs.isEmpty }

  var exit: Int32 {
    if isImpossible { return Self.impossible }
    return switch result.verdict {
    case .same: 0
    case .within: 1
    case .different: 2
    }
  }

  private var verdict: String {
    if isImpossible { return "impossible" }
    return switch result.verdict {
    case .same: "same"
    case .within: "within_tolerance"
    case .different: "different"
    }
  }

  func text(_ paint: Paint, _ glyphs: Glyphs) -> String {
    let head = "run \(result.repetition) repeats run \(result.original)"
    let count = Text.count(result.count, "call")
    if result.verdict == .same {
      return paint("\(glyphs.done) \(head)", .good) + ": every output of \(count) is the same, bit for bit\n"
    }
    let words =
      switch exit {
      case 1: "floats differ, by no more than the tolerance \(result.tolerance ?? 0)"
      case 3: "but it was given something else"
      default: "\(result.calls.count) of \(count) differ"
      }
    var text = paint("\(exit == 1 ? glyphs.done : glyphs.failed) \(head)", exit == 1 ? .warning : .bad) + ": \(words)\n"
    for call in result.changedInputs where isImpossible {
      text +=
        "  `\(call)` has other inputs although no call before it differs: a file that the document names has changed\n"
    }
    if let first = result.first {
      text += "\n" + paint("first to differ", .strong) + ": `\(first.name)` (\(first.task)), with the same inputs\n"
      text += difference(first)
    }
    if let ladder = result.ladder, exit != 1 {
      text += "\n" + paint("likely causes", .strong) + "\n" + rungs(ladder, paint)
    }
    let others = result.calls.filter { $0.name != result.first?.name }
    if !others.isEmpty {
      text += "\n" + paint("also", .strong) + "\n"
      for call in others.prefix(Self.calls) { text += "  " + other(call) + "\n" }
      if others.count > Self.calls { text += "  and \(others.count - Self.calls) more\n" }
    }
    return text
  }

  private func difference(_ call: Reproduction.Call) -> String {
    if case .otherEnd(let before, let after) = call.likeness { return "  it \(before) before, and \(after) now\n" }
    var text = ""
    for output in call.outputs {
      let comparison = output.comparison
      guard let first = comparison.first else { continue }
      text += "  \(output.port): " + Text.harmless(first.place.isEmpty ? "" : first.place + ": ")
      text += Text.harmless("\(first.before), then \(first.after)")
      var notes: [String] = []
      if comparison.count > 1 { notes.append("\(comparison.count) places") }
      if comparison.deviation > 0 { notes.append("at most \(Self.short(comparison.deviation)) apart") }
      text += (notes.isEmpty ? "" : "  (\(notes.joined(separator: ", ")))") + "\n"
    }
    return text
  }

  private func rungs(_ ladder: Ladder, _ paint: Paint) -> String {
    let width = ladder.rungs.map { $0.cause.rawValue.count }.max() ?? 0
    return ladder.rungs.map { rung in
      let style: Style = rung.weight == .likely ? .bad : rung.weight == .possible ? .warning : .faint
      let lead = "  " + Text.pad(rung.cause.rawValue, width) + "  "
      let weight = paint(Text.pad(rung.weight.rawValue, 8), style)
      let lines = rung.evidence.enumerated().map { index, line in
        (index == 0 ? lead + weight + "  " : String(repeating: " ", count: width + 14)) + Text.harmless(line) + "\n"
      }
      return lines.joined()
    }.joined()
  }

  private func other(_ call: Reproduction.Call) -> String {
    switch call.likeness {
    case .otherEnd(let before, let after): "`\(call.name)`: \(before) before, \(after) now"
    case .within: "`\(call.name)`: within the tolerance"
    default: "`\(call.name)`: \(call.hasSameInputs ? "differs too, with the same inputs" : "its inputs differ")"
    }
  }

  static func short(_ number: Double) -> String {
    guard number.isFinite, number != 0 else { return "\(number)" }
    let text = "\(number)"
    guard let e = text.firstIndex(of: "e") else { return String(text.prefix(8)) }
    return String(text[..<e].prefix(4) + text[e...])
  }

  // MARK: JSON

  var members: [JSON.Member] {
    [
      .init("original", .int(result.original)), .init("repetition", .int(result.repetition)),
      .init("verdict", .string(verdict)), .init("exit", .int(Int64(exit))),
      .init("tolerance", result.tolerance.map { .float($0) } ?? .null), .init("calls", .int(Int64(result.count))),
      .init("first", result.first.map(json) ?? .null),
      .init("ladder", .array(result.ladder?.rungs.map(\.json) ?? [])),
      .init("different", .array(result.calls.map(json))),
      .init("outputs", .array(result.outputs.map(\.json))),
      .init("changed_inputs", .array(isImpossible ? result.changedInputs.map { .string($0.description) } : [])),
    ]
  }

  private func json(_ call: Reproduction.Call) -> JSON {
    var members: [JSON.Member] = [
      .init("step", .string(call.name.path)), .init("item", .string(call.name.item)), .init("task", .string(call.task)),
      .init("same_inputs", .bool(call.hasSameInputs)),
    ]
    switch call.likeness {
    case .otherEnd(let before, let after):
      members += [.init("likeness", "other_end"), .init("before", .string(before)), .init("after", .string(after))]
    case .within: members.append(.init("likeness", "within_tolerance"))
    case .different, .same: members.append(.init("likeness", .string("\(call.likeness)")))
    }
    members.append(.init("outputs", .array(call.outputs.map(\.json))))
    return .object(members)
  }
}

extension Ladder.Rung {
  var json: JSON {
    .object([
      .init("cause", .string(cause.rawValue)), .init("weight", .string(weight.rawValue)),
      .init("score", .int(Int64(score))), .init("evidence", .array(evidence.map { .string($0) })),
    ])
  }
}

extension OutputComparison {
  var json: JSON {
    .object([
      .init("output", .string(port)), .init("places", .int(Int64(comparison.count))),
      .init("deviation", comparison.deviation.isFinite ? .float(comparison.deviation) : .null),
      .init("floats_only", .bool(!comparison.isStructural)),
      .init("first", .array(comparison.differences.map(\.json))),
    ])
  }
}

extension ValueComparison.Difference {
  var json: JSON {
    .object([
      .init("place", .string(place)), .init("before", .string(before)), .init("after", .string(after)),
      .init("deviation", deviation.flatMap { $0.isFinite ? .float($0) : nil } ?? .null),
    ])
  }
}
