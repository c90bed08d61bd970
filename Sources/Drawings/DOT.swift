extension Drawing {
  /// For Graphviz: `dot -Tsvg`. One line per node and edge.
  package func dot() -> String {
    var out = "digraph \(Self.quoted(title)) {\n"
    out += "  rankdir=LR\n"
    out += "  node [shape=box style=\"rounded,filled\" fillcolor=white fontname=\"Helvetica\" fontsize=11]\n"
    out += "  edge [fontname=\"Helvetica\" fontsize=9 color=gray40 arrowsize=0.7]\n"
    for (index, node) in nodes.enumerated() { out += "  n\(index) [\(node.attributes)]\n" }
    for edge in edges {
      let parameter = nodes[edge.to].parameters[edge.parameter]
      var attributes = ["label=\(Self.quoted(Self.label(edge, parameter)))"]
      if parameter.isIdle || parameter.kind == .condition { attributes.append("style=dashed") }
      if parameter.kind == .items { attributes.append("penwidth=2") }
      out += "  n\(edge.from) -> n\(edge.to) [\(attributes.joined(separator: " "))]\n"
    }
    return out + "}\n"
  }

  /// `table`, or `test → table` where the two ends have different names.
  static func label(_ edge: Edge, _ parameter: Parameter) -> String {
    let target = parameter.kind == .items ? "each \(parameter.name)" : parameter.name
    if edge.result.isEmpty || edge.result == target { return target }
    return target.isEmpty ? edge.result : "\(edge.result) → \(target)"
  }

  fileprivate static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\0": out += "\u{FFFD}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}

extension Drawing.Node {
  fileprivate var attributes: String {
    var lines = [name]
    lines.append(isVariabilityPoint ? "vary" : callee)
    lines += variants.map { "\($0.isChosen ? "◆" : "◇") \($0.name): \($0.callee)" }
    if !phase.isEmpty { lines.append("@\(phase)") }
    lines += badges.map(\.text)
    var result = ["label=\(Drawing.quoted(lines.joined(separator: "\n")))"]
    switch kind {
    case .input: result.append("shape=cds fillcolor=gray95 style=filled")
    case .output: result.append("shape=cds fillcolor=gray95 style=\"filled,bold\"")
    case .step:
      if isVariabilityPoint { result.append("style=\"rounded,filled,dashed\"") }
      if isWorkflow { result.append("peripheries=2") }
      if has(.foreach) { result.append("shape=box3d") }
    }
    if !doc.isEmpty { result.append("tooltip=\(Drawing.quoted(doc))") }
    return result.joined(separator: " ")
  }
}
