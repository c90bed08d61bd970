import Diagnostics
import Syntax
import Tasks
import Testing
import Values
import Workflows

@Suite struct UseTests {
  private static let part = "assay 1\nworkflow part {\n  in n: int = 1\n  out m: int = n + 1\n}\n"

  private func checked(_ text: String, _ documents: [String: String] = [:]) -> Checked {
    var library = TestLibrary()
    library.documents = documents
    return check(text, path: "dir/main.assay", library: library)
  }

  @Test func workflowsOfOtherFilesAreCalledByNameOrAlias() throws {
    let plain = checked(
      "assay 1\nuse \"../lib/part.assay\"\nworkflow w {\n  step p = part(n: 2)\n  out m: int = p.m\n}",
      ["lib/part.assay": Self.part])
    #expect(lines(plain) == [])
    #expect(plain.program?.files.map(\.path) == ["dir/main.assay", "lib/part.assay"])
    let aliased = checked(
      "assay 1\nuse \"./part.assay\" as q\nworkflow part {\n  step p = q.part(n: 2)\n  out m: int = p.m\n}",
      ["dir/part.assay": Self.part])
    #expect(lines(aliased) == [])
    let program = try #require(aliased.program)
    #expect(program.workflows[0].steps[0].variants[0].callee == .workflow(1))
  }

  @Test func aFileThatManyUseIsReadOnce() throws {
    let program = try #require(
      checked(
        "assay 1\nuse \"./a.assay\"\nuse \"./b.assay\"\nworkflow w {\n  step x = a()\n  step y = b()\n  out s: int = x.m + y.m\n}",
        [
          "dir/a.assay": "assay 1\nuse \"part.assay\"\nworkflow a {\n  step p = part()\n  out m: int = p.m\n}",
          "dir/b.assay": "assay 1\nuse \"./x/../part.assay\"\nworkflow b {\n  step p = part()\n  out m: int = p.m\n}",
          "dir/part.assay": Self.part,
        ]
      ).program)
    #expect(program.files.map(\.path) == ["dir/main.assay", "dir/a.assay", "dir/part.assay", "dir/b.assay"])
    #expect(program.workflows.map(\.name) == ["w", "a", "part", "b"])
  }

  @Test func circlesOfFilesAreDrawn() {
    let result = checked(
      "assay 1\nuse \"./a.assay\"\nworkflow w {}",
      ["dir/a.assay": "assay 1\nuse \"./b.assay\"", "dir/b.assay": "assay 1\nuse \"./main.assay\""])
    #expect(
      lines(result) == [
        "E0303 dir/b.assay:2:5 files use each other in a circle: "
          + "dir/main.assay → dir/a.assay → dir/b.assay → dir/main.assay"
      ])
  }

  @Test func endlessChainsOfFilesEnd() {
    // A directory link that leads to itself gives ever longer paths.
    struct Mirror: Library {
      func plugin(id: String) -> Result<[String: InstalledTask], LoadProblem> { .failure(LoadProblem(.notFound, "")) }
      func plugin(atPath path: String) -> Result<[String: InstalledTask], LoadProblem> { plugin(id: path) }
      func document(atPath path: String) -> Result<SyntaxTree, LoadProblem> {
        .success(Parser.parse(SourceFile(path: path, text: "assay 1\nuse \"./deeper/x.assay\"")))
      }
    }
    let result = Workflows.check(
      SourceFile(path: "x.assay", text: "assay 1\nuse \"./deeper/x.assay\""), library: Mirror())
    #expect(result.diagnostics.map(\.code) == ["E0303"])
  }

  @Test func mistakesOfOtherFilesAreSaidThere() {
    let result = checked(
      "assay 1\nuse \"./part.assay\"\nworkflow w {\n  step p = part(n: \"x\")\n  out m: int = p.m\n}",
      ["dir/part.assay": "assay 1\nworkflow part {\n  in n: int\n  out m: int = nn\n}"])
    #expect(lines(result).map { $0.prefix(22) } == ["E0201 dir/main.assay:4", "E0106 dir/part.assay:4"])
  }

  @Test func namesOfWorkflowsMustNotCollide() {
    let result = checked(
      "assay 1\nuse \"./part.assay\"\nworkflow part {}", ["dir/part.assay": Self.part])
    #expect(result.diagnostics.map(\.code) == ["E0105"])
    #expect(result.diagnostics.first?.secondary.map(\.file.path) == ["dir/main.assay", "dir/part.assay"])
  }

  @Test func workflowsThatCallEachOtherAcrossStepsAreRefused() {
    let text =
      "assay 1\nworkflow a {\n  step x = b()\n}\nworkflow b {\n  step y = vary() {\n    variant v = a()\n    default v\n  }\n}"
    #expect(lines(checked(text)) == ["E0302 dir/main.assay:6:8 workflows call each other in a circle: a → b → a"])
  }

  @Test func filesOfTasksGiveTheirNames() throws {
    var library = TestLibrary()
    library.files = ["dir/libblas-ext.so": TestLibrary.churn, "dir/c.functions.toml": TestLibrary.churn]
    let text = """
      assay 1
      use "./libblas-ext.so"
      use "./c.functions.toml"
      use std.table
      workflow w {
        in data: file<csv>
        step a = table.read_csv(path: data)
        step b = blas_ext.train(table: a.table, trees: 5)
        step c = c.score(model: b.model, table: a.table)
        out auc: float = c.auc
      }
      """
    let program = try #require(check(text, path: "dir/main.assay", library: library).program)
    #expect(program.tasks.map(\.signature.id).sorted() == ["churn.score", "churn.train", "std.table.read_csv"])
  }
}
