internal import Foundation
internal import Plans
internal import Tasks
internal import Values

/// The scheduler behind its lock, and the lanes that wait at it.
final class Core: @unchecked Sendable {  // everything mutable is guarded by `condition`
  struct State: ~Copyable {
    var scheduler: Scheduler
    /// Attempts that are with a runner, batch by batch under the first one.
    var running: [UInt64: [UInt64]] = [:]
    /// Lanes that wait for work.
    var sleepers = 0
    var stopped = false
    var storeFailure: StoreFailure?
    /// By task of the plan: smoothed wall time of a call in nanoseconds, 0 unknown.
    var pace: [Int64]
  }

  private let condition = NSCondition()
  private var state: State
  /// By trace number: what decides how many calls of a step travel together.
  private let steps: [(task: Int, mayRunAgain: Bool, isInline: Bool)]

  init(scheduler: consuming Scheduler) {
    let plan = scheduler.plan
    state = State(scheduler: scheduler, pace: Array(repeating: 0, count: plan.tasks.count))
    steps = plan.taskSteps.indices.map { number in
      let step = plan.step(number)
      guard case .task(let task) = step.call else { return (0, false, false) }
      return (task, plan.tasks[task].traits.areRepeatable, step.isolation == .inline)
    }
  }

  func locked<R>(_ body: (inout State) -> R) -> R {
    condition.lock()
    defer { condition.unlock() }
    return body(&state)
  }

  func wake() {
    condition.lock()
    condition.broadcast()
    condition.unlock()
  }

  /// Blocks until there is work for a lane; nil when the run has ended.
  func next(_ clock: inout ProfileClock?) -> Scheduler.Batch? {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if state.scheduler.isFinished {
        condition.broadcast()
        return nil
      }
      let pace = state.pace
      if let batch = state.scheduler.take(
        now: Clock.monotonicNanoseconds(),
        batchLimit: { [steps] number in
          let step = steps[number]
          return Self.batchLimit(pace: pace[step.task], mayRunAgain: step.mayRunAgain, isInline: step.isInline)
        })
      {
        // Each lane that finds more than it takes calls one more: nobody is woken for nothing.
        if state.sleepers > 0, state.scheduler.hasReady { condition.signal() }
        clock?.mark(.dispatch)
        return batch
      }
      state.sleepers += 1
      clock?.mark(.dispatch)
      if let due = state.scheduler.nextDeadline {
        let seconds = Double(max(0, due - Clock.monotonicNanoseconds())) / 1e9
        _ = condition.wait(until: Date(timeIntervalSinceNow: seconds))
      } else {
        condition.wait()
      }
      state.sleepers -= 1
      clock?.mark(.wait)
    }
  }

  /// The lane that calls it comes back with `next`, and calls others if there is more than it takes.
  func finish(_ batch: Scheduler.Batch, _ verdicts: [Scheduler.Verdict]) -> [Scheduler.Effect] {
    condition.lock()
    defer { condition.unlock() }
    state.scheduler.finish(batch, verdicts, now: Clock.monotonicNanoseconds())
    if state.scheduler.isFinished { condition.broadcast() }
    return state.scheduler.drainEffects()
  }

  /// Attempts go to a runner. Gives what is known of the pace of tasks.
  func begin(_ attempts: [UInt64]) -> [Int64] {
    locked { state in
      state.running[attempts[0]] = attempts
      return state.pace
    }
  }

  /// They have ended. Remembers how long calls took, so that short ones travel together.
  func end(_ attempts: [UInt64], _ usages: [(task: Int, usage: Usage)]) {
    locked { state in
      state.running[attempts[0]] = nil
      for (task, usage) in usages {
        let wall = max(1, usage.wallNanoseconds)
        let before = state.pace[task]
        state.pace[task] = before == 0 ? wall : (before * 7 + wall) / 8
      }
    }
  }

  /// A batch should take about two milliseconds. What must not run twice travels alone. More than so many in a batch
  /// would make none of them cheaper, the less where no process has to be reached.
  private static func batchLimit(pace: Int64, mayRunAgain: Bool, isInline: Bool) -> Int {
    guard pace > 0, mayRunAgain else { return 1 }
    return Int(max(1, min(isInline ? 32 : 128, 2_000_000 / pace)))
  }
}

enum Clock {
  static func unixNanoseconds() -> Int64 { now(CLOCK_REALTIME) }
  static func monotonicNanoseconds() -> Int64 { now(CLOCK_MONOTONIC) }

  private static func now(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
