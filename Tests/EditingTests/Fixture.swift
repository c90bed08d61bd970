import Diagnostics
import Editing
import Syntax
import Tasks
import Testing
import Values
import Workflows

/// Repeatable random numbers.
struct Generator: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

/// A library in memory.
struct MemoryLibrary: Library {
  var documents: [String: String] = [:]

  static let table: [String: InstalledTask] = [
    task("std.table.read_csv", ["path: file<csv>", "header: bool = true"], ["table: table"], doc: "Reads a CSV file."),
    task(
      "std.table.split", ["table: table", "test: float(0..1)", "seed: int?"], ["train: table", "test: table"],
      doc: "Divides the rows."),
    task("std.table.kfold", ["table: table", "k: int(2..20)"], ["folds: list<{train: table, test: table}>"]),
    task("std.table.impute", ["table: table", "method: enum(\"mean\", \"median\")"], ["table: table"]),
    task("std.table.mean", ["values: list<float>"], ["value: float"]),
  ].reduce(into: [:]) { $0[String($1.signature.id.dropFirst(10))] = $1 }

  static let churn: [String: InstalledTask] = [
    "train": task("churn.train", ["table: table", "trees: int = 100"], ["model: churn.model"], python: true),
    "score": task("churn.score", ["model: churn.model", "table: table"], ["auc: float"], python: true),
  ]

  private static func task(
    _ id: String, _ inputs: [String], _ outputs: [String], doc: String = "", python: Bool = false
  ) -> InstalledTask {
    InstalledTask(
      signature: TaskSignature(
        id: id, version: "1.0.0", doc: doc, traits: [.pure], inputs: inputs.map(port), outputs: outputs.map(port)),
      source: PluginSource(
        kind: python ? .python : .sharedObject, path: python ? "tasks/churn.py" : "/libstd_table.so"),
      index: 0, code: Hasher256.digest([]))
  }

  private static func port(_ text: String) -> Port {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    let sides = parts[1].split(separator: " = ").map(String.init)
    let type = (try? ValueType.parse(sides[0].trimmed)) ?? .any
    let value: Value? = sides.count > 1 ? sides[1] == "true" ? .bool(true) : .int(Int64(sides[1]) ?? 0) : nil
    return Port(parts[0], type, doc: "The \(parts[0]).", default: value)
  }

  func plugin(id: String) -> Result<[String: InstalledTask], LoadProblem> {
    id == "std.table" ? .success(Self.table) : .failure(LoadProblem(.notFound, "no such plugin"))
  }

  func plugin(atPath path: String) -> Result<[String: InstalledTask], LoadProblem> {
    path == "tasks/churn.py" ? .success(Self.churn) : .failure(LoadProblem(.notFound, "no such file"))
  }

  func document(atPath path: String) -> Result<SyntaxTree, LoadProblem> {
    documents[path].map { .success(Parser.parse(SourceFile(path: path, text: $0))) }
      ?? .failure(LoadProblem(.notFound, "no such file"))
  }
}

extension String {
  fileprivate var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}

/// A document with the places of its carets, each written `⟨name⟩` in the text; they are not part of it.
struct Marked {
  var text = ""
  var carets: [String: Int] = [:]

  init(_ source: String) {
    var rest = source[...]
    while let open = rest.firstIndex(of: "⟨"), let close = rest[open...].firstIndex(of: "⟩") {
      text += rest[..<open]
      carets[String(rest[rest.index(after: open)..<close])] = text.utf8.count
      rest = rest[rest.index(after: close)...]
    }
    text += rest
  }

  func analysis(_ documents: [String: String] = [:]) -> Analysis {
    Analysis.of(SourceFile(path: "main.assay", text: text), library: MemoryLibrary(documents: documents))
  }
}

let head = """
  assay 1
  use std.table as t
  use "./tasks/churn.py"


  """
