internal import Events
package import Experiments
internal import Traces
internal import Workflows

/// What makes the numbers of an experiment too good, as far as the record of its runs shows it.
extension Workspace {
  /// So many runs are looked at: the first ones and the last ones.
  private static let examined = 100

  /// What a task's warning begins with that says so.
  static let leakage = "leakage: "

  /// A line each: rows that are known from training, data that changed between trials.
  package func leaks(in study: Study) -> [String] {
    let trials = study.trials.compactMap { trial in trial.ended?.run.map { (number: trial.number, run: $0) } }
    guard !trials.isEmpty, let trace = try? readableStore().trace else { return [] }
    let half = Self.examined / 2
    let looked = trials.count > Self.examined ? Array(trials.prefix(half) + trials.suffix(half)) : trials
    return warnings(looked.map(\.run), trace) + changes(looked, study, trace)
  }

  private func warnings(_ runs: [RunNumber], _ trace: Trace) -> [String] {
    var found: [TaskWarning: Int] = [:]
    var order: [TaskWarning] = []
    let warnings = (try? trace.warnings(in: runs)) ?? [:]
    for run in runs {
      for warning in warnings[run] ?? [] where warning.text.hasPrefix(Self.leakage) {
        if found[warning] == nil { order.append(warning) }
        found[warning, default: 0] += 1
      }
    }
    // The same split with other seeds says the same of others: the one that most trials have is shown.
    let steps = Dictionary(grouping: order, by: \.path)
    return steps.keys.sorted().compactMap { path in
      guard let worst = steps[path]?.max(by: { found[$0, default: 0] < found[$1, default: 0] }) else { return nil }
      let text = worst.text.dropFirst(Self.leakage.count)
      let others = (steps[path]?.count ?? 1) - 1
      return "step `\(path)`: \(text) (run \(worst.run)\(others > 0 ? ", and \(others) more" : ""))"
    }
  }

  /// Inputs that the experiment does not vary and that were not the same in all trials.
  private func changes(_ trials: [(number: Int, run: RunNumber)], _ study: Study, _ trace: Trace) -> [String] {
    let experiment = study.definition.experiment
    var varied = Set(experiment.parameters.map(\.name))
    for parameter in experiment.parameters { if case .input(let name) = parameter.target { varied.insert(name) } }
    // Repetitions have other seeds.
    varied.insert("seed")
    var values: [String: [[UInt8]]] = [:]
    var firsts: [String: Int] = [:]
    for trial in trials {
      for one in (try? trace.given(to: trial.run)) ?? [] where !varied.contains(one.name) {
        guard !values[one.name, default: []].contains(one.value) else { continue }
        values[one.name, default: []].append(one.value)
        if values[one.name]?.count == 2 { firsts[one.name] = trial.number }
      }
    }
    return firsts.keys.sorted().map { name in
      "`\(name)` is not the same in all trials, from trial \(firsts[name] ?? 0) on: their numbers cannot be compared as such"
    }
  }
}
