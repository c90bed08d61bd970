import Foundation
import Testing
import Values

/// Knowledge by the built program: experiments that learn from each other, in one store and between two.

/// A valley at x = `place` / 2; the data is a table of `rows` rows.
private func document(
  _ name: String, _ place: Int, data: String = "q1.csv", trials: Int = 12, strategy: String = "tpe", _ more: String = ""
) -> String {
  """
  assay 1

  use "./tool.so" as tool

  workflow main {
    in data: file<csv> = file("\(data)")
    in x: int(0..1000) = 3
    in z: int(0..1000) = 3
    in place: int = \(place)
    step rows = tool.lines(path: data)
    step p = tool.twice(x: x)
    step q = tool.twice(x: z)
    out n: int = rows.y
  }

  experiment \(name) {
    study main()
    tags "valley"
    space {
      x in int 0..40
      z in int 0..40
    }
    metrics { loss = (p.y - place) * (p.y - place) + (q.y - 30) * (q.y - 30) minimize }
    stage search { strategy \(strategy)(trials: \(trials)) }
    budget { parallel 1 }
    \(more)
  }

  """
}

private let reuse = "knowledge { reuse all from experiments(tag: \"valley\") when same(data) }"

private func table(_ count: Int) -> String {
  "age,income\n" + (0..<count).map { "\(20 + $0 * 7 % 40),\($0 * $0)\n" }.joined()
}

private func project(_ documents: [String: String]) throws -> Project {
  try Project(
    documents.merging([
      "q1.csv": table(90), "q2.csv": table(96), "o.csv": "a;b;c\n" + String(repeating: "1;x;2\n", count: 9),
    ]) { $1 })
}

private func configurations(_ json: JSON) -> [JSON?] { (json["trials"]?.asArray ?? []).map { $0["configuration"] } }

@Test func aSecondExperimentLearnsFromTheFirst() throws {
  let project = try project([
    "a.assay": document("first", 24), "b.assay": document("second", 26, data: "q2.csv", reuse),
    "c.assay": document("cold", 26, data: "q2.csv"),
  ])
  #expect(try project.assay("exp", "run", "a.assay").exit == 0)
  let similar = try project.assay("knowledge", "similar", "b.assay", "--json").json()
  let relative = try #require(similar["experiments"]?.asArray?.first)
  #expect(relative["relation"] == "same_problem" && relative["same_workflow"] == true)
  #expect(relative["similarity"]?.asDouble.map { $0 > 0.9 && $0 < 1 } == true)

  let run = try project.assay("exp", "run", "b.assay")
  #expect(run.exit == 0, "\(run.err)")
  #expect(run.err.contains("learns from 1 (first): same problem, data 9"))
  #expect(run.err.contains("of experiment 1"))
  #expect(run.err.contains("knowledge helped: ") || run.err.contains("knowledge undecided: "))
  #expect(run.err.contains("each trial was worth "))
  let status = try project.assay("exp", "status", "second", "--json").json()
  let sources = status["trials"]?.asArray?.map { $0["source"]?.asString }
  #expect(sources?.prefix(2) == ["past", "control"])
  #expect(status["knowledge"]?["experiments"]?.asArray?.first?["name"] == "first")
  #expect(status["knowledge"]?["efficiency"]?["ratio"]?.asDouble.map { $0 > 0 } == true)

  // Without a `knowledge` block nothing is taken, and it is said that something could be.
  let cold = try project.assay("exp", "run", "c.assay")
  #expect(cold.err.contains("2 related experiments: `knowledge { reuse all from experiments }` would use them"))
  let plain = try project.assay("exp", "status", "cold", "--json").json()
  #expect(plain["knowledge"] == nil)
  func best(_ status: JSON) -> Int64? {
    status["trials"]?.asArray?.compactMap { $0["metrics"]?["loss"]?.asDouble }.min().map { Int64($0) }
  }
  #expect(try #require(best(status)) < (try #require(best(plain))))

  let found = try project.assay("knowledge", "search", "valley", "--json").json()
  #expect(found["experiments"]?.asArray?.compactMap { $0["name"]?.asString } == ["cold", "second", "first"])
  #expect(try project.assay("knowledge", "search", "nowhere", "--json").json()["experiments"] == [])
  let shown = try project.assay("knowledge", "show", "first", "--json").json()
  #expect(shown["lent_to"] == ["2"])
  let text = try project.assay("knowledge", "show", "second")
  #expect(text.out.contains("learnt from 1 (first)"))
  #expect(text.out.contains("data (q2.csv): 96 rows × 2 columns"))
  #expect(try OutputSchema.mistakes([status, similar, found, shown]) == "")
}

/// The store grows while an experiment waits: it goes on as if it had not.
@Test func whatWasLearntDoesNotChangeWhenTheStoreGrows() throws {
  let waiting = """
    gate review after search { allow continue, stop }
    stage more after review { strategy tpe(trials: 6) }
    """
  func points(growing: Bool) throws -> [JSON?] {
    let project = try project([
      "a.assay": document("first", 24),
      "b.assay": document("second", 26, data: "q2.csv", trials: 5, reuse + "\n" + waiting),
      "c.assay": document("third", 50, data: "q2.csv"),
    ])
    #expect(try project.assay("exp", "run", "a.assay").exit == 0)
    #expect(try project.assay("exp", "run", "b.assay").exit == 5)
    if growing {
      #expect(try project.assay("exp", "run", "c.assay").exit == 0)
      #expect(try project.assay("knowledge", "forget", "first", "--reason", "leaked").exit == 0)
    }
    #expect(try project.assay("exp", "answer", "2", "review", "continue").exit == 0)
    let run = try project.assay("exp", "run", "b.assay", "--json")
    #expect(run.exit == 0, "\(run.err)")
    return configurations(try run.json())
  }
  let whole = try points(growing: false)
  #expect(whole.count == 11)
  #expect(try points(growing: true) == whole)
}

@Test func onlyWhatIsAskedForIsUsed() throws {
  let project = try project([
    "a.assay": document("first", 24), "o.assay": document("far", 24, data: "o.csv"),
    "s.assay": document(
      "same", 26, data: "q2.csv", trials: 4, "knowledge { reuse all from experiments when same(workflow, data) }"),
    "n.assay": document("named", 26, data: "q2.csv", trials: 4, "knowledge { reuse queue from experiments(\"far\") }"),
    "t.assay": document(
      "tagged", 26, data: "q2.csv", trials: 4, "knowledge { reuse all from experiments(tag: \"hill\") }"),
    "g.assay": document("gridded", 26, data: "q2.csv", trials: 4, strategy: "sobol", reuse),
    "w.assay": document("wrong", 26, "knowledge { reuse all from experiments when same(weather) }"),
  ])
  for name in ["a", "o"] { #expect(try project.assay("exp", "run", "\(name).assay").exit == 0) }
  func lenders(_ file: String) throws -> [String] {
    let run = try project.assay("exp", "run", file, "--json")
    #expect(run.exit == 0, "\(run.err)")
    return try run.json()["knowledge"]?["experiments"]?.asArray?.compactMap { $0["name"]?.asString } ?? []
  }
  #expect(try lenders("s.assay") == ["first"])
  #expect(try lenders("n.assay") == ["far"])
  #expect(try lenders("t.assay") == [])
  let unused = try project.assay("exp", "run", "g.assay")
  #expect(unused.err.contains("no stage uses it: `sobol`, `lhs`, `grid` do as they are told"))
  #expect(unused.err.contains("learns from no experiment") == false)
  let wrong = try project.assay("check", "w.assay")
  #expect(wrong.exit == 3)
  #expect(wrong.err.contains("`same` takes `workflow` and `data`"))
}

/// The engine proposes a relation; a person or the document confirms, changes or excludes it.
@Test func relationsAreDeclaredByCommandAndInTheDocument() throws {
  let all = "knowledge { reuse all from experiments(tag: \"valley\") }"
  let project = try project([
    "a.assay": document("first", 24, trials: 32), "b.assay": document("second", 26, data: "q2.csv", trials: 2, all),
    "s.assay": document(
      "third", 26, data: "o.csv", trials: 2, "knowledge { reuse all from experiments(\"first\") as same }"),
    "n.assay": document(
      "fourth", 26, data: "q2.csv", trials: 2,
      "knowledge { reuse all from experiments\n reuse none from experiments(\"first\") }"),
    "w.assay": document("wrong", 26, "knowledge { reuse all from experiments as cousin }"),
    "x.assay": document("wrong", 26, "knowledge { reuse all from experiments since monday }"),
  ])
  #expect(try project.assay("exp", "run", "a.assay").exit == 0)
  func relative(_ file: String) throws -> JSON {
    let similar = try project.assay("knowledge", "similar", file, "--json").json()
    #expect(try OutputSchema.mistakes([similar]) == "")
    return try #require(similar["experiments"]?.asArray?.first)
  }
  #expect(try relative("b.assay")["declared_by"] == .null)
  let declared = try project.assay(
    "knowledge", "relate", "first", "none", "--to", "second", "--reason", "other country")
  #expect(declared.exit == 0 && declared.out.contains("to `second` its relation is: none (other country)"))
  let excluded = try relative("b.assay")
  #expect(excluded["relation"] == "none" && excluded["found"] == "same_problem" && excluded["declared_by"] != .null)
  #expect(try project.assay("exp", "run", "b.assay").err.contains("learns from no experiment"))
  #expect(try project.assay("knowledge", "similar", "b.assay").out.contains("(found: same problem)"))
  #expect(try project.assay("knowledge", "relate", "first", "related", "--to", "second").exit == 0)
  #expect(try project.assay("exp", "run", "b.assay", "--new").err.contains("learns from 1 (first): related"))
  #expect(try project.assay("knowledge", "relate", "first", "--to", "second", "--undo").exit == 0)
  #expect(try project.assay("knowledge", "relate", "first", "--to", "second", "--undo").exit == 2)
  #expect(try project.assay("knowledge", "relate", "first", "--to", "second").exit == 2)
  #expect(try project.assay("exp", "run", "b.assay", "--new").err.contains("learns from 1 (first): same problem"))

  // The document of the later one has the first word.
  #expect(try relative("s.assay")["found"] == "related")
  #expect(try relative("s.assay")["declared_by"] == "the document")
  let plan = try project.assay("exp", "plan", "s.assay")
  #expect(plan.out.contains("learns from 1 (first): same problem"), "\(plan.out)\(plan.err)")
  #expect(try project.assay("exp", "run", "s.assay").err.contains("learns from 1 (first): same problem"))
  #expect(try project.assay("exp", "run", "n.assay").err.contains("learns from 1 (first)") == false)
  #expect(try project.assay("check", "w.assay").err.contains("`as` does not take `cousin`"))
  #expect(try project.assay("check", "x.assay").err.contains("`reuse` has no `since`"))
}

@Test func anExperimentIsForgottenAndRemembered() throws {
  let project = try project([
    "a.assay": document("first", 24), "b.assay": document("second", 26, data: "q2.csv", trials: 2, reuse),
  ])
  #expect(try project.assay("exp", "run", "a.assay").exit == 0)
  #expect(try project.assay("knowledge", "forget", "first").exit == 2)
  let forgotten = try project.assay("knowledge", "forget", "first", "--reason", "its data leaked", "--json")
  #expect(forgotten.exit == 0, "\(forgotten.err)")
  #expect(try project.assay("knowledge", "forget", "first", "--reason", "again").exit == 2)
  #expect(try project.assay("exp", "run", "b.assay").err.contains("learns from no experiment"))
  #expect(try project.assay("knowledge", "show", "first").out.contains("forgotten: its data leaked"))
  #expect(try project.assay("knowledge", "forget", "1", "--undo").exit == 0)
  #expect(try project.assay("exp", "run", "b.assay", "--new").err.contains("learns from 1 (first)"))
  let note = try project.assay("knowledge", "note", "first", "only the left half matters", "--json")
  #expect(try project.assay("knowledge", "search", "left half").out.contains("first"))
  #expect(try project.assay("knowledge", "note", "first", "x", "--trial", "99").exit == 4)
  #expect(try project.assay("knowledge", "show", "furst").err.contains("did you mean `first`?"))
  #expect(try OutputSchema.mistakes([forgotten.json(), note.json()]) == "")
}

@Test func knowledgeGoesFromStoreToStore() throws {
  let lab = try project(["a.assay": document("first", 24)])
  #expect(try lab.assay("exp", "run", "a.assay").exit == 0)
  #expect(try lab.assay("exp", "exclude", "first", "3", "--reason", "odd").exit == 0)
  let export = try lab.assay("knowledge", "export", "-o", "x.knowledge", "--json")
  #expect(export.exit == 0, "\(export.err)")
  #expect(try lab.assay("knowledge", "export", "-o", "x.knowledge").exit == 1)
  let bundle = try #require(lab.read("x.knowledge"))
  // Its own experiment is nothing new.
  #expect(try lab.assay("knowledge", "import", "x.knowledge").out == "1 (first): was here\n")

  let plant = try project(["b.assay": document("second", 26, data: "q2.csv", trials: 4, reuse), "x.knowledge": bundle])
  let damaged = [
    bundle.replacing("\"trial\":3", with: "\"trial\":4"), String(bundle.dropLast(200)), "hello",
    bundle.replacing("bundle/1", with: "bundle/2"),
  ]
  for text in damaged {
    try plant.write("y.knowledge", text)
    let refused = try plant.assay("knowledge", "import", "y.knowledge")
    #expect(refused.exit == 2 && refused.err.contains("is refused"), "\(refused.err)")
  }
  #expect(try plant.assay("knowledge", "search").out == "")
  #expect(try plant.assay("knowledge", "import", "z.knowledge").exit == 4)
  let first = try plant.assay("knowledge", "import", "x.knowledge", "--json")
  #expect(first.exit == 0, "\(first.err)")
  #expect(try plant.assay("knowledge", "import", "x.knowledge").out == "i1 (first): was here\n")
  #expect(try plant.assay("exp", "list", "--json").json()["experiments"] == [])
  let shown = try plant.assay("knowledge", "show", "i1", "--json").json()
  #expect(shown["imported"]?["by"]?.asString?.hasPrefix("tester@") == true)
  #expect(shown["best"] != nil && shown["trials"] == 12)
  let run = try plant.assay("exp", "run", "b.assay", "--json")
  #expect(run.exit == 0, "\(run.err)")
  let learnt = try run.json()["knowledge"]?["experiments"]?.asArray?.first
  #expect(learnt?["experiment"] == "i1" && learnt?["trials"] == 11 && learnt?["left_out"] == 1)
  // What goes on from there says where it came from.
  #expect(try plant.assay("knowledge", "export", "i1", "-o", "on.knowledge").exit == 0)
  let third = try project(["x.knowledge": try #require(plant.read("on.knowledge"))])
  #expect(try third.assay("knowledge", "import", "x.knowledge").exit == 0)
  #expect(
    try third.assay("knowledge", "show", "first").out.contains("imported from x.knowledge: experiment 1 of tester@"))
  #expect(try OutputSchema.mistakes([export.json(), first.json(), shown, run.json()]) == "")
}
