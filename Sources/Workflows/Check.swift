package import Diagnostics
package import Syntax
internal import Tasks

/// What a check found out.
package struct Checked: Sendable {
  /// Nil when there are errors: an incomplete program is never handed on.
  package var program: Program?
  /// Of all documents, the root's first, in text order.
  package var diagnostics: [Diagnostic]
  /// The documents that were read, root first. Without workflows and tokens unless there is an index or an
  /// experiment: each stage lets go of what the next one does not need.
  package var trees: [SyntaxTree]
  /// Nil unless it was asked for.
  package var index: Index?

  package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

/// Checks a document and everything that it uses. Pure but for what `library` does; O(size of the documents).
///
/// - Parameter indexing: whether the result has an index.
package func check(_ file: SourceFile, library: some Library, indexing: Bool = false) -> Checked {
  check(Parser.parse(file), library: library, indexing: indexing)
}

/// Of a document that was read already.
package func check(_ tree: consuming SyntaxTree, library: some Library, indexing: Bool = false) -> Checked {
  let session = Session(library, indexing: indexing)
  var loader = DocumentLoader(session)
  _ = loader.load(tree)
  let checkers = session.workflows.indices.map { WorkflowChecker(session, $0) }
  let workflows = checkers.map { $0.check() }
  // Those of the root alone: a file that is used lends its workflows.
  let experiments = (session.documents.first?.tree.experiments ?? []).compactMap { syntax in
    session.documents.first.flatMap { ExperimentChecker(session, syntax, in: $0, checkers, workflows)?.check() }
  }
  let policies = (session.documents.first?.tree.policies ?? []).flatMap { syntax in
    session.documents.first.map { [PolicyChecker(session, syntax, in: $0, checkers, workflows, experiments).check()] }
      ?? []
  }
  reportRecursion(workflows, session)
  // A mistake may be all that keeps a step from being used.
  if !session.report.hasErrors { warnAboutUnusedSteps(workflows, checkers.map(\.unusedSteps), session) }

  if indexing {
    for document in session.documents {
      for experiment in document.tree.experiments {
        ExperimentNames(experiment, in: document, checkers)?.note(in: document)
      }
    }
  }
  let order = Dictionary(session.documents.enumerated().map { ($0.element.file.path, $0.offset) }) { first, _ in first }
  let diagnostics = session.report.diagnostics.enumerated().sorted { a, b in
    let (x, y) = (a.element.primary, b.element.primary)
    return (order[x.file.path] ?? 0, x.span.start, a.offset) < (order[y.file.path] ?? 0, y.span.start, b.offset)
  }
  let trees = session.documents.map(\.tree)
  let program =
    session.report.hasErrors
    ? nil
    : Program(
      workflows: workflows, tasks: session.tasks, files: trees.map(\.file), artifacts: session.artifacts,
      experiments: experiments, policies: policies)
  return Checked(
    program: program, diagnostics: diagnostics.map(\.element), trees: trees,
    index: session.index(zip(checkers, workflows).map { $0.indexed($1) }))
}

/// Steps that nothing refers to, and that do nothing but compute. O(workflows + steps).
private func warnAboutUnusedSteps(_ workflows: [Workflow], _ unused: [[Int]], _ session: Session) {
  // A task that is not pure may be there for what it does, and so may a workflow that calls one.
  var callers = [[Int]](repeating: [], count: workflows.count)
  var acts = [Bool](repeating: false, count: workflows.count)
  var pending: [Int] = []
  for (index, workflow) in workflows.enumerated() {
    for step in workflow.steps {
      for variant in step.variants {
        switch variant.callee {
        case .workflow(let callee): callers[callee].append(index)
        case .task(let task):
          guard !acts[index], !session.tasks[task].signature.traits.contains(.pure) else { continue }
          acts[index] = true
          pending.append(index)
        }
      }
    }
  }
  while let index = pending.popLast() {
    for caller in callers[index] where !acts[caller] {
      acts[caller] = true
      pending.append(caller)
    }
  }
  for (workflow, unused) in zip(workflows, unused) {
    for index in unused {
      let step = workflow.steps[index]
      let doesSomething = step.variants.contains { variant in
        switch variant.callee {
        case .workflow(let callee): acts[callee]
        case .task(let task): !session.tasks[task].signature.traits.contains(.pure)
        }
      }
      guard !doesSomething else { continue }
      session.warning(
        "W0101", "nothing uses step `\(step.name)`", in: workflow.file, at: step.span, "its outputs go nowhere",
        help: "refer to one of its outputs, add an `out`, or delete the step")
    }
  }
}

/// Plans are unfolded: a workflow that calls itself, even through others, never ends.
private func reportRecursion(_ workflows: [Workflow], _ session: Session) {
  var calls = [[(to: Int, span: Span)]](repeating: [], count: workflows.count)
  for (index, workflow) in workflows.enumerated() {
    for step in workflow.steps {
      for variant in step.variants {
        if case .workflow(let callee) = variant.callee { calls[index].append((callee, step.span)) }
      }
    }
  }
  var marks = [UInt8](repeating: 0, count: workflows.count)
  for root in workflows.indices where marks[root] == 0 {
    var path: [(workflow: Int, next: Int)] = [(root, 0)]
    marks[root] = 1
    while let (workflow, next) = path.last {
      guard next < calls[workflow].count else {
        marks[workflow] = 2
        path.removeLast()
        continue
      }
      path[path.count - 1].next += 1
      let call = calls[workflow][next]
      if marks[call.to] == 0 {
        marks[call.to] = 1
        path.append((call.to, 0))
      } else if marks[call.to] == 1, let start = path.firstIndex(where: { $0.workflow == call.to }) {
        let names = (path[start...].map(\.workflow) + [call.to]).map { workflows[$0].name }
        session.error(
          "E0302", "workflows call each other in a circle: \(names.joined(separator: " → "))",
          in: workflows[workflow].file, at: call.span, "leads back to `\(workflows[call.to].name)`",
          help: "a workflow cannot call itself; to repeat work use `foreach`")
      }
    }
  }
}
