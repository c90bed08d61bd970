import Testing
import Values

extension Trials {
  /// How much is run, what of it, and how much at a time.
  @Suite struct OptionTests {
    private func mixture() throws -> [String: String] {
      [
        "mixture.assay": """
        assay 1
        use std.text as text
        use "\(try Build.trial)" as t
        workflow part {
          in x: int
          step one = t.grow(x: x)
          step two = t.grow(x: i) foreach i in range(one.y)
          out ys: list<int> = two.y
        }
        workflow mixture {
          step parts = part(x: i) foreach i in range(6)
          step point = vary(x: 7) {
            variant plain = t.grow()
            variant fussy = t.fussy()
            default plain
          }
          step some = t.grow(x: point.y) when point.y > 7
          step word = text.greet(name: fmt("{}", point.y))
          out parts: list<list<int>> = parts.ys
          out some: int = some.y ?? 0
          out word: string = word.text
        }
        """
      ]
    }

    @Test func theOutputsDoNotDependOnHowMuchRunsAtATime() throws {
      let expected: JSON = [
        "parts": .array((1...6).map { n in .array((1...n).map { .int(Int64($0)) }) }), "some": 9,
        "word": "Hello, 8!",
      ]
      for parallel in ["1", "4", "16"] {
        let trial = try Trial(try mixture())
        #expect(try trial.run("mixture.assay", "--parallel", parallel).outputs == expected, "--parallel \(parallel)")
      }
    }

    @Test func anotherVariantIsChosen() throws {
      let trial = try Trial(try mixture())
      try trial.run("mixture.assay")
      let other = try trial.run("mixture.assay", "--set", "point=fussy")
      #expect(other.outputs?["some"] == 0)
      #expect(other.outputs?["word"] == "Hello, 7!")
      // The parts have nothing to do with it.
      #expect(other.count("ran") == 2)
      #expect(try trial.assay("runs", "show").out.contains("fussy"))
    }

    private func chain(_ outputs: String) throws -> [String: String] {
      [
        "chain.assay": """
        assay 1
        use "\(try Build.trial)" as t
        workflow chain {
          in side: string
          step a = t.note(x: 1, path: side)
          step b = t.note(x: a.y, path: side)
          step c = t.note(x: b.y, path: side)
          step d = t.note(x: 5, path: side)
          \(outputs)
        }
        """
      ]
    }

    @Test func untilRunsAStepAndWhatItNeeds() throws {
      let trial = try Trial(try chain("out b: int = b.y\n  out c: int = c.y\n  out d: int = d.y"))
      let report = try trial.run("chain.assay", "--set", "side=\(trial.path)/side", "--until", "b")
      #expect(report.count("ran") == 2)
      #expect(trial.lines("side") == ["a", "b"])
      #expect(report.outputs?["b"] == 3)
    }

    @Test func untilLeavesOutOutputsThatCannotBeComputed() throws {
      let trial = try Trial(try chain("out b: int = b.y\n  out sum: int = c.y + d.y"))
      let end = try trial.assay("run", "chain.assay", "--set", "side=\(trial.path)/side", "--until", "b", "--json")
      #expect(trial.lines("side") == ["a", "b"])
      #expect(end.code == 0, "\(end)")
    }

    /// The most tasks that were under way at once, by their "+" and "-".
    private func peak(_ lines: [String]) -> Int {
      lines.reduce(into: (now: 0, most: 0)) { count, line in
        count.now += line == "+" ? 1 : -1
        count.most = max(count.most, count.now)
      }.most
    }

    private func overlapping(_ clause: String, _ options: String = "") throws -> [String: String] {
      [
        "overlap.assay": """
        assay 1
        use "\(try Build.trial)" as t
        workflow overlap {
          in side: string
          step many = t.overlap(x: i, path: side, ms: 5) foreach i in range(16) \(clause){
            \(options)
          }
          out y: int = sum(many.y)
        }
        """
      ]
    }

    @Test(arguments: [
      ("", "", "3", 3), ("max 2 ", "", "8", 2), ("", "resources cpu 2", "6", 3), ("", "resources cpu 9", "4", 1),
      ("", "", "1", 1),
    ])
    func neverMoreAtATimeThanAllowed(_ clause: String, _ options: String, _ parallel: String, _ most: Int) throws {
      let trial = try Trial(try overlapping(clause, options))
      let report = try trial.run("overlap.assay", "--set", "side=\(trial.path)/side", "--parallel", parallel)
      #expect(report.outputs == ["y": 120])
      let lines = trial.lines("side")
      #expect(lines.count == 32)
      #expect(peak(lines) <= most)
    }

    /// Four tasks that only end once all of them have begun.
    @Test func asManyAtATimeAsAllowed() throws {
      let trial = try Trial([
        "together.assay": """
        assay 1
        use "\(try Build.trial)" as t
        workflow together {
          in mark: string
          in gate: string
          step all = t.wait(x: i, mark: mark, gate: gate) foreach i in range(4)
          out y: int = sum(all.y)
        }
        """
      ])
      let engine = try trial.begin([
        "run", "together.assay", "--set", "mark=\(trial.path)/mark", "--set", "gate=\(trial.path)/gate", "--parallel",
        "4", "--json",
      ])
      let marks = try trial.wait(4, linesIn: "mark")
      #expect(Set(marks.map { $0.split(separator: " ")[1] }).count == 4, "each in a process of its own: \(marks)")
      try trial.write("gate", "")
      let end = try engine.end()
      #expect(try end.report.outputs == ["y": 10], "\(end)")
    }

    @Test func progressAsEventsIsJSONLineByLine() throws {
      let trial = try Trial(try mixture())
      let end = try trial.assay("run", "mixture.assay", "--progress", "json")
      #expect(end.code == 0, "\(end)")
      let events = try end.out.split(separator: "\n").map { try JSON.parse(Array($0.utf8)) }
      #expect(events.first?["type"] == "run.started")
      #expect(events.last?["type"] == "summary")
      #expect(events.compactMap { $0["seq"]?.asInt } == Array(1...Int64(events.count)))
    }
  }
}
