import Glibc
import Processes
import Testing
import Traces
import Values

extension Trials {
  /// `assay reproduce`: what differs is found, and the ladder names the cause.
  @Suite struct ReproduceTests {
    struct Fickle: Sendable, CustomStringConvertible {
      var task: String
      var type: String
      var cause: String
      var before: [String: String] = [:]
      var after: [String: String] = [:]
      var description: String { task }
    }

    @Test(arguments: [
      Fickle(task: "clock", type: "int", cause: "clock"),
      Fickle(task: "stamp", type: "string", cause: "clock"),
      Fickle(task: "lottery", type: "int", cause: "seed"),
      Fickle(task: "leftover", type: "int", cause: "memory"),
      Fickle(
        task: "language", type: "string", cause: "locale", before: ["LC_ALL": "C"], after: ["LC_ALL": "C.UTF-8"]),
      Fickle(
        task: "harmonic", type: "float", cause: "threads", before: ["OMP_NUM_THREADS": "1"],
        after: ["OMP_NUM_THREADS": "7"]),
      Fickle(
        task: "variable", type: "string", cause: "environment", before: ["FICKLE_MODE": "one"],
        after: ["FICKLE_MODE": "two"]),
    ])
    func theLadderNamesTheCause(_ fickle: Fickle) throws {
      let trial = try Trial([
        "work.assay": DeterminismTests.document(fickle.task, try Build.fickle, type: fickle.type)
      ])
      try trial.run("work.assay", environment: fickle.before)
      let end = try trial.assay("reproduce", "last", "--json", environment: fickle.after)
      #expect(end.code == 2, "\(end)")
      let report = try end.report.json
      #expect(report["verdict"] == "different" && report["original"] == 1 && report["repetition"] == 2)
      #expect(report["first"]?["step"] == "odd" && report["first"]?["same_inputs"] == true, "\(end)")
      #expect(report["different"]?.asArray?.count == 1, "\(end)")
      let top = report["ladder"]?.asArray?.first
      #expect(top?["cause"]?.asString == fickle.cause, "\(end)")
      #expect(top?["weight"] != "unlikely" && top?["evidence"]?.asArray?.isEmpty == false)
      let summary = try trial.trace().summary(of: 2)
      #expect(summary?.reproduces == 1)
    }

    /// The clock that a task is given is on record, and is given again.
    @Test(arguments: ["steady", "given_time"])
    func honestTasksComeOutTheSame(task: String) throws {
      let trial = try Trial(["work.assay": DeterminismTests.document(task, try Build.fickle, type: "int")])
      try trial.run("work.assay")
      let end = try trial.assay("reproduce", "last", "--json")
      #expect(end.code == 0, "\(end)")
      #expect(try end.report.json["verdict"] == "same")
    }

    private func document(_ plugin: String) -> [String: String] {
      [
        "work.assay": """
        assay 1
        use "\(plugin)" as f
        workflow work {
          in data: file
          in n: int = 2
          step read = f.read(x: data)
          step each = f.grow(x: size(read.y) + i) foreach i in range(n)
          out y: int = sum(each.y)
        }
        """,
        "data.txt": "twelve bytes",
      ]
    }

    @Test func theRecordIsEnough() throws {
      let trial = try Trial(document(try Build.trial))
      try trial.run("work.assay", "--set", "data=data.txt", "--seed", "7")
      try trial.run("work.assay", "--set", "data=data.txt", "--seed", "7")  // all reused
      // Document and data are others now; the record knows both.
      try trial.write("work.assay", "assay 1\n")
      try trial.write("data.txt", "something else")
      for run in ["1", "2"] {
        let end = try trial.assay("reproduce", run)
        #expect(end.code == 0, "\(end)")
        #expect(end.out.contains("every output of 3 calls is the same, bit for bit"), "\(end)")
      }
      #expect(try trial.trace().summary(of: 3)?.seed == 7)
      // A repetition is a run, and can be repeated.
      #expect(try trial.assay("reproduce", "last").code == 0)
    }

    @Test func floatsMayBeApartByTheTolerance() throws {
      let trial = try Trial(["work.assay": DeterminismTests.document("harmonic", try Build.fickle, type: "float")])
      try trial.run("work.assay", environment: ["OMP_NUM_THREADS": "1"])
      let seven = ["OMP_NUM_THREADS": "7"]
      let within = try trial.assay("reproduce", "1", "--tolerance", "1e-9", "--json", environment: seven)
      #expect(within.code == 1, "\(within)")
      #expect(try within.report.json["verdict"] == "within_tolerance")
      #expect(try trial.assay("reproduce", "1", "--tolerance", "1e-18", environment: seven).code == 2)
      #expect(try trial.assay("reproduce", "1", "--tolerance", "-1").code == 2)
    }

    @Test func otherCodeMakesItImpossibleUnlessAllowed() throws {
      let trial = try Trial(document("./libtrial.so"))
      let source = Build.package + "/Tests/Fixtures/trials/trial.c"
      let plugin = try Build.compile(source, to: trial.path + "/libtrial.so")
      try trial.run("work.assay", "--set", "data=data.txt")
      try Build.compile(source, to: plugin, ["-DSTEP=2"])
      let changed = try trial.assay("reproduce", "1", "--json")
      #expect(changed.code == 3, "\(changed)")
      #expect(
        changed.err.contains("the code of trial.") && changed.err.contains("has changed: libtrial.so"), "\(changed)")
      #expect(try changed.report.json["verdict"] == "impossible")
      let allowed = try trial.assay("reproduce", "1", "--allow-changes", "--json")
      #expect(allowed.code == 2, "\(allowed)")
      #expect(try allowed.report.json["first"]?["item"] == "[0]", "\(allowed)")
      #expect(try allowed.report.json["ladder"]?.asArray?.first?["cause"] == "code", "\(allowed)")
      try Files.remove(plugin)
      let missing = try trial.assay("reproduce", "1")
      #expect(missing.code == 3 && missing.err.contains("libtrial.so"), "\(missing)")
    }

    @Test func aMissingArtifactMakesItImpossible() throws {
      let trial = try Trial(document(try Build.trial))
      try trial.run("work.assay", "--set", "data=data.txt")
      try Files.remove(trial.store + "/artifacts")
      let end = try trial.assay("reproduce", "1")
      #expect(end.code == 3, "\(end)")
      #expect(end.err.contains("input `data`") && end.err.contains("data.txt"), "\(end)")
    }

    @Test func aFileThatTheDocumentNamesMayHaveChanged() throws {
      let trial = try Trial([
        "work.assay": """
        assay 1
        use "\(try Build.trial)" as f
        workflow work {
          step read = f.read(x: file("named.txt"))
          out y: string = read.y
        }
        """,
        "named.txt": "before",
      ])
      try trial.run("work.assay")
      #expect(try trial.assay("reproduce", "1").code == 0)
      try trial.write("named.txt", "after")
      let end = try trial.assay("reproduce", "1")
      #expect(end.code == 3 && end.out.contains("a file that the document names has changed"), "\(end)")
    }

    @Test func aFailureIsComparedToo() throws {
      let trial = try Trial([
        "work.assay": """
        assay 1
        use "\(try Build.trial)" as f
        workflow work {
          in n: int = -1
          step bad = f.fussy(x: n)
          out y: int = bad.y
        }
        """
      ])
      #expect(try trial.assay("run", "work.assay").code == 1)
      let end = try trial.assay("reproduce", "last")
      #expect(end.code == 0, "\(end)")
    }
  }
}
