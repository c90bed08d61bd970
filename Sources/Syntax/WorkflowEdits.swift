package import Diagnostics

/// Why a change of a document cannot be made.
package struct EditProblem: Error, Sendable, Hashable {
  package var message: String
  init(_ message: String) { self.message = message }
}

/// The changes that a designer or a command makes to a workflow, as minimal edits of its text. Everything that an edit
/// does not name stays as it is, comments and layout included. Each starts from a tree of the current text.
package struct WorkflowEdits {
  private let tree: SyntaxTree
  private let workflow: WorkflowSyntax

  /// `workflow` by name.
  package init(_ tree: SyntaxTree, workflow name: String) throws(EditProblem) {
    guard let workflow = tree.workflows.first(where: { $0.name.text == name }) else {
      throw EditProblem("there is no workflow `\(name)`")
    }
    self.tree = tree
    self.workflow = workflow
  }

  /// Connects or sets a parameter of a step; `variant` names one of a `vary`, nil what its variants share.
  package func set(
    _ parameter: String, to value: String, in step: String, variant: String? = nil
  ) throws(EditProblem) -> [TextEdit] {
    try requireExpression(value)
    let call = try call(of: find(step), variant)
    guard let edits = CallEdits.set(parameter, value, in: call, of: tree.file) else {
      throw EditProblem("the call in `\(step)` is not closed")
    }
    return edits
  }

  /// Takes an argument of a step out.
  package func remove(
    _ parameter: String, from step: String, variant: String? = nil
  ) throws(EditProblem) -> [TextEdit] {
    let call = try call(of: find(step), variant)
    guard let edits = CallEdits.remove(parameter, from: call, in: tree.file) else {
      throw EditProblem("`\(parameter)` is not given in `\(step)`")
    }
    return edits
  }

  /// Makes a variant the default of its step.
  package func setDefault(_ variant: String, of step: String) throws(EditProblem) -> [TextEdit] {
    guard case .vary(let vary) = try find(step).body else { throw EditProblem("`\(step)` has no variants") }
    guard vary.variants.contains(where: { $0.name.text == variant }) else {
      throw EditProblem("`\(step)` has no variant `\(variant)`")
    }
    if let old = vary.defaultName { return [TextEdit(old.span, variant)] }
    guard let last = vary.variants.last else { return [] }
    return [insertLine("default \(variant)", after: last.span.end, indent: indent(of: last.span.start))]
  }

  /// Adds a step behind the last one: `call` is all that follows `step name =`.
  package func add(step name: String, _ call: String) throws(EditProblem) -> [TextEdit] {
    try requireFree(name)
    let text = "step \(name) = \(call)"
    let probe = Parser.parse(SourceFile(path: "", text: "assay 1\nworkflow w {\n\(text)\n}"))
    guard probe.diagnostics.isEmpty, probe.workflows.count == 1, probe.workflows[0].steps.count == 1 else {
      throw EditProblem("`\(call)` is no call")
    }
    let members = workflow.steps.map(\.span) + workflow.inputs.map(\.span)
    // Behind the last step; without steps behind the last input; else at the beginning.
    let anchor =
      workflow.steps.isEmpty ? members.max { $0.end < $1.end } : workflow.steps.map(\.span).max { $0.end < $1.end }
    guard let anchor else {
      return [insertLine(text, after: workflow.openBrace.end, indent: indent(of: workflow.span.start) + "  ")]
    }
    return [insertLine(text, after: anchor.end, indent: indent(of: anchor.start))]
  }

  // MARK: Parts

  private func find(_ name: String) throws(EditProblem) -> StepSyntax {
    guard let step = workflow.steps.first(where: { $0.name.text == name }) else {
      throw EditProblem("`\(workflow.name.text)` has no step `\(name)`")
    }
    return step
  }

  private func call(of step: StepSyntax, _ variant: String?) throws(EditProblem) -> CallSyntax {
    switch step.body {
    case .call(let call) where variant == nil: return call
    case .vary(let vary):
      guard let variant else { return vary.shared }
      if let match = vary.variants.first(where: { $0.name.text == variant }) { return match.call }
    default: break
    }
    throw EditProblem("`\(step.name.text)` has no variant `\(variant ?? "")`")
  }

  private func requireFree(_ name: String) throws(EditProblem) {
    guard Lexer.isName(name) else {
      throw EditProblem("`\(name)` is no name: names are letters, digits and `_`")
    }
    let reserved: Set<String> = ["true", "false", "null", "not", "and", "or"]
    let bindings = workflow.steps.flatMap { $0.foreach?.bindings ?? [] }
    let taken = workflow.steps.map(\.name) + workflow.inputs.map(\.name) + bindings
    if reserved.contains(name) || taken.contains(where: { $0.text == name }) {
      throw EditProblem("the name `\(name)` is taken")
    }
  }

  private func requireExpression(_ text: String) throws(EditProblem) {
    let probe = Parser.parse(SourceFile(path: "", text: "assay 1\nworkflow w {\nout x: any = (\(text)\n)\n}"))
    guard probe.diagnostics.isEmpty, probe.workflows.count == 1, probe.workflows[0].outputs.count == 1,
      probe.workflows[0].steps.isEmpty, !text.contains("#")
    else { throw EditProblem("`\(text)` is no value") }
  }

  // MARK: Lines

  /// The white space that the line of `offset` starts with.
  private func indent(of offset: Int) -> String {
    let bytes = tree.file.bytes
    var start = offset
    while start > 0, bytes[start - 1] != 0x0A { start -= 1 }
    var end = start
    while end < offset, bytes[end] == 0x20 || bytes[end] == 0x09 { end += 1 }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// A new line behind the one on which `offset` is, or right at `offset` when something else follows there.
  private func insertLine(_ text: String, after offset: Int, indent: String) -> TextEdit {
    let bytes = tree.file.bytes
    var end = offset
    while end < bytes.count, bytes[end] == 0x20 || bytes[end] == 0x09 { end += 1 }
    if end < bytes.count, bytes[end] == UInt8(ascii: "#") { while end < bytes.count, bytes[end] != 0x0A { end += 1 } }
    let lineEnd = end > offset && bytes[end - 1] == 0x0D ? end - 1 : end
    let isFree = end == bytes.count || bytes[end] == 0x0A || bytes[end] == 0x0D
    if isFree { return TextEdit(Span(lineEnd, lineEnd), "\n\(indent)\(text)") }
    return TextEdit(Span(offset, offset), "\n\(indent)\(text)\n\(indent)")
  }
}
