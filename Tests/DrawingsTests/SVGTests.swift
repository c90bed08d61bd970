import Drawings
import Foundation
import FoundationXML
import Testing

/// Counts elements; fails on anything that is not XML.
private final class Elements: NSObject, XMLParserDelegate {
  var names: [String] = []
  var texts = ""
  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    names.append(attributes["class"].map { "\(name).\($0)" } ?? name)
  }
  func parser(_ parser: XMLParser, foundCharacters text: String) { texts += text }

  static func read(_ svg: String) throws -> Elements {
    let elements = Elements()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = elements
    try #require(parser.parse(), "\(parser.parserError.debugDescription) in line \(parser.lineNumber)")
    return elements
  }
}

@Suite struct SVGTests {
  @Test func everythingIsInThePicture() throws {
    let program = try #require(Sample.program(Sample.churn))
    let drawing = Drawing(program, workflow: 0)
    let svg = drawing.svg()
    let elements = try Elements.read(svg)
    #expect(elements.names.count { $0.hasPrefix("g.node ") } == drawing.nodes.count)
    #expect(elements.names.count { $0.hasPrefix("path.edge") } >= drawing.edges.count)
    #expect(elements.names.contains("g.node step vary"))
    #expect(elements.names.contains("g.node step workflow"))
    #expect(elements.names.count { $0 == "rect.inner" } == 1)
    // One box each, and two more behind the step that runs for each item.
    #expect(elements.names.count { $0 == "rect.box" } == drawing.nodes.count + 2)
    #expect(elements.names.contains("rect.phase validation"))
    #expect(elements.texts.contains("◆ median · demo.median"))
    #expect(svg.contains("prefers-color-scheme:dark"))
    #expect(!svg.contains("http://") || svg.components(separatedBy: "http").count == 2)
  }

  @Test(arguments: ["<script>alert(1)</script>", "]]>&amp;\"'", "\u{0}\u{1}\u{8}\u{FFFF}", "日本語🙂\u{202E}", ""])
  func hostileTextStaysText(_ text: String) throws {
    let program = try #require(Sample.program(Sample.churn))
    var drawing = Drawing(program, workflow: 0)
    drawing.title = text
    drawing.doc = text
    for index in drawing.nodes.indices {
      drawing.nodes[index].name = text
      drawing.nodes[index].doc = text
      drawing.nodes[index].callee = text
    }
    let elements = try Elements.read(drawing.svg())
    #expect(!elements.names.contains("script"))
    #expect(elements.names.count { $0.hasPrefix("g.node ") } == drawing.nodes.count)
  }

  @Test func anEmptyWorkflowIsAPictureToo() throws {
    let drawing = Drawing(try #require(Sample.program("assay 1\nworkflow empty {}")), workflow: 0)
    let elements = try Elements.read(drawing.svg())
    #expect(elements.texts.contains("empty"))
    #expect(drawing.text() == "empty\n")
  }

  /// A chain in which every step also takes the input: its way past all columns is drawn once.
  @Test func sizeGrowsWithTheGraphAlone() throws {
    func size(_ count: Int) throws -> Int {
      var text = "assay 1\nuse demo as t\nworkflow chain {\nin s0: {table: table}\nin seed: int\n"
      for index in 1...count {
        text += "step s\(index) = t.knn(table: s\(index - 1).table, k: 1, seed: seed)\n"
      }
      let program = try #require(Sample.program(text + "out last: table = s\(count).table\n}"))
      return Drawing(program, workflow: 0).svg().utf8.count
    }
    let (small, large) = (try size(100), try size(1000))
    #expect(large < 12 * small)
  }

  @Test func boxesOfAColumnDoNotOverlap() throws {
    let program = try #require(Sample.program(Sample.churn))
    let svg = Drawing(program, workflow: 0).svg()
    let pattern = try Regex(
      "class=\"node [a-z ]+\".*translate\\((\\d+) (\\d+)\\)[^§]*?class=\"box\" x=\"0\" y=\"0\" width=\"(\\d+)\" height=\"(\\d+)\""
    )
    let boxes = svg.matches(of: pattern).map { match in (1...4).map { Int(match[$0].substring ?? "") ?? -1 } }
    #expect(boxes.count == 12)
    for (index, a) in boxes.enumerated() {
      for b in boxes.dropFirst(index + 1) {
        let apart = a[0] + a[2] <= b[0] || b[0] + b[2] <= a[0] || a[1] + a[3] <= b[1] || b[1] + b[3] <= a[1]
        #expect(apart, "\(a) and \(b)")
      }
    }
  }
}
