internal import Events
package import Experiments
internal import Spaces
package import Values
package import Workflows

extension Decided {
  /// The members of `assay.decision/1`.
  package var members: [JSON.Member] {
    let words = decisions.map { $0.words(in: after) } + told.map { "told trial \($0.number)" }
    var members: [JSON.Member] = [
      .init("experiment", .int(Int64(record.number))), .init("what", .string(words.joined(separator: "; "))),
      .init("basis", .int(Int64(basis))), .init("entry", .int(Int64(entry))), .init("by", .string(actor.name)),
    ]
    if let first = decisions.lazy.compactMap({ $0.operation.change(from: before, to: after) }).first {
      members += [.init("before", .string(first.before)), .init("after", .string(first.after))]
    }
    if let effect {
      members += [
        .init("space_removed", .float(effect.removed)), .init("trials_outside", .int(Int64(effect.outside))),
      ]
    }
    return members
  }

  /// Trials that were made elsewhere.
  package var told: ArraySlice<StudyTrial> { after.trials.dropFirst(before.trials.count) }

  /// What became of the space.
  package var effect: (removed: Double, isExact: Bool, outside: Int, finished: Int)? {
    let narrows = decisions.contains {
      switch $0.operation {
      case .restrict, .pin(_, .some), .space, .veto(_, true): true
      default: false
      }
    }
    guard narrows else { return nil }
    let (share, isExact) = before.removed(by: after)
    let finished = after.trials.filter { $0.ended?.outcome == .finished }
    return (
      share, isExact, finished.count { after.objection(to: $0.proposed.point) != nil }, finished.count
    )
  }
}

extension Decision {
  /// What and why; places go without their names.
  package var words: String {
    let what =
      switch operation {
      case .pause: "pause"
      case .resume: "resume"
      case .stop(let isHard): isHard ? "stop at once" : "stop"
      case .answer(_, let answer): "answered \(answer)"
      case .enqueue: "asked for a trial"
      case .exclude(let trial, let isOut): isOut ? "took trial \(trial) out" : "took trial \(trial) back in"
      case .restrict(let text): "only where \(text)"
      case .withdraw: "took a configuration out of the queue"
      case .veto(_, let isOut): isOut ? "vetoed a configuration" : "allowed a configuration again"
      case .lift(let text): "no longer only where \(text)"
      case .pin(_, let coordinate): coordinate == nil ? "unpinned a parameter" : "pinned a parameter"
      case .space(let text): "space: \(text)"
      case .strategy(_, let text): "strategy \(text)"
      case .takeOver(let isTaken): isTaken ? "took over" : "handed back"
      case .budget(let name, let amount): Experiment.Budget.words(name, amount)
      case .forget(let isForgotten): isForgotten ? "later experiments forget it" : "later experiments may learn from it"
      case .relate(let name, let relation):
        relation.map { "to `\(name)` its relation is: \($0.words)" }
          ?? "its relation to `\(name)` is what the engine finds"
      case .note(let trial, let text): (trial.map { "about trial \($0): " } ?? "") + text
      }
    return reason.isEmpty ? what : "\(what) (\(reason))"
  }

  /// What and why, with the names of its experiment.
  package func words(in study: Study) -> String {
    var what =
      switch operation {
      case .enqueue(let point): "asked for \(study.words(at: point))"
      case .withdraw(let point): "took \(study.words(at: point)) out of the queue"
      case .veto(let point, let isOut): "\(isOut ? "vetoed" : "allowed again") \(study.words(at: point))"
      case .pin(let place, let coordinate):
        coordinate.map {
          "pinned \(study.definition.space.parameters[place].name) to "
            + study.definition.space.parameters[place].domain.value(at: $0).words
        } ?? "unpinned \(study.definition.space.parameters[place].name)"
      case .strategy(let stage, let text): "strategy of \(study.definition.experiment.stages[stage].name): \(text)"
      case .answer(let stage, let answer): "answered \(answer) at \(study.definition.experiment.stages[stage].name)"
      default: Decision(operation, reason: "", basis: 0).words
      }
    if let role { what += " as \(role)" }
    if let undoes { what += ", taking back entry \(undoes)" }
    return reason.isEmpty ? what : "\(what) (\(reason))"
  }
}

extension Decision.Operation {
  /// What it changed, before and after; nil where the words say it all.
  package func change(from before: Study, to after: Study) -> (before: String, after: String)? {
    switch self {
    case .budget(let name, _):
      let amounts = [before, after].map { Experiment.Budget.words(name, $0.budget.amount(name)) }
      return (amounts[0], amounts[1])
    case .pin(let place, _): return (before.range(of: place), after.range(of: place))
    case .space(let text):
      let name = String(text.drop { $0 == " " }.prefix { $0 != " " })
      guard let place = before.definition.space.index(of: name) else { return nil }
      return (before.range(of: place), after.range(of: place))
    case .strategy(let stage, _): return (before.strategy(of: stage), after.strategy(of: stage))
    default: return nil
    }
  }
}

extension Study {
  /// The values that a parameter takes now.
  package func range(of place: Int) -> String {
    let parameter = definition.space.parameters[place]
    if let pin = pin(of: place) { return "\(parameter.name) = \(parameter.domain.value(at: pin).words)" }
    return "\(parameter.name) \(words(of: place))"
  }

  fileprivate func strategy(of stage: Int) -> String {
    guard case .search(let search) = definition.experiment.stages[stage].kind else { return "none" }
    return search.strategy.name + (search.trials.map { "(trials: \($0))" } ?? "")
  }
}

extension Experiment.Budget {
  /// An amount, or that there is no limit.
  package static func words(_ name: String, _ amount: Double?) -> String {
    guard let amount else { return "no limit of \(name)" }
    // Of a log that came from elsewhere.
    guard amount.magnitude <= 1e15 else { return "\(name) \(amount)" }
    if name == "wall" || name == "tasks" { return "\(name) \(DurationLiteral.text(.seconds(amount)))" }
    return "\(name) \(Int(amount))"
  }
}
