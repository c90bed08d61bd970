package import Values

extension Lineage {
  /// The members of `assay.artifact.lineage/1`.
  package var members: [JSON.Member] {
    let nodes = nodes.map { node in
      var members: [JSON.Member] = [
        .init("kind", .string(node.kind.rawValue)), .init("name", .string(node.name)),
        .init(node.kind == .call ? "task" : "detail", .string(node.detail)),
      ]
      if let digest = node.digest { members.append(.init("digest", .string("sha256:" + digest.hex))) }
      if let run = node.reusedFrom { members.append(.init("reused_from", .int(run))) }
      return JSON.object(members)
    }
    let edges = edges.map {
      JSON.object([
        .init("from", .int(Int64($0.from))), .init("to", .int(Int64($0.to))), .init("name", .string($0.name)),
      ])
    }
    return [
      .init("root", .int(Int64(root))), .init("nodes", .array(nodes)), .init("edges", .array(edges)),
      .init("complete", .bool(!isCut)),
    ]
  }

  var json: JSON { .object(members) }

  /// Nil for what is none.
  init?(_ json: JSON) {
    self.init()
    guard let listed = json["nodes"]?.asArray, let arrows = json["edges"]?.asArray, let start = json["root"]?.asInt,
      listed.indices.contains(Int(clamping: start))
    else { return nil }
    for item in listed {
      guard let kind = item["kind"]?.asString.flatMap({ Node.Kind(rawValue: $0) }), let name = item["name"]?.asString
      else { return nil }
      let digest = item["digest"]?.asString.flatMap { Digest(hex: $0.dropFirst(7)) }
      let detail = (item["task"] ?? item["detail"])?.asString ?? ""
      nodes.append(
        Node(kind: kind, name: name, detail: detail, digest: digest, reusedFrom: item["reused_from"]?.asInt))
    }
    for arrow in arrows {
      guard let from = arrow["from"]?.asInt, let to = arrow["to"]?.asInt, listed.indices.contains(Int(clamping: from)),
        listed.indices.contains(Int(clamping: to))
      else { return nil }
      edges.append(Edge(from: Int(from), to: Int(to), name: arrow["name"]?.asString ?? ""))
    }
    root = Int(start)
  }

  /// With the history that came with its root from another store, whose runs have other numbers.
  mutating func add(history: Lineage, from origin: String) {
    var place: [Int: Int] = [history.root: root]
    for (index, node) in history.nodes.enumerated() where index != history.root {
      var node = node
      // `12:train` there is not `12:train` here.
      if node.name.first?.isNumber == true { node.name = "⟨\(origin)⟩ " + node.name }
      place[index] = nodes.count
      nodes.append(node)
    }
    for edge in history.edges {
      if let from = place[edge.from], let to = place[edge.to] {
        edges.append(Edge(from: from, to: to, name: edge.name))
      }
    }
  }
}
