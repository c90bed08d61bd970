/// The box of a node in a picture: what is written where, and so how large it is.
struct Card {
  struct Line {
    enum Style: String { case name, callee, port, setting, variant, chosen, type }
    var style: Style
    var text: String
    var x: Int
    /// Baseline.
    var y: Int
    /// At the right edge.
    var isRight = false
  }
  struct Pill {
    /// A CSS class.
    var style: String
    var text: String
    var x: Int
    var y: Int
    var width: Int
    /// Measured from the right edge.
    var isRight = false
  }

  static let padding = 14
  static let row = 18
  static let pillHeight = 17

  var width = 0
  var height = 0
  var lines: [Line] = []
  var pills: [Pill] = []
  /// Offsets from the top, by parameter; nil: not where an edge ends.
  var inlets: [Int?] = []
  /// … and by output, the connected ones.
  var outlets: [String: Int] = [:]

  /// - Parameters:
  ///   - isFed: by parameter, whether an edge ends there.
  ///   - used: the outputs that edges start from.
  init(_ node: Drawing.Node, isFed: [Bool], used: Set<String>) {
    inlets = Array(repeating: nil, count: node.parameters.count)
    if node.kind == .step { layStep(node, isFed, used) } else { layEnd(node) }
  }

  private mutating func layEnd(_ node: Drawing.Node) {
    var type = node.callee
    if node.kind == .input, let value = node.parameters.first { type += " = \(value.text)" }
    type = type.cut(36)
    height = 44
    width = max(node.name.width(bold: true), type.width()) + 2 * Self.padding
    lines = [
      Line(style: .name, text: node.name, x: Self.padding, y: 19),
      Line(style: .type, text: type, x: Self.padding, y: 35),
    ]
    inlets = inlets.map { _ in height / 2 }
    outlets[""] = height / 2
  }

  private mutating func layStep(_ node: Drawing.Node, _ isFed: [Bool], _ used: Set<String>) {
    let name = node.name.cut(44)
    add(.name, name, y: 24)
    var needed = name.width(bold: true) + 2 * Self.padding
    if !node.phase.isEmpty {
      let phase = node.phase.replacing("_", with: " ")
      let width = phase.width(small: true) + 14
      pills.append(
        Pill(style: "phase \(node.phase)", text: phase, x: Self.padding - 4, y: 11, width: width, isRight: true))
      needed += width + 16
    }
    width = max(width, needed)
    let callee = node.isVariabilityPoint ? "vary" : node.callee
    add(.callee, callee.cut(48), y: 42)
    height = 54
    layVariants(node)
    layPorts(node, isFed, used)
    layBadges(node)
    width = max(150, width)
    height += 4
  }

  private mutating func layVariants(_ node: Drawing.Node) {
    for variant in node.variants {
      let text = "\(variant.isChosen ? "◆" : "◇") \(variant.name) · \(variant.callee)".cut(48)
      add(variant.isChosen ? .chosen : .variant, text, y: height + 8)
      height += Self.row
    }
  }

  private mutating func layPorts(_ node: Drawing.Node, _ isFed: [Bool], _ used: Set<String>) {
    var left = height
    var leftWidth = 0
    for (index, parameter) in node.parameters.enumerated() {
      let isConnected = isFed[index]
      if !isConnected, parameter.isIdle { continue }
      if isConnected { inlets[index] = left + 4 }
      let text = parameter.caption(isConnected).cut(42)
      lines.append(Line(style: isConnected ? .port : .setting, text: text, x: Self.padding, y: left + 8))
      leftWidth = max(leftWidth, text.width())
      left += Self.row
    }
    var right = height
    var rightWidth = 0
    var names = node.results.map(\.name)
    if used.contains("ran"), !names.contains("ran") { names.append("ran") }
    for name in names {
      if used.contains(name) { outlets[name] = right + 4 }
      lines.append(
        Line(style: used.contains(name) ? .port : .setting, text: name, x: Self.padding, y: right + 8, isRight: true))
      rightWidth = max(rightWidth, name.width())
      right += Self.row
    }
    width = max(width, leftWidth + rightWidth + 2 * Self.padding + 28)
    height = max(left, right)
  }

  /// In as many rows as it takes.
  private mutating func layBadges(_ node: Drawing.Node) {
    guard !node.badges.isEmpty else { return }
    let right = max(width, 220) - Self.padding
    var x = Self.padding - 2
    for badge in node.badges {
      let text = badge.text.cut(40)
      let pill = text.width(small: true) + 14
      if x > Self.padding, x + pill > right {
        x = Self.padding - 2
        height += Self.pillHeight + 4
      }
      pills.append(Pill(style: "badge \(badge.kind.rawValue)", text: text, x: x, y: height, width: pill))
      x += pill + 5
      width = max(width, x + Self.padding - 5)
    }
    height += Self.pillHeight + 5
  }

  private mutating func add(_ style: Line.Style, _ text: String, y: Int) {
    lines.append(Line(style: style, text: text, x: Self.padding, y: y))
    width = max(width, text.width(mono: style == .callee) + 2 * Self.padding)
  }
}

extension Drawing.Parameter {
  /// Connected ones need their expression only where it is more than a reference.
  fileprivate func caption(_ isConnected: Bool) -> String {
    let label = kind == .items ? "each \(name)" : name
    if kind == .condition { return label }
    if isConnected, kind == .items || text.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }) {
      return label
    }
    return "\(label): \(text)"
  }
}

extension String {
  /// At most so many characters, with an ellipsis for the rest.
  func cut(_ limit: Int, _ more: String = "…") -> String {
    count > limit ? String(prefix(limit - more.count)) + more : self
  }

  private static let narrow = Set("ijlft.,:;|'!()[]{} I".unicodeScalars)
  private static let wide = Set("mwMW@%".unicodeScalars)

  /// About how wide it is in pixels, rather too wide than too narrow.
  func width(bold: Bool = false, small: Bool = false, mono: Bool = false) -> Int {
    let units = unicodeScalars.reduce(0) { sum, scalar in
      // Wide scripts and emoji.
      if scalar.value >= 0x1100 { return sum + 20 }
      if mono { return sum + 11 }
      if Self.narrow.contains(scalar) { return sum + 6 }
      if Self.wide.contains(scalar) { return sum + 16 }
      return sum + (scalar.properties.isUppercase ? 13 : 11)
    }
    // Units are eighteenths of the font size.
    let size = bold ? 15 : small ? 11 : 12
    return units * size / 18 + 2
  }
}
