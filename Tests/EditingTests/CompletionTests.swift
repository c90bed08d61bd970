import Diagnostics
import Editing
import Testing

private let surroundings = Surroundings(
  plugins: { ["std.table", "std.learn"] },
  files: { $0 == "./tasks/" ? ["churn.py", "notes.txt", "_cache/"] : ["prepare.assay", "data.csv", "tasks/"] })

private func labels(_ source: String, snippets: Bool = false) throws -> [String] {
  let marked = Marked(source)
  let caret = try #require(marked.carets[""])
  return marked.analysis(["prepare.assay": prepare]).completions(at: caret, surroundings, snippets: snippets).map(
    \.label)
}

private let prepare = """
  assay 1
  ## Cleans.
  workflow prepare {
    in raw: string
    in deep: int = 3
    out text: string = raw
  }
  """

private func inside(_ line: String) -> String {
  head + """
    use "./prepare.assay"
    workflow w {
      in data: file<csv>
      in folds: int = 5
      step raw = t.read_csv(path: data)
      step parts = t.kfold(table: raw.table, k: folds)
    \(line)
      step last = t.mean(values: [1.0])
      out m: float = last.value
    }
    """
}

/// What is offered first, and what is not offered at all.
@Test(
  arguments: [
    ("  ⟨⟩", ["in", "step", "out"], ["retry", "use"]),
    ("  st⟨⟩", ["in", "step", "out"], []),
    ("  step a = ⟨⟩", ["prepare", "churn", "t", "vary"], ["w", "raw"]),
    ("  step a = t.⟨⟩", ["impute", "kfold", "mean", "read_csv", "split"], ["prepare"]),
    ("  step a = t.sp⟨⟩", ["impute", "kfold"], []),
    ("  step a = t.split(⟨⟩)", ["table", "test", "seed"], ["raw"]),
    ("  step a = t.split(⟨⟩", ["table", "test", "seed"], ["raw"]),
    ("  step a = t.split(table: raw.table, ⟨⟩)", ["test", "seed"], ["table"]),
    ("  step a = t.split(⟨⟩, test: 0.5)", ["table", "seed"], ["test"]),
    ("  step a = prepare(⟨⟩)", ["raw", "deep"], []),
    ("  step a = t.split(table: ⟨⟩)", ["raw.table", "data", "folds"], ["a", "retry"]),
    ("  step a = t.split(table: r⟨⟩", ["raw.table"], []),
    ("  step a = t.split(table: raw.⟨⟩)", ["table"], ["ran", "raw"]),
    ("  step a = t.impute(method: ⟨⟩)", ["\"mean\"", "\"median\""], []),
    ("  step a = t.impute(method: \"⟨⟩\")", ["mean", "median"], ["data"]),
    ("  step a = t.mean(values: [⟨⟩])", ["data", "folds"], []),
    ("  step a = t.split(table: p.⟨⟩) foreach p in parts.folds", ["train", "test"], []),
    ("  step a = t.split(table: p⟨⟩) foreach p in parts.folds", ["raw.table", "p"], []),
    ("  step a = churn.score(table: x.⟨⟩) foreach (m, x) in zip([1], parts.folds)", ["train", "test"], []),
    ("  step a = t.read_csv(path: data) foreach p in ⟨⟩", ["parts.folds"], ["p"]),
    ("  step a = t.read_csv(path: data) when ⟨⟩", ["true", "false"], ["retry"]),
    ("  step a = t.read_csv(path: data) when raw.⟨⟩", ["table"], []),
    ("  step a = t.read_csv(path: data) ⟨⟩", ["foreach", "when", "max"], ["step"]),
    ("  step a = t.read_csv(path: data) @⟨⟩", ["problem_definition", "acquisition"], []),
    ("  step a = t.read_csv(path: data) {\n    ⟨⟩\n  }", ["retry", "backoff", "timeout"], ["step", "variant"]),
    ("  step a = t.read_csv(path: data) {\n    retry 2\n    ⟨⟩\n  }", ["backoff"], ["retry"]),
    ("  step a = t.read_csv(path: data) {\n    on failure ⟨⟩\n  }", ["stop", "skip", "continue"], []),
    ("  step a = t.read_csv(path: data) {\n    reuse ⟨⟩\n  }", ["inputs", "never"], []),
    ("  step a = t.read_csv(path: data) {\n    isolation ⟨⟩\n  }", ["inline", "worker", "fresh"], []),
    ("  step a = t.read_csv(path: data) {\n    resources ⟨⟩\n  }", ["cpu", "memory", "gpu"], []),
    ("  step a = vary(table: raw.table) {\n    ⟨⟩\n  }", ["variant", "default", "retry"], []),
    ("  step a = vary(⟨⟩) {\n    variant x = t.impute()\n    default x\n  }", ["table", "method"], []),
    ("  step a = vary() {\n    variant x = t.⟨⟩\n    default x\n  }", ["impute", "kfold"], []),
    ("  step a = vary() {\n    variant x = t.split(⟨⟩\n    default x\n  }", ["table", "test"], []),
    ("  step a = vary() {\n    variant x = t.impute()\n    default ⟨⟩\n  }", ["x"], ["w"]),
    ("  in n: ⟨⟩", ["bool", "int", "float"], ["step"]),
    ("  in n: churn.⟨⟩", ["churn.model"], []),
    ("  in n: int = ⟨⟩", ["file", "dir"], ["raw", "data"]),
    ("  out o: float = ⟨⟩", ["folds", "last.value"], ["read_csv"]),
    ("  out o: float = last.value\n  ⟨⟩", ["in", "step", "out"], []),
    ("  step a = t.read_csv(path: file(\"⟨⟩\"))", ["prepare.assay", "data.csv", "tasks/"], []),
  ] as [(String, [String], [String])])
func offersWhatFitsTheCaret(line: String, first: [String], absent: [String]) throws {
  let found = try labels(inside(line))
  let prefix = Set(found.prefix(max(first.count, 12)))
  #expect(prefix.isSuperset(of: first), "\(found)")
  #expect(Set(found).isDisjoint(with: absent), "\(found)")
}

@Test(arguments: [
  "  # ⟨⟩", "  step ⟨⟩", "  in ⟨⟩", "  step a = t.split(test: 0.⟨⟩)", "  step a⟨⟩ = t.split()", "  step a = \"⟨⟩",
])
func offersNothingWhereANameIsInvented(line: String) throws { #expect(try labels(inside(line)).isEmpty) }

@Test(arguments: [
  ("⟨⟩", ["use", "workflow", "experiment", "assay"]),
  ("assay 1\nuse ⟨⟩\n", ["std.table", "std.learn", "\"./prepare.assay\"", "\"./tasks/\""]),
  ("assay 1\nuse std.⟨⟩\n", ["std.table", "std.learn"]),
  ("assay 1\nuse \"./⟨⟩\"\n", ["./prepare.assay", "./tasks/"]),
  ("assay 1\nuse \"./tasks/⟨⟩\"\n", ["./tasks/churn.py"]),
  ("assay 1\nuse std.table ⟨⟩\n", ["as"]),
  ("assay 1\nworkflow w {\n  out x: int = 1\n}\n⟨⟩", ["use", "workflow", "experiment"]),
  ("assay 1\nworkflow w {⟨⟩", ["in", "step", "out"]),
])
func offersWhatBelongsToTheFile(source: String, expected: [String]) throws {
  let found = try labels(source)
  #expect(Array(found.prefix(expected.count)) == expected, "\(found)")
}

@Test func completionReplacesTheDottedPluginName() throws {
  let marked = Marked("assay 1\nuse std.ta⟨⟩\n")
  let item = try #require(
    marked.analysis().completions(at: marked.carets[""] ?? 0, surroundings, snippets: false).first)
  #expect(marked.text.utf8.count - 1 == item.replaced.end)
  #expect(item.replaced.start == 12)
}

@Test func callsComeWithWhatTheyNeed() throws {
  let marked = Marked(inside("  step a = t.spl⟨⟩"))
  let items = marked.analysis(["prepare.assay": prepare]).completions(
    at: marked.carets[""] ?? 0, surroundings, snippets: true)
  let split = try #require(items.first { $0.label == "split" })
  #expect(split.isSnippet)
  #expect(split.insertion == "split(table: $1, test: $2)$0")
  #expect(split.documentation.hasPrefix("Divides the rows."))
  let closed = Marked(inside("  step a = t.spl⟨⟩(table: raw.table)"))
  let plain = closed.analysis().completions(at: closed.carets[""] ?? 0, surroundings, snippets: true)
  #expect(plain.first { $0.label == "split" }?.insertion == "split")
}

private func experiment(_ body: String) -> String {
  head + """
    workflow flow {
      in data: file<csv>
      in seed: int = 1
      step raw = t.read_csv(path: data)
      step prep = vary(table: raw.table) {
        variant mean = t.impute(method: "mean")
        variant split = t.split(test: 0.5)
        default mean
      }
      step fit = churn.train(table: raw.table)
      step score = churn.score(model: fit.model, table: raw.table)
      out auc: float = score.auc
    }
    experiment e {
    \(body)
    }
    """
}

/// Between the braces of an experiment: its words, and what the workflow that it studies has.
@Test(
  arguments: [
    ("⟨⟩", ["study", "intent", "space", "stage", "accept"], ["step", "workflow"]),
    ("study flow()\n sp⟨⟩", ["space"], ["study"]),
    ("study ⟨⟩", ["flow"], ["raw", "t"]),
    ("study flow(⟨⟩)", ["data", "seed"], ["prep"]),
    ("study flow()\nspace {\n  ⟨⟩\n}", ["prep", "fit", "where"], ["stage", "study"]),
    ("study flow()\nspace {\n  prep ⟨⟩\n}", ["in"], ["where"]),
    ("study flow()\nspace {\n  prep in ⟨⟩\n}", ["[mean, split]"], ["prep"]),
    ("study flow()\nspace {\n  prep in [⟨⟩]\n}", ["mean", "split"], ["prep"]),
    ("study flow()\nspace {\n  prep in [mean, ⟨⟩]\n}", ["split"], ["mean"]),
    ("study flow()\nspace {\n  prep.⟨⟩\n}", ["mean", "split"], ["table"]),
    ("study flow()\nspace {\n  prep.split.⟨⟩\n}", ["test", "seed"], ["mean"]),
    ("study flow()\nspace {\n  fit.⟨⟩\n}", ["trees"], ["model"]),
    ("study flow()\nspace {\n  fit.trees in ⟨⟩\n}", ["int"], ["float"]),
    ("study flow()\nspace {\n  prep.mean.method in ⟨⟩\n}", ["[\"mean\", \"median\"]"], ["int"]),
    ("study flow()\nspace {\n  fit.trees in int 1..9 ⟨⟩\n}", ["log", "step"], ["in"]),
    ("study flow()\nspace {\n  where ⟨⟩\n}", ["prep", "not"], ["fit"]),
    ("study flow()\nspace {\n  where not (prep == ⟨⟩)\n}", ["mean", "split"], ["prep"]),
    ("study flow()\nspace {\n  where prep == mean ⟨⟩\n}", ["and", "or"], ["prep"]),
    ("study flow()\nmetrics {\n  auc = ⟨⟩\n}", ["score"], ["maximize"]),
    ("study flow()\nmetrics {\n  auc = score.⟨⟩\n}", ["auc"], ["score"]),
    ("study flow()\nmetrics {\n  auc = score.auc ⟨⟩\n}", ["maximize", "minimize"], ["limit"]),
    ("study flow()\nmetrics {\n  auc = score.auc minimize ⟨⟩\n}", ["limit"], ["maximize"]),
    ("stage a {\n  ⟨⟩\n}", ["strategy", "prune"], ["stage"]),
    ("stage a {\n  strategy ⟨⟩\n}", ["sobol", "tpe", "repeat"], ["prune"]),
    ("stage a {\n  strategy tpe(⟨⟩)\n}", ["trials", "start", "startup", "candidates"], ["levels"]),
    ("stage a {\n  strategy tpe(trials: 3, ⟨⟩)\n}", ["start", "startup"], ["trials"]),
    ("stage a {\n  strategy grid(⟨⟩)\n}", ["levels", "shuffled"], ["startup"]),
    ("stage a {\n  strategy repeat(⟨⟩)\n}", ["best"], ["trials"]),
    ("stage a {\n  prune ⟨⟩\n}", ["median", "asha", "hyperband", "patience"], ["tpe"]),
    ("stage a {\n  prune percentile(share: 0.2, ⟨⟩)\n}", ["after", "warmup"], ["share", "trials"]),
    ("budget {\n  ⟨⟩\n}", ["failures", "tasks"], []), ("order ⟨⟩", ["strict"], ["seed"]),
    ("stage a { strategy tpe(trials: 1, start: ⟨⟩) }", ["best"], []),
    ("stage a { strategy sobol(trials: 1) }\nstage b after ⟨⟩", ["a"], ["b"]),
    ("stage a { strategy sobol(trials: 1) }\nstage b { strategy repeat(best(1, ⟨⟩)) }", ["a"], []),
    ("stage a { strategy sobol(trials: 1) }\nstage b ⟨⟩", ["after", "when"], ["a"]),
    ("gate g after a {\n  ⟨⟩\n}", ["ask", "show", "allow", "timeout", "approvals", "form"], []),
    ("gate g after a {\n  allow continue, ⟨⟩\n}", ["narrow", "stop"], ["ask"]),
    ("metrics {\n  m = s.o maximize\n}\ngate g after a {\n  show pareto(⟨⟩)\n}", ["m"], []),
    ("budget {\n  ⟨⟩\n}", ["trials", "wall", "parallel"], ["study"]),
    ("knowledge {\n  reuse ⟨⟩\n}", ["trials", "priors"], []),
    ("metrics {\n  m = s.o maximize\n}\naccept when ⟨⟩", ["m", "not"], ["stage"]),
    ("study flow()\naccept when m > 1 {\n  promote ⟨⟩\n}", ["score"], []),
    ("study flow()\naccept when m > 1 {\n  promote score.⟨⟩\n}", ["auc"], []),
    ("intent \"⟨⟩\"", [], ["study"]), ("# ⟨⟩", [], ["study"]), ("stage ⟨⟩", [], ["a", "stage"]),
  ] as [(String, [String], [String])])
func offersWhatBelongsToExperiments(body: String, expected: [String], absent: [String]) throws {
  let found = try labels(experiment(body))
  #expect(Set(found).isSuperset(of: expected), "\(found)")
  #expect(Set(found).isDisjoint(with: absent), "\(found)")
}

@Test(arguments: [
  ("sta⟨⟩ge a { }", "stage name"), ("stage a { }\nstage b after ⟨⟩a { }", "stage a"),
  ("stage a { strategy to⟨⟩be }", nil), ("stage a { strategy sob⟨⟩ol(trials: 3) }", "cover the space"),
  ("study flow()\nspace {\n  fit.tr⟨⟩ees in int 1..9\n}", "trees: int = 100"),
  ("study flow()\nspace {\n  prep.split.te⟨⟩st in float 0.1..0.5\n}", "test: float(0..1)"),
  ("study flow()\nspace {\n  prep.spl⟨⟩it.test in float 0.1..0.5\n}", "variant split = t.split"),
  ("metrics {\n  m = s.o maximize\n}\naccept when m⟨⟩ > 1 { }", "m = s.o maximize"),
])
func experimentsAreExplained(body: String, expected: String?) throws {
  let marked = Marked(experiment(body))
  let text = marked.analysis().hover(at: try #require(marked.carets[""]))?.text
  if let expected { #expect(text?.contains(expected) == true, "\(text ?? "nothing")") } else { #expect(text == nil) }
}
