internal import Artifacts
internal import Events
internal import Foundation
internal import Traces
internal import Values

/// The calls of one run with their values, ready to be asked what came from where.
struct RunLineage {
  struct Call {
    var node: Int
    var step: Int
    var item: String
    /// By output: the value, and its content digest.
    var outputs: [(value: Value, content: Digest?)?]
    /// By parameter.
    var inputs: [(name: String, content: Digest)]
    var reusedFrom: RunNumber?
  }
  enum Source {
    case input(String, parameter: String)
    case artifact(String, parameter: String)
    case output(node: Int, port: Int, parameter: String)
  }

  let run: RunNumber
  let steps: [StepRecord]
  let inputs: [(name: String, value: Value, content: Digest?)]
  /// By input the contents of its items and fields, two levels down.
  private let parts: [Set<Digest>]
  let outputs: [(name: String, value: Value, content: Digest?)]
  let artifacts: [(reference: String, version: String, value: Value, content: Digest?)]
  private(set) var calls: [Int: Call] = [:]
  /// By step its calls.
  private var byStep: [Int: [Int]] = [:]
  /// By call what it was given.
  private var given: [Int: [Source]] = [:]

  init(_ run: RunNumber, _ store: Store) throws(WorkspaceError) {
    self.run = run
    guard let detail = try store.detail(of: run) else { throw WorkspaceError(.notFound, "there is no run \(run)") }
    steps = detail.steps.map(\.step)
    func decoded(_ values: [NamedValue]) -> [(name: String, value: Value, content: Digest?)] {
      values.compactMap { named in
        (try? store.artifacts.decode(named.stored)).map { (named.name, $0, store.artifacts.digest(of: $0)) }
      }
    }
    inputs = decoded(detail.inputs)
    parts = inputs.map { input in
      var parts: Set<Digest> = []
      input.value.collectParts(&parts)
      return parts
    }
    outputs = decoded(detail.outputs)
    artifacts = detail.artifacts.compactMap { artifact in
      (try? store.artifacts.decode(artifact.stored)).map {
        (artifact.reference, artifact.version, $0, store.artifacts.digest(of: $0))
      }
    }
    do throws(TraceError) {
      for result in try store.trace.results(of: run).values { add(result, result.node, from: nil, store) }
      let sources = try store.trace.sources(of: run)
      for (source, reused) in Dictionary(grouping: sources, by: \.reused.source) {
        let results = try store.trace.results(of: source)
        for (reuse, node) in reused {
          if let result = results[node] { add(result, reuse.node, from: source, store) }
        }
      }
    } catch {
      throw WorkspaceError(error)
    }
    for node in calls.keys { given[node] = findSources(of: node) }
  }

  private mutating func add(_ result: NodeResult, _ node: NodeReference, from source: RunNumber?, _ store: Store) {
    let outputs = result.outputs.map { stored -> (value: Value, content: Digest?)? in
      guard let stored, let value = try? store.artifacts.decode(stored) else { return nil }
      return (value, store.artifacts.digest(of: value))
    }
    let inputs = result.components.compactMap { component in
      component.name.hasPrefix("inputs.") ? (String(component.name.dropFirst(7)), component.digest) : nil
    }
    calls[node.node] = Call(
      node: node.node, step: node.step, item: node.item, outputs: outputs, inputs: inputs, reusedFrom: source)
    byStep[node.step, default: []].append(node.node)
  }

  // MARK: asking

  /// `train[3]`.
  func name(_ call: Call) -> String { (steps.indices.contains(call.step) ? steps[call.step].path : "?") + call.item }

  func portName(_ node: Int, _ port: Int) -> String {
    guard let call = calls[node], steps.indices.contains(call.step), steps[call.step].outputs.indices.contains(port)
    else {
      return ""
    }
    return steps[call.step].outputs[port]
  }

  func ports(of node: Int, with content: Digest?) -> [Int] {
    guard let content, let call = calls[node] else { return [] }
    return call.outputs.indices.filter { call.outputs[$0]?.content == content }
  }

  /// The name of the output that refers to an artifact.
  func port(of node: Int, _ digest: Digest?) -> String {
    guard let digest, let call = calls[node] else { return "" }
    let port = call.outputs.firstIndex { $0?.value.refers(to: digest) ?? false }
    return port.map { portName(node, $0) } ?? ""
  }

  /// What a call was given.
  func sources(of node: Int) -> [Source] { given[node] ?? [] }

  /// By content where that is possible, else all that the steps before it gave.
  private func findSources(of node: Int) -> [Source] {
    guard let call = calls[node], steps.indices.contains(call.step) else { return [] }
    let before = steps[call.step].needs.flatMap { need in
      (byStep[need.step] ?? []).filter { share(call.item, calls[$0]?.item ?? "", need.shared) }
    }.sorted()
    var sources: [Source] = []
    var explained: Set<Int> = []
    var isOpen = false
    for (parameter, content) in call.inputs {
      var isFound = false
      for node in matches(content, before) {
        for port in node.ports {
          sources.append(.output(node: node.node, port: port, parameter: parameter))
          explained.insert(node.node)
          isFound = true
        }
      }
      if isFound { continue }
      if let input = inputs.indices.first(where: { inputs[$0].content == content || parts[$0].contains(content) }) {
        sources.append(.input(inputs[input].name, parameter: parameter))
      } else if let artifact = artifacts.first(where: { $0.content == content }) {
        sources.append(.artifact(artifact.reference, parameter: parameter))
      } else {
        isOpen = true
      }
    }
    guard isOpen else { return sources }
    for node in before where !explained.contains(node) {
      for port in calls[node]?.outputs.indices ?? 0..<0 {
        sources.append(.output(node: node, port: port, parameter: ""))
      }
    }
    return sources
  }

  /// The outputs of this content among calls. A number may be the same by chance: of several calls of a step all count then.
  private func matches(_ content: Digest, _ calls: [Int]) -> [(node: Int, ports: [Int])] {
    var found: [Int: [Int]] = [:]
    for node in calls {
      let ports = ports(of: node, with: content)
      guard !ports.isEmpty else { continue }
      found[node, default: []] += ports
      for port in ports where self.calls[node]?.outputs[port]?.value.isScalar == true {
        for other in calls where other != node && self.calls[other]?.step == self.calls[node]?.step {
          if found[other]?.contains(port) != true { found[other, default: []].append(port) }
        }
      }
    }
    return found.sorted { $0.key < $1.key }.map { ($0.key, Set($0.value).sorted()) }
  }

  /// The calls that were given an artifact, or an output of a call.
  func users(ofArtifact digest: Digest?, output producer: Int?, _ port: Int?) -> [(node: Int, parameter: String)] {
    var found: [(Int, String)] = []
    for node in calls.keys.sorted() where node != producer {
      for source in sources(of: node) {
        switch source {
        case .output(let before, let at, let parameter):
          if before == producer, port == nil || port == at {
            found.append((node, parameter))
          } else if let digest, calls[before]?.outputs[at]?.value.refers(to: digest) == true {
            found.append((node, parameter))
          }
        case .input(let name, let parameter):
          if let digest, inputs.first(where: { $0.name == name })?.value.refers(to: digest) == true {
            found.append((node, parameter))
          }
        case .artifact(let reference, let parameter):
          if let digest, artifacts.first(where: { $0.reference == reference })?.value.refers(to: digest) == true {
            found.append((node, parameter))
          }
        }
      }
    }
    return found
  }

  /// Whether two items begin with the same indices.
  private func share(_ a: String, _ b: String, _ count: Int) -> Bool {
    if count == 0 { return true }
    return a.split(separator: "]").prefix(count).elementsEqual(b.split(separator: "]").prefix(count))
  }

  // MARK: nodes

  func callNode(_ node: Int) -> Lineage.Node {
    guard let call = calls[node] else { return Lineage.Node(kind: .call, name: "\(run):?", detail: "") }
    let task = steps.indices.contains(call.step) ? "\(steps[call.step].task) \(steps[call.step].version)" : ""
    return Lineage.Node(kind: .call, name: "\(run):\(name(call))", detail: task, reusedFrom: call.reusedFrom)
  }

  func outputNode(_ node: Int, _ port: Int, _ names: Names) -> Lineage.Node {
    let name = calls[node].map { "\(run):\(self.name($0)).\(portName(node, port))" } ?? "\(run):?"
    return value(calls[node]?.outputs[port]?.value, name, names)
  }

  func inputNode(_ name: String, _ names: Names) -> Lineage.Node {
    var node = value(inputs.first { $0.name == name }?.value, "\(run):\(name)", names)
    if node.digest == nil { node.kind = .input }
    return node
  }

  func artifactNode(_ reference: String) -> Lineage.Node {
    let artifact = artifacts.first { $0.reference == reference }
    return Lineage.Node(
      kind: .artifact, name: artifact?.version ?? reference, detail: artifact?.value.type.description ?? "",
      digest: artifact?.value.wholeArtifact)
  }

  private func value(_ value: Value?, _ name: String, _ names: Names) -> Lineage.Node {
    guard let value else { return Lineage.Node(kind: .artifact, name: name, detail: "no longer in the store") }
    let digest = value.wholeArtifact
    let named = digest.flatMap { digest in names.versions.filter { $0.version.digest == digest }.max { $0.at < $1.at } }
    let detail =
      switch value {
      case .table(let table): "table, \(table.schema.children.count) columns, \(table.rowCount) rows"
      default: digest == nil ? value.description : value.type.description
      }
    return Lineage.Node(kind: .artifact, name: named?.version.reference ?? name, detail: detail, digest: digest)
  }
}

extension Value {
  /// Of a file or directory its digest.
  var wholeArtifact: Digest? {
    switch self {
    case .file(let file), .directory(let file): file.digest
    default: nil
    }
  }

  func refers(to digest: Digest) -> Bool {
    switch self {
    case .file(let file), .directory(let file): file.digest == digest
    case .list(let items): items.contains { $0.refers(to: digest) }
    case .record(let fields): fields.contains { $0.value.refers(to: digest) }
    case .tensor(let tensor): tensor.data.artifact == digest
    case .bytes(let payload): payload.artifact == digest
    case .table: (try? WireEncoder.store(self))?.artifacts.contains(digest) ?? false
    default: false
    }
  }

  fileprivate var isScalar: Bool {
    switch self {
    case .null, .bool, .int, .float: true
    default: false
    }
  }

  /// The contents of items and fields.
  fileprivate func collectParts(_ parts: inout Set<Digest>, depth: Int = 2) {
    let values: [Value]
    switch self {
    case .list(let items): values = Array(items.prefix(100_000))
    case .record(let fields): values = fields.map(\.value)
    default: return
    }
    guard depth > 0 else { return }
    for value in values {
      if let content = value.contentDigest() { parts.insert(content) }
      value.collectParts(&parts, depth: depth - 1)
    }
  }
}

extension Payload {
  fileprivate var artifact: Digest? { if case .region(let region, _, _) = storage { region.artifact } else { nil } }
}
