import Diagnostics
import Tasks
import Traces
import Values
import Workflows
import Workspace

import struct Foundation.URL

/// A graph of tasks: for each node the nodes that it needs.
struct Shape {
  var name: String
  var parents: [[Int]]

  static func independent(_ count: Int) -> Shape {
    Shape(name: "independent \(count)", parents: Array(repeating: [], count: count))
  }

  static func chain(_ count: Int) -> Shape {
    Shape(name: "chain \(count)", parents: (0..<count).map { $0 == 0 ? [] : [$0 - 1] })
  }

  /// Layers in which each node needs three of the layer before.
  static func layered(_ layers: Int, _ width: Int) -> Shape {
    Shape(
      name: "layered \(layers)×\(width)",
      parents: (0..<layers * width).map { node in
        let (layer, place) = (node / width, node % width)
        guard layer > 0 else { return [] }
        return [place, (place + 1) % width, (place + 37) % width].map { (layer - 1) * width + $0 }
      })
  }

  /// The graph of a workflow of science, made by WfCommons: for each node how many it needs, and which.
  init(_ name: String, file: String) throws {
    let numbers = try String(contentsOfFile: file, encoding: .utf8).split { $0.isWhitespace }.compactMap { Int($0) }
    var parents: [[Int]] = []
    var place = 1
    while place < numbers.count, place + numbers[place] < numbers.count {
      let list = Array(numbers[place + 1..<place + 1 + numbers[place]])
      guard list.allSatisfy({ $0 < parents.count }) else { throw BenchmarkError("\(file): a node needs a later one") }
      parents.append(list)
      place += 1 + list.count
    }
    guard parents.count == numbers.first else { throw BenchmarkError("\(file): not as many nodes as it says") }
    self.init(name: name, parents: parents)
  }

  /// `independent 100`, `chain 100` or `layered 10 20`.
  init?(_ name: String) {
    let words = name.split(separator: " ")
    let numbers = words.dropFirst().compactMap { Int($0) }
    switch (words.first, numbers.count) {
    case ("independent", 1): self = .independent(numbers[0])
    case ("chain", 1): self = .chain(numbers[0])
    case ("layered", 2): self = .layered(numbers[0], numbers[1])
    default: return nil
    }
  }

  private init(name: String, parents: [[Int]]) {
    self.name = name
    self.parents = parents
  }

  /// The file that the bare engine reads.
  var text: String {
    var lines = ["\(parents.count)"]
    for list in parents { lines.append(([list.count] + list).map(String.init).joined(separator: " ")) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What the last nodes give, by plain evaluation: the check that the work was really done.
  var expectedSum: Int64 {
    var values = [Int64](repeating: 0, count: parents.count)
    var isParent = [Bool](repeating: false, count: parents.count)
    for (node, list) in parents.enumerated() {
      values[node] = (list.reduce(1) { $0 + values[$1] }) % 1_000_003
      for parent in list { isParent[parent] = true }
    }
    return zip(values, isParent).reduce(0) { $0 + ($1.1 ? 0 : $1.0) }
  }

  /// The graph as a workflow of one step per node, whose output is the sum over the nodes that nobody needs.
  func prepared(task: InstalledTask, isolation: Isolation, durability: Durability, lanes: Int) throws -> Prepared {
    let file = SourceFile(path: "/benchmark.assay", text: "")
    var options = StepOptions()
    options.isolation = isolation
    var isParent = [Bool](repeating: false, count: parents.count)
    for list in parents { for parent in list { isParent[parent] = true } }
    func value(_ node: Int) -> Workflows.Expression {
      Workflows.Expression(.output(step: node, port: 0), .int(nil), .none)
    }
    let steps = parents.enumerated().map { node, list in
      Step(
        name: "t\(node)", doc: "",
        variants: [
          Step.Variant(
            name: "", callee: .task(0),
            arguments: [
              Step.Argument(
                name: task.signature.inputs[0].name,
                value: Workflows.Expression(.list(list.map(value)), .list(.int(nil)), .none))
            ])
        ], defaultVariant: 0, outputs: [ValueType.RecordField("value", .int(nil))], foreach: nil, condition: nil,
        phase: nil, options: options, span: .none)
    }
    let ends = Workflows.Expression(.list(parents.indices.filter { !isParent[$0] }.map(value)), .list(.int(nil)), .none)
    let sum = Workflows.Expression(.call(.sum, [ends]), .int(nil), .none)
    let outputs = [Workflow.Output(name: "sum", type: .int(nil), doc: "", value: sum, span: .none)]
    let workflow = Workflow(
      name: "benchmark", doc: "", file: file, nameSpan: .none, inputs: [], steps: steps, outputs: outputs)
    var request = RunRequest(file: file.path)
    request.durability = durability
    request.parallel = lanes
    return try Prepared(
      request: request, program: Program(workflows: [workflow], tasks: [task], files: [file]), workflow: 0)
  }
}
