package import Diagnostics
internal import Events
internal import Execution
package import Experiments
internal import Foundation
package import Knowledge
internal import Plans
internal import Spaces
internal import Tasks
internal import Traces
internal import Values
internal import Workflows

/// What an experiment would do, found out without running anything.
package struct ExperimentPlan: Sendable {
  /// Calls of tasks, and what those that would run take in seconds, going by the store.
  package struct Work: Sendable {
    package var new = 0
    package var reused = 0
    package var seconds = 0.0
    /// From the faster to the slower quarter.
    package var range = (low: 0.0, high: 0.0)
  }

  package struct Stage: Sendable {
    package var place: Int
    /// At most.
    package var trials = 0
    package var work = Work()
    /// All of its configurations are known now.
    package var isCertain = true
  }

  package var definition: Definition
  /// The experiment that would go on, and its trials so far.
  package var goesOn: (number: Int, trials: Int)?
  /// Configurations; nil: without end. `allowed`: those that the constraints leave, nil: not counted.
  package var configurations: (all: UInt64?, allowed: Int?)
  package var stages: [Stage] = []
  package var isCutShort = false
  package var parallel: Int
  /// Tasks of which the latest runs have no call: how long they take is not known.
  package var unknownTasks: [String] = []
  /// Why trials would fail before they begin.
  package var failures: [String] = []
  /// Steps whose number of calls depends on results.
  package var openSteps: [String] = []
  /// What earlier experiments lend.
  package var learnt: [Learnt] = []
  /// What the statistics say beforehand; nil: nothing.
  package var power: String?
  package var warnings: [Diagnostic] = []

  package var total: Work {
    stages.reduce(into: Work()) { sum, stage in
      sum.new += stage.work.new
      sum.reused += stage.work.reused
      sum.seconds += stage.work.seconds
      sum.range.low += stage.work.range.low
      sum.range.high += stage.work.range.high
    }
  }
  package var trials: Int { stages.reduce(0) { $0 + $1.trials } }
}

extension Workspace {
  /// Reads the store if there is one; writes nothing.
  package func plan(_ request: StudyRequest) throws(WorkspaceError) -> ExperimentPlan {
    let (checked, program, experiment) = try experiment(for: request)
    let (definition, artifacts) = try definition(of: experiment, in: program, request.run)
    var plan = ExperimentPlan(
      definition: definition, configurations: Self.size(of: definition.space),
      parallel: request.parallel ?? experiment.budget.parallel ?? Machine.processors)
    plan.warnings = checked.diagnostics
    var before: [Entry] = []
    if request.resumes, let last = try unfinished(experiment, program) {
      before = try entries(of: last, in: experimentLedger())
      plan.goesOn = (last, before.count { if case .proposed = $0.fact { true } else { false } })
    }
    if before.isEmpty {
      before = try beginning(of: definition, Fingerprints(program, definition, artifacts, layout))
    }
    plan.learnt = before.compactMap { if case .learnt(let one) = $0.fact { one } else { nil } }
    plan.stages = definition.experiment.stages.indices.map { ExperimentPlan.Stage(place: $0) }
    let maker = TrialMaker(
      program: program, definition: definition, request: request.run, artifacts: artifacts,
      layout: layout, number: plan.goesOn?.number ?? 0)
    let rehearsal = Rehearsal(definition, after: before, most: 100_000)
    plan.isCutShort = rehearsal.isCutShort
    try add(rehearsal, to: &plan, maker)
    return plan
  }

  private static func size(of space: Space) -> (all: UInt64?, allowed: Int?) {
    guard let all = Enumeration(space) else { return (nil, nil) }
    guard !space.constraints.isEmpty, all.count <= 20_000 else { return (all.count, nil) }
    return (all.count, (0..<all.count).count { space.allows(all[$0]) })
  }

  // MARK: Calls

  /// Trials beyond these are taken to be like those before them.
  private static let most = 250

  private func add(
    _ rehearsal: Rehearsal, to plan: inout ExperimentPlan, _ maker: TrialMaker
  ) throws(WorkspaceError) {
    let times = durations(of: maker.program.workflows[maker.definition.experiment.workflow].name)
    var foresight = Foresight(store: try openStore())
    var costs: [Int: [ExperimentPlan.Work]] = [:]
    var unknown: Set<String> = []
    for (index, trial) in rehearsal.trials.enumerated() {
      let stage = trial.proposed.stage
      plan.stages[stage].trials += 1
      if !trial.isCertain { plan.stages[stage].isCertain = false }
      var work: ExperimentPlan.Work
      if index < Self.most {
        do throws(WorkspaceError) {
          let (tasks, reused) = try foresight.calls(try maker.prepare(trial.proposed, maker.definition, 1))
          work = ExperimentPlan.Work(new: tasks.values.reduce(0, +), reused: reused)
          for (task, count) in tasks {
            guard let known = times[task] else {
              unknown.insert(task)
              continue
            }
            work.seconds += Double(count) * known.median
            work.range.low += Double(count) * known.low
            work.range.high += Double(count) * known.high
          }
        } catch {
          if !plan.failures.contains(error.message) { plan.failures.append(error.message) }
          continue
        }
        costs[stage, default: []].append(work)
      } else {
        plan.stages[stage].isCertain = false
        let like = (costs[stage] ?? costs.values.flatMap { $0 }).suffix(20)
        guard let typical = like.sorted(by: { $0.new < $1.new }).dropFirst(like.count / 2).first else { continue }
        work = typical
      }
      plan.stages[stage].work.new += work.new
      plan.stages[stage].work.reused += work.reused
      plan.stages[stage].work.seconds += work.seconds
      plan.stages[stage].work.range.low += work.range.low
      plan.stages[stage].work.range.high += work.range.high
    }
    plan.unknownTasks = unknown.sorted()
    plan.openSteps = foresight.openSteps.sorted()
  }

  /// By task, in seconds; nothing where nothing is known.
  private func durations(of workflow: String) -> [String: (median: Double, low: Double, high: Double)] {
    guard let found = try? openStore()?.trace.nanosecondsByTask(workflow: workflow) else { return [:] }
    return found.mapValues { times in
      func at(_ share: Double) -> Double { Double(times[Int(share * Double(times.count - 1))]) / 1e9 }
      return (at(0.5), at(0.25), at(0.75))
    }
  }
}

/// Which calls of a series of trials would run, and which are known: from the store, or from trials before them.
private struct Foresight {
  let store: Store?
  private var seen: Set<Digest> = []
  private(set) var openSteps: Set<String> = []
  /// Input files with their digests, by path.
  private var files: [String: Value] = [:]
  private var recorded: [Digest: Recorded?] = [:]

  init(store: Store?) { self.store = store }

  /// New calls by task.
  mutating func calls(_ prepared: Prepared) throws(WorkspaceError) -> (new: [String: Int], reused: Int) {
    let plan = prepared.plan
    var inputs: [Value] = []
    for (input, value) in zip(plan.inputs, prepared.inputs) { inputs.append(try digested(value, input.name)) }
    let seed = prepared.request.seed
    var known = recorded
    let preview = Preview(
      plan: plan, inputs: inputs, seed: seed, reuses: prepared.request.reuses,
      digest: { value in (try? value.withDigests())?.contentDigest() },
      reusable: { [store] key in
        if let found = known[key] { return found }
        var result: Recorded?
        if let store, let found = try? store.trace.reusable(key), let outputs = store.decode(found.outputs) {
          result = Recorded(run: found.run, at: found.at, outputs: outputs)
        }
        known[key] = .some(result)
        return result
      })
    recorded = known
    let identities = StepIdentities(plan, inputs: inputs, seed: seed)
    var new: [String: Int] = [:]
    var reused = 0
    for node in preview.nodes {
      let step = plan.step(node.step)
      guard case .task(let index) = step.call else { continue }
      let task = plan.tasks[index].signature
      switch node.fate {
      case .skipped: continue
      case .reused: reused += 1
      case .runs(let why):
        if why == .inputsNotKnown, step.foreach != nil { openSteps.insert(step.path) }
        let isShared = task.traits.contains(.pure) && step.options.reuse != .never && prepared.request.reuses
        let identity = node.key?.digest ?? identities.digests[node.step]
        if isShared, !seen.insert(identity).inserted { reused += 1 } else { new[task.id, default: 0] += 1 }
      }
    }
    return (new, reused)
  }

  private mutating func digested(_ value: Value, _ input: String) throws(WorkspaceError) -> Value {
    if case .file(let file) = value, let known = files[file.path] { return known }
    do {
      let result = try value.withDigests()
      if case .file(let file) = value { files[file.path] = result }
      return result
    } catch {
      throw WorkspaceError(.notFound, "input `\(input)`: \((error as? WorkspaceError)?.message ?? "\(error)")")
    }
  }
}
