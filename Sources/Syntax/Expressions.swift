package import Diagnostics

/// `t.kfold(table: prep.table, k: folds)`.
package struct CallSyntax: Sendable {
  package var callee: NamePath
  package var arguments: [ArgumentSyntax]
  package var span: Span
  /// Of `(` and `)`; the second is nil when it is missing.
  package var open: Span
  package var close: Span?

  package init(callee: NamePath, arguments: [ArgumentSyntax], span: Span, open: Span, close: Span?) {
    self.callee = callee
    self.arguments = arguments
    self.span = span
    self.open = open
    self.close = close
  }
}

package struct ArgumentSyntax: Sendable {
  package var name: Name?
  package var value: ExpressionSyntax
  package var span: Span { name.map { $0.span.joined(value.span) } ?? value.span }

  package init(name: Name?, value: ExpressionSyntax) {
    self.name = name
    self.value = value
  }
}

package struct VarySyntax: Sendable {
  /// `vary(…)`: the callee is the word itself.
  package var shared: CallSyntax
  package var variants: [VariantSyntax]
  package var defaultName: Name?
  package var openBrace: Span?
  package var closeBrace: Span?

  package init(shared: CallSyntax, variants: [VariantSyntax], defaultName: Name? = nil) {
    self.shared = shared
    self.variants = variants
    self.defaultName = defaultName
  }
}

package struct VariantSyntax: Sendable {
  package var name: Name
  package var doc: String
  package var call: CallSyntax
  package var span: Span

  package init(name: Name, doc: String, call: CallSyntax, span: Span) {
    self.name = name
    self.doc = doc
    self.call = call
    self.span = span
  }
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

    package init(name: Name, value: ExpressionSyntax) {
      self.name = name
      self.value = value
    }
  }

  package var kind: Kind
  /// With its parentheses, if any.
  package var span: Span
  /// Levels below and including this one; at most `Parser.maximumDepth`, so walks may recurse.
  package var height: Int {
    get { Int(levels) }
    set { levels = UInt8(clamping: newValue) }
  }
  private var levels: UInt8

  package init(kind: Kind, span: Span, height: Int) {
    self.kind = kind
    self.span = span
    levels = UInt8(clamping: height)
  }
}
