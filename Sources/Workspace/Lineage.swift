internal import Artifacts
package import Events
internal import Foundation
internal import Traces
package import Values

/// What an artifact was made of, and what was made from it: artifacts and calls, with arrows in the direction of time.
package struct Lineage: Sendable {
  package struct Node: Sendable, Hashable {
    package enum Kind: String, Sendable {
      /// A stored artifact, or a small value of the trace.
      case artifact
      /// A call of a task.
      case call
      /// An input of a run that is no artifact.
      case input
    }
    package var kind: Kind
    /// `churn/model@v3`, `12:train[3]`, `12:folds`.
    package var name: String
    /// The task; the type or value of what is no call.
    package var detail: String
    package var digest: Digest?
    /// Of a call, the run in which its result came about, if that was another one.
    package var reusedFrom: RunNumber?
  }
  package struct Edge: Sendable, Hashable {
    package var from: Int
    package var to: Int
    /// The port or parameter; empty where it is not known.
    package var name: String
  }

  package var nodes: [Node] = []
  package var edges: [Edge] = []
  /// The node that was asked about.
  package var root = 0
  /// More than fits was left out.
  package var isCut = false

  package enum Direction: String, Sendable, CaseIterable { case up, down, both }
}

extension Workspace {
  /// - Parameter depth: how many calls away from the artifact.
  package func lineage(
    of text: String, _ direction: Lineage.Direction, depth: Int = .max
  ) throws(WorkspaceError) -> Lineage {
    let found = try find(text)
    var lineage = Lineage()
    if let store = try openStore() {
      var reader = try LineageReader(store, try names())
      lineage = try reader.read(found, text, direction, depth)
    } else {
      lineage.nodes = [LineageReader.node(found, name: text)]
    }
    let root = lineage.root
    if direction != .down, !lineage.edges.contains(where: { $0.to == root }),
      let version = found.versions.map(\.version).first(where: { !$0.history.isEmpty }),
      let history = (try? JSON.parse(version.history)).flatMap({ Lineage($0) })
    {
      lineage.add(history: history, from: String(version.origin.split(separator: " ").last ?? "elsewhere"))
    }
    return lineage
  }
}

/// Follows artifacts and values through the runs of a store.
///
/// Which step needs which is on record with the run (`StepRecord.needs`); which output went into which input is told by
/// content: the digests of a call's inputs are part of its key, those of outputs are computed from what is stored. An input that
/// was put together by an expression has no output of its digest; then all outputs of the steps that it may come from count.
struct LineageReader {
  /// A call in a run.
  struct Place: Hashable {
    var run: RunNumber
    var node: Int
  }
  /// More nodes than a person can look at.
  static let limit = 2000

  let store: Store
  let names: Names
  var lineage = Lineage()
  private var index: [Lineage.Node: Int] = [:]
  private var edges: Set<Lineage.Edge> = []
  private var runs: [RunNumber: RunLineage] = [:]
  private let uses: [Digest: [ArtifactUse]]

  init(_ store: Store, _ names: Names) throws(WorkspaceError) {
    self.store = store
    self.names = names
    do throws(TraceError) { uses = Dictionary(grouping: try store.trace.artifactUses(), by: \.digest) } catch {
      throw WorkspaceError(error)
    }
  }

  static func node(_ found: FoundArtifact, name: String) -> Lineage.Node {
    Lineage.Node(
      kind: .artifact, name: found.versions.first?.version.reference ?? (found.origin.isEmpty ? name : found.origin),
      detail: found.type.description, digest: found.digest)
  }

  mutating func read(
    _ found: FoundArtifact, _ text: String, _ direction: Lineage.Direction, _ depth: Int
  ) throws(WorkspaceError) -> Lineage {
    lineage.root = add(Self.node(found, name: text))
    // A value of a run, named by its call: where it is from is known without looking for it.
    var start: [Place] = []
    if let digest = found.digest { start = places(of: digest) }
    if start.isEmpty, case .output(let run, let path)? = try? ArtifactReference(found.origin, isName: { _ in false }) {
      start = try places(of: path, in: run)
    }
    if direction != .down { try up(from: lineage.root, start, found.digest, depth) }
    if direction != .up { try down(from: lineage.root, found.digest, start, depth) }
    lineage.edges = edges.sorted { ($0.from, $0.to, $0.name) < ($1.from, $1.to, $1.name) }
    return lineage
  }

  // MARK: up

  /// The calls that made an artifact: the newest that really ran is enough.
  private func places(of digest: Digest) -> [Place] {
    let made = (uses[digest] ?? []).filter { $0.node >= 0 }.map { Place(run: $0.run, node: $0.node) }
    return made.max { ($0.run, $0.node) < ($1.run, $1.node) }.map { [$0] } ?? []
  }

  private mutating func places(of path: String, in run: RunNumber) throws(WorkspaceError) -> [Place] {
    let contents = try contents(of: run)
    guard let dot = path.lastIndex(of: ".") else {
      // An output of the workflow: the call whose output has the same content.
      guard let output = contents.outputs.first(where: { $0.name == path }) else { return [] }
      return contents.calls.keys.filter { contents.ports(of: $0, with: output.content) != [] }.sorted().prefix(1)
        .map { Place(run: run, node: $0) }
    }
    let call = String(path[..<dot])
    return contents.calls.values.filter { contents.name($0) == call }.map { Place(run: run, node: $0.node) }
  }

  private mutating func up(from root: Int, _ start: [Place], _ digest: Digest?, _ depth: Int) throws(WorkspaceError) {
    var queue: [(place: Place, depth: Int)] = []
    var seen: Set<Place> = []
    for place in start where depth > 0 {
      let call = try add(place)
      let port = try contents(of: place.run).port(of: place.node, digest)
      connect(call, root, port)
      queue.append((place, 1))
    }
    var next = 0
    while next < queue.count {
      let (place, distance) = queue[next]
      next += 1
      guard seen.insert(place).inserted, let call = try? add(place) else { continue }
      guard lineage.nodes.count < Self.limit else {
        lineage.isCut = true
        return
      }
      let contents = try contents(of: place.run)
      for source in contents.sources(of: place.node) {
        switch source {
        case .input(let name, let parameter):
          let value = add(contents.inputNode(name, names))
          connect(value, call, parameter)
        case .artifact(let reference, let parameter):
          connect(add(contents.artifactNode(reference)), call, parameter)
        case .output(let node, let port, let parameter):
          let value = add(contents.outputNode(node, port, names))
          connect(value, call, parameter)
          guard distance < depth else { continue }
          let before = Place(run: place.run, node: node)
          connect(try add(before), value, contents.portName(node, port))
          queue.append((before, distance + 1))
        }
      }
    }
  }

  // MARK: down

  private mutating func down(
    from root: Int, _ digest: Digest?, _ start: [Place], _ depth: Int
  ) throws(WorkspaceError) {
    // What is followed: a value node, and where it is in runs.
    var queue: [(value: Int, digest: Digest?, place: Place?, port: Int?, depth: Int)] = [(root, digest, nil, nil, 0)]
    if digest == nil, let place = start.first { queue[0].place = place }
    var seen: Set<String> = []
    var next = 0
    while next < queue.count {
      let item = queue[next]
      next += 1
      guard item.depth < depth else { continue }
      guard lineage.nodes.count < Self.limit else {
        lineage.isCut = true
        return
      }
      var runsToLook: Set<RunNumber> = Set(item.digest.flatMap { uses[$0] }?.map(\.run) ?? [])
      if let place = item.place { runsToLook.insert(place.run) }
      for run in runsToLook.sorted() {
        let contents = try contents(of: run)
        for (node, parameter) in contents.users(
          ofArtifact: item.digest, output: item.place.flatMap { $0.run == run ? $0.node : nil }, item.port)
        {
          let place = Place(run: run, node: node)
          let call = try add(place)
          connect(item.value, call, parameter)
          guard seen.insert("\(run).\(node)").inserted else { continue }
          for port in contents.calls[node]?.outputs.indices ?? 0..<0 {
            let output = contents.outputNode(node, port, names)
            let value = add(output)
            connect(call, value, contents.portName(node, port))
            queue.append((value, output.digest, place, port, item.depth + 1))
          }
        }
      }
    }
  }

  // MARK: the graph

  private mutating func add(_ node: Lineage.Node) -> Int {
    // An artifact is one node, whatever it is called in which run.
    if let digest = node.digest, node.kind == .artifact,
      let known = lineage.nodes.firstIndex(where: { $0.digest == digest && $0.kind == .artifact })
    {
      return known
    }
    if let known = index[node] { return known }
    lineage.nodes.append(node)
    index[node] = lineage.nodes.count - 1
    return lineage.nodes.count - 1
  }

  private mutating func add(_ place: Place) throws(WorkspaceError) -> Int {
    add(try contents(of: place.run).callNode(place.node))
  }

  private mutating func connect(_ from: Int, _ to: Int, _ name: String) {
    if from != to { edges.insert(.init(from: from, to: to, name: name)) }
  }

  private mutating func contents(of run: RunNumber) throws(WorkspaceError) -> RunLineage {
    if let known = runs[run] { return known }
    let contents = try RunLineage(run, store)
    runs[run] = contents
    return contents
  }
}
