import PluginHarness
import Plugins
import Processes
import Tasks
import Testing
import Values

/// std.text and std.report, and what all declarations have in common.
@Suite struct TextTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  @Test func greetsAndCounts() throws {
    #expect(try bench.json("std.text.greet", ["name": "Ada"])["text"] == "Hello, Ada!")
    #expect(try bench.json("std.text.count", ["text": "  naïve  café \n"]) == ["words": 2, "characters": 15])
    #expect(try bench.json("std.text.join", ["texts": ["a", "b"], "separator": "-"])["text"] == "a-b")
    #expect(try bench.json("std.text.letters", ["text": "Ada", "to": "lower"])["text"] == "ada")
    #expect(try bench.failure("std.text.greet", ["name": ""]).code == "text.empty")
  }

  private let content: [String: JSON] = [
    "title": "<Breast> & cancer", "summary": "AUC \"by\" learner", "figures": [["name": "AUC", "value": 0.98765]],
    "roc": [["fpr": 0.0, "tpr": 0.0], ["fpr": 0.25, "tpr": 0.75], ["fpr": 1.0, "tpr": 1.0]],
    "bars": [["name": "a<b", "value": 0.9, "lower": 0.8, "upper": 0.95], ["name": "c", "value": 0.5]], "notes": ["n"],
  ]

  private func report() throws -> String {
    guard case .string(let path) = try bench.json("std.report.html", content)["report"] else {
      throw Unexpected("no path")
    }
    return String(decoding: try Files.read(path), as: UTF8.self)
  }

  @Test func reportsAreEscapedAndSelfContained() throws {
    let html = try report()
    #expect(html.contains("<h1>&lt;Breast&gt; &amp; cancer</h1>") && html.contains("a&lt;b") && html.contains("0.9877"))
    #expect(html.contains("points=\"56.0,376.0 146.0,106.0 416.0,16.0\""))
    #expect(!html.contains("<script") && !html.contains("http") && html.contains("prefers-color-scheme: dark"))
  }

  @Test func reportsAreTheSameBytesEachTime() throws { #expect(try report() == report()) }

  @Test(arguments: ["std.table", "std.scale", "std.learn", "std.eval", "std.report", "std.text"])
  func declarationsAreComplete(id: String) throws {
    let phases = ["acquisition", "preparation", "development", "validation", "deployment"]
    for task in try bench.plugin(id).tasks.map(\.signature) {
      #expect(task.id.hasPrefix(id + ".") && phases.contains(task.phase) && !task.doc.isEmpty && !task.title.isEmpty)
      #expect(task.traits.isSuperset(of: [.pure, .deterministic, .idempotent]))
      for port in task.inputs + task.outputs { #expect(!port.doc.isEmpty, "\(task.id) \(port.name)") }
    }
  }
}
