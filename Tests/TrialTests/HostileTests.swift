import Events
import Testing
import Traces
import Values

extension Trials {
  /// Plugins that misbehave, through the whole engine.
  @Suite struct HostileTests {
    struct Fault: Sendable, CustomTestStringConvertible {
      var name: String
      /// Part of the one line about it.
      var says: String
      var x = 1
      var options = ""
      var testDescription: String { name }
    }

    static let faults = [
      Fault(name: "crash", says: "died of SIGSEGV while it ran fault.crash"),
      Fault(name: "abort", says: "died of SIGABRT while it ran fault.abort"),
      Fault(name: "stack_overflow", says: "died of SIGSEGV"),
      Fault(name: "exit_zero", says: "exited with status 0 before fault.exit_zero had finished"),
      Fault(name: "hang", says: "longer than its limit of 0.2 seconds", options: "timeout 200ms"),
      Fault(name: "memory_hog", says: "its memory limit is 128 MiB", x: 4000, options: "resources memory 128MiB"),
      Fault(name: "wrong_kind", says: "output `y` is declared int, it gave a string"),
      Fault(name: "missing_output", says: "without setting output `y`"),
      Fault(name: "output_twice", says: "set output `y` twice"),
      Fault(name: "unknown_status", says: "status"),
      Fault(name: "silent_failure", says: "gave no message"),
      Fault(name: "fail_then_ok", says: "x is not to its taste"),
    ]

    /// `sick` is what is bad, `after` needs it, `free` and `other` do not.
    private func workflow(_ fault: Fault, _ onFailure: String) throws -> [String: String] {
      [
        "sick.assay": """
        assay 1
        use "\(try Build.fault(fault.name))" as bad
        use "\(try Build.trial)" as t
        workflow sick {
          step free  = t.grow(x: 1)
          step sick  = bad.\(fault.name)(x: \(fault.x)) {
            \(fault.options)
            on failure \(onFailure)
          }
          step after = t.grow(x: sick.y ?? 40)
          step other = t.grow(x: free.y)
          out y: int = other.y
          out z: int = after.y
        }
        """
      ]
    }

    @Test(arguments: faults) func aFaultIsOneClearLineAndOthersGoOn(_ fault: Fault) throws {
      let trial = try Trial(try workflow(fault, "continue"))
      let end = try trial.assay("run", "sick.assay", "--grace", "50ms")
      #expect(end.code == 1, "\(end)")
      #expect(end.complaints.count == 1, "\(end)")
      let line = end.complaints.first ?? ""
      #expect(line.hasPrefix("error: step `sick` failed: "), "\(end)")
      #expect(line.contains(fault.says), "\(end)")
      #expect(end.err.contains("assay runs logs 1 sick"), "\(end)")
      #expect(end.err.contains("assay run sick.assay --resume 1"), "\(end)")
      #expect(try Set(trial.committed(in: 1)) == ["free", "other"], "\(end)")
      let shown = try trial.assay("runs", "show")
      #expect(shown.out.contains(fault.says), "\(shown)")
      try trial.awaitNoProcesses()
    }

    @Test(arguments: [faults[0], faults[3], faults[6]]) func skippedFailuresDoNotSpoilTheRun(_ fault: Fault) throws {
      let trial = try Trial(try workflow(fault, "skip"))
      let end = try trial.assay("run", "sick.assay", "--json")
      #expect(end.code == 0, "\(end)")
      #expect(try end.report.outputs == ["y": 3, "z": 41], "\(end)")
      #expect(try end.report.count("failed") == 1, "\(end)")
    }

    @Test func stopStartsNothingNew() throws {
      let trial = try Trial([
        "stop.assay": """
        assay 1
        use "\(try Build.fault("crash"))" as bad
        use "\(try Build.trial)" as t
        workflow stop {
          in side: string
          step sick  = bad.crash(x: 1)
          step notes = t.note(x: i, path: side) foreach i in range(sick.y)
          step other = t.note(x: sick.y, path: side)
          out y: int = other.y + size(notes.y)
        }
        """
      ])
      let end = try trial.assay("run", "stop.assay", "--set", "side=\(trial.path)/side")
      #expect(end.code == 1, "\(end)")
      #expect(end.complaints.count == 1, "\(end)")
      #expect(trial.lines("side").isEmpty)
    }

    @Test func whatMayBeTriedAgainIs() throws {
      let fault = Fault(name: "exit_zero", says: "", options: "retry 2\n    backoff 1ms..2ms")
      let trial = try Trial(try workflow(fault, "continue"))
      let end = try trial.assay("run", "sick.assay")
      #expect(end.code == 1, "\(end)")
      #expect(end.complaints.first?.hasPrefix("error: step `sick` failed after 3 attempts: ") == true, "\(end)")
      let tries = try trial.trace().attempts(of: 1).filter { $0.node.step == 1 }
      #expect(tries.count == 3)
    }

    @Test func aBrokenContractIsNotTriedAgain() throws {
      let fault = Fault(name: "wrong_kind", says: "", options: "retry 5")
      let trial = try Trial(try workflow(fault, "continue"))
      let end = try trial.assay("run", "sick.assay")
      #expect(end.complaints.first?.hasPrefix("error: step `sick` failed: ") == true, "\(end)")
    }

    /// `.ran` guards steps behind one that may fail.
    @Test(arguments: ["continue", "skip"]) func ranIsFalseAfterAFailure(_ onFailure: String) throws {
      let trial = try Trial([
        "ran.assay": """
        assay 1
        use "\(try Build.fault("crash"))" as bad
        use "\(try Build.trial)" as t
        workflow ran {
          step sick  = bad.crash(x: 1) {
            on failure \(onFailure)
          }
          step after = t.grow(x: sick.y) when sick.ran
          out y: int = after.y ?? 7
        }
        """
      ])
      let end = try trial.assay("run", "ran.assay", "--json")
      #expect(end.code == (onFailure == "skip" ? 0 : 1), "\(end)")
      #expect(end.complaints.count == (onFailure == "skip" ? 0 : 1), "\(end)")
      #expect(try end.report.outputs == (onFailure == "skip" ? ["y": 7] : .object([])), "\(end)")
    }

    @Test func theLastWordsOfACrashAreKept() throws {
      let trial = try Trial([
        "loud.assay": """
        assay 1
        use "\(try Build.trial)" as t
        workflow loud {
          step fall = t.loud_crash(x: 1)
          out y: int = fall.y
        }
        """
      ])
      let end = try trial.assay("run", "loud.assay")
      #expect(end.code == 1, "\(end)")
      #expect(end.err.contains("SIGSEGV"), "\(end)")
      #expect(end.err.contains("line 50 before the end"), "\(end)")
      let logs = try trial.assay("runs", "logs", "1", "fall")
      #expect(logs.code == 0, "\(logs)")
      #expect(logs.out.contains("line 50 before the end"), "\(logs)")
      #expect(logs.out.contains("about to fall"), "\(logs)")
    }

    @Test func noiseIsBoundedAndHarmless() throws {
      let trial = try Trial(try workflow(Fault(name: "noise", says: ""), "continue"))
      let end = try trial.assay("run", "sick.assay", "--json", environment: ["ASSAY_PROGRESS": "none"])
      #expect(end.code == 0, "exit \(end.code)")
      #expect(try end.report.outputs == ["y": 3, "z": 2])
      let logs = try trial.assay("runs", "logs", "1", "sick")
      #expect(logs.out.contains("bytes of output dropped"))
      #expect(logs.out.utf8.count < 4 << 20)
    }

    /// Plugins that do not even load: exit 7, or 3 where the document names them, and one line that says why.
    @Test(arguments: ["no_entry", "generation_new", "duplicate_ports", "init_crash", "null_type", "refuses"])
    func aPluginThatDoesNotLoadIsOneError(_ name: String) throws {
      let trial = try Trial(try workflow(Fault(name: name, says: ""), "continue"))
      let end = try trial.assay("run", "sick.assay")
      #expect([1, 3, 7].contains(end.code), "\(end)")
      #expect(end.complaints.count == 1, "\(end)")
      #expect(end.err.contains(name), "\(end)")
      try trial.awaitNoProcesses()
    }
  }
}
