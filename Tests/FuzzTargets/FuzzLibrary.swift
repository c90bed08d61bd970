import Diagnostics
import Syntax
import Tasks
import Values
import Workflows

/// A few tasks and documents in memory, so that texts get past their `use` lines.
struct FuzzLibrary: Library {
  func artifact(_ reference: String) -> Result<ValueType?, LoadProblem> {
    switch reference {
    case "raw/churn@v1": .success(.table(nil))
    case "raw/churn.csv@v2": .success(.file("csv"))
    default: .failure(LoadProblem(.notFound, "no such artifact", candidates: ["raw/churn@v1"]))
    }
  }

  func plugin(id: String) -> Result<[String: InstalledTask], LoadProblem> {
    Self.plugins[id].map { .success($0) }
      ?? .failure(LoadProblem(.notFound, "no such plugin", candidates: Self.plugins.keys.sorted()))
  }

  func plugin(atPath path: String) -> Result<[String: InstalledTask], LoadProblem> {
    switch path {
    case "tasks/churn.py": plugin(id: "std.learn")
    case "late.so": .failure(LoadProblem(.pending, "not yet"))
    default: .failure(LoadProblem(.broken, "undefined symbol", candidates: ["tasks/churn.py"]))
    }
  }

  func document(atPath path: String) -> Result<SyntaxTree, LoadProblem> {
    path == "prepare.assay"
      ? .success(Parser.parse(SourceFile(path: path, text: Self.prepare)))
      : .failure(LoadProblem(.notFound, "no such file"))
  }

  private static let prepare = """
    assay 1
    use std.table as table
    workflow prepare {
      in raw: file<csv>
      in share: float = 0.2
      step rows = table.read_csv(path: raw)
      step parts = table.split(table: rows.table, test: share)
      out train: table = parts.train
      out test: table = parts.test
    }

    """

  private static let plugins: [String: [String: InstalledTask]] = [
    "std.table": tasks(
      "std.table",
      [
        ("read_csv", ["path: file<csv>"], ["table: table"], true),
        ("split", ["table: table", "test: float(0..1)", "seed: int = 0"], ["train: table", "test: table"], true),
        ("impute", ["table: table", "method: enum(mean, median)"], ["table: table"], true),
        ("kfold", ["table: table", "k: int(2..20)"], ["folds: list<{train: table, test: table}>"], true),
        ("mean", ["values: list<float>"], ["value: float"], true),
        ("sleep", ["wait: float = 0"], ["done: bool"], false),
      ]),
    "std.learn": tasks(
      "std.learn",
      [
        ("train", ["table: table", "trees: int(1..5000)", "seed: int = 0"], ["model: std.learn.model"], true),
        ("score", ["model: std.learn.model", "table: table"], ["auc: float", "p95_ms: float"], true),
        ("embed", ["x: tensor<f32>[n, 3]", "y: tensor<f32>[n]"], ["z: tensor<f64>[n, n]"], true),
      ]),
  ]

  private static func tasks(
    _ plugin: String, _ lines: [(name: String, inputs: [String], outputs: [String], isPure: Bool)]
  ) -> [String: InstalledTask] {
    var result: [String: InstalledTask] = [:]
    for (index, line) in lines.enumerated() {
      let signature = TaskSignature(
        id: "\(plugin).\(line.name)", version: "1.0.0", traits: line.isPure ? [.pure] : [],
        inputs: line.inputs.map(port), outputs: line.outputs.map(port))
      result[line.name] = InstalledTask(
        signature: signature, source: PluginSource(kind: .sharedObject, path: "/plugins/\(plugin).so"), index: index,
        code: Hasher256.digest([UInt8(index)]))
    }
    return result
  }

  /// `name: type = default`.
  private static func port(_ text: String) -> Port {
    let sides = text.split(separator: "=")
    let parts = sides[0].split(separator: ":", maxSplits: 1)
    let type = parts.count > 1 ? try? ValueType.parse(String(parts[1])) : nil
    let value = sides.count > 1 ? Int64(sides[1].dropFirst()).map(Value.int) ?? .float(0) : nil
    return Port(String(parts[0]), type ?? .any, default: value)
  }
}
