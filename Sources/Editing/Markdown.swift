internal import Tasks
internal import Values
internal import Workflows

/// Declarations and manuals as Markdown.
enum Markdown {
  static func code(_ text: String) -> String { "```assay\n\(text)\n```" }

  static func paragraphs(_ parts: [String]) -> String { parts.filter { !$0.isEmpty }.joined(separator: "\n\n") }

  /// The declaration of a port: `k: int(2..20) = 5`.
  static func declaration(_ port: Port) -> String {
    var type = "\(port.type)"
    if port.isOptional, !type.hasSuffix("?") { type += "?" }
    return "\(port.name): \(type)" + (port.default.map { " = \($0)" } ?? "")
  }

  static func declaration(_ input: Workflow.Input, _ text: String?) -> String {
    "\(input.name): \(input.type)" + (text.map { " = \($0)" } ?? "")
  }

  /// `head(parameters) -> outputs`, on several lines when it is long.
  static func signature(_ head: String, _ parameters: [String], _ outputs: [String]) -> String {
    let result = outputs.isEmpty ? "" : " → \(outputs.joined(separator: ", "))"
    let line = "\(head)(\(parameters.joined(separator: ", ")))\(result)"
    guard line.count > 100 else { return line }
    return "\(head)(\n" + parameters.map { "  \($0)" }.joined(separator: ",\n") + "\n)\(result)"
  }

  static func signature(of task: TaskSignature, as name: String? = nil) -> String {
    signature(
      name ?? task.id, task.parameters.map(declaration), task.outputs.map(declaration))
  }

  static func signature(of workflow: Workflow) -> String {
    signature(
      workflow.name, workflow.inputs.map { "\($0.name): \($0.type)" + ($0.default == nil ? "" : " = …") },
      workflow.outputs.map { "\($0.name): \($0.type)" })
  }

  /// What a task is, without its signature.
  static func manual(_ task: TaskSignature) -> String {
    var lines: [String] = []
    for (title, ports) in [("in", task.parameters), ("out", task.outputs)] {
      for port in ports where !port.doc.isEmpty || !port.unit.isEmpty {
        let unit = port.unit.isEmpty ? "" : " (\(port.unit))"
        lines.append("- *\(title)* `\(port.name)`\(unit)\(port.doc.isEmpty ? "" : " — \(line(port.doc))")")
      }
    }
    var facts = ["`\(task.id)` \(task.version)"]
    if !task.phase.isEmpty { facts.append("@\(task.phase)") }
    facts += task.traits.words
    return paragraphs([
      task.title.isEmpty ? "" : "**\(line(task.title))**", task.doc, lines.joined(separator: "\n"),
      facts.joined(separator: " · "),
    ])
  }

  static func line(_ text: String) -> String { text.split(whereSeparator: \.isNewline).joined(separator: " ") }
}
