internal import Diagnostics
internal import Syntax

/// Where a caret is between the braces of an experiment, whose inside the parser keeps as tokens.
struct ExperimentCaret {
  private struct Level {
    var bracket: Int
    /// Where the statement begins that the bracket is part of.
    var statement: Int
  }

  private let tree: SyntaxTree
  private let body: Range<Int>
  /// Tokens before what is being written.
  private let count: Int
  /// The first token of the statement around the caret; `count` where one begins.
  private(set) var statement: Int
  private var levels: [Level] = []

  /// Nil outside of experiments.
  init?(_ caret: Caret) {
    let tree = caret.tree
    let count = caret.count
    guard
      let experiment = tree.experiments.first(where: { $0.body.lowerBound <= count && count <= $0.body.upperBound }),
      // At the closing brace the caret may be on either side.
      caret.replaced.start >= tree.tokens[experiment.body.lowerBound - 1].end,
      caret.replaced.start <= tree.tokens[experiment.body.upperBound].start
    else { return nil }
    self.tree = tree
    self.count = count
    body = experiment.body
    statement = body.lowerBound
    var isFresh = true
    for index in body.lowerBound..<count {
      let token = tree.tokens[index]
      let isContinued = ["and", "or"].contains(caret.text(index))
      if isFresh || token.startsLine && isInBraces && !isContinued { statement = index }
      isFresh = token.kind == .leftBrace
      switch token.kind {
      case .leftBrace, .leftBracket, .leftParenthesis: levels.append(Level(bracket: index, statement: statement))
      case .rightBrace, .rightBracket, .rightParenthesis:
        if let level = levels.popLast() { statement = level.statement }
      default: break
      }
    }
    if isFresh || isInBraces && caret.startsLine { statement = count }
  }

  private var isInBraces: Bool { levels.last.map { tree.tokens[$0.bracket].kind == .leftBrace } ?? true }
  var isNewStatement: Bool { statement == count }

  func text(_ index: Int) -> String { body.contains(index) ? tree.text(tree.tokens[index].span) : "" }
  var previous: String { text(count - 1) }
  var first: String { isNewStatement ? "" : text(statement) }
  /// Words of the statement before the caret.
  var words: [String] { (statement..<max(statement, count)).map(text) }

  /// The word that the innermost block begins with; nil between the experiment's own braces.
  var block: String? {
    levels.last { tree.tokens[$0.bracket].kind == .leftBrace }.map { text($0.statement) }
  }

  /// The opening bracket around the caret inside of its statement, and what stands before it.
  var bracket: (kind: Token.Kind, callee: String)? {
    guard let last = levels.last, !isInBraces else { return nil }
    return (tree.tokens[last.bracket].kind, text(last.bracket - 1))
  }

  /// The dotted path that ends before token `end`, without a dot at its end.
  func path(before end: Int) -> [String] {
    var names: [String] = []
    var index = end - 1
    if text(index) == "." { index -= 1 }
    while index >= statement, tree.tokens[index].kind == .name {
      names.insert(text(index), at: 0)
      guard index - 1 >= statement, text(index - 1) == "." else { break }
      index -= 2
    }
    return names
  }

  /// The path behind which the caret is, or whose next name it is about to write.
  var path: [String] { path(before: count) }

  /// The path at the head of the statement.
  var head: [String] {
    var end = statement
    while end < count, tree.tokens[end].kind == .name || tree.tokens[end].kind == .dot, text(end) != "in" { end += 1 }
    return path(before: end)
  }
}

/// The names that an experiment declares, with the token of each.
struct ExperimentDeclarations {
  private(set) var stages: [(name: String, token: Int)] = []
  private(set) var metrics: [(name: String, token: Int)] = []
  /// First words of the statements between the experiment's own braces.
  private(set) var members: Set<String> = []
  private(set) var workflow: String?

  init(_ tree: SyntaxTree, _ body: Range<Int>) {
    func text(_ index: Int) -> String { body.contains(index) ? tree.text(tree.tokens[index].span) : "" }
    var blocks: [String] = []
    var word = ""
    var isFresh = true
    var round = 0
    for index in body {
      let token = tree.tokens[index]
      if isFresh || token.startsLine && round == 0 {
        word = text(index)
        if blocks.isEmpty { members.insert(word) }
        if blocks.isEmpty, word == "stage" || word == "gate", tree.tokens[index + 1].kind == .name {
          stages.append((text(index + 1), index + 1))
        }
        if blocks.isEmpty, word == "study" { workflow = text(index + 1) }
        if blocks == ["metrics"], token.kind == .name, text(index + 1) == "=" { metrics.append((word, index)) }
      }
      isFresh = token.kind == .leftBrace
      switch token.kind {
      case .leftBrace: blocks.append(word)
      case .rightBrace: _ = blocks.popLast()
      case .leftBracket, .leftParenthesis: round += 1
      case .rightBracket, .rightParenthesis: round -= 1
      default: break
      }
    }
  }
}
