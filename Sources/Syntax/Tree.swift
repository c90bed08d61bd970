package import Diagnostics

/// A parsed document. Always a tree, whatever the text: what could not be read is missing or marked as broken, and said
/// in `diagnostics`. Tokens and the gaps between them reproduce the text byte by byte.
///
/// A document in its JSON form has the same tree, with places in the JSON and without tokens.
package struct SyntaxTree: Sendable {
  package let file: SourceFile
  /// In text order; the last is the end of the file.
  package let tokens: [Token]
  /// The number behind `assay`, or nil when the line is missing.
  package let edition: Edition?
  package let uses: [UseSyntax]
  package let workflows: [WorkflowSyntax]
  package let experiments: [ExperimentSyntax]
  package let policies: [ExperimentSyntax]
  /// Mistakes of spelling and form, in text order.
  package let diagnostics: [Diagnostic]

  package init(
    file: SourceFile, tokens: [Token], edition: Edition?, uses: [UseSyntax], workflows: [WorkflowSyntax],
    experiments: [ExperimentSyntax], policies: [ExperimentSyntax] = [], diagnostics: [Diagnostic]
  ) {
    self.file = file
    self.tokens = tokens
    self.edition = edition
    self.uses = uses
    self.workflows = workflows
    self.experiments = experiments
    self.policies = policies
    self.diagnostics = diagnostics
  }

  package struct Edition: Sendable {
    /// Nil: not a number that fits.
    package var number: Int?
    package var span: Span

    package init(number: Int?, span: Span) {
      self.number = number
      self.span = span
    }
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

  package init(names: [Name]) { self.names = names }

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

  package init(target: Target, alias: Name?, span: Span) {
    self.target = target
    self.alias = alias
    self.span = span
  }

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

  package init(name: Name, doc: String, span: Span, openBrace: Span) {
    self.name = name
    self.doc = doc
    self.span = span
    self.openBrace = openBrace
  }
}

/// `in folds: int(2..20) = 5`.
package struct InputSyntax: Sendable {
  package var name: Name
  package var doc: String
  package var type: TypeSyntax?
  package var defaultValue: ExpressionSyntax?
  package var span: Span

  package init(name: Name, doc: String, type: TypeSyntax? = nil, defaultValue: ExpressionSyntax? = nil, span: Span) {
    self.name = name
    self.doc = doc
    self.type = type
    self.defaultValue = defaultValue
    self.span = span
  }
}

/// `out auc: float = mean.value`.
package struct OutputSyntax: Sendable {
  package var name: Name
  package var doc: String
  package var type: TypeSyntax?
  package var value: ExpressionSyntax
  package var span: Span

  package init(name: Name, doc: String, type: TypeSyntax?, value: ExpressionSyntax, span: Span) {
    self.name = name
    self.doc = doc
    self.type = type
    self.value = value
    self.span = span
  }
}

/// The place of a type; its grammar is shared with plugins and read elsewhere.
package struct TypeSyntax: Sendable {
  package var span: Span

  package init(span: Span) { self.span = span }
}

/// A step. There are many of them, and each is looked at many times: an object, which costs one reference to pass on. What
/// few steps have lies in an object of its own.
package final class StepSyntax: Sendable {
  package enum Body: Sendable {
    case call(CallSyntax)
    indirect case vary(VarySyntax)
    /// Not readable; said already.
    case missing
  }

  /// What stands between the call and the braces.
  private final class Clauses: Sendable {
    let foreach: ForeachSyntax?
    let condition: ExpressionSyntax?
    let conditionSpan: Span?
    let phase: Name?

    init(_ draft: borrowing Draft) {
      foreach = draft.foreach
      condition = draft.condition
      conditionSpan = draft.conditionSpan
      phase = draft.phase
    }
  }

  package let name: Name
  package let doc: String
  package let body: Body
  private let clauses: Clauses?
  package let options: [OptionSyntax]
  package let span: Span
  /// Something in it was not readable: nothing may be concluded from what is absent.
  package let isBroken: Bool

  package var foreach: ForeachSyntax? { clauses?.foreach }
  package var condition: ExpressionSyntax? { clauses?.condition }
  /// `when …` as a whole.
  package var conditionSpan: Span? { clauses?.conditionSpan }
  package var phase: Name? { clauses?.phase }

  /// What was read of it so far.
  package struct Draft {
    package var body: Body = .missing
    package var foreach: ForeachSyntax?
    package var condition: ExpressionSyntax?
    package var conditionSpan: Span?
    package var phase: Name?
    package var options: [OptionSyntax] = []

    package init() {}

    fileprivate var hasClauses: Bool {
      foreach != nil || condition != nil || conditionSpan != nil || phase != nil
    }
  }

  package init(_ name: Name, doc: String, _ draft: consuming Draft, span: Span, isBroken: Bool) {
    self.name = name
    self.doc = doc
    body = draft.body
    clauses = draft.hasClauses ? Clauses(draft) : nil
    options = draft.options
    self.span = span
    self.isBroken = isBroken
  }

  /// The step without its call, which nobody asks for any more once it was checked. Variants stay.
  package func outline(withOptions: Bool) -> StepSyntax {
    guard case .call = body else { return self }
    return StepSyntax(
      name, clauses: clauses, options: withOptions ? options : [], span: span, isBroken: isBroken)
  }

  private init(_ name: Name, clauses: Clauses?, options: [OptionSyntax], span: Span, isBroken: Bool) {
    self.name = name
    doc = ""
    body = .missing
    self.clauses = clauses
    self.options = options
    self.span = span
    self.isBroken = isBroken
  }
}

package struct ForeachSyntax: Sendable {
  package var bindings: [Name]
  package var source: ExpressionSyntax
  package var limit: Name?
  package var span: Span

  package init(bindings: [Name], source: ExpressionSyntax, limit: Name? = nil, span: Span) {
    self.bindings = bindings
    self.source = source
    self.limit = limit
    self.span = span
  }
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

  package init(name: Name, words: [Word], span: Span) {
    self.name = name
    self.words = words
    self.span = span
  }
}

/// An experiment, or a policy: a name, and statements in braces.
package struct ExperimentSyntax: Sendable {
  package var name: Name
  package var doc: String
  package var span: Span
  /// Indices of the tokens between its braces.
  package var body: Range<Int>
  package var statements: [StatementSyntax]
}

/// One statement of an experiment: `budget { … }`, `prep.knn.k in int 1..15`, `auc = score.auc maximize`.
package struct StatementSyntax: Sendable {
  package enum Kind: Sendable {
    case clauses([ClauseSyntax])
    case parameter(NamePath, DomainSyntax, [ClauseSyntax])
    case metric(Name, ExpressionSyntax, [ClauseSyntax])
  }
  package var doc: String
  package var kind: Kind
  package var block: [StatementSyntax]?
  package var span: Span
}

/// A word and the values behind it: `after screen`, `timeout 48h`.
package struct ClauseSyntax: Sendable {
  package var word: Name
  package var values: [ExpressionSyntax]
  package var span: Span
}

/// What a parameter may be.
package struct DomainSyntax: Sendable {
  package enum Kind: Sendable {
    case choices([ExpressionSyntax])
    /// `int` or `float`, and the ends.
    case range(Name, ExpressionSyntax, ExpressionSyntax)
  }
  package var kind: Kind
  package var span: Span
}
