package import Diagnostics
package import Syntax

/// A part of a document as an outline shows it.
package struct OutlineItem: Sendable, Equatable {
  package enum Kind: Sendable { case workflow, experiment, input, step, variant, output, use }
  package var name: String
  package var kind: Kind
  package var detail: String
  package var span: Span
  package var nameSpan: Span
  package var children: [OutlineItem]
}

package enum Outline {
  /// In text order.
  package static func of(_ tree: SyntaxTree) -> [OutlineItem] {
    let uses = tree.uses.map { use in
      OutlineItem(
        name: use.alias?.text ?? tree.text(use.targetSpan), kind: .use, detail: tree.text(use.targetSpan),
        span: use.span, nameSpan: use.alias?.span ?? use.targetSpan, children: [])
    }
    let experiments = tree.experiments.map { experiment in
      OutlineItem(
        name: experiment.name.text, kind: .experiment, detail: "experiment", span: experiment.span,
        nameSpan: experiment.name.span, children: [])
    }
    return (uses + tree.workflows.map { workflow($0, tree) } + experiments).sorted { $0.span.start < $1.span.start }
  }

  private static func workflow(_ syntax: WorkflowSyntax, _ tree: SyntaxTree) -> OutlineItem {
    func text(_ type: TypeSyntax?) -> String { type.map { tree.text($0.span) } ?? "" }
    let inputs = syntax.inputs.map {
      OutlineItem(
        name: $0.name.text, kind: .input, detail: text($0.type), span: $0.span, nameSpan: $0.name.span, children: [])
    }
    let outputs = syntax.outputs.map {
      OutlineItem(
        name: $0.name.text, kind: .output, detail: text($0.type), span: $0.span, nameSpan: $0.name.span, children: [])
    }
    return OutlineItem(
      name: syntax.name.text, kind: .workflow, detail: "workflow", span: syntax.span, nameSpan: syntax.name.span,
      children: (inputs + syntax.steps.map(step) + outputs).sorted { $0.span.start < $1.span.start })
  }

  private static func step(_ syntax: StepSyntax) -> OutlineItem {
    var detail = ""
    var variants: [OutlineItem] = []
    switch syntax.body {
    case .missing: break
    case .call(let call): detail = call.callee.text
    case .vary(let vary):
      detail = "vary"
      variants = vary.variants.map {
        OutlineItem(
          name: $0.name.text, kind: .variant, detail: $0.call.callee.text, span: $0.span, nameSpan: $0.name.span,
          children: [])
      }
    }
    return OutlineItem(
      name: syntax.name.text, kind: .step, detail: detail, span: syntax.span, nameSpan: syntax.name.span,
      children: variants)
  }

  /// Stretches of text that an editor may fold away: brackets over several lines, runs of comments and of `use` lines.
  package static func folds(_ tree: SyntaxTree) -> [(span: Span, kind: FoldKind)] {
    var result: [(span: Span, kind: FoldKind)] = []
    var open: [Int] = []
    for (index, token) in tree.tokens.enumerated() {
      switch token.kind {
      case .leftBrace, .leftParenthesis, .leftBracket: open.append(index)
      case .rightBrace, .rightParenthesis, .rightBracket:
        if let start = open.popLast() { result.append((Span(tree.tokens[start].start, token.end), .region)) }
      default: break
      }
    }
    if let first = tree.uses.first, let last = tree.uses.last, tree.uses.count > 1 {
      result.append((Span(first.span.start, last.span.end), .imports))
    }
    return result + comments(tree).map { ($0, .comment) }
  }

  package enum FoldKind: String, Sendable { case region, imports, comment }

  /// Runs of lines that hold nothing but comments.
  private static func comments(_ tree: SyntaxTree) -> [Span] {
    var result: [Span] = []
    var end = 0
    for token in tree.tokens {
      var run: Span?
      for comment in CommentSpans.between(end, token.start, in: tree.file) where comment.isOwnLine {
        if let open = run, tree.file.bytes[open.end..<comment.span.start].count(where: { $0 == 0x0A }) == 1 {
          run = Span(open.start, comment.span.end)
        } else {
          if let run { result.append(run) }
          run = comment.span
        }
      }
      if let run { result.append(run) }
      end = token.end
    }
    return result
  }
}

/// The comments in the gap between two tokens.
enum CommentSpans {
  static func between(_ start: Int, _ end: Int, in file: SourceFile) -> [(span: Span, isOwnLine: Bool)] {
    var result: [(span: Span, isOwnLine: Bool)] = []
    var position = start
    var isOwnLine = start == 0
    while position < end {
      if file.bytes[position] == 0x0A { isOwnLine = true }
      guard file.bytes[position] == UInt8(ascii: "#") else {
        position += 1
        continue
      }
      var last = position
      while last < end, file.bytes[last] != 0x0A, file.bytes[last] != 0x0D { last += 1 }
      result.append((Span(position, last), isOwnLine))
      position = last
    }
    return result
  }
}
