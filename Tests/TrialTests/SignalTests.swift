import Events
import Glibc
import Testing
import Traces
import Values

extension Trials {
  /// Ctrl-C and its kin, and two engines on one store.
  @Suite struct SignalTests {
    /// `one` waits for the file `gate`; `two` and `three` come after it.
    private func waiting(_ task: String) throws -> Trial {
      try Trial([
        "wait.assay": """
        assay 1
        use "\(try Build.trial)" as t
        workflow wait {
          in mark: string
          in gate: string
          step one   = t.\(task)(x: 1, mark: mark, gate: gate)
          step two   = t.note(x: one.y, path: mark)
          step three = t.note(x: two.y, path: mark)
          out y: int = three.y
        }
        """
      ])
    }

    private func begin(_ trial: Trial, _ more: String...) throws -> Engine {
      try trial.begin(
        ["run", "wait.assay", "--set", "mark=\(trial.path)/mark", "--set", "gate=\(trial.path)/gate", "--json"] + more)
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)] as [(Int32, Int32)])
    func theFirstSignalLetsWhatRunsEnd(_ signal: Int32, _ code: Int32) throws {
      let trial = try waiting("wait")
      let engine = try begin(trial)
      _ = try trial.wait(linesIn: "mark")
      try trial.wait("news of the start") { engine.errors.contains("started  one") }
      engine.signal(signal)
      try trial.wait("word of the signal") { engine.errors.contains("stopping: nothing new begins") }
      #expect(engine.errors.contains("one"), "it says what it waits for: \(engine.errors)")
      try trial.write("gate", "")
      let end = try engine.end()
      #expect(end.code == code, "\(end)")
      #expect(end.err.contains("assay run wait.assay --resume 1"), "\(end)")
      #expect(try end.report.status == "cancelled", "\(end)")
      // What ran was let to its end, and nothing else began.
      #expect(trial.lines("mark").count == 1)
      #expect(try trial.committed(in: 1) == ["one"])
      try trial.awaitNoProcesses()

      let resumed = try trial.run("wait.assay", "--resume")
      #expect(resumed.outputs == ["y": 4])
      #expect(trial.lines("mark").count == 3)
    }

    @Test func theSecondSignalKillsWhatDoesNotListen() throws {
      let trial = try waiting("deaf")
      let engine = try begin(trial, "--grace", "1h")
      let worker = try #require(Int32(try trial.wait(linesIn: "mark")[0].split(separator: " ")[1]))
      engine.signal(SIGINT)
      try trial.wait("word of the signal") { engine.errors.contains("stopping: nothing new begins") }
      #expect(kill(worker, 0) == 0)
      engine.signal(SIGINT)
      let end = try engine.end()
      #expect(end.code == 130, "\(end)")
      #expect(end.err.contains("--resume"), "\(end)")
      #expect(trial.lines("mark").count == 1)
      try trial.awaitNoProcesses()
      #expect(try trial.trace().summary(of: 1)?.status == .cancelled)
    }

    @Test func aSecondEngineIsToldWhoHasTheStore() throws {
      let trial = try waiting("wait")
      let first = try begin(trial)
      _ = try trial.wait(linesIn: "mark")
      let second = try begin(trial).end()
      #expect(second.code == 8, "\(second)")
      #expect(second.complaints.count == 1, "\(second)")
      #expect(second.complaints.first?.contains("process \(first.pid)") == true, "\(second)")
      // Readers are welcome meanwhile.
      let list = try trial.assay("runs", "list", "--json")
      #expect(list.code == 0, "\(list)")
      #expect(try trial.assay("runs", "show").out.contains("running"))
      let plan = try trial.assay("plan", "wait.assay", "--set", "mark=a", "--set", "gate=b")
      #expect(plan.code == 0, "\(plan)")

      try trial.write("gate", "")
      let end = try first.end()
      #expect(end.code == 0, "\(end)")
      #expect(try end.report.outputs == ["y": 4])
      #expect(try trial.trace().runs().count == 1)
    }

    /// The terminal goes away: the reader of a pipe does not take the engine with it.
    @Test func aClosedPipeDoesNotEndTheRun() throws {
      let trial = try waiting("wait")
      let engine = try trial.begin(
        ["run", "wait.assay", "--set", "mark=\(trial.path)/mark", "--set", "gate=\(trial.path)/gate"],
        wrapper: ["/bin/sh", "-c", "{ \"$@\"; echo $? >code; } 2>&1 | true", "sh"])
      _ = try trial.wait(linesIn: "mark")
      try trial.write("gate", "")
      _ = try engine.end()
      #expect(trial.lines("code") == ["0"])
      #expect(try trial.trace().summary(of: 1)?.status == .succeeded)
    }
  }
}
