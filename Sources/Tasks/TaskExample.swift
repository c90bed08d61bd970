/// A use of a task with what comes of it, written into the task's documentation:
///
/// ```
/// assay> use std.file
/// assay> page = file.write_text(text: "to be or not to be")
/// assay> text.count(text: "to be or not to be")
/// words = 6
/// ```
///
/// A block of lines from the first prompt to an empty line. Each statement is a `use`, a step, or a call or expression
/// whose result is shown; ` ...>` goes on with the statement before. The lines after a statement are what it gives.
package struct TaskExample: Sendable, Equatable {
  package struct Statement: Sendable, Equatable {
    /// What stands after the prompt; continued lines are joined by line breaks.
    package var code: String
    /// What is stated about it, line by line; empty: nothing but that it works.
    package var expected: [String]

    package init(_ code: String, expected: [String] = []) {
      self.code = code
      self.expected = expected
    }
  }

  package var statements: [Statement]

  package init(_ statements: [Statement]) { self.statements = statements }

  static let prompt = "assay>"
  static let continuation = "...>"

  /// As it stands in the documentation, without indentation.
  package var text: String {
    statements.map { statement in
      let code = statement.code.split(separator: "\n", omittingEmptySubsequences: false)
      let lines = code.enumerated().map {
        $0.offset == 0 ? "\(Self.prompt) \($0.element)" : "  \(Self.continuation) \($0.element)"
      }
      return (lines + statement.expected).joined(separator: "\n")
    }.joined(separator: "\n")
  }
}

extension TaskSignature {
  /// The documentation without the examples in it.
  package var prose: String { Documentation(doc).prose }

  /// The examples in the documentation, in order.
  package var examples: [TaskExample] { Documentation(doc).examples }
}

/// A task's documentation, taken apart.
private struct Documentation {
  var prose = ""
  var examples: [TaskExample] = []

  init(_ doc: String) {
    var text: [Substring] = []
    var open: [TaskExample.Statement] = []
    for line in doc.split(separator: "\n", omittingEmptySubsequences: false) {
      let trimmed = line.trimmed
      if let code = trimmed.after(TaskExample.prompt) {
        open.append(.init(code))
      } else if open.isEmpty {
        text.append(line)
      } else if let code = trimmed.after(TaskExample.continuation), open[open.count - 1].expected.isEmpty {
        open[open.count - 1].code += "\n" + code
      } else if trimmed.isEmpty {
        examples.append(TaskExample(open))
        open = []
      } else {
        open[open.count - 1].expected.append(String(trimmed))
      }
    }
    if !open.isEmpty { examples.append(TaskExample(open)) }
    prose = Self.joined(text)
  }

  /// Without the empty lines that examples leave behind.
  private static func joined(_ lines: [Substring]) -> String {
    var result: [Substring] = []
    for line in lines where !(line.trimmed.isEmpty && (result.last ?? "").trimmed.isEmpty) { result.append(line) }
    while result.last?.trimmed.isEmpty == true { result.removeLast() }
    return result.joined(separator: "\n")
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var part = self
    while part.first?.isWhitespace == true { part.removeFirst() }
    while part.last?.isWhitespace == true { part.removeLast() }
    return part
  }

  /// What follows a prompt, or nil.
  fileprivate func after(_ prompt: String) -> String? {
    guard hasPrefix(prompt) else { return nil }
    let rest = dropFirst(prompt.count)
    return rest.isEmpty || rest.first == " " ? String(rest.trimmed) : nil
  }
}
