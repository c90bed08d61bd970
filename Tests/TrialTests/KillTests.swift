import Events
import Glibc
import Processes
import Testing
import Traces
import Values

/// SplitMix64: trials that fail can be repeated with their seed.
struct Dice: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}

extension Trials {
  /// Sudden death of the engine and of its workers.
  @Suite struct KillTests {
    /// 45 short tasks and a long one; 21 of them leave a line in the file `side`.
    private func storm() throws -> [String: String] {
      [
        "storm.assay": """
        assay 1
        use "\(try Build.trial)" as t
        workflow storm {
          in side: string
          step first = t.grow(x: 1)
          step items = t.grow(x: i, ms: 2) foreach i in range(20) max 4
          step notes = t.note(x: y, path: side, ms: 2) foreach y in items.y
          step long  = t.grow(x: first.y, ms: 150)
          step again = t.grow(x: y, ms: 1) foreach y in [1, 2]
          step tail  = t.note(x: long.y, path: side)
          out sum: int = sum(notes.y) + tail.y
          out all: list<int> = notes.y
        }
        """
      ]
    }

    @Test(arguments: 1...15) func killedEnginesLoseNothingThatWasCommitted(_ round: UInt64) throws {
      let seed = round &* 0x1234_5678_9ABC
      var dice = Dice(state: seed)
      let trial = try Trial(try storm())
      let arguments = ["storm.assay", "--set", "side=\(trial.path)/side", "--parallel", "4"]
      var kills: [Int] = []
      defer { print("kill trial: seed \(seed), killed after \(kills) ms") }
      // Notes that were on record when their engine died, with how often they had run by then.
      var kept: [String: Int] = [:]
      var outputs: JSON?
      for attempt in 0... {
        let resume = (try? trial.trace().summary(of: 1)) != nil ? ["--resume"] : []
        let engine = try trial.begin(["run"] + arguments + resume + ["--json"])
        // Most of the time it takes is after the start, which itself takes a while.
        let delay = Int.random(in: 5...450, using: &dice)
        if attempt < 3, !engine.child.hasEnded(within: Int32(delay)) {
          kills.append(delay)
          engine.signal(SIGKILL)
          _ = try engine.end()
          try trial.awaitNoProcesses()
          // A worker that was just being born holds the lock of the store until it is one.
          try trial.wait("the end of all runs") {
            ((try? trial.trace().runs()) ?? []).allSatisfy { $0.status != .running }
          }
          guard let runs = try? trial.trace().runs() else { continue }
          if let done = runs.first, done.status == .succeeded {
            // The blow came between the last word on record and the last breath.
            let shown = try trial.assay("runs", "show", "\(done.run)", "--json")
            outputs = try JSON.parse(Array(shown.out.utf8))["outputs"]
            break
          }
          for run in runs {
            #expect(run.status == .interrupted, "seed \(seed): run \(run.run)")
            for node in try trial.committed(in: run.run) where node.hasPrefix("notes") || node == "tail" {
              let times = trial.lines("side").count { $0 == node }
              #expect(times > 0, "seed \(seed): `\(node)` is on record and never ran")
              // Once on record it must never run again.
              if let before = kept[node] { #expect(before == times, "seed \(seed): `\(node)` ran again") }
              kept[node] = times
            }
          }
          if let newest = runs.first {
            let shown = try trial.assay("runs", "show", "\(newest.run)", "--json")
            #expect(try JSON.parse(Array(shown.out.utf8))["status"] == "interrupted")
          }
          continue
        }
        let end = try engine.end()
        // It may have come to its end before it could be killed.
        try #require(end.code == 0, "seed \(seed), kills \(kills): \(end)")
        outputs = try end.report.outputs
        break
      }
      #expect(outputs == ["sum": 234, "all": .array((0..<20).map { .int($0 + 2) })])
      let side = trial.lines("side")
      for (node, times) in kept {
        #expect(side.count { $0 == node } == times, "seed \(seed), kills \(kills): `\(node)` ran again")
      }
      #expect(Set(side) == Set((0..<20).map { "notes[\($0)]" } + ["tail"]))
      try trial.awaitNoProcesses()
    }

    private func waiting(_ task: String, _ options: String) throws -> [String: String] {
      [
        "wait.assay": """
        assay 1
        use "\(try Build.trial)" as t
        workflow wait {
          in mark: string
          in gate: string
          step held = t.\(task)(x: 1, mark: mark, gate: gate) {
            \(options)
          }
          step next = t.grow(x: held.y)
          out y: int = next.y
        }
        """
      ]
    }

    private func killWorker(_ trial: Trial) throws -> (engine: Engine, worker: Int32) {
      let engine = try trial.begin([
        "run", "wait.assay", "--set", "mark=\(trial.path)/mark", "--set", "gate=\(trial.path)/gate", "--json",
      ])
      let words = try trial.wait(linesIn: "mark")[0].split(separator: " ")
      let worker = try #require(Int32(words[1]))
      #expect(worker != engine.pid)
      kill(worker, SIGKILL)
      return (engine, worker)
    }

    @Test func aPureTaskWhoseWorkerIsKilledIsTriedAgain() throws {
      let trial = try Trial(try waiting("wait_pure", "retry 2"))
      let (engine, worker) = try killWorker(trial)
      let second = try trial.wait(2, linesIn: "mark")[1].split(separator: " ")
      #expect(Int32(second[1]) != worker)
      #expect(second[2] == "2")
      try trial.write("gate", "")
      let end = try engine.end()
      #expect(end.code == 0, "\(end)")
      #expect(try end.report.outputs == ["y": 3])
      #expect(try end.report.count("retries") == 1)
      try trial.awaitNoProcesses()
    }

    @Test(arguments: [("wait", "retry 2"), ("wait_pure", "")])
    func aTaskWhoseWorkerIsKilledIsNotTriedAgainUnlessItMay(_ task: String, _ options: String) throws {
      let trial = try Trial(try waiting(task, options))
      let (engine, _) = try killWorker(trial)
      let end = try engine.end()
      #expect(end.code == 1, "\(end)")
      #expect(end.complaints.count == 1, "\(end)")
      #expect(end.complaints.first?.contains("step `held` failed") == true, "\(end)")
      #expect(end.complaints.first?.contains("SIGKILL") == true, "\(end)")
      #expect(trial.lines("mark").count == 1)
      try trial.awaitNoProcesses()
    }

    /// `retry N on crash` allows what the task itself does not promise.
    @Test func aPersonMayAllowATaskToBeTriedAgain() throws {
      let trial = try Trial(try waiting("wait", "retry 1 on crash"))
      let (engine, _) = try killWorker(trial)
      _ = try trial.wait(2, linesIn: "mark")
      try trial.write("gate", "")
      #expect(try engine.end().code == 0)
    }

    /// Programs that a task has started go with it, whoever dies: the engine (0) or the worker (1).
    @Test(arguments: [0, 1]) func whatATaskHasStartedGoesWithIt(_ victim: Int) throws {
      let trial = try Trial([
        "children.py": """
        import os
        import subprocess
        from assay import task

        @task
        def wait(mark: str) -> int:
            child = subprocess.Popen(["sleep", "100000"])
            with open(mark, "w") as out:
                out.write("%d %d\\n" % (os.getpid(), child.pid))
            return child.wait()
        """,
        "children.assay": """
        assay 1
        use "./children.py"
        workflow children {
          in mark: string
          step one = children.wait(mark: mark)
          out y: int = one.value
        }
        """,
      ])
      let engine = try trial.begin(["run", "children.assay", "--set", "mark=\(trial.path)/mark"])
      let words = try trial.wait(linesIn: "mark")[0].split(separator: " ")
      #expect(trial.processes().contains(try #require(Int32(words[1]))))
      kill(victim == 0 ? engine.pid : try #require(Int32(words[0])), SIGKILL)
      let end = try engine.end()
      #expect(end.code == (victim == 0 ? -SIGKILL : 1), "\(end)")
      try trial.awaitNoProcesses()
    }
  }
}
