internal import Diagnostics
internal import Syntax
internal import Tasks
internal import Values

/// Checks one workflow and builds its typed form.
final class WorkflowChecker {
  /// A step as the rest of the workflow sees it, before its expressions were looked at.
  struct StepFacts {
    /// Of its call, or of its variants in text order; nil where the callee is not known.
    var signatures: [Signature?]
    /// Types as seen from outside.
    var outputs: [ValueType.RecordField]
    var outputIndex: [String: Int]
    /// Something about it could not be found out: no conclusions from what is absent.
    var isOpen: Bool
  }

  let session: Session
  /// Position in `Session.workflows`.
  let number: Int
  let entry: Session.Entry
  let syntax: WorkflowSyntax
  let file: SourceFile
  var inputIndex: [String: Int] = [:]
  /// Index in the text.
  var stepIndex: [String: Int] = [:]
  var facts: [StepFacts] = []
  /// Position in `Workflow.steps` of each step in the text.
  var position: [Int] = []
  /// The other way round: the step in the text at each position.
  var order: [Int] = []
  /// The step whose `foreach` declares a name, for messages.
  lazy var bindingOwner: [String: Int] = {
    var result: [String: Int] = [:]
    for (index, step) in syntax.steps.enumerated() {
      for binding in step.foreach?.bindings ?? [] where result[binding.text] == nil { result[binding.text] = index }
    }
    return result
  }()
  /// Steps in the text that something refers to.
  var used: [Bool] = []

  init(_ session: Session, _ index: Int) {
    self.session = session
    number = index
    entry = session.workflows[index]
    syntax = entry.syntax
    file = entry.document.file
  }

  func check() -> Workflow {
    declareNames()
    facts = syntax.steps.map(stepFacts)
    used = Array(repeating: false, count: facts.count)
    order = StepOrder(self).sorted()
    position = Array(repeating: 0, count: order.count)
    for (place, step) in order.enumerated() { position[step] = place }

    let inputs = zip(syntax.inputs, entry.inputTypes).map(input)
    let steps = order.map { step($0) }
    let outputs = zip(syntax.outputs, entry.outputTypes).map(output)
    return Workflow(
      name: syntax.name.text, doc: syntax.doc, file: file, nameSpan: syntax.name.span, inputs: inputs, steps: steps,
      outputs: outputs)
  }

  // MARK: Names

  private func declareNames() {
    var seen: [String: (what: String, span: Span)] = [:]
    for (index, input) in syntax.inputs.enumerated() where claim(input.name, "an input", &seen) {
      inputIndex[input.name.text] = index
    }
    for (index, step) in syntax.steps.enumerated() where claim(step.name, "a step", &seen) {
      stepIndex[step.name.text] = index
    }
    var outputs: [String: (what: String, span: Span)] = [:]
    for output in syntax.outputs { _ = claim(output.name, "an output", &outputs) }
  }

  private func claim(_ name: Name, _ what: String, _ seen: inout [String: (what: String, span: Span)]) -> Bool {
    guard let first = seen[name.text] else {
      seen[name.text] = (what, name.span)
      return true
    }
    session.error(
      "E0105", "`\(name.text)` is already the name of \(first.what)", in: file, at: name.span, "the second one",
      also: [.init(file, first.span, "the first one")], help: "give one of them another name")
    return false
  }

  // MARK: Steps from outside

  private func stepFacts(_ step: StepSyntax) -> StepFacts {
    let calls: [CallSyntax]
    switch step.body {
    case .call(let call): calls = [call]
    case .vary(let vary): calls = vary.variants.map(\.call)
    case .missing: calls = []
    }
    let signatures = calls.map(signature)
    let isOpen = step.isBroken || calls.isEmpty || signatures.contains { $0 == nil }
    var outputs = Self.commonOutputs(signatures.compactMap { $0 })
    let isSkippable = step.condition != nil || step.options.contains { Self.isLenient($0) }
    for index in outputs.indices {
      if step.foreach != nil { outputs[index].type = .list(outputs[index].type) }
      if isSkippable { outputs[index].type = outputs[index].type.lifted }
    }
    let index = Dictionary(outputs.enumerated().map { ($0.element.name, $0.offset) }) { first, _ in first }
    return StepFacts(signatures: signatures, outputs: outputs, outputIndex: index, isOpen: isOpen)
  }

  /// `on failure skip` and `on failure continue`: the outputs may be missing.
  private static func isLenient(_ option: OptionSyntax) -> Bool {
    guard option.name.text == "on failure", case .path(let word)? = option.words.first else { return false }
    return word.text == "skip" || word.text == "continue"
  }

  /// What all of them give, with a type that covers all; in the order of the first.
  private static func commonOutputs(_ signatures: [Signature]) -> [ValueType.RecordField] {
    guard let first = signatures.first else { return [] }
    return first.outputs.compactMap { output in
      var type = output.type
      for other in signatures.dropFirst() {
        guard let match = other.outputs.first(where: { $0.name == output.name }),
          let covering = Self.covering(type, match.type)
        else { return nil }
        type = covering
      }
      return .init(output.name, type)
    }
  }

  /// The wider of two types that convert, or nil.
  static func covering(_ a: ValueType, _ b: ValueType) -> ValueType? {
    if a == b { return a }
    let joined = a.joined(b)
    if joined == .any, a != .any, b != .any { return nil }
    return joined
  }

  private func signature(_ call: CallSyntax) -> Signature? {
    switch entry.document.callee(call.callee, session) {
    case .found(let signature): return signature
    case .broken: return nil
    case .unknown:
      reportUnknownCallee(call.callee)
      return nil
    }
  }

  // MARK: Inputs and outputs

  private func input(_ syntax: InputSyntax, _ type: ValueType) -> Workflow.Input {
    var value: Expression?
    if let index = inputIndex[syntax.name.text], self.syntax.inputs[index].span == syntax.span {
      note(.input(workflow: number, index), at: syntax.name.span, isDeclaration: true, type: type)
    }
    if let given = syntax.defaultValue {
      var scope = ExpressionScope(isConstant: true)
      let checked = check(given, expecting: type, &scope)
      let target = Target(what: "the default of `\(syntax.name.text)`", type: type, declaration: nil)
      value = fit(checked, to: target, scope)
    }
    return .init(name: syntax.name.text, type: type, doc: syntax.doc, default: value, span: syntax.name.span)
  }

  private func output(_ syntax: OutputSyntax, _ type: ValueType) -> Workflow.Output {
    var scope = ExpressionScope()
    let checked = check(syntax.value, expecting: type, &scope)
    let declaration = syntax.type.map {
      Diagnostic.Label(file, $0.span, "`\(syntax.name.text)` is declared `\(type)`")
    }
    let target = Target(
      what: "output `\(syntax.name.text)`", type: type, declaration: declaration,
      missingHelp: "give a fallback with `??`, or declare the output as `\(type.lifted)`")
    let value = fit(checked, to: target, scope)
    return .init(name: syntax.name.text, type: type, doc: syntax.doc, value: value, span: syntax.name.span)
  }

  /// Positions in `Workflow.steps` of the steps that nothing refers to.
  var unusedSteps: [Int] { order.indices.filter { !used[order[$0]] } }
}
