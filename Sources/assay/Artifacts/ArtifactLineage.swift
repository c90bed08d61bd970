internal import ArgumentParser
internal import Drawings
internal import Values
internal import Workspace

extension Lineage.Direction: ExpressibleByArgument {}

struct ArtifactLineage: ProjectCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument { case text, dot, svg, json }

  static let configuration = CommandConfiguration(
    commandName: "lineage", abstract: "Show what an artifact was made of, and what was made from it.",
    discussion: """
      EXAMPLES:
        assay artifact lineage churn/model@production
        assay artifact lineage raw/churn@v3 --direction down
        assay artifact lineage 12:report --depth 2
        assay artifact lineage 12:report --format svg > lineage.svg
      """)

  @OptionGroup var which: ArtifactArgument

  @Option(name: .long, help: "up (what it was made of), down (what was made from it) or both.")
  var direction: Lineage.Direction = .both

  @Option(name: .long, help: ArgumentHelp("At most so many calls away.", valueName: "n"))
  var depth: Int?

  @Option(name: .long, help: "text, dot (Graphviz), svg or json.")
  var format: Format = .text

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let depth, depth < 1 { throw ValidationError("--depth must be at least 1") }
  }

  func perform(_ console: Console, _ workspace: Workspace) throws(WorkspaceError) -> Int32 {
    let lineage = try workspace.lineage(of: which.name, direction, depth: depth ?? .max)
    switch console.json ? .json : format {
    case .text:
      var text = LineageText(lineage, console.paint, ascii: !console.terminal.unicode)
      console.page(text.text(direction))
    case .dot: Output.data(Drawing(lineage.derivation, title: which.name).dot())
    case .svg: Output.data(Drawing(lineage.derivation, title: which.name).svg())
    case .json: console.document("assay.artifact.lineage/1", lineage.members)
    }
    if lineage.isCut { console.warn("more than \(lineage.nodes.count) nodes: the rest is left out (--depth)") }
    return ok
  }
}

extension Lineage {
  /// To be drawn.
  fileprivate var derivation: Derivation {
    Derivation(
      nodes: nodes.map { node in
        Derivation.Node(
          isCall: node.kind == .call, name: node.name, detail: node.detail,
          note: node.reusedFrom.map { "from run \($0)" } ?? "")
      },
      arrows: edges.map { Derivation.Arrow(from: $0.from, to: $0.to, name: $0.name) }, root: root)
  }
}

/// A lineage as two trees: what was made from the artifact, and what it was made of.
struct LineageText {
  private let lineage: Lineage
  private let paint: Paint
  private let ascii: Bool
  private var shown: Set<Int> = []
  private var lines: [String] = []

  init(_ lineage: Lineage, _ paint: Paint, ascii: Bool) {
    self.lineage = lineage
    self.paint = paint
    self.ascii = ascii
  }

  mutating func text(_ direction: Lineage.Direction) -> String {
    lines = [words(lineage.root, "")]
    if direction != .down { tree("made of", up: true) }
    if direction != .up { tree("used for", up: false) }
    return lines.joined(separator: "\n") + "\n"
  }

  private mutating func tree(_ title: String, up: Bool) {
    shown = [lineage.root]
    lines.append("")
    lines.append(paint(title, .strong))
    let before = lines.count
    branches(of: lineage.root, up, "")
    if lines.count == before { lines.append(paint(up ? "nothing on record" : "nothing yet", .faint)) }
  }

  /// What was shown before is not unfolded again.
  private mutating func branches(of root: Int, _ up: Bool, _ indent: String) {
    // Depth first, with a stack of its own: a lineage may be as long as it likes.
    var stack: [(node: Int, edge: Lineage.Edge, indent: String, isLast: Bool)] = []
    func push(_ node: Int, _ indent: String) {
      let next = neighbours(of: node, up)
      for (place, edge) in next.enumerated().reversed() {
        stack.append((up ? edge.from : edge.to, edge, indent, place == next.count - 1))
      }
    }
    push(root, indent)
    while let (node, edge, indent, isLast) = stack.popLast() {
      let isNew = shown.insert(node).inserted
      let hasMore = !isNew && !neighbours(of: node, up).isEmpty
      let branch = ascii ? (isLast ? "`- " : "|- ") : (isLast ? "└─ " : "├─ ")
      lines.append(
        paint(indent + branch, .faint) + words(node, edge.name) + (hasMore ? paint("  (above)", .faint) : ""))
      if isNew { push(node, indent + (isLast ? "   " : ascii ? "|  " : "│  ")) }
    }
  }

  private func neighbours(of node: Int, _ up: Bool) -> [Lineage.Edge] {
    lineage.edges.filter { (up ? $0.to : $0.from) == node }
  }

  private func words(_ index: Int, _ label: String) -> String {
    let node = lineage.nodes[index]
    let name = Text.harmless(node.name)
    let detail = Text.harmless(String(node.detail.prefix(60)))
    switch node.kind {
    case .call:
      let reused = node.reusedFrom.map { ", reused from run \($0)" } ?? ""
      return paint(name, .active) + "  " + detail + paint(reused, .faint)
    case .artifact, .input:
      let digest = node.digest.map { "  " + paint($0.short, .faint) } ?? ""
      let parameter = label.isEmpty || name.hasSuffix(".\(label)") ? "" : "\(label): "
      return parameter + paint(name, .strong) + "  " + detail + digest
    }
  }
}
