package import Diagnostics
internal import Syntax
internal import Tasks
internal import Values
internal import Workflows

/// The call around a caret.
package struct CallHelp: Sendable, Equatable {
  package var label: String
  /// Markdown.
  package var documentation: String
  package struct Parameter: Sendable, Equatable {
    package var label: String
    package var documentation: String
  }
  package var parameters: [Parameter]
  /// The parameter that is being written, if it is known.
  package var active: Int?
}

extension Analysis {
  /// Types that the text does not say, behind the names that have them: items of a `foreach`, and steps with one output.
  package func hints(in range: Span) -> [(offset: Int, text: String)] {
    var result: [(offset: Int, text: String)] = []
    for entry in index.workflows where entry.document == 0 {
      for (number, syntax) in entry.syntax.steps.enumerated() {
        guard syntax.span.end >= range.start, syntax.span.start <= range.end else { continue }
        let step = entry.step(number)
        if step.outputs.count == 1, let output = step.outputs.first {
          result.append((syntax.name.span.end, ".\(output.name): \(output.type)"))
        }
      }
    }
    for occurrence in index.occurrences[0] where occurrence.isDeclaration {
      guard case .item = occurrence.symbol, let type = occurrence.type, type != .any else { continue }
      guard occurrence.span.end >= range.start, occurrence.span.start <= range.end else { continue }
      result.append((occurrence.span.end, ": \(type)"))
    }
    return result.sorted { $0.offset < $1.offset }
  }

  /// The call of a task or workflow that the caret is in the parentheses of.
  package func callHelp(at offset: Int) -> CallHelp? {
    let caret = Caret(tree, at: offset)
    let call: [String]
    var name: String?
    switch caret.spot {
    case .parameter(let path, _): call = path
    case .expression(.parameter(let path, let parameter)), .string(.parameter(let path, let parameter)):
      (call, name) = (path, parameter)
    default: return nil
    }
    guard let scope = index.scopes.first, let head = call.first else { return nil }
    if call.count == 1 { return scope.workflows[head].map { help(workflow: $0, name) } }
    switch scope.namespaces[head] {
    case .tasks(let tasks): return tasks[call.dropFirst().joined(separator: ".")].map { help($0.signature, name) }
    case .workflows(let names): return names[call[1]].map { help(workflow: $0, name) }
    case .broken, nil: return nil
    }
  }

  private func help(_ task: TaskSignature, _ name: String?) -> CallHelp {
    let parameters = task.parameters.map {
      CallHelp.Parameter(label: Markdown.declaration($0), documentation: $0.doc)
    }
    return CallHelp(
      label: "\(task.id)(\(parameters.map(\.label).joined(separator: ", ")))",
      documentation: task.title.isEmpty ? task.doc : task.title, parameters: parameters,
      active: task.parameters.firstIndex { $0.name == name })
  }

  private func help(workflow number: Int, _ name: String?) -> CallHelp {
    let workflow = index.workflows[number].workflow
    let parameters = workflow.inputs.map {
      CallHelp.Parameter(
        label: "\($0.name): \($0.type)" + ($0.default == nil ? "" : " = …"), documentation: $0.doc)
    }
    return CallHelp(
      label: "\(workflow.name)(\(parameters.map(\.label).joined(separator: ", ")))", documentation: workflow.doc,
      parameters: parameters, active: workflow.inputs.firstIndex { $0.name == name })
  }

  /// The corrections that are certain at a stretch of the root document, with what they correct.
  package func fixes(in range: Span) -> [(diagnostic: Diagnostic, fix: Fix)] {
    checked.diagnostics.compactMap { diagnostic in
      guard diagnostic.primary.file == file, let fix = diagnostic.fix else { return nil }
      let span = diagnostic.primary.span
      return span.start <= range.end && range.start <= span.end ? (diagnostic, fix) : nil
    }
  }
}
