import Drawings
import Foundation
import Testing

@Suite struct DOTTests {
  @Test func linesAreComplete() throws {
    let program = try #require(Sample.program(Sample.churn))
    let drawing = Drawing(program, workflow: 0)
    let lines = drawing.dot().split(separator: "\n")
    #expect(lines.first == "digraph \"churn_cv\" {")
    #expect(lines.last == "}")
    #expect(lines.filter { $0.contains(" -> ") }.count == drawing.edges.count)
    #expect(lines.contains { $0.contains("n0 -> n3 [label=\"path\"]") })
    for line in lines { #expect(line.count { $0 == "\"" } % 2 == 0 || line.contains("\\\"")) }
  }

  static let graphviz = ["/usr/bin/dot", "/usr/local/bin/dot"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test(.enabled(if: graphviz != nil), arguments: ["plain", "\"quoted\" \\ back\nnext \\n <b> & é \u{1F600} {|}"])
  func graphvizReadsIt(_ doc: String) throws {
    let program = try #require(Sample.program(Sample.churn))
    var drawing = Drawing(program, workflow: 0)
    for index in drawing.nodes.indices { drawing.nodes[index].doc = doc }
    drawing.title = doc
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).dot")
    try Data(drawing.dot().utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(filePath: try #require(Self.graphviz))
    process.arguments = ["-Tplain", file.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(output.split(separator: "\n").count { $0.hasPrefix("node ") } == drawing.nodes.count)
    #expect(output.split(separator: "\n").count { $0.hasPrefix("edge ") } == drawing.edges.count)
  }
}
