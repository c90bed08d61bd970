import Testing
import Values

extension Trials {
  /// C, Swift and Python in one run.
  @Suite struct LanguageTests {
    private static let parts = """
      from typing import List, TypedDict

      from assay import Table, Tensor, task


      class Part(TypedDict):
          name: str
          sizes: List[int]


      @task(pure=True, deterministic=True)
      def double(x: Tensor["f64", "n"]) -> Tensor["f64", "n"]:
          values = x.memoryview()
          y = memoryview(bytearray(8 * len(values))).cast("d")
          for i, value in enumerate(values):
              y[i] = 2 * value
          return y


      @task(pure=True, deterministic=True)
      def part(name: str, sizes: List[int]) -> Part:
          return {"name": name, "sizes": sizes}


      @task(pure=True, deterministic=True)
      def rows(words: List[str]) -> Table["word: string, length: int"]:
          return {"word": words, "length": [len(word) for word in words]}


      @task(pure=True, deterministic=True)
      def lengths(table: Table) -> List[int]:
          return table.columns()["length"]
      """

    @Test func threeLanguagesExchangeValuesOfEachKind() throws {
      let trial = try Trial([
        "parts.py": Self.parts,
        "mix.assay": """
        assay 1
        use std.table as tables
        use std.text as text
        use "\(try Build.trial)" as t
        use "./parts.py"
        workflow mix {
          in n: int = 1_310_720                                    # 10 MiB
          step ramp  = t.ramp(x: n)
          step twice = parts.double(x: ramp.y)
          step total = t.total(x: twice.value)
          step part  = parts.part(name: "ab", sizes: range(3))
          step texts = t.unfold(x: {name: part.name, sizes: part.sizes})
          step join  = text.join(texts: texts.y, separator: "-")
          step shout = text.letters(text: join.text, to: "upper")
          step rows  = parts.rows(words: texts.y)
          step kept  = tables.select(table: rows.value, columns: ["length"])
          step found = parts.lengths(table: kept.table)
          out total: float = total.y
          out shout: string = shout.text
          out lengths: list<int> = found.value
        }
        """,
      ])
      let first = try trial.run("mix.assay")
      #expect(first.outputs == ["total": 1_717_985_607_680.0, "shout": "AB-AB-AB", "lengths": [2, 2, 2]])
      let second = try trial.run("mix.assay")
      #expect(second.outputs == first.outputs)
      #expect(second.count("ran") == 0)
      try trial.awaitNoProcesses()
    }

    private static func script(_ version: Int) -> String {
      """
      # /// script
      # requires-python = "==3.\(version).*"
      # ///
      import sys
      from assay import task

      @task(pure=True)
      def version() -> str:
          return "%d.%d" % sys.version_info[:2]
      """
    }

    /// Minor versions of two Pythons of this machine, if it has two.
    private static let versions: [Int] = {
      guard let trial = try? Trial() else { return [] }
      var found: [Int] = []
      for version in [11, 12, 13, 10, 9, 8, 14] where found.count < 2 {
        try? trial.write("p.py", script(version))
        if (try? trial.assay("plugin", "describe", "p.py"))?.code == 0 { found.append(version) }
      }
      return found
    }()

    @Test(.enabled(if: versions.count == 2, "this machine has no two Pythons"))
    func twoPythonsWorkInOneRun() throws {
      let trial = try Trial([
        "one.py": Self.script(Self.versions[0]), "two.py": Self.script(Self.versions[1]),
        "pythons.assay": """
        assay 1
        use "./one.py"
        use "./two.py"
        use std.text as text
        workflow pythons {
          step a = one.version()
          step b = two.version()
          step both = text.join(texts: [a.value, b.value], separator: " ")
          out both: string = both.text
        }
        """,
      ])
      let report = try trial.run("pythons.assay")
      #expect(report.outputs == ["both": .string(Self.versions.map { "3.\($0)" }.joined(separator: " "))])
    }
  }
}
