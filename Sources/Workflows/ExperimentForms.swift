internal import Diagnostics
internal import Syntax
internal import Values

extension ExperimentChecker {
  /// A field of the form of a gate, written like a parameter of a space; a name alone takes any text.
  func field(_ statement: StatementSyntax, _ known: [Experiment.Field]) -> Experiment.Field? {
    let name: Name
    var domain: Experiment.Domain?
    switch statement.kind {
    case .parameter(let path, let syntax, let clauses) where path.names.count == 1:
      name = path.names[0]
      let type: ValueType =
        switch syntax.kind {
        case .range(let word, _, _): word.text == "int" ? .int(nil) : .float(nil)
        case .choices: .any
        }
      guard let found = self.domain(syntax, clauses, type, path) else { return nil }
      if case .artifacts = found {
        error("E1004", "a field of a form takes numbers and texts", at: syntax.span, "an artifact")
        return nil
      }
      domain = found
    case .clauses(let clauses) where clauses.count == 1 && clauses[0].values.isEmpty: name = clauses[0].word
    default:
      error(
        "E1001", "a form has fields", at: statement.span, "not a field",
        help: "write `name in int 1..9`, `name in [\"a\", \"b\"]`, or a name alone for any text")
      return nil
    }
    guard !known.contains(where: { $0.name == name.text }) else {
      error("E0105", "field `\(name.text)` is declared twice", at: name.span, "the second one")
      return nil
    }
    return .init(name: name.text, domain: domain)
  }
}
