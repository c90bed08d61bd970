package import Diagnostics
internal import Syntax
internal import Values

/// What a person changes of an experiment that goes on, in the words of its document.
package enum Amendment: Sendable, Hashable {
  /// What stands behind `where`.
  case constraint(String)
  /// A line of `space`, of a parameter that is there: `k in int 1..9`.
  case parameter(String)
  /// What stands behind `strategy` in a stage.
  case strategy(stage: String, String)
}

/// What an amendment means.
package enum Amended: Sendable {
  case constraint(Experiment.Constraint)
  /// A parameter, by place. `all` is what it may be, and of a list also what it could be before; `now` is what is left of it.
  case parameter(Int, all: Experiment.Domain, now: Experiment.Domain)
  case strategy(stage: Int, Experiment.Search)
}

package struct AmendmentError: Error, Sendable {
  package var message: String
  package var help = ""
  package var diagnostics: [Diagnostic] = []
}

/// Reads amendments as the checker would read them in their document: each is put into its place in the text, and the text is
/// checked as a whole, so that names, types and ranges mean what they mean there, and messages are the language's.
package struct AmendedDocument: Sendable {
  private let file: SourceFile
  private let experiment: String
  private let check: @Sendable (SourceFile) -> Checked

  package init(_ file: SourceFile, experiment: String, check: @escaping @Sendable (SourceFile) -> Checked) {
    self.file = file
    self.experiment = experiment
    self.check = check
  }

  /// - Parameter edits: lines of `space` that were amended before, the first first.
  package func read(_ amendment: Amendment, after edits: [String]) throws(AmendmentError) -> Amended {
    var file = file
    for edit in edits {
      // One that could not be read changed nothing then either.
      do throws(AmendmentError) { file = try amended(file, parameter: try Line(edit)).file } catch { continue }
    }
    switch amendment {
    case .constraint(let text): return try constraint(try Self.plain(text), file)
    case .parameter(let text): return try parameter(try Line(text), file)
    case .strategy(let stage, let text): return try strategy(stage, try Self.plain(text), file)
    }
  }

  /// The line of `space` that declares a parameter, as it is written.
  package func line(of parameter: String) -> String? {
    statements(of: file).flatMap { Self.parameter(parameter, in: $0) }.map { file.text($0.span) }
  }

  /// What stands behind `strategy` in a stage, as it is written.
  package func strategy(of stage: String) -> String? {
    guard let statement = statements(of: file).flatMap({ Self.strategy(of: stage, in: $0) }) else { return nil }
    return String(file.text(statement.span).dropFirst("strategy".count)).trimmed
  }

  // MARK: Places

  private func statements(of file: SourceFile) -> [StatementSyntax]? {
    Parser.parse(file).experiments.first { $0.name.text == experiment }?.statements
  }

  private static func parameter(_ name: String, in statements: [StatementSyntax]) -> StatementSyntax? {
    lines(of: "space", statements).first {
      if case .parameter(let path, _, _) = $0.kind { path.text == name } else { false }
    }
  }

  private static func strategy(of stage: String, in statements: [StatementSyntax]) -> StatementSyntax? {
    let statement = statements.first {
      guard let clause = $0.first, clause.word.text == "stage", let name = clause.values.first else { return false }
      return name.calleePath?.text == stage
    }
    return statement?.block?.first { $0.first?.word.text == "strategy" }
  }

  private static func lines(of block: String, _ statements: [StatementSyntax]) -> [StatementSyntax] {
    statements.filter { $0.first?.word.text == block }.flatMap { $0.block ?? [] }
  }

  // MARK: Reading

  private func constraint(_ text: String, _ file: SourceFile) throws(AmendmentError) -> Amended {
    guard let last = statements(of: file).map({ Self.lines(of: "space", $0) })?.last else { throw unwritten }
    let amended = try checked(Self.replacing(last.span.end..<last.span.end, in: file, by: "\n    where \(text)"))
    guard let constraint = amended.constraints.last, constraint.text == text else {
      throw AmendmentError(message: "`\(text)` is not one condition", help: "join conditions with `and`")
    }
    return .constraint(constraint)
  }

  private func strategy(_ stage: String, _ text: String, _ file: SourceFile) throws(AmendmentError) -> Amended {
    guard let statement = statements(of: file).flatMap({ Self.strategy(of: stage, in: $0) }) else { throw unwritten }
    let span = statement.span.start..<statement.span.end
    let amended = try checked(Self.replacing(span, in: file, by: "strategy \(text)"))
    guard let place = amended.stages.firstIndex(where: { $0.name == stage }),
      case .search(let search) = amended.stages[place].kind
    else { throw unwritten }
    return .strategy(stage: place, search)
  }

  private func parameter(_ line: Line, _ file: SourceFile) throws(AmendmentError) -> Amended {
    let (file, items) = try amended(file, parameter: line)
    let amended = try checked(file)
    guard let place = amended.parameters.firstIndex(where: { $0.name == line.name }) else { throw unwritten }
    let all = amended.parameters[place].domain
    guard let items else { return .parameter(place, all: all, now: all) }
    switch all {
    case .choices(let values): return .parameter(place, all: all, now: .choices(items.map { values[$0] }))
    case .artifacts(let names): return .parameter(place, all: all, now: .artifacts(items.map { names[$0] }))
    case .integers, .floats: throw unwritten
    }
  }

  /// The document with another domain for a parameter; of a list also the places of what was written now among all items:
  /// what could be chosen before stays, so that what was tried keeps its meaning.
  private func amended(
    _ file: SourceFile, parameter line: Line
  ) throws(AmendmentError) -> (file: SourceFile, items: [Int]?) {
    guard let statements = statements(of: file) else { throw unwritten }
    guard let old = Self.parameter(line.name, in: statements), case .parameter(_, let before, _) = old.kind else {
      let names = Self.lines(of: "space", statements).compactMap {
        if case .parameter(let path, _, _) = $0.kind { path.text } else { nil }
      }
      throw AmendmentError(
        message: "the space has no parameter `\(line.name)`",
        help: nearest(line.name, names).map { "did you mean `\($0)`?" }
          ?? "parameters: \(names.joined(separator: ", ")); a new one needs a new experiment")
    }
    let span = old.span.start..<old.span.end
    let changed = Self.replacing(span, in: file, by: line.text)
    guard let now = self.statements(of: changed),
      Self.lines(of: "space", now).count == Self.lines(of: "space", statements).count,
      let new = Self.parameter(line.name, in: now), case .parameter(_, let after, _) = new.kind
    else { throw AmendmentError(message: "`\(line.text)` is not a line of a space", help: Line.help) }
    switch (before.kind, after.kind) {
    case (.range(let a, _, _), .range(let b, _, _)) where a.text == b.text: return (changed, nil)
    case (.choices(let known), .choices(let wanted)):
      var items = known.map { file.text($0.span) }
      var places: [Int] = []
      for item in wanted.map({ changed.text($0.span) }) {
        let place = items.firstIndex(of: item) ?? items.count
        if place == items.count { items.append(item) }
        guard !places.contains(place) else { throw AmendmentError(message: "`\(item)` is listed twice") }
        places.append(place)
      }
      guard !places.isEmpty else { throw AmendmentError(message: "a parameter has at least one choice") }
      let text = "\(line.name) in [\(items.joined(separator: ", "))]"
      return (Self.replacing(span, in: file, by: text), places)
    default:
      throw AmendmentError(
        message: "`\(line.name)` cannot become another kind of parameter: what was tried would have no place in it",
        help: "it is declared as `\(file.text(old.span))`; a new experiment can have it otherwise")
    }
  }

  private func checked(_ file: SourceFile) throws(AmendmentError) -> Experiment {
    let checked = check(file)
    let errors = checked.diagnostics.filter { $0.severity == .error }
    guard let program = checked.program, let found = program.experiments.first(where: { $0.name == experiment }) else {
      throw AmendmentError(
        message: "this does not fit experiment `\(experiment)`, of which it would be a part",
        diagnostics: errors)
    }
    return found
  }

  private var unwritten: AmendmentError {
    AmendmentError(
      message: "the text of experiment `\(experiment)` has no place for this",
      help: "documents in JSON cannot be amended")
  }

  // MARK: Text

  private static func replacing(_ range: Range<Int>, in file: SourceFile, by text: String) -> SourceFile {
    let bytes = Array(file.text.utf8)
    return SourceFile(
      path: file.path,
      text: String(decoding: bytes[..<range.lowerBound] + Array(text.utf8) + bytes[range.upperBound...], as: UTF8.self))
  }

  /// One line without what could end the place where it is put.
  fileprivate static func plain(_ text: String) throws(AmendmentError) -> String {
    let trimmed = text.trimmed
    guard !trimmed.isEmpty else { throw AmendmentError(message: "nothing is written there") }
    if let bad = trimmed.first(where: { "{}#\n\r".contains($0) }) {
      throw AmendmentError(message: "\(bad.isNewline ? "a line break" : "`\(bad)`") cannot stand in `\(trimmed)`")
    }
    return trimmed
  }

  private struct Line {
    static let help = "such as `k in int 1..9`, `rate in float 0.01..1 log` or `step in [a, b]`"
    let name: String
    let text: String

    init(_ text: String) throws(AmendmentError) {
      self.text = try AmendedDocument.plain(text)
      let words = self.text.split(separator: " ", maxSplits: 2)
      guard words.count == 3, words[1] == "in" else {
        throw AmendmentError(message: "`\(self.text)` is not a line of a space", help: Line.help)
      }
      name = String(words[0])
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    let rest = drop(while: isSpace)
    return String(rest.reversed().drop(while: isSpace).reversed())
  }
}
