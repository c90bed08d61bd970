package import Events
package import Plans
internal import Tasks
package import Values
internal import Workflows

/// What a run would do, found out without running anything.
package struct Preview: Sendable {
  package enum Fate: Sendable {
    /// A recorded result stands in.
    case reused(from: RunNumber)
    case runs(Why)
    /// Its `when` is false, or it is behind `--until`.
    case skipped(Scheduler.Skip)
  }

  package enum Why: Sendable, Equatable {
    /// The task does not promise that its result depends on its inputs alone.
    case notPure
    /// The step says so, or the request.
    case reuseIsOff
    /// No result of this call is on record.
    case neverRan
    /// Something it needs would run: what it is given is not known yet.
    case inputsNotKnown
    /// An argument has no value.
    case invalid(String)
  }

  /// One call of a task; a step whose number of calls is not known yet appears once.
  package struct Node: Sendable {
    /// Trace number of the step.
    package var step: Int
    package var item: String
    package var fate: Fate
    package var key: TaskKey?
  }

  package var nodes: [Node]

  /// Plays the plan with recorded results as far as they reach.
  ///
  /// - Parameter digest, reusable: as in `RunMemory`.
  package init(
    plan: Plan, inputs: [Value], seed: UInt64, reuses: Bool, digest: (Value) -> Digest?,
    reusable: (Digest) -> Recorded?
  ) {
    nodes = []
    var seen = Set<Int>()
    var scheduler = Scheduler(
      plan: plan, inputs: inputs,
      settings: Scheduler.Settings(
        lanes: 1, capacity: .init(cpu: 1), seed: seed, groups: Array(repeating: 0, count: plan.taskSteps.count)))
    func drain() {
      for case .skipped(_, let step, let item, let why) in scheduler.drainEffects() {
        nodes.append(Node(step: step, item: item, fate: .skipped(why)))
        seen.insert(step)
      }
    }
    drain()
    // What would run is taken and never finished: what depends on it stays out of reach.
    while let batch = scheduler.preview() {
      for job in batch.jobs {
        seen.insert(job.step)
        let (fate, key, outputs) = Self.fate(
          of: job, plan, seed: seed, reuses: reuses, digest: digest, reusable: reusable)
        nodes.append(Node(step: job.step, item: job.item, fate: fate, key: key))
        if let outputs {
          scheduler.finish(batch, [.succeeded(outputs)], now: 0)
        } else {
          scheduler.forgo(batch)
        }
      }
      drain()
    }
    for number in plan.taskSteps.indices where !seen.contains(number) {
      let isWanted = plan.step(number).isWanted
      nodes.append(
        Node(step: number, item: "", fate: isWanted ? .runs(.inputsNotKnown) : .skipped(.notWanted)))
    }
    nodes.sort { ($0.step, $0.item.count, $0.item) < ($1.step, $1.item.count, $1.item) }
  }

  private static func fate(
    of job: Scheduler.Job, _ plan: Plan, seed: UInt64, reuses: Bool, digest: (Value) -> Digest?,
    reusable: (Digest) -> Recorded?
  ) -> (Fate, TaskKey?, [Value]?) {
    let step = plan.step(job.step)
    guard case .task(let index) = step.call else { return (.runs(.inputsNotKnown), nil, nil) }
    switch job.arguments {
    case .failure(let failure): return (.runs(.invalid(failure.message)), nil, nil)
    case .success(let arguments):
      let key = TaskKey(task: plan.tasks[index], arguments: arguments, runSeed: seed, digest: digest)
      guard plan.tasks[index].signature.traits.contains(.pure) else { return (.runs(.notPure), key, nil) }
      guard reuses, step.options.reuse != .never else { return (.runs(.reuseIsOff), key, nil) }
      guard let key, let found = reusable(key.digest) else { return (.runs(.neverRan), key, nil) }
      return (.reused(from: found.run), key, found.outputs.map { $0 ?? .null })
    }
  }
}

extension Scheduler {
  /// One job, whatever resources it would need.
  mutating func preview() -> Batch? { take(now: 0) { _ in 1 } }

  /// Gives back what a batch occupies without ending its jobs.
  mutating func forgo(_ batch: Batch) { finish(batch, [], now: 0) }
}
