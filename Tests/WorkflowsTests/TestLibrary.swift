import Diagnostics
import Experiments
import Foundation
import Syntax
import Tasks
import Values
import Workflows

/// A library in memory: the tasks that the documents of the corpus use, and documents by path.
struct TestLibrary: Library {
  var plugins: [String: [String: InstalledTask]] = TestLibrary.standard
  var files: [String: [String: InstalledTask]] = ["tasks/churn.py": TestLibrary.churn, "search.py": TestLibrary.search]
  var documents: [String: String] = [:]
  var artifacts: [String: ValueType] = [
    "raw/churn@v1": .table(nil), "raw/churn.csv@v2": .file("csv"), "raw/x@v1": .table(nil),
    "raw/churn@v3": .file("csv"),
  ]

  func artifact(_ reference: String) -> Result<ValueType?, LoadProblem> {
    artifacts[reference].map { .success($0) }
      ?? .failure(
        LoadProblem(.notFound, "there is no artifact named `\(reference)`", candidates: artifacts.keys.sorted()))
  }

  func plugin(id: String) -> Result<[String: InstalledTask], LoadProblem> {
    plugins[id].map { .success($0) }
      ?? .failure(LoadProblem(.notFound, "no such plugin is installed", candidates: plugins.keys.sorted()))
  }

  func plugin(atPath path: String) -> Result<[String: InstalledTask], LoadProblem> {
    if path.hasSuffix("broken.so") { return .failure(LoadProblem(.broken, "undefined symbol: cblas_dgemm")) }
    return files[path].map { .success($0) } ?? .failure(LoadProblem(.notFound, "no such file"))
  }

  func document(atPath path: String) -> Result<SyntaxTree, LoadProblem> {
    if let text = documents[path] { return .success(Parser.parse(SourceFile(path: path, text: text))) }
    let url = Corpus.root.appendingPathComponent("assay").appendingPathComponent(path)
    guard let data = try? Data(contentsOf: url) else { return .failure(LoadProblem(.notFound, "no such file")) }
    return .success(Parser.parse(SourceFile(path: path, text: String(decoding: data, as: UTF8.self))))
  }

  // MARK: Tasks

  static let standard: [String: [String: InstalledTask]] = [
    "std.table": tasks(
      "std.table",
      [
        ("read_csv", ["path: file<csv>"], ["table: table"], [.pure]),
        ("split", ["table: table", "test: float(0..1)", "seed: int = 0"], ["train: table", "test: table"], [.pure]),
        ("dedup", ["table: table"], ["table: table"], [.pure]),
        ("impute", ["table: table", "method: enum(mean, median)"], ["table: table"], [.pure]),
        ("impute_knn", ["table: table", "k: int(1..50)"], ["table: table"], [.pure]),
        ("clean_rules", ["table: table"], ["table: table", "dropped: int"], [.pure]),
        ("drop", ["table: table", "columns: list<string>"], ["table: table"], [.pure]),
        (
          "kfold", ["table: table", "k: int(2..20)", "seed: int = 0"], ["folds: list<{train: table, test: table}>"],
          [.pure]
        ),
        ("mean", ["values: list<float>"], ["value: float"], [.pure]),
        ("fold", ["table: table", "k: int", "rate: float = 0"], ["rate: float", "ok: bool"], [.pure]),
        ("sleep", ["wait: float = 0", "pause: float = 0"], ["done: bool"], []),
      ]),
    "std.learn": tasks(
      "std.learn",
      [
        (
          "random_forest", ["table: table", "trees: int(1..5000)", "depth: int = 8", "seed: int = 0"],
          ["model: std.learn.model"], [.pure]
        ),
        ("boosting", ["table: table", "rate: float(0..1)", "seed: int = 0"], ["model: std.learn.model"], [.pure]),
        ("logistic", ["table: table", "c: float"], ["model: std.learn.model"], [.pure]),
        ("score", ["model: std.learn.model", "table: table"], ["auc: float", "p95_ms: float"], [.pure]),
      ]),
    "std.notify": tasks("std.notify", [("file", ["text: string", "path: string = out"], [], [])]),
  ]

  static let churn = tasks(
    "churn",
    [
      ("train", ["table: table", "trees: int(1..5000)", "seed: int = 0"], ["model: churn.model"], [.pure]),
      ("score", ["model: churn.model", "table: table"], ["auc: float"], [.pure]),
    ])

  /// Strategies: one that knows everything, one that knows no conditions, and what is none.
  static let search = tasks(
    "search",
    [
      (
        "near",
        [
          "space: {parameters: list<{name: string, kind: enum(float, int, ordinal, choice), low: float, high: float, step: float?, log: bool, choices: list<string>, condition: {parameter: int, choices: list<int>}?}>}",
          "seed: int", "trial: int", "history: list<{point: list<float?>, values: list<float>}>",
          "objectives: int(1..3)",
          "reach: float(0..1)", "rounds: int = 3",
        ], ["point: list<float?>", "reason: string"], [.pure]
      ),
      (
        "evolve",
        [
          "space: {parameters: list<{kind: enum(float, int, ordinal, choice), low: float, high: float, step: float?, log: bool}>}",
          "trial: int",
        ], ["point: list<float>"], [.pure]
      ),
      (
        "ranges", ["space: {parameters: list<{kind: enum(float, int), low: float, high: float, step: float}>}"],
        ["point: list<float>"], [.pure]
      ),
      ("impure", ["space: {parameters: list<{low: float}>}"], ["point: list<float>"], []),
      ("blind", ["trial: int"], ["point: list<float>"], [.pure]),
      ("pointless", ["space: {parameters: list<{low: float}>}"], ["x: list<float>"], [.pure]),
      ("other", ["space: {parameters: list<{lowest: float}>}"], ["point: list<float>"], [.pure]),
      ("texts", ["space: {parameters: list<{low: float}>}"], ["point: list<string>"], [.pure]),
      ("numbers", ["space: {parameters: list<{low: float}>}", "trial: string"], ["point: list<float>"], [.pure]),
      ("slow", ["curve: list<float>", "trial: int", "limit: float"], ["prune: bool", "reason: string"], [.pure]),
      ("verdictless", ["curve: list<float>"], ["reason: string"], [.pure]),
      ("hasty", ["curve: list<float>"], ["prune: bool"], []),
    ])

  typealias Line = (name: String, inputs: [String], outputs: [String], traits: TaskTraits)

  static func tasks(_ plugin: String, _ lines: [Line]) -> [String: InstalledTask] {
    var result: [String: InstalledTask] = [:]
    for (index, line) in lines.enumerated() {
      var signature = TaskSignature(id: "\(plugin).\(line.name)", version: "1.0.0", traits: line.traits)
      signature.inputs = line.inputs.map(port)
      signature.outputs = line.outputs.map(port)
      result[line.name] = InstalledTask(
        signature: signature, source: PluginSource(kind: .sharedObject, path: "/plugins/\(plugin).so"), index: index,
        code: Hasher256.digest([UInt8(index)]))
    }
    return result
  }

  /// `name: type = default`.
  private static func port(_ text: String) -> Tasks.Port {
    let sides = text.components(separatedBy: " = ")
    let colon = sides[0].firstIndex(of: ":") ?? sides[0].endIndex
    let type = try? ValueType.parse(String(sides[0][colon...].dropFirst()))
    let value = sides.count > 1 ? Int64(sides[1]).map(Value.int) ?? .string(sides[1]) : nil
    return Tasks.Port(String(sides[0][..<colon]), type ?? .any, default: value)
  }
}

enum Corpus {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Corpus")

  static func names(_ directory: String) -> [String] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(directory).path)) ?? []
    return all.filter { $0.hasSuffix(".assay") }.sorted()
  }

  static func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: root.appendingPathComponent(path)), as: UTF8.self)
  }
}

/// With what is found in the spaces of experiments.
func check(_ text: String, path: String = "test.assay", library: TestLibrary = TestLibrary()) -> Checked {
  var checked = Workflows.check(SourceFile(path: path, text: text), library: library)
  if let program = checked.program { checked.diagnostics += SpaceCheck.diagnostics(program) }
  return checked
}

/// `E0101 8:35 message`, one for each diagnostic.
func lines(_ checked: Checked) -> [String] {
  checked.diagnostics.map {
    let (line, column) = $0.primary.file.position(at: $0.primary.span.start)
    return "\($0.code) \($0.primary.file.path):\(line):\(column) \($0.message)"
  }
}
