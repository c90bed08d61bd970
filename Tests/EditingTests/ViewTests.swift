import Diagnostics
import Editing
import Syntax
import Testing

private let marked = Marked(
  head + """
    # One.
    # Two.
    workflow flow {
      in data: file<csv>
      step raw = t.read_csv(path: data, ⟨parameter⟩) @preparation
      step kf = t.kfold(table: ⟨value⟩raw.table, k: 5)
      step fit = churn.train(
        table: fold.train
      ) foreach fold in kf.folds
      step prep = vary(table: raw.table) {
        variant one = t.impute(method: "mean")
        default one
      }
      out models: list<churn.model> = fit.model
    }
    experiment e { study flow }
    """)
private let analysis = marked.analysis()

@Test func theOutlineIsTheDocument() {
  func lines(_ items: [OutlineItem], _ indent: String = "") -> [String] {
    items.flatMap { ["\(indent)\($0.kind) \($0.name): \($0.detail)"] + lines($0.children, indent + "  ") }
  }
  #expect(
    lines(Outline.of(analysis.tree)) == [
      "use t: std.table", "use \"./tasks/churn.py\": \"./tasks/churn.py\"", "workflow flow: workflow",
      "  input data: file<csv>", "  step raw: t.read_csv", "  step kf: t.kfold", "  step fit: churn.train",
      "  step prep: vary", "    variant one: t.impute", "  output models: list<churn.model>",
      "experiment e: experiment",
    ])
}

@Test func bracketsCommentsAndUsesFold() {
  let folds = Outline.folds(analysis.tree).map { fold in
    let start = analysis.file.position(at: fold.span.start).line
    let end = analysis.file.position(at: fold.span.end).line
    return "\(fold.kind) \(start)–\(end)"
  }.filter { text in
    let lines = text.split(separator: " ")[1].split(separator: "–")
    return lines[0] != lines[1]
  }
  #expect(Set(folds) == ["region 7–19", "region 11–13", "region 14–17", "imports 2–3", "comment 5–6"])
}

@Test func namesHaveTheColoursOfWhatTheyAre() {
  let found = analysis.highlights(in: Span(0, analysis.file.bytes.count))
  func kinds(_ text: String) -> Set<Highlight.Kind> {
    Set(found.filter { analysis.file.text($0.span) == text }.map(\.kind))
  }
  #expect(kinds("workflow") == [.keyword])
  #expect(kinds("t") == [.namespace])
  #expect(kinds("read_csv") == [.function])
  #expect(kinds("path") == [.parameter])
  #expect(kinds("raw") == [.variable])
  #expect(kinds("table") == [.parameter, .property])
  #expect(kinds("one") == [.enumMember])
  #expect(kinds("preparation") == [.decorator])
  #expect(kinds("foreach") == [.keyword])
  #expect(kinds("5") == [.number])
  #expect(kinds("\"mean\"") == [.string])
  #expect(kinds("# One.") == [.comment])
  #expect(kinds("file") == [.type])
  #expect(found.map(\.span.start) == found.map(\.span.start).sorted())
  let part = analysis.highlights(in: Span(0, 10))
  #expect(part.count < found.count && Array(found.prefix(part.count)) == part)
}

@Test func typesThatTheTextDoesNotSayAreHinted() {
  let hints = analysis.hints(in: Span(0, analysis.file.bytes.count)).map(\.text)
  #expect(
    hints == [
      ".table: table", ".folds: list<{train: table, test: table}>", ".model: list<churn.model>",
      ": {train: table, test: table}", ".table: table",
    ])
}

@Test func theCallAroundTheCaretIsShown() throws {
  let naming = try #require(analysis.callHelp(at: marked.carets["parameter"] ?? 0))
  #expect(naming.label == "std.table.read_csv(path: file<csv>, header: bool = true)")
  #expect(naming.active == nil)
  let giving = try #require(analysis.callHelp(at: marked.carets["value"] ?? 0))
  #expect(giving.active == 0)
  #expect(giving.parameters.map(\.label) == ["table: table", "k: int(2..20)"])
  #expect(analysis.callHelp(at: 0) == nil)
}
