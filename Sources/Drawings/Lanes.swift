/// The graph at the left of a text drawing. A step holds a lane from its line down to the last step that uses it.
struct Lanes {
  struct Row {
    var graph: String
    /// What goes on below, for lines that belong to the same step.
    var below: String
    /// Nil: lanes join or part here.
    var node: Int?
  }

  private let drawing: Drawing
  private let steps: [Int]
  /// By node: the steps it refers to, and the position in `steps` of the last that refers to it.
  private var sources: [Int: [Int]] = [:]
  private var lastUse: [Int: Int] = [:]
  /// Steps that find no free lane among these stand beside them: nobody can follow more.
  private static let widest = 40

  init(_ drawing: Drawing, _ steps: [Int]) {
    self.drawing = drawing
    self.steps = steps
    let positions = Dictionary(uniqueKeysWithValues: steps.enumerated().map { ($0.element, $0.offset) })
    for edge in drawing.edges where drawing.nodes[edge.from].kind == .step {
      guard let position = positions[edge.to] else { continue }
      if sources[edge.to]?.contains(edge.from) != true { sources[edge.to, default: []].append(edge.from) }
      lastUse[edge.from] = max(lastUse[edge.from] ?? 0, position)
    }
  }

  func rows(_ marks: Marks) -> [Row] {
    var rows: [Row] = []
    var lanes: [Int?] = []
    for (position, node) in steps.enumerated() {
      let joined = (sources[node] ?? []).compactMap { lanes.firstIndex(of: $0) }.sorted()
      let ending = joined.filter { lane in lanes[lane].map { lastUse[$0] == position } ?? false }
      let own = ending.first ?? lanes.firstIndex { $0 == nil } ?? lanes.count
      let before = lanes.map { $0 != nil }
      if own == lanes.count { lanes.append(nil) }
      for lane in ending { lanes[lane] = nil }
      let after = lanes.map { $0 != nil }
      lanes[own] = node
      if joined.contains(where: { $0 != own }) {
        rows.append(Row(graph: join(joined, own, before, after, marks), below: "", node: nil))
      }
      let mark = drawing.nodes[node].mark(marks)
      let graph = lanes.enumerated().map { $0.offset == own ? mark : $0.element == nil ? " " : marks.bar }
      if lastUse[node] == nil || own >= Self.widest { lanes[own] = nil }
      let below = lanes.map { $0 == nil ? " " : marks.bar }
      while let last = lanes.last, last == nil { lanes.removeLast() }
      rows.append(Row(graph: Self.line(graph), below: Self.line(below), node: node))
    }
    return rows
  }

  /// The line above a step in lane `own`, where values come in from the lanes `joined`.
  private func join(_ joined: [Int], _ own: Int, _ before: [Bool], _ after: [Bool], _ marks: Marks) -> String {
    let left = min(own, joined.first ?? own)
    let right = max(own, joined.last ?? own)
    var line = ""
    for lane in 0..<max(before.count, own + 1) {
      let isUp = lane < before.count && before[lane]
      let isDown = lane < after.count && after[lane] || lane == own
      let isInside = lane >= left && lane <= right
      var directions = (isUp ? 1 : 0) | (isDown ? 2 : 0)
      // A lane that has nothing to do with it passes under the line.
      let crosses = isInside && isUp && lane != own && !joined.contains(lane)
      if isInside, !crosses { directions |= (lane > left ? 4 : 0) | (lane < right ? 8 : 0) }
      line.append(marks.lines[directions])
      line.append(lane >= left && lane < right ? marks.lines[12] : " ")
    }
    while line.last == " " { line.removeLast() }
    return line
  }

  private static func line(_ parts: [String]) -> String { parts.joined(separator: " ") }
}

extension Marks {
  fileprivate var bar: String { String(lines[3]) }
}

extension Drawing.Node {
  fileprivate func mark(_ marks: Marks) -> String {
    isVariabilityPoint ? marks.point : isWorkflow ? marks.subworkflow : marks.step
  }
}
