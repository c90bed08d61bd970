package import Values

extension Drawing {
  /// For programs: the nodes in dependency order, the edges with the indices of their ends.
  package func json() -> JSON {
    .object([
      .init("schema", "assay.graph/1"), .init("workflow", .string(title)), .init("doc", .string(doc)),
      .init("nodes", .array(nodes.map(\.json))),
      .init(
        "edges",
        .array(
          edges.map { edge in
            let parameter = nodes[edge.to].parameters[edge.parameter]
            return [
              "from": .int(Int64(edge.from)), "output": .string(edge.result), "to": .int(Int64(edge.to)),
              "parameter": .string(parameter.name), "kind": .string(parameter.kind.rawValue),
              "idle": .bool(parameter.isIdle),
            ]
          })),
    ])
  }
}

extension Drawing.Node {
  fileprivate var json: JSON {
    var members: [JSON.Member] = [
      .init("kind", .string(kind.rawValue)), .init("name", .string(name)), .init("doc", .string(doc)),
    ]
    guard kind == .step else {
      members.append(.init("type", .string(callee)))
      if let value = parameters.first {
        members.append(.init(kind == .input ? "default" : "value", .string(value.text)))
      }
      return .object(members)
    }
    members += [
      .init(isWorkflow ? "workflow" : "task", .string(callee)), .init("phase", phase.isEmpty ? .null : .string(phase)),
      .init("parameters", .array(parameters.map(\.json))),
      .init("outputs", .array(results.map { ["name": .string($0.name), "type": .string($0.type)] })),
      .init("badges", .array(badges.map { ["kind": .string($0.kind.rawValue), "text": .string($0.text)] })),
      .init(
        "variants",
        .array(
          variants.map { variant in
            [
              "name": .string(variant.name), (variant.isWorkflow ? "workflow" : "task"): .string(variant.callee),
              "chosen": .bool(variant.isChosen), "arguments": .array(variant.arguments.map(\.json)),
            ]
          })),
    ]
    return .object(members)
  }
}

extension Drawing.Parameter {
  fileprivate var json: JSON {
    ["name": .string(name), "kind": .string(kind.rawValue), "text": .string(text), "idle": .bool(isIdle)]
  }
}
