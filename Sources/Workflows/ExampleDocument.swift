package import Tasks

/// The document that an example of a task's documentation stands for: one workflow whose outputs are what is shown.
package struct ExampleDocument: Sendable {
  package var text: String
  /// The outputs of the workflow that belong to a statement, by its number.
  package var shown: [Shown]

  package struct Shown: Sendable {
    package var statement: Int
    /// Names of the workflow's outputs, with the name each has in the example; `""` is that of an expression.
    package var outputs: [(output: String, name: String)]
    /// The step whose failure may be stated, or nil.
    package var step: String?
  }

  /// - Parameters:
  ///   - use: the plugin under test, as `use` takes it: an id, or a path in quotes, with `as` and a name.
  ///   - outputs: the output names of a callee such as `text.count`; nil where there is no such task.
  package init(_ example: TaskExample, use: String, outputs: (_ callee: String) -> [String]?) {
    var uses = [use]
    var steps: [String] = []
    var outs: [String] = []
    shown = []
    for (number, statement) in example.statements.enumerated() {
      let code = statement.code
      if code.hasPrefix("use ") {
        uses.append(code)
        continue
      }
      if Self.isStep(code) {
        steps.append("  step " + code)
        continue
      }
      let name = "shown_\(number + 1)"
      if let callee = Self.callee(code), let ports = outputs(callee) {
        steps.append("  step \(name) = " + code)
        let names = ports.map { (output: "\(name)_\($0)", name: $0) }
        outs += names.map { "  out \($0.output): any? = \(name).\($0.name)" }
        shown.append(Shown(statement: number, outputs: names, step: name))
      } else {
        outs.append("  out \(name): any? = \(code)")
        shown.append(Shown(statement: number, outputs: [(name, "")], step: nil))
      }
    }
    text = "assay 1\n" + uses.map { ($0.hasPrefix("use ") ? $0 : "use " + $0) + "\n" }.joined()
    text += "\nworkflow example {\n" + (steps + outs).map { $0 + "\n" }.joined() + "}\n"
  }

  /// `name = …`, but not `a == b`.
  private static func isStep(_ code: String) -> Bool {
    let name = code.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    guard !name.isEmpty else { return false }
    let rest = code.dropFirst(name.count).drop { $0 == " " }
    return rest.first == "=" && rest.dropFirst().first != "="
  }

  /// `text.count` of a statement that is one call from end to end, with or without clauses after it.
  private static func callee(_ code: String) -> String? {
    let name = code.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
    let isCall = name.contains(".") && code.dropFirst(name.count).first == "("
    return isCall ? String(name) : nil
  }
}
