import Glibc
import Testing
import Values

extension Trials {
  /// What is run again, and what is not.
  @Suite struct ReuseTests {
    private func work(_ plugin: String, _ options: String = "") -> [String: String] {
      [
        "work.assay": """
        assay 1
        use "\(plugin)" as t
        workflow work {
          in data: file
          in n: int = 3
          step text  = t.read(x: data)
          step items = t.grow(x: i) foreach i in range(n)
          step all   = t.grow(x: sum(items.y)) {
            \(options)
          }
          step long  = t.grow(x: size(text.y))
          out y: int = all.y + long.y
        }
        """,
        "data.txt": "twelve bytes",
      ]
    }

    @Test func aSecondRunReusesAllAndOnlyWhatChangedRunsAgain() throws {
      let trial = try Trial(work(try Build.trial))
      let first = try trial.run("work.assay", "--set", "data=data.txt")
      #expect(first.count("ran") == 6)
      let second = try trial.run("work.assay", "--set", "data=data.txt")
      #expect(second.count("ran") == 0)
      #expect(second.count("reused") == 6)
      #expect(second.outputs == first.outputs)

      // One item more, and what depends on it.
      let more = try trial.run("work.assay", "--set", "data=data.txt", "--set", "n=4")
      #expect(more.count("ran") == 2)
      #expect(more.count("reused") == 5)

      // The file changes: its readers run, and the plan says it before.
      try trial.write("data.txt", "now it has 20 bytes!")
      let plan = try trial.assay("plan", "work.assay", "--set", "data=data.txt", "--json")
      #expect(plan.code == 0, "\(plan)")
      let calls = try JSON.parse(Array(plan.out.utf8))["calls"]?.asArray ?? []
      let text = calls.first { $0["step"] == "text" }
      #expect(text?["would"] == "run", "\(plan)")
      #expect(text?["why"]?.asString?.isEmpty == false, "\(plan)")
      #expect(calls.first { $0["step"] == "items" }?["would"] == "reuse", "\(plan)")
      let changed = try trial.run("work.assay", "--set", "data=data.txt")
      #expect(changed.count("ran") == 2)
      #expect(changed.count("reused") == 4)
      #expect(changed.outputs == ["y": 28])

      // The same bytes in another file are the same input.
      try trial.write("other.txt", "twelve bytes")
      #expect(try trial.run("work.assay", "--set", "data=other.txt").count("ran") == 0)

      let none = try trial.run("work.assay", "--set", "data=data.txt", "--no-reuse")
      #expect(none.count("ran") == 6)
      #expect(none.count("reused") == 0)
    }

    @Test func codeCountsAndTheDateOfItsFileDoesNot() throws {
      let trial = try Trial()
      let source = Build.package + "/Tests/Fixtures/trials/trial.c"
      let plugin = try Build.compile(source, to: trial.path + "/libtrial.so")
      for (name, text) in work("./libtrial.so") { try trial.write(name, text) }
      try trial.run("work.assay", "--set", "data=data.txt")

      var times = [timespec](repeating: timespec(tv_sec: 1_000_000_000, tv_nsec: 0), count: 2)
      #expect(utimensat(AT_FDCWD, plugin, &times, 0) == 0)
      #expect(try trial.run("work.assay", "--set", "data=data.txt").count("ran") == 0)
      try Build.compile(source, to: plugin)
      #expect(try trial.run("work.assay", "--set", "data=data.txt").count("ran") == 0)

      try Build.compile(source, to: plugin, ["-DSTEP=2"])
      let other = try trial.run("work.assay", "--set", "data=data.txt")
      #expect(other.count("reused") == 0)
      #expect(other.outputs == ["y": 25])
    }

    @Test func reuseNeverRunsEachTime() throws {
      let trial = try Trial(work(try Build.trial, "reuse never"))
      try trial.run("work.assay", "--set", "data=data.txt")
      let second = try trial.run("work.assay", "--set", "data=data.txt")
      #expect(second.count("ran") == 1)
      #expect(second.count("reused") == 5)
    }

    @Test func aTaskThatIsNotPureRunsEachTime() throws {
      let trial = try Trial([
        "notes.assay": """
        assay 1
        use "\(try Build.trial)" as t
        workflow notes {
          in side: string
          step note = t.note(x: 1, path: side)
          step next = t.grow(x: note.y)
          out y: int = next.y
        }
        """
      ])
      try trial.run("notes.assay", "--set", "side=\(trial.path)/side")
      let second = try trial.run("notes.assay", "--set", "side=\(trial.path)/side")
      #expect(second.count("ran") == 1)
      #expect(second.count("reused") == 1)
      #expect(trial.lines("side").count == 2)
    }

    @Test func aBrokenPromiseIsToldOn() throws {
      let trial = try Trial([
        "lie.assay": """
        assay 1
        use "\(try Build.trial)" as t
        workflow lie {
          step lie = t.lie(x: 1)
          out y: int = lie.y
        }
        """
      ])
      try trial.run("lie.assay")
      let again = try trial.assay("run", "lie.assay", "--no-reuse")
      #expect(again.code == 0, "\(again)")
      #expect(again.err.contains("`trial.lie` is declared deterministic, but `y` differs from run 1"), "\(again)")
      #expect(try trial.assay("runs", "logs", "2").out.contains("declared deterministic"))
    }

    /// The store lost an artifact: what gave it runs again.
    @Test func aLostArtifactIsMadeAgain() throws {
      let trial = try Trial([
        "blob.assay": """
        assay 1
        use "\(try Build.trial)" as t
        workflow blob {
          step big = t.blob(x: 300000)
          out size: int = size(big.y)
        }
        """
      ])
      try trial.run("blob.assay")
      let list = try trial.assay("artifact", "list", "--json")
      let digest = try #require(
        try JSON.parse(Array(list.out.utf8))["artifacts"]?.asArray?.first?["digest"]?.asString, "\(list)")
      let hex = digest.replacing("sha256:", with: "")
      let object = "\(trial.store)/artifacts/sha256/\(hex.prefix(2))/\(hex.dropFirst(2))"
      #expect(unlink(object) == 0, "\(object)")
      let again = try trial.run("blob.assay")
      #expect(again.count("ran") == 1)
      #expect(again.outputs == ["size": 300_000])
    }
  }
}
