internal import Artifacts
internal import Events
internal import Experiments
internal import Foundation
internal import Knowledge
internal import Plans
internal import Spaces
internal import Tasks
internal import Values
internal import Workflows

/// The fingerprints of an experiment: what its workflow and its data are like.
struct Fingerprints {
  /// Larger tables are not read: sizes and digest have to do.
  private static let largestTable: Int64 = 64 << 20

  private let program: Program
  private let definition: Definition
  private let artifacts: [RunArtifact]
  private let layout: Layout

  init(_ program: Program, _ definition: Definition, _ artifacts: [RunArtifact], _ layout: Layout) {
    self.program = program
    self.definition = definition
    self.artifacts = artifacts
    self.layout = layout
  }

  func description() -> Description {
    var description = definition.described
    var walk = WorkflowWalk(program)
    walk.visit(definition.experiment.workflow)
    description.workflow = walk.print
    description.data = data(walk)
    return description
  }

  // MARK: Data

  /// Inputs that are not searched, and what steps name by themselves. Without any of these, the constants together.
  private func data(_ walk: WorkflowWalk) -> [DataPrint] {
    let experiment = definition.experiment
    let workflow = program.workflows[experiment.workflow]
    let values = Dictionary(artifacts.map { ($0.reference, $0.value) }) { first, _ in first }
    guard
      let plan = try? Plan(program, workflow: experiment.workflow, variants: [:], artifacts: values)
    else { return [] }
    var searched: Set<String> = []
    for parameter in experiment.parameters { if case .input(let name) = parameter.target { searched.insert(name) } }
    var prints: [DataPrint] = []
    var constants: [Value.Field] = []
    var hints = walk.words
    for input in workflow.inputs where !searched.contains(input.name) {
      let given = experiment.inputs.first { $0.name == input.name }?.value
      guard let expression = given ?? input.default, let value = try? plan.value(of: expression) else { continue }
      if case .string(let text) = value { hints.insert(text) }
      if Self.isData(value) {
        prints.append(print(input.name, value, Self.origin(expression), isTable: Self.isTable(input.type), hints))
      } else {
        constants.append(.init(input.name, value))
      }
    }
    for expression in walk.sources {
      guard let origin = Self.origin(expression), !prints.contains(where: { $0.origin == origin }),
        let value = try? plan.value(of: expression), Self.isData(value)
      else { continue }
      prints.append(print(origin, value, origin, isTable: Self.isTable(expression.type), hints))
    }
    if prints.isEmpty, !constants.isEmpty, let digest = Value.record(constants).contentDigest() {
      return [DataPrint(name: "constants", digest: "sha256:\(digest.hex)", bytes: 0)]
    }
    return prints
  }

  private static func isData(_ value: Value) -> Bool {
    switch value {
    case .bytes, .tensor, .table, .file, .directory: true
    case .list(let items): items.contains(where: isData)
    case .record(let fields): fields.contains { isData($0.value) }
    default: false
    }
  }

  private static func isTable(_ type: ValueType) -> Bool {
    if case .file("csv") = type { true } else { false }
  }

  /// `raw/churn` of `artifact("raw/churn@v3")`, the path of `file("…")`: the next version has the same.
  private static func origin(_ expression: Workflows.Expression) -> String? {
    switch expression.kind {
    case .artifact(let name): return String(name.prefix { $0 != "@" })
    case .call(.file, let arguments), .call(.dir, let arguments):
      if case .literal(.string(let path))? = arguments.first?.kind { return path }
      return nil
    default: return nil
    }
  }

  private func print(
    _ name: String, _ value: Value, _ origin: String?, isTable: Bool, _ hints: Set<String>
  ) -> DataPrint {
    let known = (try? value.withDigests()) ?? value
    let digest = known.contentDigest().map { "sha256:\($0.hex)" } ?? ""
    var print = DataPrint(name: name, origin: origin ?? "", digest: digest, bytes: Self.size(known))
    guard let (names, cells) = Self.cells(known, isTable: isTable) else { return print }
    let measures = TableMeasures(names: names, cells: cells, hints: hints)
    (print.columns, print.rows, print.features) = (measures.columns, measures.rows, measures.features)
    return print
  }

  private static func size(_ value: Value) -> Int64 {
    switch value {
    case .file(let file), .directory(let file): file.size
    case .bytes(let payload): Int64(payload.count)
    case .tensor(let tensor): Int64(tensor.data.count)
    default: 0
    }
  }

  private static func cells(_ value: Value, isTable: Bool) -> ([String], [[String?]])? {
    switch value {
    case .file(let file):
      let isText =
        isTable || ["text/csv", "text/tab-separated-values"].contains(file.mediaType)
        || [".csv", ".tsv"].contains { file.path.hasSuffix($0) }
      guard isText, file.size <= largestTable, let data = FileManager.default.contents(atPath: file.path),
        let text = SeparatedText([UInt8](data))
      else { return nil }
      return (text.names, text.cells)
    case .table(let table):
      let names = table.schema.children.map(\.name)
      guard table.rowCount * max(names.count, 1) <= 2_000_000 else { return nil }
      let rows = table.rows
      return (names, names.map { name in rows.map { Self.text($0[name]) } })
    default: return nil
    }
  }

  private static func text(_ cell: JSON?) -> String? {
    switch cell {
    case nil, .null?: nil
    case .string(let text)?: text
    case let cell?: cell.compact
    }
  }
}

/// All that a workflow calls, once.
struct WorkflowWalk {
  private let program: Program
  private var visited: Set<Int> = []
  private var tasks: Set<String> = []
  private var lines: [String] = []
  /// Files and artifacts that steps name.
  private(set) var sources: [Workflows.Expression] = []
  /// Texts that steps are given.
  private(set) var words: Set<String> = []

  init(_ program: Program) { self.program = program }

  var print: WorkflowPrint {
    var hasher = Hasher256()
    for line in lines { hasher.update(line + "\n") }
    return WorkflowPrint(tasks: tasks.sorted(), wiring: "sha256:" + hasher.digest().hex)
  }

  mutating func visit(_ workflow: Int) {
    guard visited.insert(workflow).inserted else { return }
    let workflow = program.workflows[workflow]
    lines.append("workflow \(workflow.name)(\(workflow.inputs.map(\.name).joined(separator: " ")))")
    var callees: [Int] = []
    for step in workflow.steps {
      var line = step.name
      if let items = step.foreach { line += " foreach \(shape(items.source))" }
      if let condition = step.condition { line += " when \(shape(condition))" }
      for variant in step.variants {
        switch variant.callee {
        case .task(let index):
          let id = program.tasks[index].signature.id
          tasks.insert(id)
          line += " | \(variant.name)=\(id)"
        case .workflow(let index):
          callees.append(index)
          line += " | \(variant.name)=\(program.workflows[index].name)"
        }
        for argument in variant.arguments.sorted(by: { $0.name < $1.name }) {
          line += " \(argument.name):\(shape(argument.value))"
        }
      }
      lines.append(line)
    }
    for callee in callees { visit(callee) }
  }

  /// What an expression refers to; constants leave no trace.
  private mutating func shape(_ expression: Workflows.Expression) -> String {
    switch expression.kind {
    case .literal(let value):
      if case .string(let text) = value { words.insert(text) }
      return "_"
    case .input(let place): return "in\(place)"
    case .output(let step, let port): return "\(step).\(port)"
    case .ran(let step): return "\(step).ran"
    case .binding(let place): return "item\(place)"
    case .unary(let sign, let operand): return "\(sign.rawValue)(\(shape(operand)))"
    case .binary(let sign, let left, let right): return "(\(shape(left))\(sign.rawValue)\(shape(right)))"
    case .call(let function, let arguments):
      if function == .file || function == .dir { sources.append(expression) }
      return "\(function.rawValue)(\(shapes(arguments)))"
    case .list(let items): return "[\(shapes(items))]"
    case .record(let fields): return "{\(shapes(fields.map(\.value)))}"
    case .field(let base, let name): return "\(shape(base)).\(name)"
    case .artifact:
      sources.append(expression)
      return "artifact"
    case .invalid: return "?"
    }
  }

  private mutating func shapes(_ expressions: [Workflows.Expression]) -> String {
    var parts: [String] = []
    for expression in expressions { parts.append(shape(expression)) }
    return parts.joined(separator: ",")
  }
}
