/// Values that went into and came out of calls, with arrows in the direction of time: what an artifact is made of.
package struct Derivation: Sendable {
  package struct Node: Sendable {
    package var isCall: Bool
    package var name: String
    /// The task of a call, the type of a value.
    package var detail: String
    /// Of a call: where its result really comes from, or empty.
    package var note: String

    package init(isCall: Bool, name: String, detail: String, note: String = "") {
      self.isCall = isCall
      self.name = name
      self.detail = detail
      self.note = note
    }
  }
  package struct Arrow: Sendable {
    package var from: Int
    package var to: Int
    /// The port or parameter.
    package var name: String

    package init(from: Int, to: Int, name: String) {
      self.from = from
      self.to = to
      self.name = name
    }
  }

  package var nodes: [Node]
  package var arrows: [Arrow]
  /// What it is about.
  package var root: Int

  package init(nodes: [Node], arrows: [Arrow], root: Int) {
    self.nodes = nodes
    self.arrows = arrows
    self.root = root
  }
}

extension Drawing {
  /// Calls are steps; what no call made is an input, what no call took, and the artifact itself, is an output. A value between
  /// two calls is an edge.
  package init(_ derivation: Derivation, title: String) {
    self.init(title: title, doc: "", nodes: [], edges: [])
    let order = Self.order(derivation)
    let makers = Dictionary(grouping: derivation.arrows, by: \.to)
    let users = Dictionary(grouping: derivation.arrows, by: \.from)
    var place: [Int: Int] = [:]
    func isCall(_ index: Int) -> Bool { derivation.nodes[index].isCall }
    func add(_ index: Int, _ kind: Node.Kind, _ values: [Parameter] = []) {
      let node = derivation.nodes[index]
      place[index] = nodes.count
      nodes.append(Node(kind: kind, name: node.name, callee: node.detail, parameters: values))
    }
    for index in order where !isCall(index) && makers[index] == nil { add(index, .input) }
    for index in order where isCall(index) {
      let node = derivation.nodes[index]
      var drawn = Node(kind: .step, name: node.name, callee: node.detail)
      if !node.note.isEmpty { drawn.badges = [.init(kind: .reuse, text: node.note)] }
      drawn.results = (users[index] ?? []).map { Result(name: $0.name, type: derivation.nodes[$0.to].detail) }
      place[index] = nodes.count
      for edge in makers[index] ?? [] {
        // From the input itself, or from the calls that made the value.
        let sources = makers[edge.from]?.map { ($0.from, $0.name) } ?? [(edge.from, "")]
        for (source, result) in sources {
          guard let from = place[source] else { continue }
          edges.append(Edge(from: from, result: result, to: nodes.count, parameter: drawn.parameters.count))
        }
        drawn.parameters.append(Parameter(kind: .argument, name: edge.name, text: derivation.nodes[edge.from].name))
      }
      nodes.append(drawn)
    }
    for index in order where !isCall(index) && makers[index] != nil && (users[index] == nil || index == derivation.root)
    {
      let made = makers[index] ?? []
      let target = nodes.count
      for edge in made {
        if let from = place[edge.from] { edges.append(Edge(from: from, result: edge.name, to: target, parameter: 0)) }
      }
      add(index, .output, [Parameter(kind: .value, name: "", text: made.first?.name ?? "")])
    }
  }

  /// What comes first stands first.
  private static func order(_ derivation: Derivation) -> [Int] {
    var waiting = derivation.nodes.map { _ in 0 }
    for edge in derivation.arrows { waiting[edge.to] += 1 }
    let users = Dictionary(grouping: derivation.arrows, by: \.from)
    var order = derivation.nodes.indices.filter { waiting[$0] == 0 }
    var next = 0
    while next < order.count {
      for edge in users[order[next]] ?? [] {
        waiting[edge.to] -= 1
        if waiting[edge.to] == 0 { order.append(edge.to) }
      }
      next += 1
    }
    // Two runs that swap contents make a circle of artifacts; its nodes come last.
    let done = Set(order)
    return order + derivation.nodes.indices.filter { !done.contains($0) }
  }
}
