import Testing
import Values

extension Trials {
  /// `assay runs diff`.
  @Suite struct DiffTests {
    private let document = """
      assay 1
      use "./libfickle.so" as f
      workflow work {
        in n: int = 1
        step one  = vary(x: n) {
          variant plain = f.steady()
          variant odd = f.lottery()
          default plain
        }
        step each = f.steady(x: i) foreach i in range(n)
        step sum  = f.harmonic(x: one.y)
        out y: int = one.y
        out h: float = sum.y
      }
      """

    @Test func everythingThatDiffersIsSaid() throws {
      let trial = try Trial(["work.assay": document])
      let source = Build.package + "/Tests/Fixtures/trials/fickle.c"
      let plugin = try Build.compile(source, to: trial.path + "/libfickle.so", ["-pthread"])
      let run = { (arguments: [String], threads: String) in
        let end = try trial.begin(
          ["run", "work.assay", "--json"] + arguments, environment: ["OMP_NUM_THREADS": threads]
        ).end()
        try #require(end.code == 0, "\(end)")
      }
      let diff = { (arguments: [String]) in try trial.begin(["runs", "diff"] + arguments).end() }
      try run([], "1")
      try run([], "1")
      let same = try diff(["1", "2", "--exit-code"])
      #expect(same.code == 0, "\(same)")
      #expect(same.out.hasPrefix("run 1 and run 2: the same inputs, code and outputs\n"), "\(same)")

      try trial.write(
        "work.assay",
        document.replacing(
          "out h: float = sum.y", with: "step more = f.steady(x: 5)\n  out h: float = sum.y\n  out m: int = more.y"))
      try Build.compile(source, to: plugin, ["-pthread", "-DSTEP=2"])
      try run(["--set", "n=2", "--seed", "3", "--set", "one=odd"], "7")
      #expect(try diff(["1", "3"]).code == 0)
      let end = try diff(["1", "3", "--json", "--exit-code"])
      #expect(end.code == 1, "\(end)")
      let report = try end.report.json
      func names(_ section: String, _ member: String) -> [String] {
        report[section]?.asArray?.compactMap { $0[member]?.asString } ?? []
      }
      #expect(report["same"] == false)
      #expect(names("inputs", "name") == ["n"])
      #expect(names("variants", "after") == ["odd"])
      #expect(names("documents", "name").count == 1)
      #expect(names("tasks", "name") == ["one"])
      #expect(report["code"]?.asArray?.first?["steps"] == ["each", "sum"], "\(end)")
      #expect(names("settings", "name").contains("seed"))
      #expect(names("environment", "name") == ["OMP_NUM_THREADS"])
      #expect(report["only_after"] == ["more"])
      #expect(Set(names("outputs", "output")) == ["y", "h"], "\(end)")
      #expect(names("steps", "path").contains("each"))
      #expect(names("durations", "verdict").allSatisfy { $0 == "unknown" }, "\(end)")
      #expect(try diff(["1", "9"]).code == 4)
    }
  }
}
