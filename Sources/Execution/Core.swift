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
    /// By task of the plan: smoothed wall time of a call that ran, in nanoseconds; 0 unknown.
    var pace: [Int64]
    /// The same with the calls whose results were on record, which take no time.
    var outlook: [Int64]
  }

  private let condition = NSCondition()
  private var state: State
  /// By trace number: what decides how many calls of a step travel together.
  private let steps: [StepTraits]

  private struct StepTraits {
    var task = 0
    var mayRunAgain = false
    var isInline = false
  }

  init(scheduler: consuming Scheduler) {
    let plan = scheduler.plan
    let unknown = [Int64](repeating: 0, count: plan.tasks.count)
    state = State(scheduler: scheduler, pace: unknown, outlook: unknown)
    steps = plan.taskSteps.indices.map { number in
      let step = plan.step(number)
      guard case .task(let task) = step.call else { return StepTraits() }
      return StepTraits(
        task: task, mayRunAgain: plan.tasks[task].traits.areRepeatable, isInline: step.isolation == .inline)
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
      let outlook = state.outlook
      if let batch = state.scheduler.take(
        now: Clock.monotonicNanoseconds(),
        batchLimit: { [steps] number in
          let step = steps[number]
          return Self.limit(outlook[step.task], step)
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

  /// Of calls that a batch found to be run really, so many may travel together; the others go back.
  func giveBack(_ open: [Scheduler.Job]) -> Int {
    locked { state in
      let kept = open.indices.first { index in
        let step = steps[open[index].step]
        return index > 0 && index >= Self.limit(state.pace[step.task], step)
      }
      guard let kept else { return open.count }
      state.scheduler.postpone(Array(open[kept...]))
      if state.sleepers > 0 { condition.signal() }
      return kept
    }
  }

  /// Calls of these tasks were over without having run.
  func reused(_ tasks: [Int]) {
    locked { state in
      for task in tasks { state.outlook[task] = Self.smoothed(state.outlook[task], 1) }
    }
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
        state.pace[task] = Self.smoothed(state.pace[task], usage.wallNanoseconds)
        state.outlook[task] = Self.smoothed(state.outlook[task], usage.wallNanoseconds)
      }
    }
  }

  private static func smoothed(_ before: Int64, _ wall: Int64) -> Int64 {
    before == 0 ? max(1, wall) : max(1, (before * 7 + wall) / 8)
  }

  /// A batch should take about two milliseconds. What must not run twice travels alone. More than so many in a batch
  /// would make none of them cheaper, the less where no process has to be reached.
  private static func limit(_ pace: Int64, _ step: StepTraits) -> Int {
    guard pace > 0, step.mayRunAgain else { return 1 }
    return Int(max(1, min(step.isInline ? 32 : 128, 2_000_000 / pace)))
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
