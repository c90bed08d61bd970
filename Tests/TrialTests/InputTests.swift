import Glibc
import Processes
import Testing
import Values

extension Trials {
  /// What a person may get wrong, or find missing: one error, its exit code, and a hint.
  @Suite struct InputTests {
    private func project() throws -> Trial {
      try Trial([
        "ok.assay": """
        assay 1
        use "\(try Build.trial)" as t
        workflow ok {
          in count: int(1..5) = 2
          in data: file?
          in list: list<int> = [1]
          step items = t.grow(x: count)
          step more  = t.grow(x: i) foreach i in list
          step point = vary(x: 1) {
            variant plain = t.grow()
            variant fussy = t.fussy()
            default plain
          }
          out y: int = items.y + point.y + sum(more.y)
        }
        """
      ])
    }

    // MARK: Documents

    struct Document: Sendable, CustomTestStringConvertible {
      var testDescription: String { says }
      var text: String
      /// Part of the errors.
      var says: String
    }

    @Test(arguments: [
      Document(text: "", says: "E0005"),
      Document(text: "assay 9\n", says: "w.assay:1:7"),
      Document(text: "assay 1\nworkflow w {\n  step a = t.grow(x: 1)\n}\n", says: "w.assay:3:12"),
      Document(text: "assay 1\nuse \"./missing.so\" as m\nworkflow w { }\n", says: "w.assay:2:5"),
      Document(text: "assay 1\nuse std.txet as t\nworkflow w { }\n", says: "std.text"),
      Document(text: "assay 1\nuse \"./w.assay\"\nworkflow w { }\n", says: "w.assay:2:5"),
      Document(
        text: "assay 1\nuse std.text as t\nworkflow w {\n  step a = t.greet(nmae: \"x\")\n}\n", says: "w.assay:4:20"),
      Document(
        text: "assay 1\nuse std.text as t\nworkflow w {\n  step a = t.greet(name: 1)\n  out y: string = a.text\n}\n",
        says: "w.assay:4:26"),
      Document(text: "assay 1\nuse std.text as t\nworkflow w {\n  step a = \n", says: "w.assay:5:1"),
      Document(text: "assay 1\nworkflow w {\n  out y: int = \u{1F600}\n}\n", says: "w.assay:3:16"),
    ])
    func aWrongDocumentIsShownWhereItIsWrong(_ document: Document) throws {
      let trial = try Trial(["w.assay": document.text])
      for command in ["check", "plan", "run"] {
        let end = try trial.assay(command, "w.assay")
        #expect(end.code == 3, "\(command): \(end)")
        #expect(end.err.contains(document.says), "\(command): \(end)")
      }
      #expect(Files.stamp(trial.store) == nil, "nothing was run, so there is no store")
    }

    @Test func documentsThatCannotBeRead() throws {
      let trial = try project()
      try Files.writeAtomically(trial.path + "/latin.assay", [0x61, 0xFF, 0xFE, 0x00])
      try Files.makeDirectory(trial.path + "/folder.assay")
      for (file, code, says) in [
        ("latin.assay", 3, "UTF-8"), ("folder.assay", 3, "is a folder"), ("nowhere.assay", 4, "there is no file"),
      ] as [(String, Int32, String)] {
        let end = try trial.assay("run", file)
        #expect(end.code == code, "\(end)")
        #expect(end.complaints.count == 1 && end.err.contains(says), "\(end)")
      }
      if getuid() != 0 {
        #expect(chmod(trial.path + "/ok.assay", 0) == 0)
        #expect(try trial.assay("run", "ok.assay").code == 3)
      }
    }

    // MARK: Inputs

    struct Call: Sendable, CustomTestStringConvertible {
      var arguments: [String]
      var code: Int32 = 2
      var says: [String]
      var testDescription: String { arguments.joined(separator: " ") }
    }

    @Test(arguments: [
      Call(arguments: ["--set", "cuont=3"], says: ["no input or variability point `cuont`", "did you mean `count`?"]),
      Call(arguments: ["--set", "count=three"], says: ["`count`", "`three` is not a whole number"]),
      Call(arguments: ["--set", "count=9"], says: ["`count`", "expected int in 1..5, got 9"]),
      Call(arguments: ["--set", "count"], says: ["name=value"]),
      Call(arguments: ["--set", "point=fusy"], says: ["no variant `fusy`", "fussy"]),
      Call(arguments: ["--set", "items=x"], says: ["`items` is not a variability point"]),
      Call(arguments: ["--set", "list=[1,"], says: ["`list`"]),
      Call(arguments: ["--set", "data=nowhere.csv"], code: 4, says: ["`data`", "nowhere.csv"]),
      Call(arguments: ["--inputs", "cut.json"], says: ["cut.json", "line 2"]),
      Call(arguments: ["--inputs", "array.json"], says: ["array.json", "object"]),
      Call(arguments: ["--inputs", "unknown.json"], says: ["`cuont`", "did you mean `count`?"]),
      Call(arguments: ["--inputs", "type.json"], says: ["`count`", "got a string"]),
      Call(arguments: ["--inputs", "nowhere.json"], code: 4, says: ["nowhere.json"]),
      Call(arguments: ["--until", "itms"], says: ["no step `itms`", "items"]),
      Call(arguments: ["--workflow", "okk"], says: ["no workflow `okk`", "did you mean `ok`?"]),
      Call(arguments: ["--parallel", "0"], says: ["--parallel"]),
      Call(arguments: ["--resume", "0"], says: ["unexpected argument '0'"]),
      Call(arguments: ["--no-resue"], says: ["--no-resue"]),
    ])
    func aWrongArgumentIsOneError(_ call: Call) throws {
      let trial = try project()
      try trial.write("cut.json", "{\"count\": 3\n")
      try trial.write("array.json", "[1]")
      try trial.write("unknown.json", "{\"cuont\": 3}")
      try trial.write("type.json", "{\"count\": \"three\"}")
      let end = try trial.begin(["run", "ok.assay"] + call.arguments).end()
      #expect(end.code == call.code, "\(end)")
      #expect(end.complaints.count == 1, "\(end)")
      for words in call.says { #expect(end.err.contains(words), "\(end)") }
      #expect(!end.err.contains("WorkspaceError"), "\(end)")
    }

    @Test func aPlanWithAMissingFileIsTheSameError() throws {
      let trial = try project()
      let end = try trial.assay("plan", "ok.assay", "--set", "data=nowhere.csv")
      #expect(end.code == 4, "\(end)")
      #expect(end.complaints.count == 1 && end.err.contains("nowhere.csv"), "\(end)")
      #expect(!end.err.contains("WorkspaceError"), "\(end)")
    }

    @Test func inputsComeFromAFileAndFromTheLine() throws {
      let trial = try project()
      try trial.write("inputs.json", "{\"count\": 3, \"list\": [10, 20]}")
      #expect(try trial.run("ok.assay", "--inputs", "inputs.json").outputs == ["y": 38])
      // The line has the last word.
      #expect(try trial.run("ok.assay", "--inputs", "inputs.json", "--set", "count=5").outputs == ["y": 40])
    }

    // MARK: Python

    struct Script: Sendable, CustomTestStringConvertible {
      var testDescription: String { name }
      var name: String
      var text: String
      var says: [String]
    }

    private static let task = "from assay import task\n@task\ndef f(x: int) -> int:\n    return x\n"

    @Test(arguments: [
      Script(name: "syntax", text: "def f(:\n", says: ["syntax.py:1", "syntax error"]),
      Script(name: "import", text: "import no_such_module_x\n", says: ["No module named 'no_such_module_x'"]),
      Script(
        name: "annotation", text: "from assay import task\n@task\ndef f(x: \"frobnicate\") -> int:\n    return 1\n",
        says: ["task `f`", "parameter `x`", "frobnicate"]),
      Script(
        name: "unannotated", text: "from assay import task\n@task\ndef f(x):\n    return 1\n", says: ["`f`", "`x`"]),
      Script(name: "none", text: "print('no task')\n", says: ["none.py"]),
      Script(name: "leaves", text: "import sys\nsys.exit(0)\n", says: ["leaves.py"]),
      Script(
        name: "interpreter", text: "# /// script\n# requires-python = \">=3.99\"\n# ///\n" + task,
        says: ["no interpreter satisfies Python >=3.99"]),
      Script(
        name: "dependency", text: "# /// script\n# dependencies = [\"no-such-package-x\"]\n# ///\n" + task,
        says: ["no-such-package-x"]),
      Script(
        name: "metadata", text: "# /// script\n# dependencies = [\n# ///\n" + task, says: ["metadata.py"]),
    ])
    func aPythonFileThatCannotBeUsedIsOneError(_ script: Script) throws {
      let trial = try Trial([
        "\(script.name).py": script.text,
        "w.assay": """
        assay 1
        use "./\(script.name).py" as p
        workflow w {
          step a = p.f(x: 1)
          out y: int = a.value
        }
        """,
      ])
      // The installer finds nothing, and does not look for it in the network.
      let end = try trial.assay(
        "run", "w.assay", environment: ["PIP_NO_INDEX": "1", "UV_NO_INDEX": "1", "UV_OFFLINE": "1"])
      #expect(end.code == 3, "\(end)")
      #expect(end.complaints.count == 1, "\(end)")
      #expect(end.err.contains("w.assay:2:5"), "\(end)")
      for words in script.says { #expect(end.err.contains(words), "\(end)") }
      try trial.awaitNoProcesses()
    }

    @Test func aPythonTaskThatFailsSaysWhere() throws {
      let trial = try Trial([
        "p.py": """
        from assay import task

        @task
        def divide(x: int) -> int:
            print("dividing")
            return 1 // x
        """,
        "w.assay": """
        assay 1
        use "./p.py"
        workflow w {
          step a = p.divide(x: 0)
          out y: int = a.value
        }
        """,
      ])
      let end = try trial.assay("run", "w.assay", "--json")
      #expect(end.code == 1, "\(end)")
      #expect(end.complaints.count == 1, "\(end)")
      let failure = try end.report.json["failures"]?.asArray?.first?["failure"]
      #expect(failure?["code"] == "python.ZeroDivisionError", "\(end)")
      #expect(failure?["detail"]?.asString?.contains("p.py\", line 6") == true, "\(end)")
      #expect(try trial.assay("runs", "logs").out.contains("dividing"))
    }
  }
}
