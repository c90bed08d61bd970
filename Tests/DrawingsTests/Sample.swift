import Diagnostics
import Drawings
import Syntax
import Tasks
import Values
import Workflows

/// A library in memory with what the sample needs.
struct SampleLibrary: Library {
  static let tasks: [String: InstalledTask] = [
    task("read_csv", ["path: file<csv>"], ["table: table"], "acquisition"),
    task("median", ["table: table"], ["table: table"], "preparation"),
    task("knn", ["table: table", "k: int", "seed: int"], ["table: table"], "preparation"),
    task(
      "kfold", ["table: table", "k: int", "seed: int"], ["folds: list<{train: table, test: table}>"], "preparation"),
    task("train", ["table: table", "trees: int", "seed: int"], ["model: demo.model"], "development"),
    task("score", ["model: demo.model", "table: table"], ["auc: float", "p95_ms: float"], "validation"),
    task("mean", ["values: list<float>"], ["value: float"], "validation"),
    task("mail", ["text: string"], [], "monitoring"),
  ].reduce(into: [:]) { $0[$1.0] = $1.1 }

  func plugin(id: String) -> Result<[String: InstalledTask], LoadProblem> { .success(Self.tasks) }
  func plugin(atPath path: String) -> Result<[String: InstalledTask], LoadProblem> { .success(Self.tasks) }
  func document(atPath path: String) -> Result<SyntaxTree, LoadProblem> { .failure(LoadProblem(.notFound, "none")) }

  private static func task(
    _ name: String, _ inputs: [String], _ outputs: [String], _ phase: String
  ) -> (String, InstalledTask) {
    var signature = TaskSignature(id: "demo.\(name)", version: "1.0.0", phase: phase)
    signature.inputs = inputs.map(port)
    signature.outputs = outputs.map(port)
    let source = PluginSource(kind: .sharedObject, path: "/demo.so")
    return (name, InstalledTask(signature: signature, source: source, index: 0, code: Hasher256.digest([1])))
  }

  private static func port(_ text: String) -> Tasks.Port {
    let colon = text.firstIndex(of: ":") ?? text.endIndex
    return Tasks.Port(String(text[..<colon]), (try? ValueType.parse(String(text[colon...].dropFirst()))) ?? .any)
  }
}

enum Sample {
  static let churn = """
    assay 1
    use demo as t

    ## Cross-validate the churn model.
    workflow churn_cv {
      in data:  file<csv>
      in folds: int(2..20) = 5
      in seed:  int = 42
      step raw = t.read_csv(path: data) {
        retry 4 on io.timeout
        timeout 5m
      }
      step prep = vary(table: raw.table) {
        variant median = t.median()
        variant knn = t.knn(k: 3, seed: seed)
        default median
      }
      step split = t.kfold(table: prep.table, k: folds, seed: seed)
      step fit = fit_all(folds: split.folds, seed: seed)
      step eval = t.score(model: m, table: fold.test)
        foreach (m, fold) in zip(fit.models, split.folds) max 4
      step mean = t.mean(values: eval.auc)
      step alert = t.mail(text: fmt("AUC only {} <of 1> & \\"low\\"", mean.value)) when mean.value < 0.7
      out models: list<demo.model> = fit.models
      out auc:    float            = mean.value
    }

    workflow fit_all {
      in folds: list<{train: table, test: table}>
      in seed: int
      step one = fit_one(table: fold.train, seed: seed + 1) foreach fold in folds
      out models: list<demo.model> = one.model
    }

    workflow fit_one {
      in table: table
      in seed: int
      step prep = t.median(table: table)
      step model = t.train(table: prep.table, trees: 200, seed: seed)
      out model: demo.model = model.model
    }
    """

  static func program(_ text: String) -> Program? {
    let checked = check(SourceFile(path: "sample.assay", text: text), library: SampleLibrary())
    for diagnostic in checked.diagnostics where diagnostic.severity == .error { print(diagnostic) }
    return checked.program
  }
}
