extension Drawing {
  /// For a terminal: inputs, then the steps in dependency order beside their graph (as `git log --graph` draws it), then
  /// outputs. Ends with a line break. Arguments are cut and wrapped to about `width` columns, other lines are not.
  package func text(ascii: Bool = false, width columns: Int = 110) -> String {
    let marks = ascii ? Marks.ascii : Marks.unicode
    var lines = [doc.isEmpty ? title : "\(title) \(marks.dash) \(Self.firstLine(doc))"]
    section("inputs", .input, &lines, marks)
    let steps = nodes.indices.filter { nodes[$0].kind == .step }
    if !steps.isEmpty {
      lines += ["", "steps"]
      let rows = Lanes(self, steps).rows(marks)
      let width = rows.map(\.graph.count).max() ?? 0
      let names = steps.map { nodes[$0].name.count }.max() ?? 0
      let callees = steps.map { nodes[$0].heading(marks).count }.max() ?? 0
      for row in rows {
        guard let index = row.node else {
          lines.append("  " + row.graph)
          continue
        }
        let node = nodes[index]
        var line = "  \(row.graph.padded(width))  \(node.name.padded(names))  \(node.heading(marks).padded(callees))"
        line +=
          "  " + ((node.phase.isEmpty ? [] : ["@\(node.phase)"]) + node.badges.map(\.text)).joined(separator: "  ")
        lines.append(line.trimmed)
        for detail in node.details(marks, columns - width - 6) {
          lines.append("  \(row.below.padded(width))    \(detail)".trimmed)
        }
      }
    }
    section("outputs", .output, &lines, marks)
    return lines.joined(separator: "\n") + "\n"
  }

  private func section(_ heading: String, _ kind: Node.Kind, _ lines: inout [String], _ marks: Marks) {
    let members = nodes.filter { $0.kind == kind }
    guard !members.isEmpty else { return }
    lines += ["", heading]
    let names = members.map(\.name.count).max() ?? 0
    let types = members.map(\.callee.count).max() ?? 0
    for node in members {
      let sign = kind == .input ? "=" : marks.from
      let value = node.parameters.first.map { "  \(sign) \($0.text)" } ?? ""
      lines.append("  \(node.name.padded(names))  \(node.callee.padded(types))\(value)".trimmed)
    }
  }

  private static func firstLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
  }
}

/// The signs that a text drawing is made of.
struct Marks {
  var step, subworkflow, point, chosen, other, from, dash, more: String
  /// By directions: 1 up, 2 down, 4 left, 8 right.
  var lines: [Character]

  static let unicode = Marks(
    step: "●", subworkflow: "◎", point: "◆", chosen: "◆", other: "◇", from: "←", dash: "—", more: "…",
    lines: [" ", "╵", "╷", "│", "╴", "╯", "╮", "┤", "╶", "╰", "╭", "├", "─", "┴", "┬", "┼"])
  static let ascii = Marks(
    step: "*", subworkflow: "@", point: "%", chosen: "*", other: "-", from: "<-", dash: "-", more: "...",
    lines: [" ", "|", "|", "|", "-", "/", "\\", "+", "-", "\\", "/", "+", "-", "+", "+", "+"])
}

extension Drawing.Node {
  fileprivate func heading(_ marks: Marks) -> String {
    let what = isWorkflow ? "workflow \(callee)" : callee
    guard isVariabilityPoint else { return what }
    return "vary: \(variants.first(where: \.isChosen)?.name ?? "")"
  }

  /// What stands below the step: its arguments, and its variants one by one.
  fileprivate func details(_ marks: Marks, _ width: Int) -> [String] {
    var lines: [String] = []
    let given = parameters.filter { !$0.isIdle && $0.kind != .condition }
    for (index, parameter) in given.enumerated() {
      let isItems = parameter.kind == .items
      let text = parameter.text.cut(64, marks.more)
      let part =
        (isItems ? "each \(parameter.name) of " : "\(parameter.name): ") + text + (index + 1 < given.count ? "," : "")
      if let last = lines.last, last.count + 1 + part.count <= width {
        lines[lines.count - 1] = last + " " + part
      } else {
        lines.append(part)
      }
    }
    let names = variants.map(\.name.count).max() ?? 0
    for variant in variants {
      let arguments = variant.isChosen ? "" : variant.arguments.map { "\($0.name): \($0.text)" }.joined(separator: ", ")
      let callee = (variant.isWorkflow ? "workflow " : "") + variant.callee
      lines.append(
        "\(variant.isChosen ? marks.chosen : marks.other) \(variant.name.padded(names))  \(callee)"
          + (arguments.isEmpty ? "" : "(\(arguments))"))
    }
    return lines
  }
}

extension String {
  func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  /// Without spaces at the end.
  var trimmed: String {
    var end = endIndex
    while end > startIndex, self[index(before: end)] == " " { end = index(before: end) }
    return String(self[..<end])
  }
}
