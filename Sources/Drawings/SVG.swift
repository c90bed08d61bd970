extension Drawing {
  /// A self-contained picture, for light and dark backgrounds. It has no script, no link and no outside resource.
  package func svg() -> String {
    var picture = Picture(self)
    return picture.render()
  }
}

private struct Picture {
  private static let margin = 24
  private static let heading = 52

  let drawing: Drawing
  let cards: [Card]
  let layout: Layout
  private var out = ""

  init(_ drawing: Drawing) {
    self.drawing = drawing
    var used = [Set<String>](repeating: [], count: drawing.nodes.count)
    var isFed = drawing.nodes.map { $0.parameters.map { _ in false } }
    for edge in drawing.edges {
      used[edge.from].insert(edge.result)
      isFed[edge.to][edge.parameter] = true
    }
    let cards = drawing.nodes.enumerated().map { Card($1, isFed: isFed[$0], used: used[$0]) }
    self.cards = cards
    layout = Layout(
      zip(drawing.nodes, cards).map { node, card in
        Layout.Box(
          width: card.width, height: card.height + (node.has(.foreach) ? 8 : 0), isNarrow: node.kind != .step,
          hugsRight: node.kind == .input)
      },
      drawing.edges.map { edge in
        Layout.Link(
          from: edge.from, fromOffset: cards[edge.from].outlets[edge.result] ?? cards[edge.from].height / 2,
          to: edge.to, toOffset: cards[edge.to].inlets[edge.parameter] ?? cards[edge.to].height / 2)
      })
  }

  mutating func render() -> String {
    let doc = drawing.doc.split(whereSeparator: \.isNewline).first.map { String($0).cut(120) } ?? ""
    let text = max(drawing.title.width(bold: true) * 5 / 4, doc.width())
    let width = max(layout.width + 8, text) + 2 * Self.margin
    let height = layout.height + 2 * Self.margin + Self.heading
    out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" "
    out += "height=\"\(height)\" role=\"img\" class=\"assay\">\n"
    out += "<title>Workflow \(drawing.title.escaped)</title>\n<desc>\(summary.escaped)</desc>\n"
    out += "<style>\(Stylesheet.text)</style>\n"
    out += "<rect class=\"paper\" width=\"100%\" height=\"100%\" rx=\"10\"/>\n"
    out += "<text class=\"title\" x=\"\(Self.margin)\" y=\"38\">\(drawing.title.escaped)</text>\n"
    if !doc.isEmpty { out += "<text class=\"doc\" x=\"\(Self.margin)\" y=\"58\">\(doc.escaped)</text>\n" }
    out += "<g transform=\"translate(\(Self.margin) \(Self.margin + Self.heading))\">\n<g class=\"edges\">\n"
    writeEdges()
    out += "</g>\n"
    for index in drawing.nodes.indices { write(index) }
    return out + "</g>\n</svg>\n"
  }

  /// For those who cannot see it.
  private var summary: String {
    let steps = drawing.nodes.filter { $0.kind == .step }
    let list = steps.prefix(40).map { "\($0.name) (\($0.callee))" }.joined(separator: ", ")
    let more = steps.count > 40 ? " and \(steps.count - 40) more" : ""
    return "\(drawing.doc.isEmpty ? "" : drawing.doc + " ")\(steps.count) steps in order: \(list)\(more)."
  }

  // MARK: Edges

  private mutating func writeEdges() {
    for (trunk, style) in zip(layout.trunks, trunkStyles) where !trunk.isEmpty {
      var path = "M\(trunk[0].x) \(trunk[0].y)"
      for index in stride(from: 1, to: trunk.count - 1, by: 2) {
        path += curve(trunk[index - 1], trunk[index]) + "H\(trunk[index + 1].x)"
      }
      out += "<path class=\"\(style)\" d=\"\(path)\"/>\n"
    }
    for (edge, end) in zip(drawing.edges, layout.ends) {
      let parameter = drawing.nodes[edge.to].parameters[edge.parameter]
      let style = style(of: edge)
      let from = drawing.nodes[edge.from].name + (edge.result.isEmpty ? "" : ".\(edge.result)")
      let to = drawing.nodes[edge.to].name + (parameter.name.isEmpty ? "" : ".\(parameter.name)")
      out += "<path class=\"\(style)\" d=\"M\(end.from.x) \(end.from.y)\(curve(end.from, end.to))\">"
      out += "<title>\("\(from) → \(to)".escaped)</title></path>\n"
    }
  }

  private func style(of edge: Drawing.Edge) -> String {
    let parameter = drawing.nodes[edge.to].parameters[edge.parameter]
    return parameter.isIdle ? "edge idle" : "edge \(parameter.kind.rawValue)"
  }

  /// What all edges along a trunk have in common, if they do.
  private var trunkStyles: [String] {
    var styles = [String?](repeating: nil, count: layout.trunks.count)
    for (index, edge) in drawing.edges.enumerated() {
      let trunk = layout.trunk(ofLink: index)
      let style = style(of: edge)
      styles[trunk] = styles[trunk].map { $0 == style ? style : "edge" } ?? style
    }
    return styles.map { $0 ?? "edge" }
  }

  /// Leaves and arrives level.
  private func curve(_ from: Layout.Point, _ to: Layout.Point) -> String {
    if from.y == to.y { return "H\(to.x)" }
    let reach = max(20, (to.x - from.x) / 2)
    return "C\(from.x + reach) \(from.y) \(to.x - reach) \(to.y) \(to.x) \(to.y)"
  }

  // MARK: Nodes

  private mutating func write(_ index: Int) {
    let node = drawing.nodes[index]
    let card = cards[index]
    let frame = layout.frames[index]
    var style = "node \(node.kind.rawValue)"
    if node.isVariabilityPoint { style += " vary" }
    if node.isWorkflow { style += " workflow" }
    out += "<g class=\"\(style)\" data-name=\"\(node.name.escaped)\" transform=\"translate(\(frame.x) \(frame.y))\">"
    out += "<title>\(tooltip(node).escaped)</title>\n"
    let radius = node.kind == .step ? 8 : card.height / 2
    func box(_ style: String, _ inset: Int, _ shift: Int = 0) -> String {
      "<rect class=\"\(style)\" x=\"\(inset + shift)\" y=\"\(inset + shift)\" width=\"\(frame.width - 2 * inset)\" "
        + "height=\"\(card.height - 2 * inset)\" rx=\"\(radius - inset)\"/>\n"
    }
    if node.has(.foreach) { out += box("box", 0, 8) + box("box", 0, 4) }
    out += box("box", 0)
    if node.isWorkflow { out += box("inner", 3) }
    for pill in card.pills {
      let x = pill.isRight ? frame.width - pill.x - pill.width : pill.x
      out += "<rect class=\"\(pill.style)\" x=\"\(x)\" y=\"\(pill.y)\" width=\"\(pill.width)\" "
      out += "height=\"\(Card.pillHeight)\" rx=\"8\"/>"
      out += "<text class=\"pill \(pill.style)\" x=\"\(x + pill.width / 2)\" y=\"\(pill.y + 12)\">"
      out += "\(pill.text.escaped)</text>\n"
    }
    for line in card.lines {
      let x = line.isRight ? frame.width - line.x : line.x
      out += "<text class=\"\(line.style.rawValue)\(line.isRight ? " right" : "")\" x=\"\(x)\" y=\"\(line.y)\">"
      out += "\(line.text.escaped)</text>\n"
    }
    // An input only gives and an output only takes.
    if node.kind != .input {
      for inlet in Set(card.inlets.compactMap { $0 }).sorted() { out += "<circle cx=\"0\" cy=\"\(inlet)\" r=\"3.5\"/>" }
    }
    if node.kind != .output {
      for outlet in card.outlets.values.sorted() { out += "<circle cx=\"\(frame.width)\" cy=\"\(outlet)\" r=\"3.5\"/>" }
    }
    out += "</g>\n"
  }

  private func tooltip(_ node: Drawing.Node) -> String {
    var lines = ["\(node.name): \(node.callee)"]
    if !node.doc.isEmpty { lines.append(node.doc) }
    lines += node.parameters.map { $0.name.isEmpty ? $0.text : "\($0.name): \($0.text)" }
    return lines.joined(separator: "\n")
  }
}

extension String {
  /// For XML, where most control characters cannot be said at all.
  fileprivate var escaped: String {
    var out = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "\t", "\n": out.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: out += "\u{FFFD}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}
