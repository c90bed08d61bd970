import Dynamics
import Numbers
import Statistics
import Testing

/// A project whose returns are planted: with a known probability a run with a phase in focus changes an earlier one.
/// Everything else (echoes, retries, trials, results taken as they were) is there to mislead.
struct SimulatedProject {
  /// `returns[i][j]`: how probable it is that a run with `i` in focus changes `j`.
  let returns: [[Double]]
  let seed: UInt64

  func runs(_ count: Int) -> [WorkRun] {
    let phases = returns.count
    var code = Array(repeating: 0, count: phases)
    var clock: Int64 = 0
    var runs = [pass(1, from: 0, code, &clock, known: nil)]
    for number in 2...count {
      var draws = Draws(seed: seed, trial: number, stream: 0)
      let focus = Int(draws.unit() * Double(phases))
      var run = WorkRun(number: number, line: "main", startedAt: clock, finishedAt: clock, executions: [])
      let changed = (0..<phases).filter { draws.unit() < returns[focus][$0] }
      for phase in changed { code[phase] += 1 }
      if let first = changed.first { run = pass(number, from: first, code, &clock, known: Set(changed)) }
      run.focus = focus
      if draws.unit() < 0.3, !run.executions.isEmpty { run.executions[0].retrySeconds = 4 }
      run.executions = taken(changed.first ?? phases, code, clock) + run.executions
      runs.append(run)
      if draws.unit() < 0.2 { runs.append(trial(number, code, &clock)) }
    }
    return runs
  }

  /// All phases from `first` on, one after the other; each makes something new when its code or what it is given is.
  private func pass(_ number: Int, from first: Int, _ code: [Int], _ clock: inout Int64, known: Set<Int>?) -> WorkRun {
    let executions = (first..<returns.count).map { phase -> Execution in
      defer { clock += 10 }
      let made = code[...phase].map { "\($0)" }.joined(separator: ".")
      let given = code[..<phase].map { "\($0)" }.joined(separator: ".")
      return call(
        "task\(phase)", phase, clock, clock + 10, code: "\(phase)/\(code[phase])",
        from: phase == 0 ? [:] : ["task\(phase - 1)": given], output: made)
    }
    return run(number, executions)
  }

  /// The phases before `end`, as they were.
  private func taken(_ end: Int, _ code: [Int], _ clock: Int64) -> [Execution] {
    (0..<end).map { phase in
      let given = code[..<phase].map { "\($0)" }.joined(separator: ".")
      var execution = call(
        "task\(phase)", phase, clock, clock, code: "\(phase)/\(code[phase])",
        from: phase == 0 ? [:] : ["task\(phase - 1)": given],
        output: "kept")
      execution.isReused = true
      return execution
    }
  }

  private func trial(_ number: Int, _ code: [Int], _ clock: inout Int64) -> WorkRun {
    let last = returns.count - 1
    var trial = run(
      number,
      [call("task\(last)", last, clock, clock + 10, code: "\(last)/\(code[last])", parameters: "trial\(number)")])
    clock += 10
    trial.isExploration = true
    return trial
  }
}

@Suite struct SimulatorTests {
  static let returns: [[Double]] = [
    [0.05, 0, 0, 0, 0], [0.1, 0.3, 0, 0, 0], [0.02, 0.35, 0.5, 0, 0], [0, 0.2, 0.4, 0.1, 0], [0.03, 0, 0.25, 0.3, 0.2],
  ]

  /// Over many projects the 95 % intervals hold what was planted as often as they say.
  @Test func plantedReturnsAreRecovered() {
    let phases = Phases(["a", "b", "c", "d", "e"])
    var (held, all) = (0, 0)
    for seed in 0..<40 {
      let project = SimulatedProject(returns: Self.returns, seed: UInt64(seed))
      let matrix = RevisitMatrix(Period(Journey(project.runs(200), phases: phases)))
      for from in 0..<5 {
        for to in 0..<5 {
          guard let rate = matrix.rate(from: from, to: to) else { continue }
          if Self.returns[from][to] == 0 {
            #expect(rate.hits == 0)
            continue
          }
          all += 1
          if rate.wilson().contains(Self.returns[from][to]) { held += 1 }
        }
      }
    }
    let coverage = Proportion(held, of: all)
    #expect(all == 40 * 13)
    #expect(coverage.wilson(level: 0.999).contains(0.95), "\(held) of \(all)")
  }

  @Test func theSameProjectGivesTheSameMatrix() {
    let project = SimulatedProject(returns: Self.returns, seed: 7)
    #expect(project.runs(50) == project.runs(50))
  }

  @Test func theHottestLoopIsThePlantedOne() {
    let project = SimulatedProject(returns: Self.returns, seed: 3)
    let loops = Period(Journey(project.runs(600), phases: Phases(["a", "b", "c", "d", "e"]))).loops()
    #expect(loops.first.map { [$0.from, $0.to] } == [3, 2])
  }
}
