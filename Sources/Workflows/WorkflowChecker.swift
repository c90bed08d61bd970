internal import Diagnostics
internal import Syntax
internal import Tasks
internal import Values

/// Checks one workflow and builds its typed form.
final class WorkflowChecker {
  /// A step as the rest of the workflow sees it, before its expressions were looked at. Steps that call the same thing in
  /// the same way share it.
  final class StepFacts {
    /// Of its call, or of its variants in text order; nil where the callee is not known.
    let signatures: [Signature?]
    /// What `signatures` call.
    let callees: [Step.Callee?]
    /// Types as seen from outside.
    let outputs: [ValueType.RecordField]
    let outputNames: NameTable
    /// Something about it could not be found out: no conclusions from what is absent.
    let isOpen: Bool

    init(_ signatures: [Signature?], outputs: [ValueType.RecordField], isOpen: Bool) {
      self.signatures = signatures
      self.outputs = outputs
      self.isOpen = isOpen
      callees = signatures.map { $0?.callee }
      outputNames = NameTable(outputs.map(\.name))
    }
  }

  /// What the facts about a step with one call depend on.
  private struct CallShape: Hashable {
    var signature: ObjectIdentifier
    var isRepeated: Bool
    var isSkippable: Bool
  }

  let session: Session
  /// Position in `Session.workflows`.
  let number: Int
  let entry: Session.Entry
  private(set) var syntax: WorkflowSyntax
  /// The document whose text is read: the workflow's own, or that of an experiment.
  private(set) var document: Document
  private(set) var file: SourceFile
  /// Nothing is noted for an index.
  private(set) var isQuiet = false
  var inputIndex: [String: Int] = [:]
  /// Index in the text.
  var stepIndex: [String: Int] = [:]
  private(set) var facts: [StepFacts] = []
  private var knownFacts: [CallShape: StepFacts] = [:]
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
  private(set) lazy var hasSeed = inputIndex["seed"] != nil

  init(_ session: Session, _ index: Int) {
    self.session = session
    number = index
    syntax = session.workflows[index].syntax
    if !session.keepsTrees { session.workflows[index].syntax.steps = [] }
    entry = session.workflows[index]
    document = entry.document
    file = document.file
  }

  /// Lets expressions of an experiment be checked here, where the names of its study are known.
  func reading<T>(_ other: Document, _ body: (WorkflowChecker) -> T) -> T {
    let own = document
    (document, file, isQuiet) = (other, other.file, true)
    defer { (document, file, isQuiet) = (own, own.file, false) }
    return body(self)
  }

  func check() -> Workflow {
    declareNames()
    facts = syntax.steps.map(stepFacts)
    used = Array(repeating: false, count: facts.count)
    order = StepOrder(self).sorted()
    position = Array(repeating: 0, count: order.count)
    for (place, step) in order.enumerated() { position[step] = place }

    let inputs = zip(syntax.inputs, entry.inputTypes).map(input)
    let steps = order.map { index in
      defer { if !session.keepsTrees { forget(index) } }
      return step(index)
    }
    let outputs = syntax.outputs.indices.map(output)
    return Workflow(
      name: syntax.name.text, doc: syntax.doc, file: file, nameSpan: syntax.name.span, inputs: inputs, steps: steps,
      outputs: outputs)
  }

  /// What messages about later steps do not look at. They say why outputs may be missing.
  private func forget(_ index: Int) {
    let step = syntax.steps[index]
    syntax.steps[index] = step.outline(withOptions: step.options.contains { Self.isLenient($0) })
  }

  // MARK: Names

  private func declareNames() {
    for (index, input) in syntax.inputs.enumerated() where isFree(input.name) { inputIndex[input.name.text] = index }
    stepIndex.reserveCapacity(syntax.steps.count)
    for (index, step) in syntax.steps.enumerated() where isFree(step.name) { stepIndex[step.name.text] = index }
    var outputs: [String: Span] = [:]
    for output in syntax.outputs {
      if let first = outputs[output.name.text] {
        reportSecond(output.name, "an output", first)
      } else {
        outputs[output.name.text] = output.name.span
      }
    }
  }

  private func isFree(_ name: Name) -> Bool {
    if let input = inputIndex[name.text] {
      reportSecond(name, "an input", syntax.inputs[input].name.span)
    } else if let step = stepIndex[name.text] {
      reportSecond(name, "a step", syntax.steps[step].name.span)
    } else {
      return true
    }
    return false
  }

  private func reportSecond(_ name: Name, _ what: String, _ first: Span) {
    session.error(
      "E0105", "`\(name.text)` is already the name of \(what)", in: file, at: name.span, "the second one",
      also: [.init(file, first, "the first one")], help: "give one of them another name")
  }

  // MARK: Steps from outside

  private func stepFacts(_ step: StepSyntax) -> StepFacts {
    let isSkippable = step.condition != nil || step.options.contains { Self.isLenient($0) }
    if case .call(let call) = step.body, !step.isBroken, let signature = signature(call) {
      let shape = CallShape(
        signature: ObjectIdentifier(signature), isRepeated: step.foreach != nil, isSkippable: isSkippable)
      if let known = knownFacts[shape] { return known }
      let facts = facts([signature], step, isSkippable)
      knownFacts[shape] = facts
      return facts
    }
    switch step.body {
    case .call(let call): return facts([signature(call)], step, isSkippable)
    case .vary(let vary): return facts(vary.variants.map { signature($0.call) }, step, isSkippable)
    case .missing: return facts([], step, isSkippable)
    }
  }

  private func facts(_ signatures: [Signature?], _ step: StepSyntax, _ isSkippable: Bool) -> StepFacts {
    var outputs = Self.commonOutputs(signatures.compactMap { $0 })
    for index in outputs.indices {
      if step.foreach != nil { outputs[index].type = .list(outputs[index].type) }
      if isSkippable { outputs[index].type = outputs[index].type.lifted }
    }
    let isOpen = step.isBroken || signatures.isEmpty || signatures.contains { $0 == nil }
    return StepFacts(signatures, outputs: outputs, isOpen: isOpen)
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
      value = fit(checked, to: type, scope) { Target(what: "the default of `\(syntax.name.text)`", type: type) }
    }
    return .init(name: syntax.name.text, type: type, doc: syntax.doc, default: value, span: syntax.name.span)
  }

  private func output(_ index: Int) -> Workflow.Output {
    let syntax = syntax.outputs[index]
    let type = entry.outputTypes[index]
    note(.output(workflow: number, index), at: syntax.name.span, isDeclaration: true, type: type)
    var scope = ExpressionScope()
    let checked = check(syntax.value, expecting: type, &scope)
    let value = fit(checked, to: type, scope) {
      let declaration = syntax.type.map {
        Diagnostic.Label(file, $0.span, "`\(syntax.name.text)` is declared `\(type)`")
      }
      return Target(
        what: "output `\(syntax.name.text)`", type: type, declaration: declaration,
        missingHelp: "give a fallback with `??`, or declare the output as `\(type.lifted)`")
    }
    return .init(name: syntax.name.text, type: type, doc: syntax.doc, value: value, span: syntax.name.span)
  }

  /// Positions in `Workflow.steps` of the steps that nothing refers to.
  var unusedSteps: [Int] { order.indices.filter { !used[order[$0]] } }
}
