internal import Diagnostics
internal import Tasks
internal import Values

/// What a call needs to know of the task or workflow that it calls.
final class Signature {
  struct Parameter {
    var name: String
    var type: ValueType
    var isRequired: Bool
    var unit: String
  }

  let callee: Step.Callee
  let parameters: [Parameter]
  let outputs: [ValueType.RecordField]
  /// Nil for a workflow.
  let task: TaskSignature?
  /// Where a workflow is declared.
  let declaration: (file: SourceFile, span: Span)?
  private let parameterNames: NameTable
  let outputNames: NameTable

  init(_ index: Int, _ task: TaskSignature) {
    callee = .task(index)
    self.task = task
    declaration = nil
    parameters = task.parameters.map {
      Parameter(
        name: $0.name, type: $0.isOptional ? $0.type.lifted : $0.type, isRequired: $0.isRequired, unit: $0.unit)
    }
    outputs = task.outputs.map { .init($0.name, $0.isOptional ? $0.type.lifted : $0.type) }
    parameterNames = NameTable(parameters.map(\.name))
    outputNames = NameTable(outputs.map(\.name))
  }

  init(
    workflow index: Int, parameters: [Parameter], outputs: [ValueType.RecordField],
    declaration: (file: SourceFile, span: Span)
  ) {
    callee = .workflow(index)
    task = nil
    self.declaration = declaration
    self.parameters = parameters
    self.outputs = outputs
    parameterNames = NameTable(parameters.map(\.name))
    outputNames = NameTable(outputs.map(\.name))
  }

  func parameter(_ name: String) -> Parameter? { parameterNames.place(of: name).map { parameters[$0] } }

  func symbol(ofParameter name: String) -> Symbol {
    switch callee {
    case .task(let task): .parameter(task: task, name)
    case .workflow(let workflow): .input(workflow: workflow, parameterNames.place(of: name) ?? 0)
    }
  }

  func symbol(ofOutput name: String) -> Symbol {
    switch callee {
    case .task(let task): .result(task: task, name)
    case .workflow(let workflow):
      .output(workflow: workflow, outputNames.place(of: name) ?? 0)
    }
  }

  /// Its results may be reused, as far as it is one task.
  var isPure: Bool { task.map { $0.traits.contains(.pure) } ?? true }
}
