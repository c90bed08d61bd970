import Events
import Tasks
import Testing
import Traces
import Values

extension Trials {
  /// Tasks that promise to be deterministic and are not.
  @Suite struct DeterminismTests {
    /// One step of a fickle task between two steady ones.
    static func document(_ task: String, _ plugin: String, type: String) -> String {
      """
      assay 1
      use "\(plugin)" as f
      workflow work {
        in n: int = 1
        step before = f.steady(x: n)
        step odd    = f.\(task)(x: before.y)
        step after  = f.steady(x: before.y)
        out y: \(type) = odd.y
        out z: int = after.y
      }
      """
    }

    @Test(arguments: [
      ("clock", "int"), ("stamp", "string"), ("leftover", "int"), ("lottery", "int"),
    ])
    func runningTwiceFindsThem(task: String, type: String) throws {
      let trial = try Trial(["work.assay": Self.document(task, try Build.fickle, type: type)])
      let end = try trial.assay("run", "work.assay", "--verify-deterministic", "--json")
      #expect(end.code == 1, "\(end)")
      let failure = try end.report.json["failures"]?.asArray?.first
      #expect(failure?["step"] == "odd", "\(end)")
      #expect(failure?["failure"]?["code"] == "nondeterministic", "\(end)")
      #expect(end.err.contains("`fickle.\(task)` is declared deterministic, but `y` differed when it ran again"))
      // On record, for whoever asks later.
      let attempts = try trial.trace().attempts(of: 1)
      let failed = attempts.compactMap { attempt in
        if case .failure(let failure) = attempt.result { failure } else { nil }
      }
      #expect(failed.map(\.port) == ["y"])
    }

    @Test(arguments: ["steady", "given_time"])
    func honestTasksPass(task: String) throws {
      let trial = try Trial(["work.assay": Self.document(task, try Build.fickle, type: "int")])
      try trial.run("work.assay")
      let end = try trial.assay("run", "work.assay", "--verify-deterministic", "--json")
      #expect(end.code == 0, "\(end)")
      #expect(end.err.contains("verified: 3 calls of deterministic tasks gave the same bytes twice"), "\(end)")
      // Nothing is taken from the first run: what does not run cannot be verified.
      #expect(try end.report.count("ran") == 3)
      #expect(try trial.trace().circumstances(of: 2)?.verifies == true)
    }
  }
}
