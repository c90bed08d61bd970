internal import Diagnostics
internal import Events
package import Experiments
package import Spaces
internal import Values
package import Workflows

/// What people name when they decide.
extension Study {
  package func trial(_ number: Int) throws(WorkspaceError) -> StudyTrial {
    guard let trial = trials.first(where: { $0.number == number }) else {
      throw WorkspaceError(
        .notFound, "there is no trial \(number)",
        help: trials.last.map { "trials: 1 to \($0.number)" } ?? "there is none yet")
    }
    return trial
  }

  /// The place of a stage that searches.
  package func search(_ name: String) throws(WorkspaceError) -> Int {
    let names = definition.experiment.stages.compactMap { stage -> String? in
      if case .search = stage.kind { stage.name } else { nil }
    }
    guard let place = place(of: name), names.contains(name) else {
      throw WorkspaceError(
        .notFound, "there is no stage `\(name)`",
        help: nearest(name, names).map { "did you mean `\($0)`?" } ?? "stages: \(names.joined(separator: ", "))")
    }
    if case .ended = stages[place].status { throw WorkspaceError(.usage, "stage `\(name)` has ended") }
    return place
  }

  /// A configuration that may be tried.
  ///
  /// - Parameters:
  ///   - like: the trial from which what is not given is taken.
  ///   - again: also if it was tried.
  package func allowedPoint(
    _ settings: [(name: String, text: String)], like: Int?, again: Bool
  ) throws(WorkspaceError) -> Point {
    let base = try like.map { (number) throws(WorkspaceError) in try trial(number).proposed.point }
    let point: Point
    do throws(ConfigurationError) { point = try self.point(settings, base: base) } catch {
      throw WorkspaceError(.usage, error.message, help: error.help)
    }
    if let objection = objection(to: point) { throw WorkspaceError(.usage, "\(words(at: point)): \(objection)") }
    if !again, let trial = trial(at: point) {
      throw WorkspaceError(.usage, "trial \(trial.number) was this configuration", help: "`--again` tries it once more")
    }
    if !again, queue.contains(point) { throw WorkspaceError(.usage, "this configuration waits to be tried already") }
    return point
  }

  /// A number for each metric, by place.
  package func metrics(_ settings: [(name: String, text: String)]) throws(WorkspaceError) -> [Double?] {
    let metrics = definition.experiment.metrics
    var values = [Double?](repeating: nil, count: metrics.count)
    for (name, text) in settings {
      guard let place = metrics.firstIndex(where: { $0.name == name }) else {
        throw WorkspaceError(
          .usage, "there is no metric `\(name)`",
          help: nearest(name, metrics.map(\.name)).map { "did you mean `\($0)`?" }
            ?? "metrics: \(metrics.map(\.name).joined(separator: ", "))")
      }
      guard let value = Double(text), value.isFinite else {
        throw WorkspaceError(.usage, "`\(name)` is a number, not `\(text)`")
      }
      values[place] = value
    }
    let missing = zip(metrics, values).filter { !$0.0.isWatched && $0.1 == nil }.map(\.0.name)
    guard missing.isEmpty else {
      throw WorkspaceError(
        .usage, "what did it give? \(missing.joined(separator: ", ")) missing",
        help: "write \(missing.map { "--metric \($0)=…" }.joined(separator: " "))")
    }
    return values
  }
}

extension Ruling {
  /// The opposite of a decision, as things are now.
  package init(undoing entry: Int, _ bench: Bench) throws(WorkspaceError) {
    guard bench.entries.indices.contains(entry - 1), case .decided(let decision) = bench.entries[entry - 1].fact else {
      throw WorkspaceError(
        .notFound, "entry \(entry) of experiment \(bench.record.number) is no decision",
        help: "`assay exp decisions \(bench.record.number)` lists them")
    }
    let undone = bench.entries.contains {
      if case .decided(let other) = $0.fact { other.undoes == entry } else { false }
    }
    if undone { throw WorkspaceError(.usage, "entry \(entry) was taken back already") }
    self.init([try Self.opposite(decision.operation, entry, bench)], undoes: entry)
  }

  private static func opposite(
    _ operation: Decision.Operation, _ entry: Int, _ bench: Bench
  ) throws(WorkspaceError) -> Decision.Operation {
    let before = bench.study(after: entry - 1)
    switch operation {
    case .pause: return .resume
    case .resume: return .pause
    case .takeOver(let isTaken): return .takeOver(!isTaken)
    case .exclude(let trial, let isOut): return .exclude(trial: trial, !isOut)
    case .forget(let isForgotten): return .forget(!isForgotten)
    case .relate(let name, _): return .relate(name, nil)
    case .restrict(let text): return .lift(text)
    case .lift(let text): return .restrict(text)
    case .pin(let parameter, _):
      return .pin(
        parameter: parameter, before.pin(of: parameter).map { bench.study.moved($0, of: parameter, in: before) })
    case .budget(let name, _): return .budget(name, before.budget.amount(name))
    case .veto(let point, let isVetoed): return .veto(bench.study.moved(point, in: before), !isVetoed)
    case .withdraw(let point): return .enqueue(bench.study.moved(point, in: before))
    case .enqueue(let point):
      let point = bench.study.moved(point, in: before)
      guard bench.study.queue.contains(point) else {
        throw WorkspaceError(
          .usage, "entry \(entry) cannot be taken back: the configuration was tried",
          help: "`assay exp exclude` takes the trial out")
      }
      return .withdraw(point)
    case .space(let text):
      let name = String(text.drop { $0 == " " }.prefix { $0 != " " })
      let earlier = before.edits.last { $0.drop { $0 == " " }.hasPrefix(name + " ") }
      guard let line = earlier ?? bench.line(of: name) else { break }
      return .space(line)
    case .strategy(let stage, _):
      let name = before.definition.experiment.stages[stage].name
      let earlier = bench.entries.prefix(entry - 1).compactMap { entry -> String? in
        if case .decided(let decision) = entry.fact, case .strategy(stage, let text) = decision.operation {
          text
        } else {
          nil
        }
      }
      guard let text = earlier.last ?? bench.strategy(of: name) else { break }
      return .strategy(stage: stage, text)
    case .stop, .answer, .note: break
    }
    throw WorkspaceError(
      .usage, "entry \(entry) cannot be taken back",
      help: "`assay exp fork \(bench.record.number) --at \(entry - 1)` goes on from before it")
  }
}

extension Experiment.Budget {
  /// A limit by its name; times in seconds.
  package func amount(_ name: String) -> Double? {
    switch name {
    case "trials": trials.map(Double.init)
    case "parallel": parallel.map(Double.init)
    case "failures": failures.map(Double.init)
    case "wall": wall.map { $0 / .seconds(1) }
    case "tasks": work.map { $0 / .seconds(1) }
    default: nil
    }
  }
}
