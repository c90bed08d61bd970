package import Diagnostics
internal import Syntax
internal import Workflows

/// A stretch of text and what it is, for colours.
package struct Highlight: Sendable, Equatable {
  /// In the order of the legend; all are types of the protocol.
  package enum Kind: Int, Sendable, CaseIterable {
    case comment, keyword, string, number, `operator`, type, namespace, function, parameter, variable, property
    case enumMember, decorator
  }
  package var span: Span
  package var kind: Kind
  package var isDeclaration: Bool
}

extension Analysis {
  /// The highlights that touch a stretch of the root document, in text order, each within one line.
  package func highlights(in range: Span) -> [Highlight] {
    var result: [Highlight] = []
    let names = index.occurrences[0]
    var next = 0
    var end = 0
    for (number, token) in tree.tokens.enumerated() {
      if token.start > range.end { break }
      if token.end >= range.start {
        for comment in CommentSpans.between(end, token.start, in: file) {
          result.append(Highlight(span: comment.span, kind: .comment, isDeclaration: false))
        }
        while next < names.count, names[next].span.start < token.start { next += 1 }
        let name = next < names.count && names[next].span.start == token.start ? names[next] : nil
        if let kind = kind(number, name?.symbol) {
          result.append(Highlight(span: token.span, kind: kind, isDeclaration: name?.isDeclaration ?? false))
        }
      }
      end = token.end
    }
    return result
  }

  private func kind(_ number: Int, _ symbol: Symbol?) -> Highlight.Kind? {
    let token = tree.tokens[number]
    switch token.kind {
    case .string, .openString: return .string
    case .integer, .float, .quantity: return .number
    case .name: break
    case .less, .greater: return token.role == .type || token.role == .typeEnd ? nil : .operator
    case .plus, .minus, .star, .slash, .equalEqual, .notEqual, .lessOrEqual, .coalesce: return .operator
    case .at: return .decorator
    default: return nil
    }
    switch symbol {
    case .workflow, .task, .function: return .function
    case .input, .parameter: return .parameter
    case .step, .item: return .variable
    case .output, .result, .field, .ran: return .property
    case .variant: return .enumMember
    case .alias: return .namespace
    case .phase: return .decorator
    case .file, nil: return word(number)
    }
  }

  private func word(_ number: Int) -> Highlight.Kind? {
    let token = tree.tokens[number]
    switch token.role {
    case .declaration, .option, .prefix: return .keyword
    case .type, .typeEnd: return .type
    case .opaque: return nil
    default: break
    }
    let text = tree.text(token.span)
    let follows = number > 0 ? tree.tokens[number - 1].kind : .end
    if follows == .dot { return nil }
    let words: Set<String> = [
      "foreach", "in", "when", "max", "and", "or", "not", "true", "false", "null", "as", "vary", "on", "failure",
    ]
    return words.contains(text) && tree.tokens[number + 1].kind != .colon ? .keyword : nil
  }
}
