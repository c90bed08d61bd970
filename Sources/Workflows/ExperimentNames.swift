internal import Diagnostics
internal import Syntax
internal import Values

/// The names in an experiment that stand for parts of the workflow it studies, for an index. The inside of experiments is
/// not checked: what looks like something else is left out.
struct ExperimentNames {
  private let tree: SyntaxTree
  private let body: Range<Int>
  private let checker: WorkflowChecker

  /// Nil when the experiment studies none of these workflows.
  init?(_ experiment: ExperimentSyntax, in document: Document, _ checkers: [WorkflowChecker]) {
    tree = document.tree
    body = experiment.body
    let tokens = document.tree.tokens
    let study = body.first { index in
      document.tree.text(tokens[index].span) == "study" && index + 1 < experiment.body.upperBound
        && tokens[index + 1].kind == .name
    }
    guard let study, let workflow = document.workflows[document.tree.text(tokens[study + 1].span)] else { return nil }
    checker = checkers[workflow]
    checker.session.note(.workflow(workflow), at: tokens[study + 1].span, in: document)
  }

  func note(in document: Document) {
    /// The step whose variants may follow, in `step in [a, b]` and `step == a`.
    var offered: Int?
    var opensList = false
    var path: [Int] = []
    var braces = 0
    // Only in `space` does a step stand alone; elsewhere a name that looks like one may be a label.
    var isInSpace = false
    for index in body {
      let token = tree.tokens[index]
      switch token.kind {
      case .name:
        let isContinued = index > body.lowerBound && tree.tokens[index - 1].kind == .dot
        path = isContinued ? path + [index] : [index]
        if !isContinued, tree.text(token.span) == "in" { continue }
        note(path, isInSpace: isInSpace && braces == 1, document, &offered)
      case .leftBrace:
        if braces == 0 { isInSpace = tree.text(tree.tokens[index - 1].span) == "space" }
        braces += 1
      case .rightBrace: braces -= 1
      case .dot, .comma: break
      case .leftBracket: opensList = offered != nil
      case .rightBracket:
        opensList = false
        offered = nil
      case .equalEqual, .notEqual: break
      default: if !opensList { offered = nil }
      }
    }
  }

  private func note(_ path: [Int], isInSpace: Bool, _ document: Document, _ offered: inout Int?) {
    let spans = path.map { tree.tokens[$0].span }
    let names = spans.map(tree.text)
    let session = checker.session
    if path.count == 1 {
      let step = checker.stepIndex[names[0]]
      if let owner = offered, let variant = variant(names[0], of: owner) {
        session.note(.variant(workflow: checker.number, step: owner, variant), at: spans[0], in: document)
      } else if let step, isInSpace || tree.tokens[path[0] + 1].kind == .dot {
        session.note(.step(workflow: checker.number, step), at: spans[0], in: document)
        offered = step
      } else {
        if tree.tokens[path[0] + 1].kind == .colon, let input = checker.inputIndex[names[0]] {
          session.note(.input(workflow: checker.number, input), at: spans[0], in: document)
        }
        if names[0] == "where" || names[0] == "and" || names[0] == "or" { offered = nil }
      }
      return
    }
    guard path.count <= 3, let step = checker.stepIndex[names[0]] else { return }
    offered = nil
    if path.count == 3 {
      // `prep.knn.k`: a parameter of what the variant calls.
      guard let variant = variant(names[1], of: step), let signature = checker.facts[step].signatures[variant] else {
        return
      }
      return note(parameter: names[2], of: signature, at: spans[2], document)
    }
    if let variant = variant(names[1], of: step) {
      session.note(.variant(workflow: checker.number, step: step, variant), at: spans[1], in: document)
    } else if let output = checker.facts[step].outputNames.place(of: names[1]) {
      for signature in checker.facts[step].signatures.lazy.compactMap({ $0 }) {
        session.note(
          signature.symbol(ofOutput: names[1]), at: spans[1], in: document,
          type: checker.facts[step].outputs[output].type)
      }
    } else if case .call = checker.syntax.steps[step].body, let signature = checker.facts[step].signatures[0] {
      note(parameter: names[1], of: signature, at: spans[1], document)
    }
  }

  private func note(parameter name: String, of signature: Signature, at span: Span, _ document: Document) {
    guard let parameter = signature.parameter(name) else { return }
    checker.session.note(signature.symbol(ofParameter: name), at: span, in: document, type: parameter.type)
  }

  private func variant(_ name: String, of step: Int) -> Int? {
    guard case .vary(let vary) = checker.syntax.steps[step].body else { return nil }
    return vary.variants.firstIndex { $0.name.text == name }
  }
}
