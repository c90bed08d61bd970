internal import Syntax

extension Document {
  /// The text, one declaration a line. Names and types stand as they are: who reads hostile ones checks the result.
  var text: String {
    var lines = ["assay 1"]
    if !uses.isEmpty { lines += [""] + uses.map(\.text) }
    for workflow in workflows { lines += [""] + workflow.lines }
    for experiment in experiments {
      lines +=
        [""] + comment(experiment.doc) + [
          "\(experiment.isPolicy ? "policy" : "experiment") \(experiment.name) {\(experiment.text)}"
        ]
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

private func comment(_ doc: String) -> [String] {
  guard !doc.isEmpty else { return [] }
  // By scalars: `\r\n` is one character.
  return doc.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
    line.isEmpty ? "##" : "## \(String(line))"
  }
}

extension Document.Use {
  fileprivate var text: String {
    let alias = alias.map { " as \($0)" } ?? ""
    switch target {
    case .plugin(let names): return "use \(names.joined(separator: "."))\(alias)"
    case .path(let path): return "use \(StringLiteral.encode(path))\(alias)"
    }
  }
}

extension Document.Workflow {
  fileprivate var lines: [String] {
    var lines = comment(doc) + ["workflow \(name) {"]
    for input in inputs {
      lines += comment(input.doc) + ["in \(input.name): \(input.type)\(input.value.map { " = \($0.text())" } ?? "")"]
    }
    if !inputs.isEmpty, !steps.isEmpty { lines.append("") }
    for step in steps { lines += comment(step.doc) + step.lines }
    if !outputs.isEmpty, !steps.isEmpty { lines.append("") }
    for output in outputs {
      lines += comment(output.doc) + ["out \(output.name): \(output.type) = \(output.value?.text() ?? "null")"]
    }
    return lines + ["}"]
  }
}

extension Document.Step {
  fileprivate var lines: [String] {
    var head = "step \(name) = "
    var block: [String] = []
    switch body {
    case .call(let call): head += call.text
    case .vary(let shared, let variants, let chosen):
      head += "vary(\(Document.Call.text(shared)))"
      for variant in variants { block += comment(variant.doc) + ["variant \(variant.name) = \(variant.call.text)"] }
      if let chosen { block.append("default \(chosen)") }
    }
    if let foreach {
      let items = foreach.items.count == 1 ? foreach.items[0] : "(\(foreach.items.joined(separator: ", ")))"
      head += " foreach \(items) in \(foreach.source.text())"
      if let limit = foreach.limit { head += " max \(limit)" }
    }
    if let condition { head += " when \(condition.text())" }
    if let phase { head += " @\(phase)" }
    block += options.map(\.text)
    if case .vary = body {
      return [head + " {"] + block + ["}"]
    }
    return block.isEmpty ? [head] : [head + " {"] + block + ["}"]
  }
}

extension Document.Call {
  fileprivate var text: String { "\(callee.joined(separator: "."))(\(Self.text(arguments)))" }

  fileprivate static func text(_ arguments: [Document.Member]) -> String {
    arguments.map { "\($0.name): \($0.value.text())" }.joined(separator: ", ")
  }
}

extension Document.Option {
  /// Words that would begin an option of their own stand behind a comma.
  private static let starts: Set<String> = [
    "retry", "backoff", "timeout", "resources", "reuse", "isolation", "cpu", "memory", "gpu",
  ]

  fileprivate var text: String {
    // Failure codes stand behind `on`, with commas between.
    let firstCode = words.firstIndex(of: .word("on")).map { $0 + 1 } ?? words.count
    var text = name
    for (index, word) in words.enumerated() {
      let isStart = if case .word(let word) = word { Self.starts.contains(word) } else { false }
      text += (index > firstCode || index > 0 && isStart ? ", " : " ") + word.text
    }
    return text
  }
}

extension Document.Option.Word {
  fileprivate var text: String {
    switch self {
    case .word(let text): text
    case .int(let number): String(number)
    case .float(let number): number.description
    case .string(let text): StringLiteral.encode(text)
    }
  }
}

extension Document.Expression {
  /// - Parameter level: of the place: whoever binds less tightly gets parentheses.
  func text(_ level: Int = 0) -> String {
    let text = bare
    return self.level < level ? "(\(text))" : text
  }

  private var level: Int {
    switch self {
    case .binary(let sign, _, _): Operators.levels[sign] ?? 0
    case .unary("not", _): Operators.not
    case .unary: Operators.negation
    case .int(let number): number < 0 ? Operators.negation : Operators.primary
    case .float(let number): number < 0 ? Operators.negation : Operators.primary
    default: Operators.primary
    }
  }

  private var bare: String {
    switch self {
    case .null: return "null"
    case .bool(let flag): return flag ? "true" : "false"
    case .int(let number): return String(number)
    case .float(let number): return number.description
    case .number(let text), .quantity(let text): return text
    case .string(let text): return StringLiteral.encode(text)
    case .reference(let names): return names.joined(separator: ".")
    case .call(let names, let arguments):
      return "\(names.joined(separator: "."))(\(arguments.map { $0.text() }.joined(separator: ", ")))"
    case .list(let items): return "[\(items.map { $0.text() }.joined(separator: ", "))]"
    case .record(let members): return "{\(Document.Call.text(members))}"
    case .field(let base, let name):
      // The dot of a plain reference would make it longer, that of a number a fraction.
      switch base {
      case .call, .list, .record, .field, .string: return "\(base.text(Operators.primary)).\(name)"
      default: return "(\(base.text())).\(name)"
      }
    case .unary("not", let operand): return "not \(operand.text(Operators.not))"
    case .unary(_, let operand): return "-\(operand.text(Operators.primary))"
    case .binary(let sign, let left, let right):
      let own = Operators.levels[sign] ?? 0
      let isComparison = Operators.comparisons.contains(sign)
      return "\(left.side(isComparison ? own + 1 : own)) \(sign) \(right.side(own + 1))"
    }
  }

  /// As an operand. `not` takes all that follows up to `and`.
  private func side(_ level: Int) -> String {
    if case .unary("not", _) = self { return level <= Operators.levels["and"] ?? 0 ? text() : "(\(text()))" }
    return text(level)
  }
}
