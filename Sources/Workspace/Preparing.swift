internal import Artifacts
internal import Diagnostics
internal import Events
internal import Experiments
internal import Foundation
internal import Plans
internal import Processes
internal import Settings
package import Syntax
internal import Traces
internal import Values
package import Workflows

extension Workspace {
  /// Reads and checks a document and everything that it uses. Problems of the text are in the result.
  package func check(_ path: String) throws(WorkspaceError) -> Checked {
    let library = FileLibrary(
      catalog: try catalog(), environments: environments, notice: notice, artifacts: NamedTypes(self),
      phases: layout.settings.texts(.phases))
    return Self.withSpaces(Workflows.check(try parse(path), library: library))
  }

  /// With what looking into the spaces of its experiments tells.
  private static func withSpaces(_ checked: Checked) -> Checked {
    guard let program = checked.program, !program.experiments.isEmpty else { return checked }
    let found = SpaceCheck.diagnostics(program) + promotionProblems(program)
    guard !found.isEmpty else { return checked }
    var checked = checked
    checked.diagnostics += found
    if checked.hasErrors { checked.program = nil }
    return checked
  }

  /// A document as a tree, without what it uses.
  package func parse(_ path: String) throws(WorkspaceError) -> SyntaxTree {
    do throws(LoadProblem) { return try FileLibrary.tree(path).get() } catch {
      throw WorkspaceError(error.kind == .notFound ? .notFound : .document, error.message, help: error.help ?? "")
    }
  }

  /// Checks, plans and binds what is asked for.
  package func prepare(_ request: RunRequest) throws(WorkspaceError) -> Prepared {
    let prepared = try plan(request)
    // What the document took goes back to the system: the threads of a run have memory of their own.
    if prepared.plan.taskSteps.count > 10_000 { Memory.giveBack() }
    return prepared
  }

  private func plan(_ request: RunRequest) throws(WorkspaceError) -> Prepared {
    let checked = try check(request.file)
    guard let program = checked.program else {
      let count = checked.diagnostics.count { $0.severity == .error }
      throw WorkspaceError(
        .document, "\(request.file) has \(count) error\(count == 1 ? "" : "s")", diagnostics: checked.diagnostics)
    }
    let index = try Self.choose(request.workflow, of: program)
    do {
      let assignments = try Assignments(request, program.workflows[index])
      let artifacts = try artifacts(of: program, index, request)
      let plan = try Plan(
        program, workflow: index, variants: assignments.variants, until: request.until,
        artifacts: Dictionary(artifacts.map { ($0.reference, $0.value) }) { first, _ in first })
      var given = assignments.values
      if let resumed = try resumed(request, plan.workflow) {
        for (name, value) in resumed where given[name] == nil { given[name] = value }
      }
      var prepared = Prepared(
        request: request, files: program.files, plan: plan, inputs: try plan.bind(given),
        warnings: checked.diagnostics)
      prepared.artifacts = artifacts
      return prepared
    } catch let error as PlanError {
      throw WorkspaceError(.usage, error.message, help: error.help)
    } catch let error as WorkspaceError {
      throw error
    } catch {
      throw WorkspaceError(.bug, "\(error)")
    }
  }

  /// Index of the workflow that is meant: the one asked for, or the one of the document that no other one calls.
  package static func choose(_ name: String?, of program: Program) throws(WorkspaceError) -> Int {
    let root = program.files.first
    let own = program.workflows.indices.filter { program.workflows[$0].file == root }
    let names = own.map { program.workflows[$0].name }
    guard let first = own.first else {
      throw WorkspaceError(.document, "\(root?.path ?? "the document") has no workflow")
    }
    if let name {
      guard let index = own.first(where: { program.workflows[$0].name == name }) else {
        let near = nearest(name, names).map { "did you mean `\($0)`?" }
        throw WorkspaceError(
          .usage, "there is no workflow `\(name)`", help: near ?? "workflows: \(names.joined(separator: ", "))")
      }
      return index
    }
    if own.count == 1 { return first }
    var called = Set<Int>()
    for workflow in program.workflows {
      for step in workflow.steps {
        for variant in step.variants { if case .workflow(let callee) = variant.callee { called.insert(callee) } }
      }
    }
    let free = own.filter { !called.contains($0) }
    guard free.count == 1, let only = free.first else {
      throw WorkspaceError(
        .usage, "\(root?.path ?? "the document") has several workflows",
        help: "choose one with `--workflow`: \(names.joined(separator: ", "))")
    }
    return only
  }

  /// The inputs of the run that is to be resumed.
  private func resumed(_ request: RunRequest, _ workflow: String) throws(WorkspaceError) -> [(String, Value)]? {
    guard let number = try runToResume(request, workflow) else { return nil }
    let store = try readableStore()
    guard let detail = try store.detail(of: number) else { return nil }
    return detail.inputs.compactMap { input in
      (try? store.artifacts.decode(input.stored)).map { (input.name, $0) }
    }
  }
}

/// `--set` and `--inputs`, sorted into inputs and variants.
private struct Assignments {
  var values: [String: Value] = [:]
  var variants: [String: String] = [:]

  init(_ request: RunRequest, _ workflow: Workflow) throws {
    if let path = request.inputsFile { try read(path, workflow) }
    for assignment in request.assignments {
      guard let equals = assignment.firstIndex(of: "=") else {
        throw PlanError("`--set \(assignment)` has no `=`", help: "write `--set name=value`")
      }
      let name = String(assignment[..<equals])
      let text = String(assignment[assignment.index(after: equals)...])
      if let input = workflow.inputs.first(where: { $0.name == name }) {
        do throws(PlanError) {
          values[name] = try Value(text: text, type: input.type).withAbsolutePaths(in: nil)
        } catch {
          throw PlanError("input `\(name)`: \(error.message)", help: error.help)
        }
      } else if name.contains(".") || workflow.steps.contains(where: { $0.name == name }) {
        variants[name] = text
      } else {
        let names = workflow.inputs.map(\.name) + workflow.steps.filter(\.isVariabilityPoint).map(\.name)
        let near = nearest(name, names).map { "did you mean `\($0)`?" }
        throw PlanError(
          "workflow `\(workflow.name)` has no input or variability point `\(name)`",
          help: near ?? (names.isEmpty ? "it has none" : "it has: \(names.joined(separator: ", "))"))
      }
    }
  }

  private mutating func read(_ path: String, _ workflow: Workflow) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw WorkspaceError(.notFound, "cannot read \(path)")
    }
    let json: JSON
    do { json = try JSON.parse([UInt8](data)) } catch { throw WorkspaceError(.usage, "\(path): \(error)") }
    guard case .object(let members) = json else {
      throw WorkspaceError(.usage, "\(path): expected an object with the inputs of `\(workflow.name)`")
    }
    for member in members {
      guard let input = workflow.inputs.first(where: { $0.name == member.name }) else {
        let near = nearest(member.name, workflow.inputs.map(\.name)).map { "did you mean `\($0)`?" }
        throw PlanError("\(path): workflow `\(workflow.name)` has no input `\(member.name)`", help: near ?? "")
      }
      do {
        values[member.name] = try Value(json: member.value, type: input.type)
          .withAbsolutePaths(in: Layout.folder(of: Layout.absolute(path)))
      } catch {
        throw PlanError("\(path): input `\(member.name)`: \(error)")
      }
    }
  }
}

extension Value {
  /// Files by absolute path; relative ones are meant against a folder, or the current one.
  fileprivate func withAbsolutePaths(in folder: String?) -> Value {
    func absolute(_ reference: FileReference) -> FileReference {
      var reference = reference
      if let folder, !reference.path.hasPrefix("/") { reference.path = folder + "/" + reference.path }
      reference.path = Layout.absolute(reference.path)
      return reference
    }
    switch self {
    case .file(let reference): return .file(absolute(reference))
    case .directory(let reference): return .directory(absolute(reference))
    case .list(let items): return .list(items.map { $0.withAbsolutePaths(in: folder) })
    case .record(let fields):
      return .record(fields.map { Field($0.name, $0.value.withAbsolutePaths(in: folder)) })
    default: return self
    }
  }
}
