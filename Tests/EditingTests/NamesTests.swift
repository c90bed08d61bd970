import Diagnostics
import Editing
import Syntax
import Testing
import Workflows

private let source =
  head + """
    use "./prepare.assay"

    ## Finds out who leaves.
    workflow ⟨workflow⟩flow {
      ## The customers.
      in ⟨data⟩data: file<csv>
      in seed: int = 42
      step ⟨raw⟩raw = t.⟨task⟩read_csv(⟨path⟩path: ⟨use-data⟩data)
      step kf = t.kfold(table: ⟨use-raw⟩raw.⟨port⟩table, k: 5)
      step fit = churn.⟨python⟩train(table: fold.⟨field⟩train) ⟨foreach⟩foreach ⟨item⟩fold in kf.folds { ⟨option⟩retry 2 }
      step prep = vary(raw: "x") @⟨phase⟩preparation {
        variant ⟨one⟩one = ⟨callee⟩prepare(deep: 1)
        variant two = prepare()
        default ⟨chosen⟩one
      }
      step note = t.read_csv(path: data) when ⟨function⟩size(kf.folds) > 3
      out ⟨out⟩models: list<churn.model> = fit.model
      out text: string = prep.⟨output⟩text
      out ran: bool = note.⟨ran⟩ran
    }

    experiment e {
      study ⟨study⟩flow(data: artifact("x"))
      space {
        ⟨space⟩prep in [⟨listed⟩one, two]
        where not (prep == one)
      }
      metrics { length = size(prep.⟨metric⟩text) minimize }
      stage all { strategy grid }
    }
    """

private let prepare = "assay 1\nworkflow prepare {\n  in raw: string\n  in deep: int = 3\n  out text: string = raw\n}\n"

private let marked = Marked(source)
private let analysis = marked.analysis(["prepare.assay": prepare])

private func caret(_ name: String) throws -> Int { try #require(marked.carets[name]) }

@Test func theFixtureIsRight() {
  #expect(analysis.checked.diagnostics.filter { $0.severity == .error }.map(\.message) == [])
}

@Test(
  arguments: [
    ("workflow", ["workflow flow(data: file<csv>, seed: int = …)", "Finds out who leaves."]),
    ("data", ["in data: file<csv>", "The customers."]), ("use-data", ["in data: file<csv>"]),
    ("raw", ["step raw → table: table", "Reads a CSV file."]), ("use-raw", ["step raw → table: table"]),
    ("task", ["std.table.read_csv(path: file<csv>, header: bool = true) → table: table", "pure"]),
    ("path", ["path: file<csv>", "The path.", "std.table.read_csv"]), ("port", ["table: table", "The table."]),
    ("field", ["train: table"]), ("item", ["fold: {train: table, test: table}", "of `fit`"]),
    ("foreach", ["foreach item in list"]), ("option", ["retry N"]), ("phase", ["@preparation"]),
    ("one", ["variant one = prepare", "workflow prepare(raw: string, deep: int = …) → text: string"]),
    ("callee", ["workflow prepare(", "prepare.assay"]), ("chosen", ["variant one"]), ("function", ["size(x)"]),
    ("out", ["out models: list<churn.model>"]), ("output", ["out text: string"]), ("ran", ["step.ran"]),
    ("study", ["Finds out who leaves."]), ("listed", ["variant one"]),
  ] as [(String, [String])])
func hoverSaysWhatAThingIs(name: String, expected: [String]) throws {
  let hover = try #require(analysis.hover(at: caret(name)))
  for text in expected { #expect(hover.text.contains(text), "\(hover.text)") }
}

@Test func hoverExplainsMistakes() throws {
  let marked = Marked("assay 1\nworkflow w {\n  out x: int = ⟨⟩nothing\n}\n")
  let hover = try #require(marked.analysis().hover(at: marked.carets[""] ?? 0))
  #expect(hover.text.hasPrefix("**E0106"))
}

@Test(arguments: [
  ("use-data", "data"), ("use-raw", "raw"), ("chosen", "one"), ("listed", "one"), ("study", "workflow"),
  ("item", "item"),
])
func namesLeadToTheirDeclarations(name: String, declaration: String) throws {
  let places = analysis.definitions(at: try caret(name)) { _ in nil }
  #expect(places.map(\.path) == ["main.assay"])
  #expect(places.first?.span.start == (try caret(declaration)))
}

@Test func namesLeadIntoOtherFiles() throws {
  let callee = analysis.definitions(at: try caret("callee")) { _ in nil }
  #expect(callee == [Place("prepare.assay", Span(17, 24))])
  let output = analysis.definitions(at: try caret("output")) { _ in nil }
  #expect(output.map { prepare.utf8.dropFirst($0.span.start).prefix(4).elementsEqual("text".utf8) } == [true])
  let python = "import assay\n\ndef trainer(): pass\n\n@assay.task\nasync def train(table):\n  pass\n"
  let task = analysis.definitions(at: try caret("python")) { $0 == "tasks/churn.py" ? python : nil }
  #expect(task.map { SourceFile(path: "", text: python).text($0.span) } == ["train"])
  #expect(task.map(\.span.start) == [57])
  #expect(analysis.definitions(at: try caret("task")) { _ in nil }.isEmpty)
}

private func referenced(_ name: String, declarations: Bool = true) throws -> [String] {
  let identities = Set(analysis.occurrences(at: try caret(name)).map { analysis.identity(of: $0.symbol) })
  return analysis.references(to: identities, includingDeclarations: declarations).map { place in
    let file = analysis.checked.trees.first { $0.file.path == place.path }?.file
    let position = file?.position(at: place.span.start)
    return "\(place.path):\(position?.line ?? 0) \(file?.text(place.span) ?? "")"
  }
}

@Test func referencesAreAllPlacesAlsoInExperimentsAndOtherFiles() throws {
  #expect(try referenced("raw") == ["main.assay:12 raw", "main.assay:13 raw"])
  #expect(try referenced("raw", declarations: false) == ["main.assay:13 raw"])
  #expect(
    try referenced("one") == ["main.assay:16 one", "main.assay:18 one", "main.assay:29 one", "main.assay:30 one"])
  #expect(
    try referenced("output") == ["main.assay:22 text", "main.assay:32 text", "prepare.assay:5 text"])
  #expect(try referenced("space").count == 5)
  #expect(try referenced("callee") == ["main.assay:16 prepare", "main.assay:17 prepare", "prepare.assay:2 prepare"])
}

@Test func highlightsStayInTheDocument() throws {
  let found = analysis.highlights(at: try caret("output"))
  #expect(found.map(\.isDeclaration) == [false, false])
  #expect(analysis.highlights(at: try caret("field")).isEmpty)
}

@Test(arguments: [
  ("task", "plugin"), ("path", "plugin"), ("field", "record"), ("function", "language"), ("phase", "language"),
  ("foreach", "no name"),
])
func whatOthersDeclareIsNotRenamed(name: String, reason: String) throws {
  let offset = try caret(name)
  let problem = #expect(throws: RenameProblem.self) { try analysis.renamed(at: offset) }
  #expect(problem?.message.contains(reason) == true)
}

@Test(arguments: [
  ("raw", "fit", "a step"), ("raw", "seed", "an input"), ("item", "raw", "a step"), ("raw", "fold", "an item"),
  ("one", "two", "a variant"), ("out", "text", "an output"), ("workflow", "prepare", "a workflow"),
  ("raw", "a b", "no name"), ("raw", "", "no name"), ("raw", "1a", "no name"), ("raw", "ä", "no name"),
  ("raw", "null", "a word of the language"),
])
func newNamesAreNamesAndFree(name: String, new: String, reason: String) throws {
  let symbols = try analysis.renamed(at: try caret(name)).symbols
  let problem = #expect(throws: RenameProblem.self) { try analysis.checkFree(new, for: symbols) }
  #expect(problem?.message.contains(reason) == true, "\(problem?.message ?? "")")
}

@Test func anythingCanBeAskedAnywhere() {
  // Prefixes of a document are what it looks like while it is written.
  let text = Array(marked.text.utf8)
  let surroundings = Surroundings(plugins: { [] }, files: { _ in [] })
  for end in stride(from: 0, through: text.count, by: 7) {
    let cut = String(decoding: text[..<end], as: UTF8.self)
    let analysis = Analysis.of(
      SourceFile(path: "main.assay", text: cut), library: MemoryLibrary(documents: ["prepare.assay": prepare]))
    for offset in Set([0, end / 2, max(0, end - 1), analysis.file.bytes.count]) {
      _ = analysis.hover(at: offset)
      _ = analysis.completions(at: offset, surroundings, snippets: true)
      _ = analysis.definitions(at: offset) { _ in "def train(" }
      _ = analysis.callHelp(at: offset)
      _ = try? analysis.checkFree("x", for: analysis.renamed(at: offset).symbols)
    }
    _ = Outline.of(analysis.tree)
    _ = Outline.folds(analysis.tree)
    _ = analysis.highlights(in: Span(0, end))
    _ = analysis.hints(in: Span(0, end))
  }
}
