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

    /// Another variant with other parameters: each field has what it was and what it is, defaults too.
    @Test func anotherVariantIsAFieldDiff() throws {
      let trial = try Trial([
        "work.assay": """
        assay 1
        use std.text as text
        workflow work {
          in who: string = "Ada"
          step s = vary() {
            variant plain = text.letters(text: who)
            variant low   = text.letters(text: who, to: "lower")
            variant tone  = text.greet(name: who)
            default plain
          }
          out n: string = s.text
        }
        """
      ])
      func why(_ variant: String) throws -> String {
        try trial.run("work.assay", "--set", "s=\(variant)")
        let words = try trial.assay("why", "last", "s").out
        #expect(!words.contains("the record does not say"), "\(words)")
        return words
      }
      _ = try why("plain")
      let tone = try why("tone")
      for line in [
        "root cause\n  ▸ variant of `s` was plain, is tone\n",
        "inputs.name: is who, a parameter that only std.text.greet has  (s: name)",
        "inputs.greeting: is \"Hello\" by default, a parameter that only std.text.greet has  (s: greeting)",
        "inputs.to: was \"upper\" by default, a parameter that only std.text.letters has  (s: to)",
      ] { #expect(tone.contains(line), "\(line)\n\(tone)") }
      let low = try why("low")
      #expect(low.contains("root cause\n  ▸ variant of `s` was plain, is low\n"), "\(low)")
      #expect(low.contains("was \"upper\" by default, is \"lower\"  (s: to)"), "\(low)")
      let report = try trial.assay("why", "last", "s", "--json").report.json
      let cause = report["calls"]?.asArray?[0]["changes"]?.asArray?[0]["causes"]?.asArray?[1]
      #expect(cause?["kind"] == "argument")
      #expect(cause?["before"] == ["task": "std.text.letters", "text": "\"upper\"", "default": true])
      #expect(cause?["after"] == ["task": "std.text.letters", "text": "\"lower\"", "default": false])
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
