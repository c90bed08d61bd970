internal import Diagnostics
internal import Syntax

/// Reads a parsed document. Recursion is bounded by the height of expressions, which the parser bounds.
struct TreeReader {
  let tree: SyntaxTree

  func document() throws(ImportProblem) -> Document {
    var document = Document()
    for use in tree.uses { document.uses.append(read(use)) }
    for workflow in tree.workflows { document.workflows.append(try read(workflow)) }
    for experiment in tree.experiments { document.experiments.append(read(experiment)) }
    for policy in tree.policies {
      var read = read(policy)
      read.isPolicy = true
      document.experiments.append(read)
    }
    return document
  }

  private func read(_ use: UseSyntax) -> Document.Use {
    switch use.target {
    case .plugin(let path): .init(target: .plugin(path.names.map(\.text)), alias: use.alias?.text)
    case .path(let path, _): .init(target: .path(path), alias: use.alias?.text)
    }
  }

  private func read(_ experiment: ExperimentSyntax) -> Document.Experiment {
    let open = tree.tokens[experiment.body.lowerBound - 1].end
    let close = tree.tokens[experiment.body.upperBound].start
    return .init(name: experiment.name.text, doc: experiment.doc, text: tree.text(Span(open, close)))
  }

  private func read(_ workflow: WorkflowSyntax) throws(ImportProblem) -> Document.Workflow {
    var result = Document.Workflow(name: workflow.name.text, doc: workflow.doc, inputs: [], steps: [], outputs: [])
    for input in workflow.inputs {
      var value: Document.Expression?
      if let written = input.defaultValue { value = try read(written) }
      result.inputs.append(
        .init(name: input.name.text, doc: input.doc, type: try read(input.type, input.span), value: value))
    }
    for step in workflow.steps { result.steps.append(try read(step)) }
    for output in workflow.outputs {
      result.outputs.append(
        .init(
          name: output.name.text, doc: output.doc, type: try read(output.type, output.span),
          value: try read(output.value)))
    }
    return result
  }

  private func read(_ type: TypeSyntax?, _ span: Span) throws(ImportProblem) -> String {
    guard let type else { throw problem("a type is missing", span) }
    return TypeSpelling.canonical(tree.text(type.span))
  }

  // MARK: Steps

  private func read(_ step: StepSyntax) throws(ImportProblem) -> Document.Step {
    let body: Document.Step.Body
    switch step.body {
    case .call(let call): body = .call(try read(call))
    case .vary(let vary):
      var variants: [Document.Variant] = []
      for variant in vary.variants {
        variants.append(.init(name: variant.name.text, doc: variant.doc, call: try read(variant.call)))
      }
      body = .vary(shared: try read(vary.shared).arguments, variants: variants, default: vary.defaultName?.text)
    case .missing: throw problem("a call is missing", step.span)
    }
    var result = Document.Step(
      name: step.name.text, doc: step.doc, body: body, phase: step.phase?.text, options: try step.options.map(read))
    if let loop = step.foreach {
      result.foreach = .init(items: loop.bindings.map(\.text), source: try read(loop.source))
      if let limit = loop.limit {
        guard let number = Int64(limit.text.bare) else { throw problem("`\(limit.text)` is too large", limit.span) }
        result.foreach?.limit = number
      }
    }
    if let condition = step.condition { result.condition = try read(condition) }
    return result
  }

  private func read(_ call: CallSyntax) throws(ImportProblem) -> Document.Call {
    var arguments: [Document.Member] = []
    var names = Set<String>()
    for argument in call.arguments {
      guard let name = argument.name else { throw problem("arguments of a step need names", argument.span) }
      guard names.insert(name.text).inserted else {
        throw problem("`\(name.text)` is given twice", name.span)
      }
      arguments.append(.init(name: name.text, value: try read(argument.value)))
    }
    return .init(callee: call.callee.names.map(\.text), arguments: arguments)
  }

  private func read(_ option: OptionSyntax) throws(ImportProblem) -> Document.Option {
    var words: [Document.Option.Word] = []
    for word in option.words {
      switch word {
      case .path(let path): words.append(.word(path.text))
      case .integer(let span):
        guard let number = Int64(tree.text(span).bare) else { throw problem("this number is too large", span) }
        words.append(.int(number))
      case .float(let span):
        guard let number = Double(tree.text(span).bare), number.isFinite else {
          throw problem("this number is too large", span)
        }
        words.append(.float(number))
      case .quantity(let span): words.append(.word(tree.text(span)))
      case .string(let text, _): words.append(.string(text))
      case .range(let lower, let upper): words.append(.word("\(tree.text(lower))..\(tree.text(upper))"))
      }
    }
    return .init(name: option.name.text, words: words)
  }

  // MARK: Expressions

  func read(_ expression: ExpressionSyntax) throws(ImportProblem) -> Document.Expression {
    func each(_ items: [ExpressionSyntax]) throws(ImportProblem) -> [Document.Expression] {
      var result: [Document.Expression] = []
      for item in items { result.append(try read(item)) }
      return result
    }
    switch expression.kind {
    case .missing: throw problem("a value is missing", expression.span)
    case .null: return .null
    case .bool(let flag): return .bool(flag)
    case .integer, .float: return .number(text: number(expression))
    case .quantity: return .quantity(number(expression))
    case .string(let text): return .string(text)
    case .reference(let path): return .reference(path.names.map(\.text))
    case .call(let call):
      if let argument = call.arguments.first(where: { $0.name != nil }) {
        throw problem("functions take their arguments by place, not by name", argument.span)
      }
      return .call(call.callee.names.map(\.text), try each(call.arguments.map(\.value)))
    case .list(let items): return .list(try each(items))
    case .record(let fields):
      var members: [Document.Member] = []
      var names = Set<String>()
      for field in fields {
        guard names.insert(field.name.text).inserted else {
          throw problem("`\(field.name.text)` is given twice", field.name.span)
        }
        members.append(.init(name: field.name.text, value: try read(field.value)))
      }
      return .record(members)
    case .field(let base, let name): return .field(try read(base), name.text)
    case .unary(let sign, let operand):
      let value = try read(operand)
      return sign.text == "-" ? .negated(value) : .unary(sign.text, value)
    case .binary(let sign, let left, let right): return .binary(sign.text, try read(left), try read(right))
    }
  }

  /// The span of an expression holds its parentheses: the number is the token inside them.
  private func number(_ expression: ExpressionSyntax) -> String {
    let text = tree.text(expression.span).utf8
    for token in Lexer.tokens(of: Array(text)) where [.integer, .float, .quantity].contains(token.kind) {
      return String(decoding: Array(text)[token.start..<token.end], as: UTF8.self).bare
    }
    return "0"
  }

  private func problem(_ message: String, _ span: Span) -> ImportProblem {
    let (line, column) = tree.file.position(at: span.start)
    return ImportProblem("line \(line), column \(column)", message)
  }
}

/// The canonical spacing of types: `{a: list<int>, b: tensor<f32>[n, 3]?}`.
enum TypeSpelling {
  static func canonical(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var out = ""
    var last: Token.Kind = .end
    for token in Lexer.tokens(of: bytes) where token.kind != .end {
      if last == .comma || last == .colon || isWord(last) && isWord(token.kind) { out += " " }
      out += String(decoding: bytes[token.start..<token.end], as: UTF8.self)
      last = token.kind
    }
    return out
  }

  private static func isWord(_ kind: Token.Kind) -> Bool { [.name, .integer, .float, .quantity].contains(kind) }
}

extension String {
  /// Digits without `_`.
  fileprivate var bare: String { contains("_") ? String(filter { $0 != "_" }) : self }
}
