package import Diagnostics

/// A parsed document. Always a tree, whatever the text: what could not be read is missing or marked as broken, and said
/// in `diagnostics`. Tokens and the gaps between them reproduce the text byte by byte.
package struct SyntaxTree: Sendable {
  package let file: SourceFile
  /// In text order; the last is the end of the file.
  package let tokens: [Token]
  /// The number behind `assay`, or nil when the line is missing.
  package let edition: Edition?
  package let uses: [UseSyntax]
  package let workflows: [WorkflowSyntax]
  package let experiments: [ExperimentSyntax]
  /// Mistakes of spelling and form, in text order.
  package let diagnostics: [Diagnostic]

  package struct Edition: Sendable {
    /// Nil: not a number that fits.
    package var number: Int?
    package var span: Span
  }

  package func text(_ span: Span) -> String { file.text(span) }
}

/// A name with its place.
package struct Name: Sendable, Hashable {
  package var text: String
  package var span: Span

  package init(text: String, span: Span) {
    self.text = text
    self.span = span
  }
}

/// Names joined by dots; never empty.
package struct NamePath: Sendable {
  package var names: [Name]

  package var span: Span { names[0].span.joined(names[names.count - 1].span) }
  package var text: String {
    var result = names[0].text
    for name in names.dropFirst() {
      result += "."
      result += name.text
    }
    return result
  }
}

/// `use std.table as t`, `use "./tasks/churn.py"`.
package struct UseSyntax: Sendable {
  package enum Target: Sendable {
    case plugin(NamePath)
    /// The decoded string.
    case path(String, Span)
  }
  package var target: Target
  package var alias: Name?
  package var span: Span

  package var targetSpan: Span {
    switch target {
    case .plugin(let path): path.span
    case .path(_, let span): span
    }
  }
}

package struct WorkflowSyntax: Sendable {
  package var name: Name
  package var doc: String
  package var inputs: [InputSyntax] = []
  package var outputs: [OutputSyntax] = []
  package var steps: [StepSyntax] = []
  /// From the keyword to the closing brace.
  package var span: Span
  /// Of the braces; the second is nil when it is missing.
  package var openBrace: Span
  package var closeBrace: Span?
}

/// `in folds: int(2..20) = 5`.
package struct InputSyntax: Sendable {
  package var name: Name
  package var doc: String
  package var type: TypeSyntax?
  package var defaultValue: ExpressionSyntax?
  package var span: Span
}

/// `out auc: float = mean.value`.
package struct OutputSyntax: Sendable {
  package var name: Name
  package var doc: String
  package var type: TypeSyntax?
  package var value: ExpressionSyntax
  package var span: Span
}

/// The place of a type; its grammar is shared with plugins and read elsewhere.
package struct TypeSyntax: Sendable {
  package var span: Span
}

/// A step. There are many of them, and each is looked at many times: an object, which costs one reference to pass on.
package final class StepSyntax: Sendable {
  package enum Body: Sendable {
    case call(CallSyntax)
    case vary(VarySyntax)
    /// Not readable; said already.
    case missing
  }
  package let name: Name
  package let doc: String
  package let body: Body
  package let foreach: ForeachSyntax?
  package let condition: ExpressionSyntax?
  /// `when …` as a whole.
  package let conditionSpan: Span?
  package let phase: Name?
  package let options: [OptionSyntax]
  package let span: Span
  /// Something in it was not readable: nothing may be concluded from what is absent.
  package let isBroken: Bool

  /// What the parser has read of it so far.
  struct Draft {
    var body: Body = .missing
    var foreach: ForeachSyntax?
    var condition: ExpressionSyntax?
    var conditionSpan: Span?
    var phase: Name?
    var options: [OptionSyntax] = []
  }

  init(_ name: Name, doc: String, _ draft: consuming Draft, span: Span, isBroken: Bool) {
    self.name = name
    self.doc = doc
    body = draft.body
    foreach = draft.foreach
    condition = draft.condition
    conditionSpan = draft.conditionSpan
    phase = draft.phase
    options = draft.options
    self.span = span
    self.isBroken = isBroken
  }
}

package struct ForeachSyntax: Sendable {
  package var bindings: [Name]
  package var source: ExpressionSyntax
  package var limit: Name?
  package var span: Span
}

/// `t.kfold(table: prep.table, k: folds)`.
package struct CallSyntax: Sendable {
  package var callee: NamePath
  package var arguments: [ArgumentSyntax]
  package var span: Span
  /// Of `(` and `)`; the second is nil when it is missing.
  package var open: Span
  package var close: Span?
}

package struct ArgumentSyntax: Sendable {
  package var name: Name?
  package var value: ExpressionSyntax
  package var span: Span { name.map { $0.span.joined(value.span) } ?? value.span }
}

package struct VarySyntax: Sendable {
  /// `vary(…)`: the callee is the word itself.
  package var shared: CallSyntax
  package var variants: [VariantSyntax]
  package var defaultName: Name?
  package var openBrace: Span?
  package var closeBrace: Span?
}

package struct VariantSyntax: Sendable {
  package var name: Name
  package var doc: String
  package var call: CallSyntax
  package var span: Span
}

/// One line in a step's braces: a word and what follows it, commas left out.
package struct OptionSyntax: Sendable {
  package enum Word: Sendable {
    case path(NamePath)
    case integer(Span)
    case float(Span)
    case quantity(Span)
    case string(String, Span)
    case range(Span, Span)

    package var span: Span {
      switch self {
      case .path(let path): path.span
      case .integer(let span), .float(let span), .quantity(let span), .string(_, let span): span
      case .range(let lower, let upper): lower.joined(upper)
      }
    }
  }
  /// `on failure` is one name.
  package var name: Name
  package var words: [Word]
  package var span: Span
}

/// A block that is kept as it is; its inside is not read here.
package struct ExperimentSyntax: Sendable {
  package var name: Name
  package var doc: String
  package var span: Span
  /// Indices of the tokens between its braces.
  package var body: Range<Int>
}

package struct ExpressionSyntax: Sendable {
  package enum Kind: Sendable {
    /// Not readable; said already.
    case missing
    case null
    case bool(Bool)
    case integer
    case float
    case quantity
    /// Decoded.
    case string(String)
    case reference(NamePath)
    indirect case call(CallSyntax)
    case list([ExpressionSyntax])
    case record([Field])
    indirect case field(ExpressionSyntax, Name)
    /// The operator's text and place.
    indirect case unary(Name, ExpressionSyntax)
    indirect case binary(Name, ExpressionSyntax, ExpressionSyntax)
  }
  package struct Field: Sendable {
    package var name: Name
    package var value: ExpressionSyntax
  }

  package var kind: Kind
  /// With its parentheses, if any.
  package var span: Span
  /// Levels below and including this one; at most `Parser.maximumDepth`, so walks may recurse.
  package var height: Int
}
