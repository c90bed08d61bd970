import Charts
import Experiments
import Foundation
import Insights
import Spaces
import Testing
import Values
import Workflows

#if canImport(FoundationXML)
  import FoundationXML
#endif

private func isWellFormed(_ text: String) -> Bool { XMLParser(data: Data(text.utf8)).parse() }

@Suite struct CardTests {
  private func full() throws -> Card {
    var sample = Sample([("auc", true), ("ms", false)])
    sample.experiment.intent = "Find <b>it</b> | soon"
    sample.experiment.tags = ["a&b"]
    for x in 0..<40 { sample.trial(Double(x), model: Double(x % 2), [0.8 + 0.1 * wave(x), 5 + Double(x % 7)]) }
    sample.trial(90, nil)
    for seed in 1...3 { sample.trial(7, model: 1, [0.85 + 0.01 * Double(seed), 5], seed: Int64(seed)) }
    sample.add(.closed(Closing(.finished, "all stages ended")))
    var hasher = Hasher256()
    hasher.update([1, 2, 3])
    let digest = hasher.digest()
    var source = Card.Source()
    source.number = 4
    source.uid = "cafe"
    source.file = "a.assay"
    source.user = "ada"
    source.engine = "0.1.0"
    source.started = "2026-11-21T10:00:00.000Z"
    source.data = [.init(name: "data", text: "</script><script>alert(1)</script>", digest: digest)]
    source.decisions = [("then", "ada", "paused (`lunch` | <i>)", true)]
    var ancestor = Sample([("auc", true), ("ms", false)])
    for x in 0..<5 { ancestor.trial(Double(x), [0.5 + Double(x) / 100, 5]) }
    source.ancestors = [.init(number: 3, study: try ancestor.study, elapsed: 4)]
    return Card(try sample.study, source)
  }

  @Test func whatThereIsIsSaidOnce() throws {
    let card = try full()
    #expect(
      card.sections.map(\.title) == [
        "Summary", "Data", "Space", "Metrics", "Course", "Best", "Trade-offs", "What matters", "Decisions", "Findings",
        "Compared with earlier experiments",
      ])
    let markdown = card.markdown
    #expect(markdown.hasPrefix("# test, experiment 4\n\nFind \\<b\\>it\\</b\\> \\| soon\n"))
    #expect(markdown.contains("44 trials: 43 finished, 1 failed."))
    #expect(markdown.contains("| 3 | 5 | auc 0.54 |"))
    // Tables have as many cells in each row.
    for table in markdown.split(separator: "\n\n") where table.hasPrefix("| ") {
      let bars = table.split(separator: "\n").map { $0.replacing("\\|", with: "").count { $0 == "|" } }
      #expect(Set(bars).count == 1, "\(table)")
    }
  }

  /// An experiment that has hardly begun has a short card: no heading without content, no figure of nothing.
  @Test func whatThereIsNotIsLeftOut() throws {
    let card = Card(try Sample().study, Card.Source())
    #expect(card.sections.map(\.title) == ["Summary", "Space", "Metrics", "Course"])
    #expect(
      !card.html.contains("<svg") && !card.markdown.contains("\n- \n")
        && !card.html.contains("<td></td></tr>\n</tbody>"))
  }

  @Test func pagesAreOnePieceAndHarmless() throws {
    let html = try full().html
    #expect(!html.contains("<script>alert") && !html.contains("<b>it") && html.contains("prefers-color-scheme: dark"))
    #expect(html.components(separatedBy: "</script>").count == 2, "the data cannot end its element")
    #expect(
      !html.contains("http://")
        || html.components(separatedBy: "http://").count
          == html.components(separatedBy: "http://www.w3.org/2000/svg").count
    )
    let pictures = html.components(separatedBy: "<svg ").dropFirst().map {
      "<svg " + $0.components(separatedBy: "</svg>")[0] + "</svg>"
    }
    #expect(pictures.count == 4)
    for picture in pictures {
      #expect(isWellFormed(picture), "\(picture.prefix(300))")
      #expect(picture.contains("role=\"img\"") && picture.contains("<desc>"))
      #expect(!picture.contains("nan") && !picture.contains("inf"))
    }
    // As strict as XML, but for what HTML writes otherwise.
    let strict = html.replacing("<!doctype html>", with: "").replacing("<meta charset=\"utf-8\">", with: "")
      .replacing(/<meta name[^>]*>/, with: "")
    #expect(isWellFormed(strict))
  }

  @Test func otherProgramsReadTheResult() throws {
    let card = try full()
    let parsed = try JSON.parse(card.jsonLD.compact)
    #expect(parsed["@type"] == "CreateAction" && parsed["actionStatus"] == "https://schema.org/CompletedActionStatus")
    #expect(parsed["object"]?.asArray?.first?["identifier"]?.asString?.hasPrefix("sha256:") == true)
    let metrics = parsed["result"]?["variableMeasured"]?.asArray
    #expect(metrics?.first?["name"] == "auc" && metrics?.first?["minValue"]?.asDouble != nil)
  }
}
