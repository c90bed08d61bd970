import Foundation
import Knowledge
import Numbers
import Strategies
import TuningProblems

extension Study {
  /// All experiments of one kind, beside those without knowledge.
  struct Cells: Sendable {
    let outcomes: [[Outcome]]
    var all: [Outcome] { outcomes.flatMap { $0 } }
    func trials(_ regrets: [Double]) -> [[Double]] {
      zip(outcomes, regrets).map { outcomes, regret in outcomes.map { $0.trials(to: regret) } }
    }
    func regret(after count: Int) -> Double { median(all.map { $0.best[min(count, $0.best.count) - 1] }) }
    func share(_ kind: Verdict.Kind, after count: Int) -> Double {
      mean(all.map { $0.verdicts[count] == kind ? 1 : 0 })
    }
  }

  static let sections = ["version", "process", "series", "twice", "blind", "nearest", "shuffled", "inverted"]

  func report(_ sections: [String]) async -> String {
    func wants(_ section: String) -> Bool { sections.isEmpty || sections.contains(section) }
    var lines = [
      "Trials of \(Outcome.trials) to a target, \(tables.tables.count) data sets × \(seeds) seeds; "
        + "\(Outcome.trials + 1) when not reached. Pooled medians.", "",
      "| past experiments | target | cold | warm | ratio | 95 % | ratio of means | better on | worse on | goal | |",
      "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    if wants("version") { lines += await version() }
    let objectives = tables.tables.map { Objective($0, $0.errors) }
    let top = objectives.map(\.hundredth)
    let cold = Cells(outcomes: await each { run(TreeParzen(), objectives[$0], seed: $1) })
    let lessons = await lessons(objectives)
    var rest: [String] = []
    if wants("series") {
      var curve: [(Int, Cells)] = [(0, cold)]
      for count in [1, 2, 4, 8, 14] {
        let warm = Cells(outcomes: await each { run(informed(lessons, $0, $1, count), objectives[$0], seed: $1) })
        let goal: Goal? =
          switch count {
          case 1, 2: Goal(ratio: 1.1)
          case 4: Goal(ratio: 2.0 / 3)
          case 14: Goal(ratio: 0.4, better: 0.9)
          default: nil
          }
        lines.append(row("\(count) on other data, at random", cold, warm, top, "top 1 %", goal))
        curve.append((count, warm))
        if count == 14 {
          if wants("twice") {
            let twice = Cells(
              outcomes: await each { run(informed(lessons, $0, $1, 14, each: 2), objectives[$0], seed: $1) })
            let goal = Goal(ratio: 0.4, better: 0.9)
            lines.append(row("28: two on each of 14 other data sets", cold, twice, top, "top 1 %", goal))
            curve.append((28, twice))
          }
          rest += curves(curve, top) + dataSets(cold, warm, top) + said("True histories of 14", warm)
        }
      }
    }
    if wants("nearest") {
      let near = Cells(
        outcomes: await each { run(informed(lessons, $0, $1, 4, areNearest: true), objectives[$0], seed: $1) })
      lines.append(row("4 on the most alike data", cold, near, top, "top 1 %", Goal(ratio: 2.0 / 3)))
    }
    if wants("blind") {
      let blind = Cells(
        outcomes: await each { run(informed(lessons, $0, $1, 14, knowsFeatures: false), objectives[$0], seed: $1) })
      lines.append(row("14, without meta-features", cold, blind, top, "top 1 %", nil))
    }
    if wants("process") {
      let process = Cells(outcomes: await each { run(ExpectedImprovement(), objectives[$0], seed: $1) })
      lines.append(row("none, Gaussian process", cold, process, top, "top 1 %", nil))
    }
    if wants("shuffled") {
      let shuffled = await self.lessons(objectives, .shuffled)
      let cells = Cells(outcomes: await each { run(informed(shuffled, $0, $1, 14), objectives[$0], seed: $1) })
      lines.append(row("14, their values shuffled", cold, cells, top, "top 1 %", nil))
      rest += said("Shuffled histories of 14", cells)
    }
    if wants("inverted") {
      let inverted = await self.lessons(objectives, .inverted)
      rest += misleading(
        cold, Cells(outcomes: await each { run(informed(inverted, $0, $1, 14), objectives[$0], seed: $1) }))
    }
    return (lines + rest).joined(separator: "\n")
  }

  /// Trials of the data as it was, folds 1 to 3; the objective is the new rows, folds 4, 5 and test.
  private func version() async -> [String] {
    let old = tables.tables.map { table in Objective(table, table.fold_error.map { mean(Array($0.prefix(3))) }) }
    let new = tables.tables.map { table in
      Objective(
        table,
        zip(table.fold_error, table.test_error).map { folds, test in mean(Array(folds.suffix(2)) + [test]) })
    }
    let cold = Cells(outcomes: await each { run(TreeParzen(), new[$0], seed: $1) })
    let warm = Cells(
      outcomes: await each { table, seed in
        run(
          Informed([past(old[table], seed: seed, .sameProblem)], for: Pipeline.space), new[table], seed: seed)
      })
    let fifth = new.map { _ in 0.2 }
    return [
      row("the same data before", cold, warm, fifth, "regret 0.2", Goal(ratio: 1.0 / 3)),
      row("the same data before", cold, warm, new.map(\.hundredth), "top 1 %", nil),
    ]
  }

  private func lessons(_ objectives: [Objective], _ history: PastValues = .real) async -> [[Lesson?]] {
    await withTaskGroup(of: (Int, Int, Lesson?).self) { group in
      for table in objectives.indices {
        for seed in 0..<seeds {
          group.addTask {
            let past = past(objectives[table], seed: seed, .related, history)
            return (table, seed, Lesson(past, for: Pipeline.space))
          }
        }
      }
      var result = objectives.map { _ in [Lesson?](repeating: nil, count: seeds) }
      for await (table, seed, lesson) in group { result[table][seed] = lesson }
      return result
    }
  }

  /// With experiments on `count` other data sets, drawn by table and seed, `each` of them with another seed.
  private func informed(
    _ lessons: [[Lesson?]], _ table: Int, _ seed: Int, _ count: Int, knowsFeatures: Bool = true,
    areNearest: Bool = false, each: Int = 1
  ) -> Informed {
    var others = lessons.indices.filter { $0 != table }
    let features = tables.tables[table].meta_features
    if areNearest {
      let order = Informed.nearest(others.compactMap { lessons[$0][seed] }, to: features)
      return Informed(Array(order.prefix(count)), for: Pipeline.space, features: features)
    }
    var draws = Draws(seed: UInt64(seed), trial: table, stream: 77)
    for place in others.indices.dropLast() { others.swapAt(place, place + draws.index(below: others.count - place)) }
    return Informed(
      (0..<each).flatMap { turn in others.prefix(count).compactMap { lessons[$0][(seed + turn) % seeds] } },
      for: Pipeline.space,
      features: knowsFeatures ? features : [:])
  }
}
