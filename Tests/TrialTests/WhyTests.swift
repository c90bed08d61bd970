import Testing
import Values

extension Trials {
  /// `assay why`, asked as a user asks.
  @Suite struct WhyTests {
    private let document = """
      assay 1
      use "./libfickle.so" as f
      use "./words.py"
      workflow inner {
        in k: int
        step add = f.steady(x: k)
        out y: int = add.y
      }
      workflow work {
        in data: file
        in n: int = 1
        step count = words.count(file: data)
        step sub   = inner(k: 5)
        step each  = f.steady(x: i) foreach i in range(n)
        step all   = f.steady(x: count.n + sub.y + sum(each.y))
        out y: int = all.y
      }
      """

    private func project() throws -> Trial {
      let trial = try Trial([
        "work.assay": document, "data.txt": "two words",
        "words.py": """
        from assay import task, File
        from helper import split

        @task(output="n", pure=True, deterministic=True)
        def count(file: File) -> int:
            return len(split(open(file).read()))
        """,
        "helper.py": "def split(text):\n    return text.split()\n",
      ])
      try Build.compile(
        Build.package + "/Tests/Fixtures/trials/fickle.c", to: trial.path + "/libfickle.so", ["-pthread"])
      return trial
    }

    private func roots(_ trial: Trial, _ call: String) throws -> [JSON] {
      let end = try trial.assay("why", "last", call, "--json")
      try #require(end.code == 0, "\(end)")
      return try end.report.json["roots"]?.asArray ?? []
    }

    @Test func eachRootIsFoundWhereItIs() throws {
      let trial = try project()
      let run = { (arguments: [String]) in
        let end = try trial.begin(["run", "work.assay", "--set", "data=data.txt", "--json"] + arguments).end()
        try #require(end.code == 0, "\(end)")
      }
      try run([])
      #expect(try trial.assay("why", "last", "all").out.hasPrefix("all ran in run 1: no earlier run has this call"))
      try run([])
      let reused = try trial.assay("why", "last", "all")
      #expect(reused.out.hasPrefix("all was not run in run 2: it took the result of run 1"), "\(reused)")

      try trial.write("data.txt", "now three words")
      try run([])
      let file = try roots(trial, "all")
      #expect(file.count == 1 && file[0]["kind"] == "input" && file[0]["call"] == "count", "\(file)")
      #expect(file[0]["after"]?["path"]?.asString?.hasSuffix("/data.txt") == true)

      try trial.write("helper.py", "def split(text):\n    return text.split() + ['more']\n")
      try run([])
      let module = try roots(trial, "all")
      #expect(module.count == 1 && module[0]["kind"] == "code" && module[0]["call"] == "count", "\(module)")
      #expect(module[0]["parts"]?.asArray?.map { $0["name"] } == ["helper.py"])

      try trial.write("work.assay", document.replacing("k: 5", with: "k: 6"))
      try run([])
      let text = try roots(trial, "all")
      #expect(text.count == 1 && text[0]["kind"] == "document" && text[0]["place"] == "sub: k", "\(text)")
      #expect(text[0]["before"] == "5" && text[0]["after"] == "6")

      try Build.compile(
        Build.package + "/Tests/Fixtures/trials/fickle.c", to: trial.path + "/libfickle.so", ["-pthread", "-DSTEP=2"])
      try run(["--set", "n=2"])
      let several = try roots(trial, "all")
      #expect(Set(several.compactMap { $0["kind"]?.asString }) == ["code", "input"], "\(several)")
      let words = try trial.assay("why", "last", "all").out
      #expect(words.contains("input `n` was 1, is 2") && words.contains("the code of libfickle.so changed"), "\(words)")
    }

    @Test func whatIsNotThereIsSaid() throws {
      let trial = try Trial(["work.assay": DeterminismTests.document("steady", try Build.fickle, type: "int")])
      #expect(try trial.assay("why", "last", "odd").code == 4)
      try trial.run("work.assay")
      for (step, help) in [
        ("od", "did you mean `odd`?"), ("odd[3]", "calls: odd"), ("zzzzzz", "steps: before, odd, after"),
      ] {
        let end = try trial.assay("why", "last", step)
        #expect(end.code == 4 && end.err.contains(help), "\(end)")
      }
      #expect(try trial.assay("why", "7", "odd").code == 4)
      #expect(try trial.assay("why", "first", "odd").code == 2)
    }
  }
}
